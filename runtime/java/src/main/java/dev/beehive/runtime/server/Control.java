// The line to `beehive run`: words on a Unix socket, one message a line. Without it, or when it breaks, the application
// runs on.
package dev.beehive.runtime.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Written by many threads, read by one of its own. */
final class Control {
    private final SocketChannel channel;

    private Control(SocketChannel channel) {
        this.channel = channel;
    }

    /** @param path of the socket; empty for none */
    static Control connect(String path) throws IOException {
        if (path.isEmpty()) {
            return new Control(null);
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(path));
        return new Control(channel);
    }

    /** Sends a line; false when nobody listens. */
    synchronized boolean say(String line) {
        if (channel == null) {
            return false;
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap((line + '\n').getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Hands on each line that comes, until the other end closes. */
    void listen(Consumer<String> lines) {
        if (channel == null) {
            return;
        }
        Server.thread("beehive-control", () -> {
            try (BufferedReader in = new BufferedReader(Channels.newReader(readOnly(channel), StandardCharsets.UTF_8))) {
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    lines.accept(line);
                }
            } catch (IOException e) {
                return;
            }
        });
    }

    /** Only its reading half: a stream over the whole channel takes the lock that writing needs. */
    private static ReadableByteChannel readOnly(SocketChannel channel) {
        return new ReadableByteChannel() {
            @Override
            public int read(ByteBuffer into) throws IOException {
                return channel.read(into);
            }

            @Override
            public boolean isOpen() {
                return channel.isOpen();
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    void close() {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            return;
        }
    }
}
