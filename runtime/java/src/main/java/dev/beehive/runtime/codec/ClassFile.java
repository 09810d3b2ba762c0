// Writes the class files the runtime generates: classes whose methods have no branches, so that they need no stack
// maps. Not a general class writer.
package dev.beehive.runtime.codec;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A class under construction: constants are entered as code names them. */
public final class ClassFile {
    private static final int JAVA_17 = 61;
    private static final int FINAL_SUPER_SYNTHETIC = 0x1030;

    private final Map<String, Integer> indices = new LinkedHashMap<>();
    private final ByteArrayOutputStream pool = new ByteArrayOutputStream();
    private final ByteArrayOutputStream methods = new ByteArrayOutputStream();
    private final int thisClass;
    private final int superClass;
    private final int flags;
    private final int[] interfaces;
    private int poolSize = 1;
    private int methodCount;

    /** A final class. */
    ClassFile(String name, String superName) {
        this(FINAL_SUPER_SYNTHETIC, name, superName, List.of());
    }

    /** Names in the internal form. */
    public ClassFile(int flags, String name, String superName, List<String> interfaces) {
        this.flags = flags;
        thisClass = classRef(name);
        superClass = classRef(superName);
        this.interfaces = interfaces.stream().mapToInt(this::classRef).toArray();
    }

    int utf8(String text) {
        return constant("u" + text, 1, out -> {
            out.writeByte(1);
            out.writeUTF(text);
        });
    }

    public int classRef(String name) {
        int at = utf8(name);
        return constant("c" + name, 1, out -> {
            out.writeByte(7);
            out.writeShort(at);
        });
    }

    int longValue(long value) {
        return constant("l" + value, 2, out -> {
            out.writeByte(5);
            out.writeLong(value);
        });
    }

    public int methodRef(String owner, String name, String descriptor) {
        return member(10, owner, name, descriptor);
    }

    int fieldRef(String owner, String name, String descriptor) {
        return member(9, owner, name, descriptor);
    }

    private int member(int tag, String owner, String name, String descriptor) {
        int holder = classRef(owner);
        int nameAt = utf8(name);
        int descriptorAt = utf8(descriptor);
        int both = constant("n" + name + ' ' + descriptor, 1, out -> {
            out.writeByte(12);
            out.writeShort(nameAt);
            out.writeShort(descriptorAt);
        });
        return constant("m" + tag + owner + '.' + name + descriptor, 1, out -> {
            out.writeByte(tag);
            out.writeShort(holder);
            out.writeShort(both);
        });
    }

    public void method(int flags, String name, String descriptor, int maxStack, int maxLocals, byte[] code) {
        int nameAt = utf8(name);
        int descriptorAt = utf8(descriptor);
        int codeAt = utf8("Code");
        methodCount++;
        emit(methods, out -> {
            out.writeShort(flags);
            out.writeShort(nameAt);
            out.writeShort(descriptorAt);
            out.writeShort(1);
            out.writeShort(codeAt);
            out.writeInt(12 + code.length);
            out.writeShort(maxStack);
            out.writeShort(maxLocals);
            out.writeInt(code.length);
            out.write(code);
            out.writeInt(0);
        });
    }

    public byte[] toByteArray() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        emit(bytes, out -> {
            out.writeInt(0xCAFE_BABE);
            out.writeInt(JAVA_17);
            out.writeShort(poolSize);
            pool.writeTo(out);
            out.writeShort(flags);
            out.writeShort(thisClass);
            out.writeShort(superClass);
            out.writeShort(interfaces.length);
            for (int each : interfaces) {
                out.writeShort(each);
            }
            out.writeShort(0);
            out.writeShort(methodCount);
            methods.writeTo(out);
            out.writeShort(0);
        });
        return bytes.toByteArray();
    }

    private interface Emission {
        void to(DataOutputStream out) throws IOException;
    }

    private int constant(String key, int slots, Emission emission) {
        Integer known = indices.get(key);
        if (known != null) {
            return known;
        }
        emit(pool, emission);
        int index = poolSize;
        indices.put(key, index);
        poolSize += slots;
        return index;
    }

    private static void emit(ByteArrayOutputStream bytes, Emission emission) {
        try {
            emission.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
