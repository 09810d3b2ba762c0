// What a root does that others can see, and is known to be followed by nothing that cannot be offloaded: rehearsals have
// shown it. Once something has been seen, a refusal would fail the request; so what is not in here is rehearsed first.
// What one invocation has shown, the next may refute on another way through the code: it takes several.
package dev.beehive.runtime.offload;

import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Of one way that a root is called; used by all threads that call it so. */
public final class Proven {
    /** Rehearsals that have come to their end behind an effect, until it may be seen. */
    public static final int ENDS = 3;
    /** So many times more after one that was refused behind an effect. */
    private static final int CAUTION = 4;
    private static final int ENDS_MAX = 10_000;
    /** Invocations that may be taken back behind a write: each leaves a gap in what the database numbers. */
    private static final int IN_VAIN_MAX = 2;

    private final Map<String, Integer> ends = new ConcurrentHashMap<>();
    /** A transaction can be rolled back until its end, but not the numbers that it has drawn: rehearsals end at a write. */
    private final AtomicInteger writings = new AtomicInteger();
    private final AtomicInteger drawnInVain = new AtomicInteger();
    private volatile boolean wasCut;
    private volatile int needed = ENDS;

    /** Whether the root may be seen to do this. */
    boolean holds(String effect) {
        return ends.getOrDefault(effect, 0) >= needed;
    }

    /** Whether the next rehearsal should do everything to come to its end. */
    boolean isLearning() {
        boolean isUnknown = ends.isEmpty() && writings.get() == 0 || writings.get() > 0 && !writes();
        return wasCut || isUnknown || ends.values().stream().anyMatch(count -> count < needed);
    }

    /** An invocation has been taken back that had written: what it drew of the database's numbers is gone. */
    void drawsInVain() {
        drawnInVain.incrementAndGet();
    }

    /** Whether the root is better left alone: the next would draw numbers in vain, too. */
    public boolean hasDrawnInVain() {
        return drawnInVain.get() >= IN_VAIN_MAX;
    }

    void cut() {
        wasCut = true;
    }

    /** Whether it is known to write into a database, and rehearsals have come that far. */
    boolean writes() {
        return writings.get() >= ENDS;
    }

    /** A rehearsal has come to a write into a database, which is as far as one can go. */
    void addWriting(Collection<String> passed) {
        addAll(passed);
        writings.incrementAndGet();
    }

    /** A rehearsal has come to its end behind these. */
    void addAll(Collection<String> passed) {
        new HashSet<>(passed).forEach(effect -> ends.merge(effect, 1, Integer::sum));
        wasCut = false;
    }

    /**
     * An invocation has met something that cannot be offloaded, before anything was seen: the next may meet it behind that.
     *
     * @param behind whether this one already has, as a shadow
     */
    void doubt(boolean behind) {
        if (behind) {
            needed = Math.min(CAUTION * needed, ENDS_MAX);
        }
        ends.replaceAll((effect, count) -> 0);
    }
}
