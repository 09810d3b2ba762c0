// The bytecode of one method of a stand-in: box the arguments, call home, unbox the answer. No branches.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.ClassFile;
import java.io.ByteArrayOutputStream;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;

/** Used once. */
final class StubCode {
    static final int STACK_MAX = 8;

    private static final int ALOAD = 0x19;
    private static final int ILOAD = 0x15;
    private static final int LLOAD = 0x16;
    private static final int FLOAD = 0x17;
    private static final int DLOAD = 0x18;
    private static final int WIDE = 0xc4;
    private static final int SIPUSH = 0x11;
    private static final int ANEWARRAY = 0xbd;
    private static final int DUP = 0x59;
    private static final int AASTORE = 0x53;
    private static final int POP = 0x57;
    private static final int INVOKESTATIC = 0xb8;
    private static final int INVOKEVIRTUAL = 0xb6;
    private static final int CHECKCAST = 0xc0;
    private static final int RETURN = 0xb1;
    private static final int ARETURN = 0xb0;
    private static final int IRETURN = 0xac;
    private static final int LRETURN = 0xad;
    private static final int FRETURN = 0xae;
    private static final int DRETURN = 0xaf;
    private static final String PINNED = "dev/beehive/runtime/hook/Pinned";

    private final ClassFile file;
    private final ByteArrayOutputStream code = new ByteArrayOutputStream();

    StubCode(ClassFile file) {
        this.file = file;
    }

    /** Slots of the receiver and the arguments. */
    static int localsOf(Method method) {
        int slots = 1;
        for (Class<?> type : method.getParameterTypes()) {
            slots += slotsOf(type);
        }
        return slots;
    }

    private static int slotsOf(Class<?> type) {
        return type == long.class || type == double.class ? 2 : 1;
    }

    byte[] of(Method method, int number) {
        load(ALOAD, 0);
        emitWide(SIPUSH, number);
        Class<?>[] parameters = method.getParameterTypes();
        emitWide(SIPUSH, parameters.length);
        emitWide(ANEWARRAY, file.classRef("java/lang/Object"));
        int slot = 1;
        for (int i = 0; i < parameters.length; i++) {
            code.write(DUP);
            emitWide(SIPUSH, i);
            loadBoxed(parameters[i], slot);
            code.write(AASTORE);
            slot += slotsOf(parameters[i]);
        }
        emitWide(INVOKESTATIC, file.methodRef(PINNED, "call",
            "(Ljava/lang/Object;I[Ljava/lang/Object;)Ljava/lang/Object;"));
        returnUnboxed(method.getReturnType());
        return code.toByteArray();
    }

    private void loadBoxed(Class<?> type, int slot) {
        int opcode = type == long.class ? LLOAD : type == float.class ? FLOAD : type == double.class ? DLOAD
            : type.isPrimitive() ? ILOAD : ALOAD;
        load(opcode, slot);
        if (type.isPrimitive()) {
            String box = boxOf(type);
            emitWide(INVOKESTATIC, file.methodRef(box, "valueOf", "(" + type.descriptorString() + ")L" + box + ";"));
        }
    }

    private void returnUnboxed(Class<?> type) {
        if (type == void.class) {
            code.write(POP);
            code.write(RETURN);
        } else if (type.isPrimitive()) {
            String box = boxOf(type);
            emitWide(CHECKCAST, file.classRef(box));
            emitWide(INVOKEVIRTUAL, file.methodRef(box, type.getName() + "Value", "()" + type.descriptorString()));
            code.write(type == long.class ? LRETURN : type == float.class ? FRETURN : type == double.class ? DRETURN
                : IRETURN);
        } else {
            emitWide(CHECKCAST, file.classRef(type.getName().replace('.', '/')));
            code.write(ARETURN);
        }
    }

    private static String boxOf(Class<?> primitive) {
        return MethodType.methodType(primitive).wrap().returnType().getName().replace('.', '/');
    }

    private void load(int opcode, int slot) {
        code.write(WIDE);
        emitWide(opcode, slot);
    }

    private void emitWide(int opcode, int operand) {
        code.write(opcode);
        code.write(operand >>> 8);
        code.write(operand);
    }
}
