// Copies the fields of one class between objects and messages: loops at first, generated code for hot classes.
package dev.beehive.runtime.codec;

import java.util.Arrays;

/** Subclassed by FieldLoops and by generated classes, which call the constructor and read `types`. */
abstract class FieldAccess {
    /**
     * The types of the reference fields, in order. What is read is checked against them: a wrong reference would
     * corrupt the heap.
     */
    final Class<?>[] types;
    /** The shapes last met in the reference fields. */
    final Shape[] seen;

    FieldAccess(Class<?>[] types) {
        this.types = types;
        seen = new Shape[types.length];
        Arrays.fill(seen, ConstantShape.INSTANCE);
    }

    abstract void write(Object object, Encoder to) throws OffloadRefused;

    abstract void read(Object object, Decoder from) throws MalformedMessage;
}
