// The main class of a worker: connects to its server, runs what it is given until the server is gone.
// What it needs to know comes in environment variables: the command line is visible to everyone on the machine.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.codec.Preparation;
import dev.beehive.runtime.hook.Hooks;
import dev.beehive.runtime.offload.LinkLost;
import dev.beehive.runtime.offload.SocketLink;
import dev.beehive.runtime.offload.WorkerConnection;
import dev.beehive.runtime.protocol.Failure;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.HostSettings;
import dev.beehive.runtime.protocol.Welcome;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * `BEEHIVE_CONNECT` host:port, `BEEHIVE_SECRET`, `BEEHIVE_CLASS_PATH_DIGEST`, `BEEHIVE_WORKER` its number (0 for none),
 * `BEEHIVE_TIMEOUT_MS` to connect and be welcomed, `BEEHIVE_KEEP_ALIVE_MS` after which an idle worker ends, `BEEHIVE_EAGERNESS_US`
 * how long it looks for the next message before it sleeps. Exit status: 0 the server is gone or the worker was idle for too long, 3 refused, 4 cannot run here, 5 a root has started a thread.
 */
public final class Worker {
    private static final int REFUSED = 3;
    private static final int UNUSABLE = 4;
    private static final int HAUNTED = 5;
    /** Its static state is that of a connection that has ended. */
    private static final int RENEWED = 6;
    private static final int TIMEOUT_MS = 10_000;
    /** From a result to the next invocation on a busy connection, on loopback. */
    private static final int EAGERNESS_US = 400;
    private static final int PAUSE_MS = 20;
    private static final int ATTEMPTS = 100;
    private static final Set<String> FINAL = Set.of(Failure.WORKER_MISMATCH, Failure.NOT_ADMITTED);

    private final String host;
    private final int port;
    private final Hello hello;
    private final int timeoutMs;
    private final int keepAliveMs;
    private final WorkerSession session;
    private volatile WorkerConnection connection;

    private Worker(String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException("BEEHIVE_CONNECT is not host:port");
        }
        host = address.substring(0, colon);
        port = Integer.parseInt(address.substring(colon + 1));
        hello = Hello.ofThisJvm(bytes("BEEHIVE_SECRET"), bytes("BEEHIVE_CLASS_PATH_DIGEST"), number("BEEHIVE_WORKER", 0));
        timeoutMs = number("BEEHIVE_TIMEOUT_MS", TIMEOUT_MS);
        keepAliveMs = number("BEEHIVE_KEEP_ALIVE_MS", 0);
        session = new WorkerSession(Thread.currentThread());
    }

    public static void main(String[] args) {
        try {
            Worker worker = ready(variable("BEEHIVE_CONNECT", ""));
            Runtime.getRuntime().addShutdownHook(new Thread(worker::finish, "beehive-end"));
            System.exit(worker.workUntilTheEnd());
        } catch (RuntimeException | LinkageError e) {
            System.err.println("beehive worker: OFFLOAD_WORKER_UNUSABLE " + e);
            System.exit(UNUSABLE);
        }
    }

    /** This JVM as a worker of the server at an address. */
    private static Worker ready(String address) {
        Worker worker = new Worker(address);
        Hooks.install(worker.session);
        HomeClassPath.append(worker.session);
        return worker;
    }

    /** Serves the server at an address until it is gone, and lives on. */
    static void exercise(String address) throws IOException {
        Worker worker = ready(address);
        try (SocketChannel socket = SocketChannel.open()) {
            socket.socket().connect(new InetSocketAddress(worker.host, worker.port), worker.timeoutMs);
            worker.work(socket);
        } catch (LinkLost end) {
            // As every connection ends.
            return;
        }
    }

    private static String variable(String name, String otherwise) {
        String value = System.getenv(name);
        return value == null ? otherwise : value;
    }

    private static int number(String name, int otherwise) {
        return Integer.parseInt(variable(name, String.valueOf(otherwise)));
    }

    private static byte[] bytes(String name) {
        return variable(name, "").getBytes(StandardCharsets.UTF_8);
    }

    private int workUntilTheEnd() {
        for (int failures = 0; failures < ATTEMPTS;) {
            try (SocketChannel socket = SocketChannel.open()) {
                socket.socket().connect(new InetSocketAddress(host, port), timeoutMs);
                failures = 0;
                work(socket);
            } catch (LinkLost lost) {
                // Nothing is running any more that an end would have to wait for.
                connection = null;
                if (FINAL.contains(lost.code())) {
                    System.err.println("beehive worker: " + lost.getMessage());
                    return REFUSED;
                }
                if (lost.code().equals(WorkerSession.THREADS)) {
                    // A thread of the application's is still there: the next invocation must not meet it.
                    return HAUNTED;
                }
                if (Preparation.hasRun()) {
                    return RENEWED;
                }
                if (lost.code().equals(LinkLost.TIME_OUT) && keepAliveMs > 0) {
                    return 0;
                }
            } catch (IOException e) {
                failures++;
                pause();
            }
        }
        return 0;
    }

    private void work(SocketChannel socket) throws IOException, LinkLost {
        SocketLink link = new SocketLink(socket, Limits.STANDARD.messageBytes());
        link.setTimeoutMs(timeoutMs);
        link.setEagernessUs(number("BEEHIVE_EAGERNESS_US", EAGERNESS_US));
        connection = new WorkerConnection(link, hello, ClassLoader.getSystemClassLoader());
        Welcome welcome = connection.greet();
        welcome.salt().adopt();
        HostSettings.adopt(welcome.settings());
        session.begin(connection, link, keepAliveMs);
        try {
            connection.run();
        } finally {
            session.forgets();
        }
    }

    /** Asked to end: the root that is running comes to its end first. */
    private void finish() {
        WorkerConnection last = connection;
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (last != null && !last.stop() && System.nanoTime() < endNs) {
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
