// Whether a root has left something running on a worker: threads it has started, work it has given to the common pool,
// virtual threads. What they do after its end would be seen by nobody.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.TimeUnit;

/** Asked by the serving thread. */
final class StartedThreads {
    /** A thread of the pool looks for more before it is idle. */
    private static final long POOL_PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(50);
    /** Started once by drivers of databases; the beginnings of their names. */
    private static final List<String> DRIVERS = List.of("PostgreSQL-JDBC-", "mysql-cj-", "MariaDb-", "mariadb-",
        "oracle.", "mssql-jdbc-", "Timer-");
    /** From 21 on. */
    private static final Class<?> VIRTUAL = virtual();

    private final Thread serving;
    private final MethodHandle carriers;
    private int before;

    StartedThreads(Thread serving) {
        this.serving = serving;
        this.carriers = carriers();
    }

    private static Class<?> virtual() {
        try {
            return Class.forName("java.lang.VirtualThread", false, null);
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    /** The pool that runs virtual threads; asking for it makes it. */
    private static MethodHandle carriers() {
        try {
            return VIRTUAL == null ? null
                : TrustedLookup.in(VIRTUAL).findStaticGetter(VIRTUAL, "DEFAULT_SCHEDULER", ForkJoinPool.class);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /** A root begins. */
    void begins() {
        before = serving.getThreadGroup().activeCount();
    }

    boolean areLeft() {
        boolean more = serving.getThreadGroup().activeCount() > before;
        return more && platformThreads() > 0 || isCommonPoolBusy() || hasVirtual();
    }

    /** Threads of this worker's group besides its own, those of database drivers and of the common pool left out. */
    private int platformThreads() {
        Thread[] all = new Thread[serving.getThreadGroup().activeCount() + 8];
        int count = serving.getThreadGroup().enumerate(all);
        int found = 0;
        for (int i = 0; i < count; i++) {
            found += all[i] == serving || isDriver(all[i]) || isOfCommonPool(all[i]) ? 0 : 1;
        }
        return found;
    }

    static boolean isDriver(Thread thread) {
        return DRIVERS.stream().anyMatch(thread.getName()::startsWith);
    }

    private static boolean isOfCommonPool(Thread thread) {
        return thread instanceof ForkJoinWorkerThread its && its.getPool() == ForkJoinPool.commonPool();
    }

    /**
     * Threads of the common pool are there for whoever splits a loop, and stay behind it; only what they still do counts.
     * On 25 they are in a group of their own.
     */
    private static boolean isCommonPoolBusy() {
        ForkJoinPool pool = ForkJoinPool.commonPool();
        if (pool.getPoolSize() == 0) {
            return false;
        }
        long endNs = System.nanoTime() + POOL_PATIENCE_NS;
        boolean busy = true;
        while (busy && System.nanoTime() < endNs) {
            busy = !pool.isQuiescent() || pool.hasQueuedSubmissions();
            Thread.onSpinWait();
        }
        return busy;
    }

    /** Whether a virtual thread has run here not long ago: one that waits cannot be told from one that has ended. */
    private boolean hasVirtual() {
        if (carriers == null || !Memory.isInitialized(VIRTUAL)) {
            return false;
        }
        try {
            return ((ForkJoinPool) carriers.invokeExact()).getPoolSize() > 0;
        } catch (Throwable e) {
            return true;
        }
    }
}
