// One agreed change of one object, decoded and not yet made. Changes of a message are made together, after all of it
// has been decoded, so that a broken message changes nothing.
package dev.beehive.runtime.codec;

/** A change that can be made, and taken back. */
interface Change {
    /** Makes the change; returns the one that takes it back. */
    Change apply();

    /** Notes that the other side has made the change: it is told, should it be otherwise here. */
    void note();

    /** Whether it is a write of a volatile field: others must see it after all that was written before it. */
    default boolean isRelease() {
        return false;
    }
}
