// Objects whose methods were roots of late: they will be again, and all that a worker has of the application hangs on them.
// Known by use only, since a root may also be a method of an object that lives for one request.
package dev.beehive.runtime.offload;

import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.Map;

/** Of the server's end of one connection. */
final class Receivers {
    /** Kept as long as one was used since the time before the last. */
    private static final int PERIODS = 1;

    private final Map<Object, Integer> lastUsed = new IdentityHashMap<>();
    private int period;

    /** @param receiver null for a static method */
    void used(Object receiver) {
        if (receiver != null) {
            lastUsed.put(receiver, period);
        }
    }

    /** Those of this period and the one before; a new period begins. */
    Collection<Object> ofLate() {
        lastUsed.values().removeIf(last -> last < period - PERIODS);
        period++;
        return lastUsed.keySet();
    }

    void clear() {
        lastUsed.clear();
    }
}
