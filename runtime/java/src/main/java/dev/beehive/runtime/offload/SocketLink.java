// A link over a TCP socket. Waits no longer than it was told to; takes no frame larger than agreed.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameReader;
import dev.beehive.runtime.protocol.ProtocolViolation;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** One connection; used by one thread at a time. */
public final class SocketLink implements Link {
    private static final int BUFFER_BYTES = 1 << 16;

    private final SocketChannel channel;
    private final FrameReader reader;
    private final ByteBuffer arrived = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private final ByteBuffer leaving = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private long timeoutNs;
    private long eagernessNs;
    private long lastWaitNs;
    /** When the wait that is on has been too long, by System.nanoTime; 0 while none is on that may end. */
    private volatile long deadlineNs;
    private volatile boolean timedOut;
    private long bytesSent;
    private long bytesReceived;

    /** @param payloadBytesMax largest payload taken */
    public SocketLink(SocketChannel channel, int payloadBytesMax) throws IOException {
        this.channel = channel;
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        Uninterruptible.make(channel);
        reader = new FrameReader(payloadBytesMax);
        Patience.watch(this);
    }

    /** From now on silence of this many milliseconds is a loss; 0 waits for ever. */
    public void setTimeoutMs(int timeoutMs) {
        timeoutNs = TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    }

    /**
     * After a wait as short as this many microseconds, the next one looks again and again for as long before it sleeps: to wake a
     * thread takes both ends longer than to meet one that looks. Whoever else wants the processor gets it.
     */
    public void setEagernessUs(int eagernessUs) {
        eagernessNs = TimeUnit.MICROSECONDS.toNanos(eagernessUs);
    }

    public long bytesSent() {
        return bytesSent;
    }

    public long bytesReceived() {
        return bytesReceived;
    }

    @Override
    public void send(Frame frame) throws LinkLost {
        byte[] bytes = frame.toByteArray();
        try {
            for (int at = 0; at < bytes.length; at += BUFFER_BYTES) {
                leaving.clear().put(bytes, at, Math.min(BUFFER_BYTES, bytes.length - at)).flip();
                while (leaving.hasRemaining()) {
                    channel.write(leaving);
                }
            }
        } catch (IOException e) {
            throw new LinkLost(LinkLost.CLOSED, e.toString());
        }
        bytesSent += bytes.length;
    }

    @Override
    public Frame receive() throws LinkLost {
        try {
            while (true) {
                Frame frame = reader.read(arrived);
                if (frame != null) {
                    return frame;
                }
                fill();
            }
        } catch (ProtocolViolation e) {
            close();
            throw new LinkLost(LinkLost.CLOSED, e.getMessage());
        } catch (IOException e) {
            throw timedOut ? new LinkLost(LinkLost.TIME_OUT, "nothing came in time")
                : new LinkLost(LinkLost.CLOSED, e.toString());
        }
    }

    private void fill() throws IOException, LinkLost {
        long beginNs = System.nanoTime();
        if (lastWaitNs < eagernessNs) {
            lookUntil(beginNs + eagernessNs);
        }
        arrived.clear();
        int count;
        try {
            // 0 is no deadline: one nanosecond late is near enough.
            deadlineNs = timeoutNs == 0 ? 0 : System.nanoTime() + timeoutNs | 1;
            count = channel.read(arrived);
        } finally {
            deadlineNs = 0;
            arrived.flip();
        }
        lastWaitNs = System.nanoTime() - beginNs;
        if (count < 0) {
            throw new LinkLost(LinkLost.CLOSED, "the other end has closed");
        }
        bytesReceived += count;
    }

    private void lookUntil(long endNs) throws IOException {
        InputStream stream = channel.socket().getInputStream();
        while (stream.available() == 0 && System.nanoTime() - endNs < 0) {
            Thread.yield();
        }
    }

    /** Ends a wait that has been too long; false once there is nothing to look after any more. From another thread. */
    boolean endIfLate(long nowNs) {
        long deadline = deadlineNs;
        if (deadline != 0 && nowNs - deadline > 0) {
            timedOut = true;
            close();
        }
        return channel.isOpen();
    }

    /** Looks whether the other end is gone, while nothing is expected from it. */
    public boolean hasEnded() {
        try {
            channel.configureBlocking(false);
            // Whatever comes now, end of stream or a frame that nobody has asked for, ends it.
            boolean ended = channel.read(arrived.clear()) != 0;
            arrived.limit(0);
            channel.configureBlocking(true);
            return ended;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            arrived.limit(0);
        }
    }
}
