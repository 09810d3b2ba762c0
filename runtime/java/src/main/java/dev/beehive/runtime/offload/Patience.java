// Ends waits that last too long. A socket channel knows no time-out of its own, and asking the system for one at each wait
// costs two more calls of it: one thread that looks now and then at all links costs nothing.
package dev.beehive.runtime.offload;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One thread per JVM, begun with the first link. */
final class Patience {
    /** So much later than asked for may a wait end. */
    private static final int TICK_MS = 50;
    private static final Set<SocketLink> LINKS = ConcurrentHashMap.newKeySet();

    static {
        Thread thread = new Thread(top(), Patience::look, "beehive-patience", 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    private Patience() {
    }

    static void watch(SocketLink link) {
        LINKS.add(link);
    }

    /** A worker counts the threads of the group that it serves in. */
    private static ThreadGroup top() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    private static void look() {
        while (true) {
            try {
                Thread.sleep(TICK_MS);
            } catch (InterruptedException e) {
                // Nobody has a reason to; without this thread no wait would end.
                continue;
            }
            long nowNs = System.nanoTime();
            LINKS.removeIf(link -> !link.endIfLate(nowNs));
        }
    }
}
