// The two ends of a connection. Everything that must differ between them (parity of ids) hangs on this.
package dev.beehive.runtime.codec;

/** Which end of a connection this is. */
public enum Side {
    SERVER(0),
    WORKER(1);

    private final int parity;

    Side(int parity) {
        this.parity = parity;
    }

    /** The lowest bit of the ids that this side makes. */
    int parity() {
        return parity;
    }
}
