// The application of `beehive package --verify`: two roots that beehive offloads like those of any application, called
// until a worker has run them, and what they gave compared with what it must be.
package dev.beehive.selftest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Prints `passed N`, the number of invocations a worker answered right; else `failed: …` and exit status 1. */
public final class SelfTest {
    /** The second execution has the objects and classes of the first. */
    private static final int ROUNDS = 2;
    private static final int PAUSE_MS = 20;
    private static final int GIVEN = 7;
    private static final int ADDED = 100;

    private static int total;

    private final long home = ProcessHandle.current().pid();
    private final List<String> wrong = new ArrayList<>();
    private final long endNs;

    private SelfTest(long seconds) {
        endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    }

    /** @param args how many seconds to wait for the worker */
    public static void main(String[] args) throws InterruptedException {
        SelfTest test = new SelfTest(Long.parseLong(args[0]));
        int passed = 0;
        for (int i = 0; i < ROUNDS; i++) {
            passed += test.exchanges() ? 1 : 0;
            passed += test.refuses() ? 1 : 0;
        }
        if (!test.wrong.isEmpty()) {
            System.out.println("failed: " + String.join("; ", test.wrong));
            System.exit(1);
        }
        System.out.println("passed " + passed);
    }

    /** A root: looks at the whole graph, changes it, gives references into it. */
    Answer exchange(Graph graph) {
        Answer answer = new Answer();
        answer.process = ProcessHandle.current().pid();
        answer.visited = graph.visit();
        answer.second = graph.first.next;
        answer.code = System.identityHashCode(graph.first.next);
        answer.name = graph.names.get(graph.first.next);
        answer.product = graph.times.applyAsInt(GIVEN);
        int added = ADDED;
        answer.plus = value -> value + added;
        total++;
        answer.total = total;
        return answer;
    }

    /** A root that throws. */
    void refuse(Graph graph) {
        throw new Refusal("refused " + graph.first.next.number, graph.first, ProcessHandle.current().pid());
    }

    private boolean exchanges() throws InterruptedException {
        while (goesOn("exchange")) {
            Graph graph = new Graph();
            int before = total;
            Answer answer = exchange(graph);
            if (answer.process != home) {
                return judge(graph, answer, before);
            }
            Thread.sleep(PAUSE_MS);
        }
        return false;
    }

    private boolean judge(Graph graph, Answer answer, int before) {
        int found = wrong.size();
        Graph.Node second = graph.first.next;
        check(answer.visited == graph.nodes(), "a ring of " + graph.nodes() + " had " + answer.visited + " nodes");
        check(answer.second == second, "an object came back as another one");
        check(answer.code == System.identityHashCode(second), "an object had another identity hash code");
        check("node 1".equals(answer.name), "a key was not found by its identity: " + answer.name);
        check(answer.product == graph.times.applyAsInt(GIVEN), "a lambda gave " + answer.product);
        check(answer.plus.applyAsInt(GIVEN) == GIVEN + ADDED, "a lambda made on the worker gave something else");
        check(second.visits == 1, "a changed field came back as " + second.visits);
        check(total == before + 1 && answer.total == total, "a static field came back as " + total);
        return found == wrong.size();
    }

    private boolean refuses() throws InterruptedException {
        while (goesOn("refuse")) {
            Graph graph = new Graph();
            try {
                refuse(graph);
            } catch (Refusal refusal) {
                if (refusal.process != home) {
                    return judge(graph, refusal);
                }
            }
            Thread.sleep(PAUSE_MS);
        }
        return false;
    }

    private boolean judge(Graph graph, Refusal refusal) {
        int found = wrong.size();
        check("refused 1".equals(refusal.getMessage()), "an exception said " + refusal.getMessage());
        check(refusal.node == graph.first, "an exception's object came back as another one");
        check(refusal.getStackTrace()[0].getMethodName().equals("refuse"), "an exception lost its stack trace");
        return found == wrong.size();
    }

    private boolean goesOn(String root) {
        boolean late = System.nanoTime() - endNs > 0;
        check(!late, "no worker ran " + root);
        return !late;
    }

    private void check(boolean right, String otherwise) {
        if (!right) {
            wrong.add(otherwise);
        }
    }
}
