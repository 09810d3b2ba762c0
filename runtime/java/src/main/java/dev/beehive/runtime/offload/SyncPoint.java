// A call home that does nothing: it exists for the changes that travel with it, in both directions.
package dev.beehive.runtime.offload;

/** Called by a worker around accesses of volatile fields. */
public final class SyncPoint {
    private SyncPoint() {
    }

    /** Does nothing. */
    public static void pass() {
    }
}
