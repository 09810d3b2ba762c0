// Walks over all that can be reached from an object.
package dev.beehive.runtime.codec;

import java.time.temporal.Temporal;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.function.Consumer;

/** Each object once, before what it refers to. */
public final class Reach {
    /** More than a value that cannot change usually has. */
    private static final int PARTS_MAX = 50;

    private Reach() {
    }

    /** Whether nothing that can be reached from an object can change; false, too, when there is much of it. */
    public static boolean isFixed(Object root) {
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        Deque<Object> left = new ArrayDeque<>();
        if (root != null) {
            left.add(root);
        }
        while (!left.isEmpty()) {
            Object object = left.remove();
            if (isValue(object) || !seen.add(object)) {
                continue;
            }
            Class<?> type = object.getClass();
            Shape shape = Shapes.of(type);
            if (seen.size() > PARTS_MAX || PinnedTypes.include(type) || shape.capture(object) != null) {
                return false;
            }
            shape.visit(object, (target, field, index) -> left.add(target));
        }
        return true;
    }

    /** Numbers of the JDK's may keep their text, which changes nothing. */
    private static boolean isValue(Object object) {
        boolean number = object instanceof Number && ClassOrigin.isJdk(object.getClass()) && !PinnedTypes.include(object.getClass());
        return number || object instanceof String || object instanceof Boolean || object instanceof Character
            || object instanceof Enum || object instanceof Class || object instanceof Temporal;
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
