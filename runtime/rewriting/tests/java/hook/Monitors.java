// A stand-in for the runtime's hook: monitors as locks of one JVM, which tell when they are not left as they
// were entered.
package dev.beehive.runtime.hook;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

public final class Monitors {
    private static final class Monitor extends ReentrantLock {
        private static final long serialVersionUID = 1;
        final transient Condition changed = newCondition();
    }

    private static final Map<Object, Monitor> MONITORS = new IdentityHashMap<>();
    public static int entered;

    private Monitors() {}

    private static synchronized Monitor of(Object object) {
        return MONITORS.computeIfAbsent(object, any -> new Monitor());
    }

    /** How many monitors somebody still holds. */
    public static synchronized long held() {
        return MONITORS.values().stream().filter(Monitor::isLocked).count();
    }

    public static void enter(Object object) {
        of(object).lock();
        entered++;
    }

    public static void exit(Object object) {
        of(object).unlock();
    }

    public static void await(Object object) throws InterruptedException {
        of(object).changed.await();
    }

    public static void await(Object object, long ms) throws InterruptedException {
        of(object).changed.await(ms, TimeUnit.MILLISECONDS);
    }

    public static void await(Object object, long ms, int ns) throws InterruptedException {
        await(object, ms);
    }

    public static void signal(Object object) {
        of(object).changed.signal();
    }

    public static void signalAll(Object object) {
        of(object).changed.signalAll();
    }
}
