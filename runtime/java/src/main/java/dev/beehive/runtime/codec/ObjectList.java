// The objects one side has introduced on a connection, by number, with how each travels and how far it has travelled.
// Numbers count up and are never used twice, so a stand-in whose object was dropped is noticed, never mistaken.
package dev.beehive.runtime.codec;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** A dense window of recent numbers and a map of the older ones that are still in use. */
final class ObjectList {
    /** The other side has a shell. */
    static final byte SHELL = 0;
    /** The other side has the contents, at the latest when it has read the message at hand. */
    static final byte FILLED = 1;

    private static final int FIRST_CAPACITY = 256;

    private record Elder(Object object, Shape shape, byte state) {
    }

    private final Map<Integer, Elder> elders = new HashMap<>();
    private int first;
    private int size;
    private Object[] objects = new Object[FIRST_CAPACITY];
    private Shape[] shapes = new Shape[FIRST_CAPACITY];
    private byte[] states = new byte[FIRST_CAPACITY];

    /** The number that the next object gets. */
    int next() {
        return first + size;
    }

    int add(Object object, Shape shape, byte state) {
        if (size == objects.length) {
            objects = Arrays.copyOf(objects, 2 * size);
            shapes = Arrays.copyOf(shapes, 2 * size);
            states = Arrays.copyOf(states, 2 * size);
        }
        objects[size] = object;
        shapes[size] = shape;
        states[size] = state;
        return first + size++;
    }

    /** The object, or null when the number was never given or has been dropped. */
    Object object(int number) {
        int at = number - first;
        if (at >= 0) {
            return at < size ? objects[at] : null;
        }
        Elder elder = elders.get(number);
        return elder == null ? null : elder.object;
    }

    /** How the object of a known number travels. */
    Shape shape(int number) {
        int at = number - first;
        return at >= 0 ? shapes[at] : elders.get(number).shape;
    }

    byte state(int number) {
        int at = number - first;
        return at >= 0 ? states[at] : elders.get(number).state;
    }

    void setState(int number, byte state) {
        int at = number - first;
        if (at >= 0) {
            states[at] = state;
        } else {
            elders.computeIfPresent(number, (n, elder) -> new Elder(elder.object, elder.shape, state));
        }
    }

    /** Forgets everything and starts at number 0 again. */
    void clear() {
        Arrays.fill(objects, 0, size, null);
        elders.clear();
        first = 0;
        size = 0;
    }
}
