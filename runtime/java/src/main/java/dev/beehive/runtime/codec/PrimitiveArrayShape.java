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
    private final Mismatch mismatch;

    PrimitiveArrayShape(Class<?> type) {
        super(type, DECLARES | CONTENTS | EARLY_HASH);
        component = type.getComponentType();
        base = Memory.arrayBase(type);
        scaleShift = Integer.numberOfTrailingZeros(Memory.arrayScale(type));
        mismatch = Mismatch.of(component);
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

    @Override
    Object capture(Object array) {
        int length = Array.getLength(array);
        Object copy = Array.newInstance(component, length);
        System.arraycopy(array, 0, copy, 0, length);
        return copy;
    }

    @Override
    boolean differs(Object array, Object before) {
        return mismatch.from(array, before, 0) >= 0;
    }

    @Override
    void restore(Object array, Object before) {
        System.arraycopy(before, 0, array, 0, Array.getLength(array));
    }

    /** Writes `first index + 1, length, elements` for each run of elements that differ, then 0. */
    @Override
    void writeChanges(Object array, Object before, Object now, Encoder to) {
        MessageWriter out = to.writer();
        int length = Array.getLength(now);
        for (int from = mismatch.from(now, before, 0); from >= 0;) {
            int end = from + 1;
            int next = mismatch.from(now, before, end);
            while (next == end) {
                end++;
                next = mismatch.from(now, before, end);
            }
            out.writeUnsigned(from + 1);
            out.writeUnsigned(end - from);
            out.writeMemory(now, base + ((long) from << scaleShift), end - from << scaleShift);
            from = end < length ? next : -1;
        }
        out.writeUnsigned(0);
    }

    @Override
    void readChanges(Object array, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        MessageReader in = from.reader();
        int length = Array.getLength(array);
        for (int next = in.readUnsigned(); next != 0; next = in.readUnsigned()) {
            int count = in.readCount(1 << scaleShift);
            if (next < 0 || next - 1 > length - count) {
                throw new MalformedMessage("elements from " + (next - 1) + ", " + count + " of " + length);
            }
            from.charge(HEADER_BYTES + ((long) count << scaleShift));
            Object part = Array.newInstance(component, count);
            in.readMemory(part, base, count << scaleShift);
            if (part instanceof boolean[] booleans) {
                normalise(booleans);
            }
            changes.add(new RangeWrite(array, agreed, next - 1, part, count));
        }
    }

    /** A boolean of another value than 0 and 1 would be true in one comparison and not in the next. */
    private static void normalise(boolean[] booleans) {
        for (int i = 0; i < booleans.length; i++) {
            Memory.putByte(booleans, Memory.BYTES + i, (byte) (Memory.getByte(booleans, Memory.BYTES + i) & 1));
        }
    }
}
