// What rewritten classes of a worker call in the place of monitorenter, monitorexit, wait and notify.
package dev.beehive.runtime.hook;

import java.lang.reflect.Method;

/** Called by rewritten code only. */
public final class Monitors {
    private static final Method WAIT = method("wait");
    private static final Method WAIT_MS = method("wait", long.class);
    private static final Method WAIT_NS = method("wait", long.class, int.class);
    private static final Method NOTIFY = method("notify");
    private static final Method NOTIFY_ALL = method("notifyAll");

    private Monitors() {
    }

    /** In the place of monitorenter. */
    public static void enter(Object monitor) {
        if (monitor == null) {
            throw new NullPointerException();
        }
        Hooks.current().lock(monitor);
    }

    /** In the place of monitorexit. */
    public static void exit(Object monitor) {
        Hooks.current().unlock(monitor);
    }

    /** In the place of `monitor.wait()`. */
    public static void await(Object monitor) throws Throwable {
        Hooks.current().call(monitor, WAIT, new Object[0]);
    }

    /** In the place of `monitor.wait(ms)`. */
    public static void await(Object monitor, long ms) throws Throwable {
        Hooks.current().call(monitor, WAIT_MS, new Object[] {ms});
    }

    /** In the place of `monitor.wait(ms, ns)`. */
    public static void await(Object monitor, long ms, int ns) throws Throwable {
        Hooks.current().call(monitor, WAIT_NS, new Object[] {ms, ns});
    }

    /** In the place of `monitor.notify()`. */
    public static void signal(Object monitor) throws Throwable {
        signal(monitor, NOTIFY);
    }

    /** In the place of `monitor.notifyAll()`. */
    public static void signalAll(Object monitor) throws Throwable {
        signal(monitor, NOTIFY_ALL);
    }

    private static void signal(Object monitor, Method method) throws Throwable {
        WorkerHooks worker = Hooks.current();
        if (worker.isHeldOnlyHere(monitor)) {
            // Nobody else knows the object, so nobody waits.
            return;
        }
        worker.call(monitor, method, new Object[0]);
    }

    private static Method method(String name, Class<?>... parameters) {
        try {
            return Object.class.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
