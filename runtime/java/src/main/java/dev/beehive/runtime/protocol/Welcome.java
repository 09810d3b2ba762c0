// The server's answer to HELLO: what both sides use from here on.
package dev.beehive.runtime.protocol;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.MessageReader;
import dev.beehive.runtime.codec.MessageWriter;
import dev.beehive.runtime.memory.IterationSalt;
import java.util.Map;
import java.util.TreeMap;

/**
 * The terms of a connection.
 *
 * @param seed of the identity hash codes that objects get when they are introduced
 * @param limits of messages and tables
 * @param settings the server's system properties, default locale and time zone, see HostSettings
 * @param salt that decides in which order the immutable sets and maps of the JDK are walked through
 */
public record Welcome(long seed, Limits limits, IterationSalt salt, Map<String, String> settings) {
    private static final int SETTINGS_MAX = 10_000;

    /** Terms that leave the worker's settings as they are. */
    public Welcome(long seed, Limits limits, IterationSalt salt) {
        this(seed, limits, salt, Map.of());
    }

    public byte[] encode() {
        MessageWriter out = new MessageWriter();
        out.writeLong(seed);
        out.writeUnsigned(limits.messageBytes());
        out.writeSigned(limits.heapBytes());
        out.writeUnsigned(limits.classes());
        out.writeLong(salt.salt());
        out.writeUnsigned(salt.reverse() ? 1 : 0);
        out.writeUnsigned(settings.size());
        settings.forEach((name, value) -> {
            out.writeName(name);
            out.writeName(value);
        });
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
        IterationSalt salt = new IterationSalt(in.readLong(), in.readUnsigned() != 0);
        int count = in.readCount(2);
        if (count > SETTINGS_MAX) {
            throw new MalformedMessage(count + " settings");
        }
        Map<String, String> settings = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            settings.put(in.readName(), in.readName());
        }
        return new Welcome(seed, limits, salt, settings);
    }
}
