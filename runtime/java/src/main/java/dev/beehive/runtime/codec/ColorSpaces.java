// The JDK's own colour spaces by number: each side has its own, with tables outside the heap.
// By reflection, since the runtime does not need the JDK's desktop module, and a JVM may have none.
package dev.beehive.runtime.codec;

import java.util.Optional;
import java.util.stream.IntStream;

/** Numbers are the `CS_` constants of ColorSpace. */
final class ColorSpaces {
    private static final int FIRST = 1000;
    private static final int LAST = 1004;

    private ColorSpaces() {
    }

    /** `java.awt.color.ColorSpace`, if this JVM has it. */
    static Optional<Class<?>> type() {
        try {
            return Optional.of(Class.forName("java.awt.color.ColorSpace", false, null));
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    static void write(Object space, Encoder to) throws OffloadRefused {
        int number = IntStream.rangeClosed(FIRST, LAST).filter(each -> space == ofNumber(each)).findFirst()
            .orElseThrow(() ->
                new OffloadRefused(OffloadRefused.Code.OFFLOAD_NATIVE_STATE, space.getClass().getName(), ""));
        to.writer().writeUnsigned(number);
    }

    static Object read(Decoder from) throws MalformedMessage {
        int number = from.reader().readUnsigned();
        if (number < FIRST || number > LAST) {
            throw new MalformedMessage("colour space " + number);
        }
        return ofNumber(number);
    }

    private static Object ofNumber(int number) {
        try {
            return type().orElseThrow().getMethod("getInstance", int.class).invoke(null, number);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
