// The roots of the message being written. Kept for one purpose: to say how an object that cannot travel was reached.
// The search runs only after a refusal, so that encoding itself records no paths.
package dev.beehive.runtime.codec;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Finds the shortest path from a root to an object of the refused class. */
final class Roots {
    /** A worker's heap is small, and a refusal that runs out of it would be the end of the connection. */
    private static final int VISITED_MAX = 100_000;

    private record Step(Step from, Object object, String label) {
    }

    private final List<Object> roots = new ArrayList<>();
    private final KeptContainers kept;

    /** @param kept what stays at home, and so leads nowhere */
    Roots(KeptContainers kept) {
        this.kept = kept;
    }

    void clear() {
        roots.clear();
    }

    void add(Object root) {
        if (root != null) {
            roots.add(root);
        }
    }

    /** The same refusal with its path, if one is found. */
    OffloadRefused locate(OffloadRefused refused) {
        Deque<Step> queue = new ArrayDeque<>();
        Map<Object, Boolean> seen = new IdentityHashMap<>();
        for (int i = 0; i < roots.size(); i++) {
            queue.add(new Step(null, roots.get(i), "root" + i));
        }
        while (refused.isOfClass() && !queue.isEmpty() && seen.size() < VISITED_MAX) {
            Step step = queue.remove();
            if (seen.put(step.object, true) != null) {
                continue;
            }
            if (refused.className().equals(step.object.getClass().getName())) {
                return refused.at(describe(step), containerOf(step));
            }
            Shape shape = Shapes.of(step.object.getClass());
            if (kept.include(step.object, shape)) {
                continue;
            }
            shape.visit(step.object, (target, field, index) -> {
                if (queue.size() < VISITED_MAX) {
                    queue.add(new Step(step, target, field == null ? "[" + index + "]" : "." + field));
                }
            });
        }
        return refused;
    }

    private static Object containerOf(Step last) {
        for (Step step = last.from; step != null; step = step.from) {
            if (KeptContainers.mayBeKept(step.object)) {
                return step.object;
            }
        }
        return null;
    }

    private static String describe(Step last) {
        StringBuilder path = new StringBuilder();
        for (Step step = last; step != null; step = step.from) {
            String owner = step.from == null ? "(" + step.object.getClass().getName() + ")" : "";
            path.insert(0, step.label + owner);
        }
        return path.toString();
    }
}
