// A stand-in for the runtime's hook with what the test programs call.
package dev.beehive.runtime.hook;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

public final class Atomics {
    public static int redirected;

    private Atomics() {}

    public static int get(AtomicInteger atomic) {
        redirected++;
        return atomic.get();
    }

    public static int incrementAndGet(AtomicInteger atomic) {
        redirected++;
        return atomic.incrementAndGet();
    }

    public static boolean compareAndSet(AtomicLong atomic, long from, long to) {
        redirected++;
        return atomic.compareAndSet(from, to);
    }

    public static long get(AtomicLong atomic) {
        redirected++;
        return atomic.get();
    }

    public static boolean getAndSet(AtomicBoolean atomic, boolean to) {
        redirected++;
        return atomic.getAndSet(to);
    }

    public static Object updateAndGet(AtomicReference<Object> atomic, UnaryOperator<Object> by) {
        redirected++;
        return atomic.updateAndGet(by);
    }
}
