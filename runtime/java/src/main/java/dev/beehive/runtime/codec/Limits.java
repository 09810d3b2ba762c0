// Bounds on what one message may hold, so that neither a huge closure nor hostile bytes exhaust a JVM.
package dev.beehive.runtime.codec;

/**
 * Limits of a connection, the same on both sides.
 *
 * @param messageBytes most bytes of one message
 * @param heapBytes most heap bytes that decoding one message may allocate, estimated
 * @param classes most classes that one side may name
 */
public record Limits(int messageBytes, long heapBytes, int classes) {
    /** 64 MiB a message, 512 MiB of heap, 65,536 classes. */
    public static final Limits STANDARD = new Limits(64 << 20, 512L << 20, 1 << 16);

    void checkMessage(long bytes) throws OffloadRefused {
        if (bytes > messageBytes) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_CLOSURE_TOO_LARGE, bytes + " bytes", "");
        }
    }
}
