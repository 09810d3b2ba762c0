// The objects one side has introduced on a connection, by number: how each travels, how far it has travelled, and what
// both sides last agreed on. Numbers count up and are never used twice until both sides forget everything.
package dev.beehive.runtime.codec;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Objects;
import java.util.stream.Stream;

/** Parallel arrays: this is walked for every object of every message. */
final class ObjectList {
    /** The other side has a shell. */
    static final byte SHELL = 0;
    /** It never moves: the worker has a stand-in whose methods call home. */
    static final byte PINNED = 2;
    /** The other side has the contents, at the latest when it has read the message at hand. */
    static final byte FILLED = 1;

    private static final int FIRST_CAPACITY = 256;

    private int size;
    private Object[] objects = new Object[FIRST_CAPACITY];
    private Shape[] shapes = new Shape[FIRST_CAPACITY];
    private byte[] states = new byte[FIRST_CAPACITY];
    private Object[] agreed = new Object[FIRST_CAPACITY];

    /** The number that the next object gets. */
    int next() {
        return size;
    }

    int add(Object object, Shape shape, byte state) {
        if (size == objects.length) {
            grow();
        }
        objects[size] = object;
        shapes[size] = shape;
        states[size] = state;
        return size++;
    }

    private void grow() {
        objects = Arrays.copyOf(objects, 2 * size);
        shapes = Arrays.copyOf(shapes, 2 * size);
        states = Arrays.copyOf(states, 2 * size);
        agreed = Arrays.copyOf(agreed, 2 * size);
    }

    /** The object, or null when the number was never given. */
    Object object(int number) {
        return number >= 0 && number < size ? objects[number] : null;
    }

    /** How the object of a known number travels. */
    Stream<Object> stream() {
        return Arrays.stream(objects, 0, size).filter(Objects::nonNull);
    }

    Shape shape(int number) {
        return shapes[number];
    }

    byte state(int number) {
        return states[number];
    }

    void setState(int number, byte state) {
        states[number] = state;
    }

    /** What both sides last agreed on: a capture of the object's shape, or null where nothing is compared. */
    Object agreed(int number) {
        return agreed[number];
    }

    void setAgreed(int number, Object capture) {
        agreed[number] = capture;
    }

    /** Tells the visitor the ids of the objects whose contents are other than agreed on; others may be added meanwhile. */
    void visitChanged(int parity, ChangeSource.IdVisitor visitor) throws OffloadRefused {
        int end = size;
        for (int number = 0; number < end; number++) {
            Object before = agreed[number];
            if (before != null && shapes[number].differs(objects[number], before)) {
                visitor.visit(number << 1 | parity);
            }
        }
    }

    /** Makes the contents of all objects what was agreed on. */
    void restoreChanged() throws MalformedMessage {
        for (int number = 0; number < size; number++) {
            Object before = agreed[number];
            if (before != null && shapes[number].differs(objects[number], before)) {
                shapes[number].restore(objects[number], before);
                agreed[number] = shapes[number].capture(objects[number]);
            }
        }
    }

    /** Forgets the objects from a number on; the numbers are given again. */
    void truncate(int from) {
        if (from < size) {
            Arrays.fill(objects, from, size, null);
            Arrays.fill(agreed, from, size, null);
            size = from;
        }
    }

    /** Forgets all objects but these; the others move up and get the numbers from 0 on. */
    void retain(BitSet kept) {
        int to = kept.nextClearBit(0);
        for (int from = kept.nextSetBit(to); from >= 0 && from < size; from = kept.nextSetBit(from + 1)) {
            objects[to] = objects[from];
            shapes[to] = shapes[from];
            states[to] = states[from];
            agreed[to++] = agreed[from];
        }
        truncate(to);
    }

    /** Forgets everything and starts at number 0 again. */
    void clear() {
        Arrays.fill(objects, 0, size, null);
        Arrays.fill(agreed, 0, size, null);
        size = 0;
    }
}
