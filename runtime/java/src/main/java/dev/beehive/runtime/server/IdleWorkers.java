// The connected workers, and which of them have nothing to do. The last one used is the first one taken: few workers stay hot.
package dev.beehive.runtime.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

/** Shared by all threads. */
final class IdleWorkers {
    private final ConcurrentLinkedDeque<WorkerLink> idle = new ConcurrentLinkedDeque<>();
    private final Set<WorkerLink> connected = ConcurrentHashMap.newKeySet();
    private final AtomicInteger ever = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    void joined(WorkerLink worker) {
        connected.add(worker);
        ever.incrementAndGet();
        idle.push(worker);
    }

    /** A worker, or null when none is idle. */
    WorkerLink take() {
        return idle.poll();
    }

    /** Gives it back after an invocation. */
    void giveBack(WorkerLink worker) {
        if (worker.isOpen()) {
            idle.push(worker);
        } else {
            drop(worker);
        }
    }

    private void drop(WorkerLink worker) {
        connected.remove(worker);
        lost.incrementAndGet();
        worker.close();
    }

    /** Drops idle workers that are gone; returns how many. */
    int sweep() {
        int gone = 0;
        int count = idle.size();
        for (int i = 0; i < count; i++) {
            WorkerLink worker = idle.pollLast();
            if (worker == null) {
                break;
            }
            if (worker.hasEnded()) {
                drop(worker);
                gone++;
            } else {
                idle.offerFirst(worker);
            }
        }
        return gone;
    }

    int connected() {
        return connected.size();
    }

    /** Objects in the tables of all connections, as they were after the last invocation of each. */
    long knownObjects() {
        return connected.stream().mapToLong(WorkerLink::knownObjects).sum();
    }

    int ever() {
        return ever.get();
    }

    int lost() {
        return lost.get();
    }

    int idle() {
        return idle.size();
    }
}
