// Calls of meters that a worker has made and that home has not: they tell the invocation nothing, so they wait for its end,
// and are forgotten with an invocation that runs again. Otherwise a timer that has recorded would be the first effect of
// most invocations of an application with metrics.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** Of one invocation; used on its thread. */
final class Waiting {
    /** Micrometer's own meters, and those of its registries for Prometheus. */
    private static final List<String> METERS = List.of("io.micrometer.core.instrument.", "io.micrometer.prometheus");

    private record Call(Method method, Object target, Object[] arguments) {
    }

    private final List<Call> calls = new ArrayList<>(0);

    /** Whether a call can wait: it brings nothing, and runs nothing of the application's. */
    static boolean canWait(Method method, Object target) {
        return isMeter(target) && method.getReturnType() == void.class && !CallKinds.takesCode(method);
    }

    private static boolean isMeter(Object target) {
        if (target != null) {
            String name = target.getClass().getName();
            for (String each : METERS) {
                if (name.startsWith(each)) {
                    return true;
                }
            }
        }
        return false;
    }

    void add(Method method, Object target, Object[] arguments) {
        calls.add(new Call(method, target, arguments));
    }

    /** Whether a question would be answered otherwise if nothing waited. */
    boolean isAskedAbout(Object target) {
        return !calls.isEmpty() && isMeter(target);
    }

    /** Makes them, in their order. */
    void make(Home home) {
        for (Call call : calls) {
            try {
                home.call(call.method, call.target, call.arguments);
            } catch (Throwable e) {
                // The worker has gone on as if it had been made: a meter that fails has counted nothing.
                continue;
            }
        }
        calls.clear();
    }
}
