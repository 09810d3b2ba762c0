// Micrometer's long task timers, which frameworks start and stop around nearly everything: they tell what runs at present,
// and keep nothing of what has ended. A task that an invocation has started is stopped when it is taken back.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;

/** Decides by names, so that nothing depends on the library. */
final class RunningTasks {
    private static final String TIMER = "io.micrometer.core.instrument.LongTaskTimer";
    private static final String SAMPLE = TIMER + "$Sample";

    private RunningTasks() {
    }

    /** Whether a call starts, stops or asks about a task. */
    static boolean isTask(Method method, Object target) {
        boolean starts = method.getName().equals("start") && method.getParameterCount() == 0 && isA(target, TIMER);
        return starts || isA(target, SAMPLE);
    }

    /** Stops what a call has started; null if it has started nothing. */
    static Runnable undoOf(Method method, Object target, Object value) {
        return isA(value, SAMPLE) && isTask(method, target) ? () -> stop(value) : null;
    }

    private static void stop(Object sample) {
        try {
            Calls.virtually(sample.getClass().getMethod("stop"), sample, new Object[0]);
        } catch (Throwable e) {
            // One that cannot be stopped is shown as running, which nobody's answers depend on.
            return;
        }
    }

    private static boolean isA(Object object, String name) {
        return object != null && isA(object.getClass(), name);
    }

    private static boolean isA(Class<?> type, String name) {
        for (Class<?> each = type; each != null; each = each.getSuperclass()) {
            if (each.getName().equals(name)) {
                return true;
            }
            for (Class<?> implemented : each.getInterfaces()) {
                if (isA(implemented, name)) {
                    return true;
                }
            }
        }
        return false;
    }
}
