// A server with its ledger, and a worker on a thread of its own behind a simulated wire. Starts another worker when the
// link is lost, and runs roots at home when it must, as the gate will.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.memory.IterationSalt;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.Welcome;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Closed at the end, when the worker's thread must have ended too. */
final class Rig implements AutoCloseable {
    private static final long PATIENCE_S = 20;
    private static final Hello HELLO = Hello.ofThisJvm(new byte[] {1, 2, 3}, new byte[] {4});
    private static final Limits LIMITS = new Limits(1 << 20, 16 << 20, 4096);

    final Ledger ledger;
    final List<String> log = new ArrayList<>();
    private final long seed;
    private final SimulatedWire.Fates fates;
    private SimulatedWire wire;
    private ServerConnection connection;
    private Thread worker;
    private volatile Throwable workerEnd;

    Rig(Ledger ledger, long seed, SimulatedWire.Fates fates) {
        this.ledger = ledger;
        this.seed = seed;
        this.fates = fates;
    }

    /** One invocation through the worker; the outcome as it came, before any local run. */
    Outcome offload(Method root, Object... arguments) throws InterruptedException {
        return offload(false, root, arguments);
    }

    /** The same; perhaps a rehearsal. */
    Outcome offload(boolean rehearses, Method root, Object... arguments) throws InterruptedException {
        if (connection == null || !connection.isOpen()) {
            close();
            if (!connect()) {
                return new Outcome.RunLocally(LinkLost.CLOSED, "no worker");
            }
        }
        return connection.invoke(new Traffic(), rehearses ? new Proven() : null, root, ledger, arguments);
    }

    boolean isConnected() {
        return connection != null && connection.isOpen();
    }

    int knownObjects() {
        return connection.knownObjects();
    }

    private boolean connect() {
        wire = new SimulatedWire(fates);
        Welcome welcome = new Welcome(seed, LIMITS, IterationSalt.ofThisJvm());
        connection = new ServerConnection(wire.server(), HELLO, welcome, object -> Ledger.ships(object, seed),
            new Home() {
                @Override
                public byte[] resource(String path) {
                    return resourceAtHome(path);
                }
            }, seed % 2 == 0 ? size -> -1 : Forgetting.BY_HALF);
        worker = new Thread(this::work, "worker");
        worker.start();
        try {
            connection.greet();
            return true;
        } catch (LinkLost e) {
            return false;
        }
    }

    /** Some resources are nowhere. */
    static byte[] resourceAtHome(String path) {
        return path.endsWith("0") ? null : path.getBytes(StandardCharsets.UTF_8);
    }

    private void work() {
        WorkerConnection end = new WorkerConnection(wire.worker(), HELLO, Rig.class.getClassLoader());
        Port.CURRENT.set(new Port.OnWorker(end));
        try {
            end.greet();
            end.run();
        } catch (LinkLost expected) {
            if (System.getProperty("beehive.simulation.verbose") != null) {
                expected.printStackTrace(System.out);
            }
            workerEnd = null;
        } catch (Throwable e) {
            workerEnd = e;
        }
    }

    /** Runs a root at home. */
    static Object runLocally(Ledger ledger, Method root, Object... arguments) {
        try {
            return root.invoke(ledger, arguments);
        } catch (InvocationTargetException e) {
            return e.getTargetException();
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        if (connection == null) {
            return;
        }
        connection.close();
        worker.join(TimeUnit.SECONDS.toMillis(PATIENCE_S));
        log.addAll(wire.log());
        if (worker.isAlive()) {
            throw new AssertionError("the worker hangs: " + log);
        }
        if (workerEnd != null) {
            throw new AssertionError("the worker ended with " + workerEnd, workerEnd);
        }
        connection = null;
    }
}
