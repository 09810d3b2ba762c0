// Generates the straight-line code that copies the fields of one class: a hidden class with offsets as constants.
// The bytes it writes are those of FieldLoops; a test compares the two.
package dev.beehive.runtime.codec;

import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Bytecode for `write` and `read`: Memory moves the value, Encoder, Decoder and the message's numbers do the rest. */
final class AccessGenerator {
    /** More than this and the JIT would not compile the method. */
    private static final int FIELDS_MAX = 250;

    private static final String PACKAGE = "dev/beehive/runtime/codec/";
    private static final String SUPER = PACKAGE + "FieldAccess";
    private static final String MEMORY = "dev/beehive/runtime/memory/Memory";
    private static final String WRITER = PACKAGE + "MessageWriter";
    private static final String READER = PACKAGE + "MessageReader";
    private static final String ENCODER = PACKAGE + "Encoder";
    private static final String DECODER = PACKAGE + "Decoder";
    private static final String TYPES = "[Ljava/lang/Class;";
    private static final String SHAPES = "[L" + PACKAGE + "Shape;";
    private static final String CONSTRUCTOR = "(" + TYPES + ")V";

    private static final int ALOAD_0 = 0x2a;
    private static final int ALOAD_1 = 0x2b;
    private static final int ALOAD_2 = 0x2c;
    private static final int ALOAD_3 = 0x2d;
    private static final int ASTORE_3 = 0x4e;
    private static final int SIPUSH = 0x11;
    private static final int ICONST_1 = 0x04;
    private static final int IAND = 0x7e;
    private static final int LDC2_W = 0x14;
    private static final int AALOAD = 0x32;
    private static final int I2L = 0x85;
    private static final int L2I = 0x88;
    private static final int I2B = 0x91;
    private static final int GETFIELD = 0xb4;
    private static final int INVOKEVIRTUAL = 0xb6;
    private static final int INVOKESPECIAL = 0xb7;
    private static final int INVOKESTATIC = 0xb8;
    private static final int RETURN = 0xb1;

    private final ClassFile file = new ClassFile(PACKAGE + "GeneratedAccess", SUPER);
    private final FieldLayout layout;
    private ByteArrayOutputStream code;

    private AccessGenerator(FieldLayout layout) {
        this.layout = layout;
    }

    /** Whether generated code can be faster than loops. */
    static boolean isWorthwhile(FieldLayout layout) {
        int fields = layout.references.length + layout.primitives();
        return fields > 0 && fields <= FIELDS_MAX;
    }

    static FieldAccess generate(FieldLayout layout) {
        byte[] bytes = new AccessGenerator(layout).classFile();
        try {
            MethodHandles.Lookup hidden = MethodHandles.lookup().defineHiddenClass(bytes, true);
            MethodType type = MethodType.methodType(void.class, Class[].class);
            return (FieldAccess) hidden.findConstructor(hidden.lookupClass(), type)
                .invoke(layout.referenceTypes);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] classFile() {
        code = new ByteArrayOutputStream();
        emit(ALOAD_0, ALOAD_1);
        emitWide(INVOKESPECIAL, file.methodRef(SUPER, "<init>", CONSTRUCTOR));
        emit(RETURN);
        file.method(0, "<init>", CONSTRUCTOR, 2, 2, code.toByteArray());
        writeMethod();
        file.method(0, "write", "(Ljava/lang/Object;L" + ENCODER + ";)V", 5, 4, code.toByteArray());
        readMethod();
        file.method(0, "read", "(Ljava/lang/Object;L" + DECODER + ";)V", 6, 4, code.toByteArray());
        return file.toByteArray();
    }

    private void writeMethod() {
        code = new ByteArrayOutputStream();
        for (int i = 0; i < layout.references.length; i++) {
            emit(ALOAD_2, ALOAD_1);
            load("getReference", "Ljava/lang/Object;", layout.references[i]);
            emit(ALOAD_0);
            emitWide(GETFIELD, file.fieldRef(SUPER, "seen", SHAPES));
            emitWide(SIPUSH, i);
            emitWide(INVOKEVIRTUAL, file.methodRef(ENCODER, "write", "(Ljava/lang/Object;" + SHAPES + "I)V"));
        }
        if (layout.primitives() > 0) {
            emit(ALOAD_2);
            emitWide(INVOKEVIRTUAL, file.methodRef(ENCODER, "writer", "()L" + WRITER + ";"));
            emit(ASTORE_3, ALOAD_3);
            emitWide(SIPUSH, layout.primitiveBytesMax());
            emitWide(INVOKEVIRTUAL, file.methodRef(WRITER, "reserve", "(I)V"));
        }
        writeAll(layout.ints, "getInt", "I", "putSigned", "J", I2L);
        writeAll(layout.longs, "getLong", "J", "putSigned", "J");
        writeAll(layout.booleans, "getByte", "B", "putByte", "I");
        writeAll(layout.bytes, "getByte", "B", "putByte", "I");
        writeAll(layout.shorts, "getShort", "S", "putShort", "I");
        writeAll(layout.floats, "getInt", "I", "putInt", "I");
        writeAll(layout.doubles, "getLong", "J", "putLong", "J");
        emit(RETURN);
    }

    private void writeAll(long[] offsets, String get, String got, String put, String wanted, int... conversion) {
        for (long offset : offsets) {
            emit(ALOAD_3, ALOAD_1);
            load(get, got, offset);
            emit(conversion);
            emitWide(INVOKEVIRTUAL, file.methodRef(WRITER, put, "(" + wanted + ")V"));
        }
    }

    private void readMethod() {
        code = new ByteArrayOutputStream();
        for (int i = 0; i < layout.references.length; i++) {
            emit(ALOAD_1);
            emitWide(LDC2_W, file.longValue(layout.references[i]));
            emit(ALOAD_2, ALOAD_0);
            emitWide(GETFIELD, file.fieldRef(SUPER, "types", TYPES));
            emitWide(SIPUSH, i);
            emit(AALOAD);
            emitWide(INVOKEVIRTUAL, file.methodRef(DECODER, "read", "(Ljava/lang/Class;)Ljava/lang/Object;"));
            store("putReference", "Ljava/lang/Object;");
        }
        emit(ALOAD_2);
        emitWide(INVOKEVIRTUAL, file.methodRef(DECODER, "reader", "()L" + READER + ";"));
        emit(ASTORE_3);
        readAll(layout.ints, "readSigned", "J", "putInt", "I", L2I);
        readAll(layout.longs, "readSigned", "J", "putLong", "J");
        readAll(layout.booleans, "readByte", "I", "putByte", "B", ICONST_1, IAND, I2B);
        readAll(layout.bytes, "readByte", "I", "putByte", "B", I2B);
        readAll(layout.shorts, "readShort", "S", "putShort", "S");
        readAll(layout.floats, "readInt", "I", "putInt", "I");
        readAll(layout.doubles, "readLong", "J", "putLong", "J");
        emit(RETURN);
    }

    private void readAll(long[] offsets, String read, String got, String put, String wanted, int... conversion) {
        for (long offset : offsets) {
            emit(ALOAD_1);
            emitWide(LDC2_W, file.longValue(offset));
            emit(ALOAD_3);
            emitWide(INVOKEVIRTUAL, file.methodRef(READER, read, "()" + got));
            emit(conversion);
            store(put, wanted);
        }
    }

    private void load(String method, String type, long offset) {
        emitWide(LDC2_W, file.longValue(offset));
        emitWide(INVOKESTATIC, file.methodRef(MEMORY, method, "(Ljava/lang/Object;J)" + type));
    }

    private void store(String method, String type) {
        emitWide(INVOKESTATIC, file.methodRef(MEMORY, method, "(Ljava/lang/Object;J" + type + ")V"));
    }

    private void emit(int... opcodes) {
        for (int opcode : opcodes) {
            code.write(opcode);
        }
    }

    /** An instruction with a two-byte operand. */
    private void emitWide(int opcode, int operand) {
        emit(opcode, operand >>> 8, operand & 0xff);
    }
}
