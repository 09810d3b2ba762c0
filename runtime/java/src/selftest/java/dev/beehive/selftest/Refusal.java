// The exception of the self-test: the application's own class, with state and a reference into the graph.
package dev.beehive.selftest;

/** Thrown by a root on the worker. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    final transient Graph.Node node;
    final long process;

    Refusal(String message, Graph.Node node, long process) {
        super(message);
        this.node = node;
        this.process = process;
    }
}
