// Rewrites a corpus of classes with ASM, as the other side of the rewriter's benchmark.
// Reads the corpus once; then for each line of standard input (the name of a variant) does
// one pass over all classes and prints nanoseconds, methods rewritten and bytes written.
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

public final class AsmBench {
    private static int id;
    private static int methods;

    private AsmBench() {}

    public static void main(String[] arguments) throws IOException {
        List<byte[]> classes = read(Path.of(arguments[0]));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String variant = lines.readLine(); variant != null; variant = lines.readLine()) {
            id = 0;
            methods = 0;
            long bytes = 0;
            long start = System.nanoTime();
            for (byte[] original : classes) {
                bytes += rewrite(original, variant).length;
            }
            System.out.println((System.nanoTime() - start) + " " + methods + " " + bytes);
        }
    }

    private static List<byte[]> read(Path corpus) throws IOException {
        List<byte[]> classes = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(corpus))) {
            byte[] all = in.readAllBytes();
            int at = 0;
            while (at < all.length) {
                int length = java.nio.ByteBuffer.wrap(all, at, 4).getInt();
                classes.add(java.util.Arrays.copyOfRange(all, at + 4, at + 4 + length));
                at += 4 + length;
            }
        }
        return classes;
    }

    private static byte[] rewrite(byte[] original, String variant) {
        ClassReader reader = new ClassReader(original);
        // "new-pool" lets ASM write its own constant pool; the others keep the old one, which
        // is what ASM's manual advises for speed.
        ClassWriter writer =
                variant.equals("returns-new-pool")
                        ? new ClassWriter(0)
                        : new ClassWriter(reader, 0);
        boolean handler = variant.equals("handler");
        reader.accept(variant.equals("copy") ? writer : new Probes(writer, handler), 0);
        return writer.toByteArray();
    }

    private static final class Probes extends ClassVisitor {
        private final boolean handler;

        Probes(ClassVisitor next, boolean handler) {
            super(Opcodes.ASM9, next);
            this.handler = handler;
        }

        @Override
        public MethodVisitor visitMethod(
                int access, String name, String descriptor, String signature, String[] thrown) {
            MethodVisitor next =
                    super.visitMethod(access, name, descriptor, signature, thrown);
            if ((access & (Opcodes.ACC_ABSTRACT | Opcodes.ACC_NATIVE)) != 0) {
                return next;
            }
            id++;
            methods++;
            return new Method(next, id, handler, name.equals("<init>"));
        }
    }

    /** Entry, a call before each return, and with a handler one that covers everything. */
    private static final class Method extends MethodVisitor {
        private final int id;
        private final boolean handler;
        private final boolean constructor;
        private final Label start = new Label();
        private final Label end = new Label();
        private int pendingNews;
        private int superCalls;

        Method(MethodVisitor next, int id, boolean handler, boolean constructor) {
            super(Opcodes.ASM9, next);
            this.id = id;
            this.handler = handler;
            this.constructor = constructor;
        }

        private void call(String name) {
            if (id <= Short.MAX_VALUE) {
                super.visitIntInsn(Opcodes.SIPUSH, id);
            } else {
                super.visitLdcInsn(id);
            }
            super.visitMethodInsn(
                    Opcodes.INVOKESTATIC, "java/lang/BeeProbe", name, "(I)V", false);
        }

        @Override
        public void visitCode() {
            super.visitCode();
            call("enter");
            if (handler && !constructor) {
                super.visitLabel(start);
            }
        }

        @Override
        public void visitInsn(int opcode) {
            if (opcode >= Opcodes.IRETURN && opcode <= Opcodes.RETURN) {
                call("exit");
            }
            super.visitInsn(opcode);
        }

        @Override
        public void visitTypeInsn(int opcode, String type) {
            if (opcode == Opcodes.NEW) {
                pendingNews++;
            }
            super.visitTypeInsn(opcode, type);
        }

        @Override
        public void visitMethodInsn(
                int opcode, String owner, String name, String descriptor, boolean isInterface) {
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            if (handler && constructor && opcode == Opcodes.INVOKESPECIAL
                    && name.equals("<init>")) {
                if (pendingNews > 0) {
                    pendingNews--;
                } else if (superCalls++ == 0) {
                    super.visitLabel(start);
                }
            }
        }

        @Override
        public void visitMaxs(int maxStack, int maxLocals) {
            if (handler && (!constructor || superCalls == 1)) {
                super.visitLabel(end);
                super.visitTryCatchBlock(start, end, end, null);
                Object[] stack = {"java/lang/Throwable"};
                super.visitFrame(Opcodes.F_FULL, 0, null, 1, stack);
                call("exit");
                super.visitInsn(Opcodes.ATHROW);
            }
            super.visitMaxs(Math.max(maxStack + 1, 2), maxLocals);
        }
    }
}
