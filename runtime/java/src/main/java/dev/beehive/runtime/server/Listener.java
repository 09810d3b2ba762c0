// Lets workers in: on the loopback address only, with the secret of the run, of the same build as this server.
package dev.beehive.runtime.server;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.memory.IterationSalt;
import dev.beehive.runtime.offload.LinkLost;
import dev.beehive.runtime.offload.SocketLink;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.HostSettings;
import dev.beehive.runtime.protocol.Welcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.security.SecureRandom;
import java.util.List;

/** Greets each worker on a thread of its own, so that one that says nothing keeps nobody waiting. */
final class Listener {
    private static final int GREETING_TIMEOUT_MS = 5_000;
    private static final int BACKLOG = 64;

    private final ServerSocketChannel socket = ServerSocketChannel.open();
    private final Hello expected;
    private final Limits limits;
    private final int timeoutMs;
    private final int roots;
    private final ApplicationLoader loaders;
    private final IdleWorkers workers;
    private final AskedClasses asked;
    private final WorkerWatch watch;
    private final SecureRandom seeds = new SecureRandom();

    Listener(Hello expected, Limits limits, int timeoutMs, List<Root> roots, IdleWorkers workers,
            AskedClasses asked, WorkerWatch watch) throws IOException {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        this.expected = expected;
        this.limits = limits;
        this.timeoutMs = timeoutMs;
        this.roots = roots.size();
        loaders = new ApplicationLoader(roots.stream().map(Root::className).distinct().toList());
        this.workers = workers;
        this.asked = asked;
        this.watch = watch;
    }

    int port() {
        return socket.socket().getLocalPort();
    }

    /** Accepts until it is closed. */
    void accept() {
        while (socket.isOpen()) {
            try {
                SocketChannel worker = socket.accept();
                Server.thread("beehive-greeting", () -> greet(worker));
            } catch (IOException e) {
                watch.lost(WorkerWatch.NOBODY, "OFFLOAD_LISTEN", e.toString());
            }
        }
    }

    private void greet(SocketChannel accepted) {
        try {
            Welcome welcome = new Welcome(seeds.nextLong(), limits, IterationSalt.ofThisJvm(),
                HostSettings.ofThisJvm());
            WorkerLink worker = new WorkerLink(new SocketLink(accepted, limits.messageBytes()), expected, welcome,
                timeoutMs, roots, asked, loaders);
            worker.greet(GREETING_TIMEOUT_MS);
            workers.joined(worker);
            watch.joined(worker.number());
        } catch (LinkLost e) {
            watch.lost(WorkerWatch.NOBODY, e.code(), e.getMessage());
        } catch (IOException e) {
            watch.lost(WorkerWatch.NOBODY, LinkLost.CLOSED, e.toString());
        }
    }
}
