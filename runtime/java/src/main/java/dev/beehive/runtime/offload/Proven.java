// What a root does that others can see, and is known to be followed by nothing that cannot be offloaded: rehearsals have
// shown it. Once something has been seen, a refusal would fail the request; so what is not in here is rehearsed first.
package dev.beehive.runtime.offload;

import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Of one root; used by all threads that invoke it. */
public final class Proven {
    /** A transaction can be rolled back until its end, but not the numbers that it has drawn: it is not rehearsed. */
    private static final String DATABASE = "a write into a database";

    private final Set<String> effects = ConcurrentHashMap.newKeySet();
    private volatile boolean wasCut;

    /** Whether the root may be seen to do this. One that writes into a database cannot be rehearsed beyond it. */
    boolean holds(String effect) {
        return writes() || effects.contains(effect);
    }

    /** Whether the next rehearsal should do everything to come to its end. */
    boolean isLearning() {
        return wasCut || effects.isEmpty();
    }

    void cut() {
        wasCut = true;
    }

    boolean writes() {
        return effects.contains(DATABASE);
    }

    void addWriting() {
        effects.add(DATABASE);
    }

    void addAll(Collection<String> passed) {
        effects.addAll(passed);
        wasCut = false;
    }
}
