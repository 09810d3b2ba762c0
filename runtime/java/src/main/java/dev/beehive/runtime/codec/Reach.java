// Walks over all that can be reached from an object.
package dev.beehive.runtime.codec;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;

/** Each object once, before what it refers to. */
public final class Reach {
    private Reach() {
    }

    /** The visitor may fill an object: what it refers to is read afterwards. */
    public static void visit(Object root, Consumer<Object> visitor) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> left = new ArrayDeque<>();
        if (root != null) {
            left.add(root);
        }
        while (!left.isEmpty()) {
            Object object = left.remove();
            if (seen.add(object)) {
                visitor.accept(object);
                Shapes.of(object.getClass()).visit(object, (target, field, index) -> left.add(target));
            }
        }
    }
}
