// Why one side cannot go on: a stable code and words for a person. The payload of FAILED.
package dev.beehive.runtime.protocol;

import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.MessageReader;
import dev.beehive.runtime.codec.MessageWriter;

/**
 * A reason.
 *
 * @param code as in the table of docs/protocol.md
 * @param text may be cut off
 */
public record Failure(String code, String text) {
    /** The two sides are of different builds. */
    public static final String WORKER_MISMATCH = "WORKER_MISMATCH";
    /** The worker does not know the secret. */
    public static final String NOT_ADMITTED = "NOT_ADMITTED";
    /** The other side has broken the protocol. */
    public static final String PROTOCOL = "PROTOCOL";
    /** The runtime itself has failed. */
    public static final String INTERNAL = "INTERNAL";
    private static final int TEXT_CHARS_MAX = 1000;

    public byte[] encode() {
        MessageWriter out = new MessageWriter();
        write(out);
        return out.toByteArray();
    }

    /** Writes it where more follows. */
    public void write(MessageWriter out) {
        out.writeName(code);
        out.writeName(text.length() > TEXT_CHARS_MAX ? text.substring(0, TEXT_CHARS_MAX) : text);
    }

    public static Failure decode(byte[] payload) throws MalformedMessage {
        MessageReader in = new MessageReader();
        in.reset(payload, 0, payload.length);
        return read(in);
    }

    /** Reads what {@link #write} wrote. */
    public static Failure read(MessageReader in) throws MalformedMessage {
        return new Failure(in.readName(), in.readName());
    }
}
