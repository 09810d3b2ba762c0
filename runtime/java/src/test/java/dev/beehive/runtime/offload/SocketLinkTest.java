// A link between two sockets of one JVM: large frames, interrupts, silence, the end of the other side.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameKind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SocketLinkTest {
    private static final int PAYLOAD_BYTES_MAX = 1 << 22;
    private static final int TIMEOUT_MS = 200;
    private static final long PATIENCE_S = 10;

    private interface Use {
        void of(SocketLink one, SocketLink other) throws Exception;
    }

    private static void connected(Use use) throws Exception {
        try (ServerSocketChannel listening = ServerSocketChannel.open()) {
            listening.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            try (SocketChannel one = SocketChannel.open(listening.getLocalAddress());
                SocketChannel other = listening.accept()) {
                use.of(new SocketLink(one, PAYLOAD_BYTES_MAX), new SocketLink(other, PAYLOAD_BYTES_MAX));
            }
        }
    }

    private static CompletableFuture<Frame> receiving(SocketLink link) {
        CompletableFuture<Frame> received = new CompletableFuture<>();
        new Thread(() -> {
            try {
                received.complete(link.receive());
            } catch (LinkLost e) {
                received.completeExceptionally(e);
            }
        }).start();
        return received;
    }

    @Test
    void framesLargerThanTheBuffersArrive() throws Exception {
        connected((one, other) -> {
            byte[] payload = new byte[3_000_001];
            new Random(1).nextBytes(payload);
            CompletableFuture<Frame> received = receiving(other);
            one.send(new Frame(FrameKind.BYTES, 0, payload));
            assertArrayEquals(payload, received.get(PATIENCE_S, TimeUnit.SECONDS).payload());
            assertEquals(one.bytesSent(), other.bytesReceived());
        });
    }

    /** Frames that come while an eager link looks, after it has gone to sleep, and when there is no other end any more. */
    @Test
    void anEagerLinkMissesNothing() throws Exception {
        connected((one, other) -> {
            int eagernessUs = 5_000;
            other.setEagernessUs(eagernessUs);
            for (int i = 0; i < 200; i++) {
                CompletableFuture<Frame> received = receiving(other);
                TimeUnit.MICROSECONDS.sleep(i % 20 == 0 ? 2 * eagernessUs : i % 7 * 100);
                one.send(new Frame(FrameKind.BYTES, i, new byte[i]));
                assertEquals(i, received.get(PATIENCE_S, TimeUnit.SECONDS).payload().length);
            }
            CompletableFuture<Frame> last = receiving(other);
            one.close();
            assertThrows(ExecutionException.class, () -> last.get(PATIENCE_S, TimeUnit.SECONDS));
        });
    }

    @Test
    void anInterruptOfTheWaitingThreadStaysPending() throws Exception {
        connected((one, other) -> {
            CompletableFuture<Boolean> pending = new CompletableFuture<>();
            Thread waiting = new Thread(() -> {
                try {
                    Thread.currentThread().interrupt();
                    other.receive();
                    Thread.interrupted();
                    other.send(new Frame(FrameKind.BYTES, 0, new byte[1]));
                    other.receive();
                    pending.complete(Thread.interrupted());
                } catch (LinkLost e) {
                    pending.completeExceptionally(e);
                }
            });
            waiting.start();
            one.send(new Frame(FrameKind.BYTES, 0, new byte[1]));
            one.receive();
            waiting.interrupt();
            one.send(new Frame(FrameKind.BYTES, 1, new byte[1]));
            assertTrue(pending.get(PATIENCE_S, TimeUnit.SECONDS));
        });
    }

    @Test
    void silenceIsALossOnlyWhereItIsLimited() throws Exception {
        connected((one, other) -> {
            CompletableFuture<Frame> patient = receiving(one);
            other.setTimeoutMs(TIMEOUT_MS);
            assertEquals(LinkLost.TIME_OUT, assertThrows(LinkLost.class, other::receive).code());
            Exception closed = assertThrows(Exception.class, () -> patient.get(PATIENCE_S, TimeUnit.SECONDS));
            assertEquals(LinkLost.CLOSED, ((LinkLost) closed.getCause()).code());
        });
    }

    @Test
    void anEndIsNoticedWithoutWaiting() throws Exception {
        connected((one, other) -> {
            assertFalse(one.hasEnded());
            other.send(new Frame(FrameKind.BYTES, 0, new byte[5]));
            assertEquals(5, one.receive().payload().length);
            assertFalse(one.hasEnded());
            other.close();
            assertTrue(one.hasEnded());
        });
    }
}
