// What travels in the self-test: objects whose place in memory matters. Compiled without barriers, like any application:
// the agent rewrites them for the worker, which has no file of them.
package dev.beehive.selftest;

import java.util.HashMap;
import java.util.Map;
import java.util.function.IntUnaryOperator;

/** A ring of nodes, a map whose keys have no hashCode() of their own, a lambda. */
final class Graph {
    private static final int NODES = 5;
    private static final int FACTOR = 6;

    /** One of the ring. */
    static final class Node {
        final int number;
        int visits;
        Node next;

        Node(int number) {
            this.number = number;
        }
    }

    final Node first = new Node(0);
    final Map<Node, String> names = new HashMap<>();
    final IntUnaryOperator times;

    Graph() {
        Node last = first;
        names.put(first, "node 0");
        for (int i = 1; i < NODES; i++) {
            last.next = new Node(i);
            last = last.next;
            names.put(last, "node " + i);
        }
        last.next = first;
        int factor = FACTOR;
        times = value -> value * factor;
    }

    /** Goes round once and counts a visit of each node; how many there are. */
    int visit() {
        int count = 0;
        Node each = first;
        do {
            each.visits++;
            count++;
            each = each.next;
        } while (each != first && count <= NODES);
        return count;
    }

    int nodes() {
        return NODES;
    }
}
