// The connection to the other side is over: closed, silent for too long, or broken by one of the two.
package dev.beehive.runtime.offload;

/** With the code under which it is counted. */
public final class LinkLost extends Exception {
    private static final long serialVersionUID = 1L;

    /** The other end is gone. */
    public static final String CLOSED = "LINK_CLOSED";
    /** Nothing came within the time allowed. */
    public static final String TIME_OUT = "LINK_TIME_OUT";

    private final String code;

    public LinkLost(String code, String text) {
        super(code + ": " + text);
        this.code = code;
    }

    /** Whether a code says that the other end is gone, and nothing of what was asked of it. */
    public static boolean isLoss(String code) {
        return code.equals(CLOSED) || code.equals(TIME_OUT);
    }

    public String code() {
        return code;
    }
}
