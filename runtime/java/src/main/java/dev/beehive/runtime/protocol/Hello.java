// The worker's first frame: the facts in which both sides must agree, the secret of the run, and which worker it is.
package dev.beehive.runtime.protocol;

import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.MessageReader;
import dev.beehive.runtime.codec.MessageWriter;
import dev.beehive.runtime.memory.IdentityHash;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * What a worker says about itself.
 *
 * @param version of the protocol
 * @param secret of the run, given to the worker when it was started
 * @param jdk vendor, version, architecture and object layout of the JVM
 * @param classPath digest of the application's classes
 * @param worker number by which whoever has started it knows its process; 0 if it was given none
 */
public record Hello(int version, byte[] secret, String jdk, byte[] classPath, int worker) {
    /** The version this runtime speaks. */
    public static final int VERSION = 12;
    private static final int MAGIC = 0x3165_6542;
    private static final int BYTES_MAX = 256;

    /** What this JVM says, without a number. */
    public static Hello ofThisJvm(byte[] secret, byte[] classPath) {
        return ofThisJvm(secret, classPath, 0);
    }

    /** What this JVM says. */
    public static Hello ofThisJvm(byte[] secret, byte[] classPath, int worker) {
        String jdk = String.join(" ", System.getProperty("java.vm.vendor"), System.getProperty("java.vm.version"),
            System.getProperty("os.arch"), "hash" + IdentityHash.shift());
        return new Hello(VERSION, secret, jdk, classPath, worker);
    }

    public byte[] encode() {
        MessageWriter out = new MessageWriter();
        out.writeInt(MAGIC);
        out.writeUnsigned(version);
        writeBlock(out, secret);
        out.writeName(jdk);
        writeBlock(out, classPath);
        out.writeUnsigned(worker);
        return out.toByteArray();
    }

    /** Reads a frame's payload. Of another version only the version is read: the rest may look different. */
    public static Hello decode(byte[] payload) throws MalformedMessage {
        MessageReader in = new MessageReader();
        in.reset(payload, 0, payload.length);
        if (in.readInt() != MAGIC) {
            throw new MalformedMessage("not a beehive worker");
        }
        int version = in.readUnsigned();
        if (version != VERSION) {
            return new Hello(version, new byte[0], "", new byte[0], 0);
        }
        return new Hello(version, readBlock(in), in.readName(), readBlock(in), in.readUnsigned());
    }

    /** In what the worker differs from what the server expects, in words; empty when in nothing. */
    public Optional<String> mismatch(Hello worker) {
        if (worker.version != version) {
            return Optional.of("protocol version " + worker.version + ", not " + version);
        }
        if (!worker.jdk.equals(jdk)) {
            return Optional.of("JDK " + worker.jdk + ", not " + jdk);
        }
        if (!Arrays.equals(worker.classPath, classPath)) {
            return Optional.of("another class path");
        }
        return Optional.empty();
    }

    /** Whether the worker knows the secret; takes the same time whatever it says. */
    public boolean admits(Hello worker) {
        return MessageDigest.isEqual(secret, worker.secret);
    }

    private static void writeBlock(MessageWriter out, byte[] block) {
        out.writeUnsigned(block.length);
        out.writeBytes(block, 0, block.length);
    }

    private static byte[] readBlock(MessageReader in) throws MalformedMessage {
        int length = in.readCount(1);
        if (length > BYTES_MAX) {
            throw new MalformedMessage("block of " + length + " bytes");
        }
        byte[] block = new byte[length];
        in.readBytes(block, length);
        return block;
    }
}
