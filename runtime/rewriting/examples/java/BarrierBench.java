// Times each kernel in this JVM, whichever version of the classes is on the class path: thread CPU time, the best of
// many rounds after warming up. Prints `name ns result`.
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

public final class BarrierBench {
    private static final String[] KERNELS = {
        "bodies", "matrix", "text", "treeSum", "treeSearch", "linked", "getters", "table", "allocation", "statics",
    };

    private BarrierBench() {}

    public static void main(String[] arguments) throws Throwable {
        int rounds = Integer.parseInt(arguments[0]);
        int warmUpMs = Integer.parseInt(arguments[1]);
        ready(Class.forName("Kernels"));
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        for (String name : KERNELS) {
            MethodHandle kernel = MethodHandles.lookup()
                .findStatic(Class.forName("Kernels"), name, MethodType.methodType(double.class));
            double result = 0;
            for (long end = System.nanoTime() + warmUpMs * 1_000_000L; System.nanoTime() < end;) {
                result = (double) kernel.invokeExact();
            }
            long best = Long.MAX_VALUE;
            for (int round = 0; round < rounds; round++) {
                long start = threads.getCurrentThreadCpuTime();
                result = (double) kernel.invokeExact();
                best = Math.min(best, threads.getCurrentThreadCpuTime() - start);
            }
            System.out.println(name + " " + best + " " + result);
        }
    }

    /** Statics of a rewritten class are fetched once; there is no home here, so its initialiser runs instead. */
    private static void ready(Class<?> type) throws ReflectiveOperationException {
        for (Field field : type.getDeclaredFields()) {
            if (field.getName().equals("$bhs")) {
                field.setInt(null, 0);
                for (Method method : type.getDeclaredMethods()) {
                    if (method.getName().equals("$bhinit")) {
                        method.invoke(null);
                    }
                }
            }
        }
    }
}
