// The server's answer to HELLO: what both sides use from here on.
package dev.beehive.runtime.protocol;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.MessageReader;
import dev.beehive.runtime.codec.MessageWriter;
import dev.beehive.runtime.memory.IterationSalt;

/**
 * The terms of a connection.
 *
 * @param seed of the identity hash codes that objects get when they are introduced
 * @param limits of messages and tables
 * @param salt that decides in which order the immutable sets and maps of the JDK are walked through
 */
public record Welcome(long seed, Limits limits, IterationSalt salt) {
    public byte[] encode() {
        MessageWriter out = new MessageWriter();
        out.writeLong(seed);
        out.writeUnsigned(limits.messageBytes());
        out.writeSigned(limits.heapBytes());
        out.writeUnsigned(limits.classes());
        out.writeLong(salt.salt());
        out.writeUnsigned(salt.reverse() ? 1 : 0);
        return out.toByteArray();
    }

    public static Welcome decode(byte[] payload) throws MalformedMessage {
        MessageReader in = new MessageReader();
        in.reset(payload, 0, payload.length);
        long seed = in.readLong();
        Limits limits = new Limits(in.readUnsigned(), in.readSigned(), in.readUnsigned());
        boolean sane = limits.messageBytes() > 0 && limits.heapBytes() > 0 && limits.classes() > 0;
        if (!sane) {
            throw new MalformedMessage("limits " + limits);
        }
        return new Welcome(seed, limits, new IterationSalt(in.readLong(), in.readUnsigned() != 0));
    }
}
