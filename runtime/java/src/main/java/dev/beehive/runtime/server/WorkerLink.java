// One connected worker as the gate uses it: its connection, its bytes, and how often it has run each root.
package dev.beehive.runtime.server;

import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.offload.LinkLost;
import dev.beehive.runtime.offload.Outcome;
import dev.beehive.runtime.offload.Proven;
import dev.beehive.runtime.offload.ServerConnection;
import dev.beehive.runtime.offload.SocketLink;
import dev.beehive.runtime.offload.Traffic;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.Welcome;
import java.lang.reflect.Method;

/** Used by one thread at a time, but for the size of its table. */
final class WorkerLink {
    /** Plans, handlers and the like that JPA makes at the first use have to be made at home, under locks. */
    static final String FIRST_AT_HOME = "FIRST_AT_HOME";
    private static final int EXECUTIONS_TO_LEARN = 3;
    private static final String PERSISTENCE = OffloadRefused.Code.OFFLOAD_PERSISTENCE_AT_HOME.name();

    private final SocketLink link;
    private final LearnedClosure closure = new LearnedClosure();
    private final ServerHome home;
    private final ServerConnection connection;
    private final int timeoutMs;
    private final int[] executions;
    private volatile int knownObjects;

    WorkerLink(SocketLink link, Hello expected, Welcome welcome, int timeoutMs, int roots, AskedClasses asked,
            ApplicationLoader loaders) {
        this.link = link;
        this.timeoutMs = timeoutMs;
        home = new ServerHome(asked, loaders);
        connection = new ServerConnection(link, expected, welcome, closure, home);
        executions = new int[roots];
    }

    void greet(int greetingTimeoutMs) throws LinkLost {
        link.setTimeoutMs(greetingTimeoutMs);
        connection.greet();
        link.setTimeoutMs(timeoutMs);
    }

    /** Runs a root; counts bytes, and what was asked for if it came to its end. */
    Outcome invoke(Root root, Method method, Object receiver, Object[] arguments) {
        long sent = link.bytesSent();
        long received = link.bytesReceived();
        Traffic traffic = new Traffic();
        home.begin(method.getDeclaringClass().getClassLoader());
        if (home.movesPersistence() && root.isAmongFirst()) {
            return new Outcome.RunLocally(FIRST_AT_HOME, "");
        }
        boolean databasesAtHome = home.heldDatabase() != null;
        if (root.usesPersistence() && (databasesAtHome || !home.movesPersistence())) {
            // Found out without spoiling what the worker knows.
            return new Outcome.RunLocally(PERSISTENCE, "");
        }
        closure.begin(root, receiver, arguments);
        Proven way = root.proven.of(receiver, arguments, databasesAtHome);
        Outcome outcome = connection.invoke(traffic, way, method, receiver, arguments);
        if (way.hasDrawnInVain()) {
            root.closeForGood();
        }
        knownObjects = connection.knownObjects();
        root.counters.bytesOut.add(link.bytesSent() - sent);
        root.counters.bytesIn.add(link.bytesReceived() - received);
        if (outcome instanceof Outcome.Returned || outcome instanceof Outcome.Threw) {
            root.counters.databasesAtHome(traffic.databasesAtHome);
            root.counters.offloaded(executions[root.number]++, traffic);
        }
        return outcome;
    }

    /** Whether it has run the root often enough to know what the root needs. */
    boolean knows(Root root) {
        return executions[root.number] > EXECUTIONS_TO_LEARN;
    }

    /** Objects that both sides have in their tables since the last invocation. */
    int knownObjects() {
        return knownObjects;
    }

    /** By which `beehive run` knows the process; 0 for none. */
    int number() {
        return connection.worker();
    }

    boolean isOpen() {
        return connection.isOpen();
    }

    /** Looks whether an idle worker is gone. */
    boolean hasEnded() {
        return link.hasEnded();
    }

    void close() {
        connection.close();
    }
}
