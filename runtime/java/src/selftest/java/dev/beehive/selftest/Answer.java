// What comes back in the self-test: what the worker saw of the graph, and references into it.
package dev.beehive.selftest;

import java.util.function.IntUnaryOperator;

/** Made on the worker; `process` tells that it was. */
final class Answer {
    long process;
    int visited;
    int code;
    String name;
    int product;
    int total;
    Graph.Node second;
    IntUnaryOperator plus;
}
