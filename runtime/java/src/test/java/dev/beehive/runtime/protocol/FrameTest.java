// Frames survive any chunking; broken bytes end in ProtocolViolation and allocate no more than has arrived.
package dev.beehive.runtime.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final int PAYLOAD_MAX = 100_000;
    private static final int MUTATIONS = Integer.getInteger("beehive.fuzz.rounds", 60_000);

    private static List<Frame> frames(Random random) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            byte[] payload = new byte[random.nextInt(i == 3 ? PAYLOAD_MAX : 50)];
            random.nextBytes(payload);
            frames.add(new Frame(FrameKind.values()[random.nextInt(FrameKind.values().length)], i, payload));
        }
        return frames;
    }

    private static byte[] bytesOf(List<Frame> frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        frames.forEach(frame -> bytes.writeBytes(frame.toByteArray()));
        return bytes.toByteArray();
    }

    @Test
    void framesSurviveAnyChunking() throws Exception {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<Frame> sent = frames(random);
            byte[] bytes = bytesOf(sent);
            FrameReader reader = new FrameReader(PAYLOAD_MAX);
            List<Frame> got = new ArrayList<>();
            for (int at = 0; at < bytes.length;) {
                int count = Math.min(1 + random.nextInt(seed % 2 == 0 ? 7 : 40_000), bytes.length - at);
                readAll(reader, ByteBuffer.wrap(bytes, at, count), got);
                at += count;
            }
            assertEquals(sent.size(), got.size());
            for (int i = 0; i < sent.size(); i++) {
                assertEquals(sent.get(i).kind(), got.get(i).kind());
                assertEquals(i, got.get(i).sequence());
                assertArrayEquals(sent.get(i).payload(), got.get(i).payload());
            }
        }
    }

    private static void readAll(FrameReader reader, ByteBuffer bytes, List<Frame> into) throws ProtocolViolation {
        for (Frame frame = reader.read(bytes); frame != null; frame = reader.read(bytes)) {
            into.add(frame);
        }
    }

    @Test
    void mutatedFramesAreNeverTakenForOthers() {
        byte[] whole = new Frame(FrameKind.CALL, 7, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9}).toByteArray();
        int violations = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            Random random = new Random(seed);
            byte[] bytes = whole.clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            try {
                assertNull(new FrameReader(PAYLOAD_MAX).read(ByteBuffer.wrap(bytes)), "seed " + seed);
            } catch (ProtocolViolation expected) {
                violations++;
            }
        }
        assertTrue(violations > MUTATIONS / 2);
    }

    @Test
    void noiseIsRefused() {
        Random random = new Random(3);
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bytes = new byte[random.nextInt(40)];
            random.nextBytes(bytes);
            try {
                readAll(new FrameReader(PAYLOAD_MAX), ByteBuffer.wrap(bytes), new ArrayList<>());
            } catch (ProtocolViolation expected) {
                continue;
            }
        }
    }

    @Test
    void aClaimedLengthAllocatesNothing() throws Exception {
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(Integer.MAX_VALUE).putInt(0).put((byte) 1).putInt(0).flip();
        // Would not fit into the heap of the tests together with its copy.
        for (int i = 0; i < 100; i++) {
            assertNull(new FrameReader(Integer.MAX_VALUE).read(header.duplicate()));
        }
        assertThrows(ProtocolViolation.class, () -> new FrameReader(PAYLOAD_MAX).read(header));
        header.putInt(0, Frame.COUNTED_HEADER_BYTES - 1);
        header.rewind();
        assertThrows(ProtocolViolation.class, () -> new FrameReader(PAYLOAD_MAX).read(header));
    }
}
