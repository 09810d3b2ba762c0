// Objects that the other side has an equal of, found by name: classes, methods, locales, character sets, zones.
// Which name is written and how it is resolved is in Names.
package dev.beehive.runtime.codec;

import java.lang.reflect.Method;
import java.util.Optional;

/** Writes a name, reads it and looks the object up. */
final class NamedShape extends Shape {
    /** One way of naming. */
    interface Naming {
        void write(Object object, Encoder to) throws OffloadRefused;

        /** Any RuntimeException means that the name is not valid. */
        Object resolve(Decoder from) throws MalformedMessage, ReflectiveOperationException;
    }

    private final Class<?> kind;
    private final Naming naming;

    /** @param kind of which the other side's equal must be: its class may be another, as that of a loader */
    NamedShape(Class<?> type, Class<?> kind, Naming naming) {
        super(type, DECLARES | NAMED | EARLY_HASH);
        this.kind = kind;
        this.naming = naming;
    }

    static Optional<Shape> of(Class<?> type) {
        return Names.shapeOf(type);
    }

    @Override
    void declare(Object object, Encoder to) throws OffloadRefused {
        naming.write(object, to);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        try {
            Object found = naming.resolve(from);
            if (!kind.isInstance(found)) {
                throw new MalformedMessage("a name of " + type().getName() + " that is not here");
            }
            return found;
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            throw new MalformedMessage("a name of " + type().getName() + " that is not valid here", e);
        }
    }

    @Override
    boolean lasts() {
        return type() == Class.class || type() == Method.class;
    }
}
