// One message between server and worker, as bytes: `length u32 | crc32c u32 | kind u8 | sequence u32 | payload`,
// little-endian. The checksum covers all that follows it: a flipped bit must not become a wrong answer.
package dev.beehive.runtime.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * A frame.
 *
 * @param sequence counts the frames of one direction from 0 on
 * @param payload belongs to the frame: never changed afterwards
 */
public record Frame(FrameKind kind, int sequence, byte[] payload) {
    /** Bytes before the payload. */
    public static final int HEADER_BYTES = 13;
    /** Bytes of the header that the length counts: all but itself. */
    static final int COUNTED_HEADER_BYTES = 9;
    static final int CHECKSUM_AT = 4;
    static final int KIND_AT = 8;
    static final int SEQUENCE_AT = 9;

    /** Header and payload. */
    public byte[] toByteArray() {
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(COUNTED_HEADER_BYTES + payload.length).putInt(0);
        out.put((byte) kind.code()).putInt(sequence).put(payload);
        out.putInt(CHECKSUM_AT, checksum(out.array(), KIND_AT, out.capacity() - KIND_AT, new byte[0], 0));
        return out.array();
    }

    /** CRC-32C of a part of one array and the beginning of another. */
    static int checksum(byte[] one, int from, int length, byte[] other, int otherLength) {
        CRC32C crc = new CRC32C();
        crc.update(one, from, length);
        crc.update(other, 0, otherLength);
        return (int) crc.getValue();
    }
}
