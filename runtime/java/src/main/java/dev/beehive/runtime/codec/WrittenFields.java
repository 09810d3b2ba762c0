// Which fields code outside constructors writes, as class files say: a private field that only constructors write never
// changes, whether or not its author has called it final.
package dev.beehive.runtime.codec;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Of one class file (JVMS 4). */
final class WrittenFields {
    private static final int UTF8 = 1;
    private static final int LONG = 5;
    private static final int DOUBLE = 6;
    private static final int CLASS = 7;
    private static final int FIELD = 9;
    private static final int NAME_AND_TYPE = 12;
    private static final int METHOD_HANDLE = 15;
    private static final int PUTFIELD = 0xb5;
    private static final int TABLESWITCH = 0xaa;
    private static final int LOOKUPSWITCH = 0xab;
    private static final int WIDE = 0xc4;
    private static final int IINC = 0x84;
    /** Bytes of each instruction but those three of their own lengths (JVMS 6.5), as runs: how many, how long. */
    private static final int[] LENGTHS = {16, 1, 1, 2, 1, 3, 1, 2, 2, 3, 5, 2, 28, 1, 5, 2, 73, 1, 1, 3, 20, 1, 16, 3, 1, 2, 2, 0,
        6, 1, 7, 3, 2, 5, 1, 3, 1, 2, 1, 3, 2, 1, 2, 3, 2, 1, 1, 0, 1, 4, 2, 3, 2, 5};
    private static final byte[] LENGTH = lengths();

    private final String owner;
    private final Set<String> names = new HashSet<>();
    private DataInputStream in;
    private Object[] pool;

    private WrittenFields(String owner) {
        this.owner = owner;
    }

    private static byte[] lengths() {
        byte[] all = new byte[256];
        int at = 0;
        for (int i = 0; i < LENGTHS.length; i += 2) {
            for (int left = LENGTHS[i]; left > 0; left--) {
                all[at++] = (byte) LENGTHS[i + 1];
            }
        }
        return all;
    }

    /** Whether a private field is written by nothing but constructors of its class. False where that is not known. */
    static boolean isSettled(Class<?> type, String field) {
        try {
            List<Class<?>> nest = List.of(type.getNestMembers());
            for (Class<?> each : nest) {
                WrittenFields found = new WrittenFields(type.getName().replace('.', '/'));
                if (!found.read(each, each == type) || found.names.contains(field)) {
                    return false;
                }
            }
            // A hidden class is not listed by its host.
            return nest.contains(type);
        } catch (IOException | LinkageError | RuntimeException e) {
            // Not a class file as this knows them.
            return false;
        }
    }

    private boolean read(Class<?> type, boolean isOwner) throws IOException {
        String path = type.getName().substring(type.getPackageName().isEmpty() ? 0 : type.getPackageName().length() + 1);
        try (InputStream file = type.getResourceAsStream(path + ".class")) {
            if (file == null) {
                return false;
            }
            in = new DataInputStream(new ByteArrayInputStream(file.readAllBytes()));
            in.skipNBytes(8);
            readPool();
            in.skipNBytes(6);
            in.skipNBytes(2L * in.readUnsignedShort());
            readMembers(false, isOwner);
            readMembers(true, isOwner);
            return true;
        }
    }

    private void readPool() throws IOException {
        pool = new Object[in.readUnsignedShort()];
        for (int i = 1; i < pool.length; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case UTF8 -> pool[i] = in.readUTF();
                case LONG, DOUBLE -> {
                    in.skipNBytes(8);
                    i++;
                }
                // And strings, method types, modules, packages.
                case CLASS, 8, 16, 19, 20 -> pool[i] = new int[] {in.readUnsignedShort()};
                case FIELD, NAME_AND_TYPE -> pool[i] = new int[] {in.readUnsignedShort(), in.readUnsignedShort()};
                case METHOD_HANDLE -> in.skipNBytes(3);
                default -> in.skipNBytes(4);
            }
        }
    }

    private int entry(int index, int part) {
        return ((int[]) pool[index])[part];
    }

    private void readMembers(boolean areMethods, boolean isOwner) throws IOException {
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            in.skipNBytes(2);
            Object name = pool[in.readUnsignedShort()];
            in.skipNBytes(2);
            for (int attributes = in.readUnsignedShort(); attributes > 0; attributes--) {
                boolean isCode = "Code".equals(pool[in.readUnsignedShort()]);
                int length = in.readInt();
                byte[] content = in.readNBytes(length);
                if (areMethods && isCode && !(isOwner && "<init>".equals(name))) {
                    ByteBuffer code = ByteBuffer.wrap(content, 8, ByteBuffer.wrap(content).getInt(4));
                    readCode(code.slice());
                }
            }
        }
    }

    private void readCode(ByteBuffer code) {
        for (int at = 0; at < code.limit();) {
            int opcode = code.get(at) & 0xff;
            if (opcode == PUTFIELD) {
                int field = code.getShort(at + 1) & 0xffff;
                if (owner.equals(pool[entry(entry(field, 0), 0)])) {
                    names.add((String) pool[entry(entry(field, 1), 0)]);
                }
            }
            at += length(code, at, opcode);
        }
    }

    private static int length(ByteBuffer code, int at, int opcode) {
        int aligned = (at & ~3) + 4;
        return switch (opcode) {
            case TABLESWITCH -> aligned - at + 12 + 4 * (code.getInt(aligned + 8) - code.getInt(aligned + 4) + 1);
            case LOOKUPSWITCH -> aligned - at + 8 + 8 * code.getInt(aligned + 4);
            case WIDE -> (code.get(at + 1) & 0xff) == IINC ? 6 : 4;
            default -> Math.max(1, LENGTH[opcode]);
        };
    }
}
