// The objects one side has introduced on a connection, by number: how each travels, how far it has travelled, and what
// both sides last agreed on. Numbers count up and are never used twice, so a stand-in whose object was dropped is
// noticed, never mistaken.
package dev.beehive.runtime.codec;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeMap;

/** A dense window of recent numbers, and the older ones that are still in use. */
final class ObjectList {
    /** The other side has a shell. */
    static final byte SHELL = 0;
    /** The other side has the contents, at the latest when it has read the message at hand. */
    static final byte FILLED = 1;

    private static final int FIRST_CAPACITY = 256;

    private static final class Elder {
        private final Object object;
        private final Shape shape;
        private byte state;
        private Object agreed;

        Elder(Object object, Shape shape, byte state, Object agreed) {
            this.object = object;
            this.shape = shape;
            this.state = state;
            this.agreed = agreed;
        }
    }

    private final TreeMap<Integer, Elder> elders = new TreeMap<>();
    private int first;
    private int size;
    private Object[] objects = new Object[FIRST_CAPACITY];
    private Shape[] shapes = new Shape[FIRST_CAPACITY];
    private byte[] states = new byte[FIRST_CAPACITY];
    private Object[] agreed = new Object[FIRST_CAPACITY];

    /** The number that the next object gets. */
    int next() {
        return first + size;
    }

    int add(Object object, Shape shape, byte state) {
        if (size == objects.length) {
            grow();
        }
        objects[size] = object;
        shapes[size] = shape;
        states[size] = state;
        return first + size++;
    }

    private void grow() {
        objects = Arrays.copyOf(objects, 2 * size);
        shapes = Arrays.copyOf(shapes, 2 * size);
        states = Arrays.copyOf(states, 2 * size);
        agreed = Arrays.copyOf(agreed, 2 * size);
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
            elders.get(number).state = state;
        }
    }

    /** What both sides last agreed on: a capture of the object's shape, or null where nothing is compared. */
    Object agreed(int number) {
        int at = number - first;
        return at >= 0 ? agreed[at] : elders.get(number).agreed;
    }

    void setAgreed(int number, Object capture) {
        int at = number - first;
        if (at >= 0) {
            agreed[at] = capture;
        } else {
            elders.get(number).agreed = capture;
        }
    }

    /** Number of objects that are in use. */
    int live() {
        return elders.size() + size;
    }

    /** The least number in use that is not below `from`, or -1. Dropped numbers of the window are never met. */
    int nextLive(int from) {
        Integer elder = from < first ? elders.ceilingKey(from) : null;
        if (elder != null) {
            return elder;
        }
        int at = Math.max(from, first);
        return at < first + size ? at : -1;
    }

    /** Keeps these numbers and drops all others. */
    void retain(Set<Integer> kept) {
        elders.keySet().removeIf(number -> !kept.contains(number));
        for (int at = 0; at < size; at++) {
            if (kept.contains(first + at)) {
                elders.put(first + at, new Elder(objects[at], shapes[at], states[at], agreed[at]));
            }
        }
        Arrays.fill(objects, 0, size, null);
        Arrays.fill(agreed, 0, size, null);
        first += size;
        size = 0;
    }

    /** Forgets everything and starts at number 0 again. */
    void clear() {
        Arrays.fill(objects, 0, size, null);
        Arrays.fill(agreed, 0, size, null);
        elders.clear();
        first = 0;
        size = 0;
    }
}
