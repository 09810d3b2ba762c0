// Cuts a stream of bytes into frames, however the bytes arrive. Knows the bound of a frame before it allocates.
package dev.beehive.runtime.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** One per connection and direction. After a ProtocolViolation the connection is closed. */
public final class FrameReader {
    private static final int FIRST_PAYLOAD_BYTES = 4096;

    private final int payloadBytesMax;
    private final byte[] header = new byte[Frame.HEADER_BYTES];
    private int headerBytes;
    private byte[] payload;
    private int payloadBytes;
    private int payloadLength;

    public FrameReader(int payloadBytesMax) {
        this.payloadBytesMax = payloadBytesMax;
    }

    /** Takes bytes until a frame is complete; returns it, or null when `bytes` is used up before. */
    public Frame read(ByteBuffer bytes) throws ProtocolViolation {
        while (headerBytes < Frame.HEADER_BYTES) {
            if (!bytes.hasRemaining()) {
                return null;
            }
            header[headerBytes++] = bytes.get();
            if (headerBytes == Frame.HEADER_BYTES) {
                begin();
            }
        }
        take(bytes);
        return payloadBytes == payloadLength ? finish() : null;
    }

    private void begin() throws ProtocolViolation {
        int length = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if (length < Frame.COUNTED_HEADER_BYTES || length - Frame.COUNTED_HEADER_BYTES > payloadBytesMax) {
            throw new ProtocolViolation("frame of " + Integer.toUnsignedString(length) + " bytes");
        }
        if (FrameKind.of(header[Frame.KIND_AT]) == null) {
            throw new ProtocolViolation("frame of kind " + header[Frame.KIND_AT]);
        }
        payloadLength = length - Frame.COUNTED_HEADER_BYTES;
        payloadBytes = 0;
        payload = new byte[Math.min(payloadLength, FIRST_PAYLOAD_BYTES)];
    }

    /** Room grows with what has arrived: a claimed length alone allocates little. */
    private void take(ByteBuffer bytes) {
        int count = Math.min(bytes.remaining(), payloadLength - payloadBytes);
        if (payloadBytes + count > payload.length) {
            long doubled = Math.max(2L * payload.length, (long) payloadBytes + count);
            payload = Arrays.copyOf(payload, (int) Math.min(doubled, payloadLength));
        }
        bytes.get(payload, payloadBytes, count);
        payloadBytes += count;
    }

    private Frame finish() throws ProtocolViolation {
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        int counted = Frame.HEADER_BYTES - Frame.KIND_AT;
        int checksum = Frame.checksum(header, Frame.KIND_AT, counted, payload, payload.length);
        if (checksum != fields.getInt(Frame.CHECKSUM_AT)) {
            throw new ProtocolViolation("frame with a wrong checksum");
        }
        FrameKind kind = FrameKind.of(header[Frame.KIND_AT]);
        Frame frame = new Frame(kind, fields.getInt(Frame.SEQUENCE_AT), payload);
        headerBytes = 0;
        payload = null;
        return frame;
    }
}
