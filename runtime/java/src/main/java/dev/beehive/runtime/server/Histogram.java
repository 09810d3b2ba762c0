// Durations in buckets of about 3 % width, as profiler/trace counts them: below 64 ns exact, above 32 buckets an octave.
package dev.beehive.runtime.server;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.LongAdder;

/** Filled by many threads. */
final class Histogram {
    private static final int BUCKETS = 60 * 32;

    private final AtomicIntegerArray counts = new AtomicIntegerArray(BUCKETS);
    private final LongAdder sumNs = new LongAdder();

    void add(long ns) {
        long value = Math.max(ns, 0);
        counts.incrementAndGet(bucketOf(value));
        sumNs.add(value);
    }

    static int bucketOf(long ns) {
        if (ns < 64) {
            return (int) ns;
        }
        int shift = 63 - Long.numberOfLeadingZeros(ns) - 5;
        return (shift + 1) * 32 + (int) (ns >> shift) - 32;
    }

    boolean isEmpty() {
        return sumNs.sum() == 0;
    }

    void writeTo(Json json) {
        json.open("buckets");
        for (int i = 0; i < BUCKETS; i++) {
            if (counts.get(i) > 0) {
                json.number(String.valueOf(i), counts.get(i));
            }
        }
        json.close();
        json.number("sum_ns", sumNs.sum());
    }
}
