// CPU time of the calling thread. Unknown on a virtual thread and on a JVM that does not count it.
package dev.beehive.runtime.server;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Made once, which takes a while: not on a thread of the application. */
final class CpuClock {
    /** What an unknown time is told as. */
    static final long UNKNOWN = -1;

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final boolean isThere = threads.isCurrentThreadCpuTimeSupported() && threads.isThreadCpuTimeEnabled();

    long nowNs() {
        try {
            return isThere ? threads.getCurrentThreadCpuTime() : UNKNOWN;
        } catch (UnsupportedOperationException e) {
            return UNKNOWN;
        }
    }
}
