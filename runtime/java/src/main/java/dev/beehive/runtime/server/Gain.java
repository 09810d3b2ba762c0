// Whether a root is worth offloading: whether it costs the server's threads less processor time on a worker than here.
// Plans predict that; here it is measured while the application runs, from the samples that the gate takes anyway.
package dev.beehive.runtime.server;

import java.util.concurrent.TimeUnit;

/** Of one root; told by all threads. */
final class Gain {
    /** So many of each kind before anything is said. */
    private static final int SAMPLES_MIN = 8;
    /** Later ones count so much more than earlier ones: code gets faster as it is compiled. */
    private static final double WEIGHT = 1.0 / SAMPLES_MIN;
    private static final long PAUSE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final int DOUBLINGS_MAX = 6;

    private int locals;
    private int offloads;
    private double localNs;
    private double offloadedNs;
    private int pauses;
    private long pausedUntilNs;
    private volatile boolean paused;

    /** The root has run here. Either may be CpuClock.UNKNOWN: then nothing is learned. */
    synchronized void local(long startNs, long endNs) {
        if (startNs != CpuClock.UNKNOWN && endNs != CpuClock.UNKNOWN) {
            localNs = mean(localNs, endNs - startNs, locals++);
        }
    }

    /** It has run on a worker that knew it; this is what the calling thread had to do for it. */
    synchronized void offloaded(long startNs, long endNs, long nowNs) {
        if (startNs == CpuClock.UNKNOWN || endNs == CpuClock.UNKNOWN) {
            return;
        }
        offloadedNs = mean(offloadedNs, endNs - startNs, offloads++);
        if (offloads >= SAMPLES_MIN && locals >= SAMPLES_MIN && offloadedNs > localNs) {
            pausedUntilNs = nowNs + (PAUSE_NS << Math.min(pauses++, DOUBLINGS_MAX));
            offloads = 0;
            paused = true;
        }
    }

    private static double mean(double before, long ns, int samples) {
        return samples == 0 ? ns : before + Math.max(WEIGHT, 1.0 / (samples + 1)) * (ns - before);
    }

    /** Whether each offloaded invocation is worth a sample. */
    synchronized boolean isLearning() {
        return offloads < SAMPLES_MIN;
    }

    /** Whether it has cost more than it saved of late. After a while it is tried again. */
    boolean isNone(long nowNs) {
        return paused && stillPaused(nowNs);
    }

    private synchronized boolean stillPaused(long nowNs) {
        paused = paused && nowNs - pausedUntilNs < 0;
        return paused;
    }
}
