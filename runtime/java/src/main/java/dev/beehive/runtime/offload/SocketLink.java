// A link over a TCP socket. Waits no longer than it was told to; takes no frame larger than agreed.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameReader;
import dev.beehive.runtime.protocol.ProtocolViolation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;

/** One connection; used by one thread at a time. */
public final class SocketLink implements Link {
    private static final int BUFFER_BYTES = 1 << 16;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final FrameReader reader;
    private final ByteBuffer arrived = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    private long bytesSent;
    private long bytesReceived;

    /** @param payloadBytesMax largest payload taken */
    public SocketLink(Socket socket, int payloadBytesMax) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
        reader = new FrameReader(payloadBytesMax);
    }

    /** From now on silence of this many milliseconds is a loss; 0 waits for ever. */
    public void setTimeoutMs(int timeoutMs) {
        try {
            socket.setSoTimeout(timeoutMs);
        } catch (SocketException e) {
            // Closed: the next use says so.
            close();
        }
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
            out.write(bytes);
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
        } catch (SocketTimeoutException e) {
            throw new LinkLost(LinkLost.TIME_OUT, "nothing came in time");
        } catch (IOException e) {
            throw new LinkLost(LinkLost.CLOSED, e.toString());
        }
    }

    private void fill() throws IOException, LinkLost {
        arrived.clear().limit(0);
        int count = in.read(arrived.array(), 0, BUFFER_BYTES);
        if (count < 0) {
            throw new LinkLost(LinkLost.CLOSED, "the other end has closed");
        }
        bytesReceived += count;
        arrived.limit(count);
    }

    /** Looks whether the other end is gone, while nothing is expected from it. Set the time-out anew afterwards. */
    public boolean hasEnded() {
        try {
            socket.setSoTimeout(1);
            // Whatever comes now, end of stream or a frame that nobody has asked for, ends it.
            in.read();
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            arrived.limit(0);
        }
    }
}
