// The other side has sent what the protocol does not allow here. The connection is closed; who is at fault is known.
package dev.beehive.runtime.protocol;

/** A frame out of place, out of sequence or out of bounds. */
public final class ProtocolViolation extends Exception {
    private static final long serialVersionUID = 1L;

    public ProtocolViolation(String what) {
        super(what);
    }
}
