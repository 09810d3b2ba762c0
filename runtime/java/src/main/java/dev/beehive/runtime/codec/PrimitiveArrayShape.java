// Arrays of numbers: copied as they lie in memory. Both sides are little-endian JVMs; HELLO compares the architecture.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Array;

/** One shape for each of the eight array classes. */
final class PrimitiveArrayShape extends Shape {
    private static final int HEADER_BYTES = 16;

    private final Class<?> component;
    private final long base;
    private final int scaleShift;

    PrimitiveArrayShape(Class<?> type) {
        super(type, DECLARES | CONTENTS | EARLY_HASH);
        component = type.getComponentType();
        base = Memory.arrayBase(type);
        scaleShift = Integer.numberOfTrailingZeros(Memory.arrayScale(type));
    }

    @Override
    void declare(Object array, Encoder to) throws OffloadRefused {
        int length = Array.getLength(array);
        to.checkRoom((long) length << scaleShift);
        to.writer().writeUnsigned(length);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        int length = from.reader().readCount(1 << scaleShift);
        from.charge(HEADER_BYTES + ((long) length << scaleShift));
        return Array.newInstance(component, length);
    }

    @Override
    void writeContents(Object array, Encoder to) {
        to.writer().writeMemory(array, base, Array.getLength(array) << scaleShift);
    }

    @Override
    void readContents(Object array, Decoder from) throws MalformedMessage {
        int bytes = Array.getLength(array) << scaleShift;
        from.reader().readMemory(array, base, bytes);
        if (array instanceof boolean[] booleans) {
            normalise(booleans);
        }
    }

    /** A boolean of another value than 0 and 1 would be true in one comparison and not in the next. */
    private static void normalise(boolean[] booleans) {
        for (int i = 0; i < booleans.length; i++) {
            Memory.putByte(booleans, Memory.BYTES + i, (byte) (Memory.getByte(booleans, Memory.BYTES + i) & 1));
        }
    }
}
