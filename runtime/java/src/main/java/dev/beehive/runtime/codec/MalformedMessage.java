// A received message is not one the other side can have meant: broken, hostile, or of another version.
// The connection it came on is closed: the tables of the two sides may differ from here on.
package dev.beehive.runtime.codec;

/** Bytes that cannot be decoded. */
public final class MalformedMessage extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedMessage(String what) {
        super(what);
    }

    public MalformedMessage(String what, Throwable cause) {
        super(what, cause);
    }
}
