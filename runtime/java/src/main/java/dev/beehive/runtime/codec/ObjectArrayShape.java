// Arrays of references: the length where the array is met, the elements with the contents.
package dev.beehive.runtime.codec;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.function.Predicate;

/** One shape for each array class. */
final class ObjectArrayShape extends Shape {
    private static final int HEADER_BYTES = 16;

    private final Class<?> component;

    ObjectArrayShape(Class<?> type) {
        super(type, DECLARES | CONTENTS | EARLY_HASH);
        component = type.getComponentType();
    }

    @Override
    void declare(Object object, Encoder to) {
        to.writer().writeUnsigned(((Object[]) object).length);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        int length = from.reader().readCount(1);
        from.charge(HEADER_BYTES + 8L * length);
        return Array.newInstance(component, length);
    }

    @Override
    void writeContents(Object object, Encoder to) throws OffloadRefused {
        for (Object element : (Object[]) object) {
            to.write(element);
        }
    }

    @Override
    void readContents(Object object, Decoder from) throws MalformedMessage {
        Object[] array = (Object[]) object;
        for (int i = 0; i < array.length; i++) {
            array[i] = from.read(component);
        }
    }

    @Override
    Object capture(Object object) {
        return Arrays.copyOf((Object[]) object, ((Object[]) object).length, Object[].class);
    }

    @Override
    boolean differs(Object object, Object before) {
        return firstDifference((Object[]) object, (Object[]) before, 0) >= 0;
    }

    @Override
    void restore(Object object, Object before) {
        Object[] array = (Object[]) object;
        System.arraycopy(before, 0, array, 0, array.length);
    }

    /** Writes `index + 1, element` for each element that differs, then 0. */
    @Override
    void writeChanges(Object object, Object before, Object now, Encoder to) throws OffloadRefused {
        Object[] old = (Object[]) before;
        Object[] elements = (Object[]) now;
        for (int i = firstDifference(elements, old, 0); i >= 0; i = firstDifference(elements, old, i + 1)) {
            to.writer().writeUnsigned(i + 1);
            to.write(elements[i]);
        }
        to.writer().writeUnsigned(0);
    }

    private static int firstDifference(Object[] one, Object[] other, int from) {
        int i = from;
        // Four at a time: arrays are compared at every sync point, and hardly ever differ.
        for (int end = one.length - 3; i < end; i += 4) {
            if (one[i] != other[i] | one[i + 1] != other[i + 1] | one[i + 2] != other[i + 2]
                | one[i + 3] != other[i + 3]) {
                break;
            }
        }
        for (; i < one.length; i++) {
            if (one[i] != other[i]) {
                return i;
            }
        }
        return -1;
    }

    @Override
    void readChanges(Object object, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        Object[] array = (Object[]) object;
        for (int next = from.reader().readUnsigned(); next != 0; next = from.reader().readUnsigned()) {
            if (next < 0 || next > array.length) {
                throw new MalformedMessage("element " + (next - 1) + " of " + array.length);
            }
            changes.add(new ElementWrite(array, (Object[]) agreed, next - 1, from.read(component)));
        }
    }

    @Override
    boolean canLetGo(Object object, Object agreed, Predicate<Object> gone) {
        return agreed != null;
    }

    @Override
    void letGo(Object agreed, Predicate<Object> gone) {
        letGo((Object[]) agreed, gone);
    }

    /** Not the present elements: those that differ are sent with the next changes. */
    @Override
    void visitAgreed(Object object, Object agreed, ReferenceVisitor visitor) {
        visit(agreed == null ? object : agreed, visitor);
    }

    @Override
    void visit(Object object, ReferenceVisitor visitor) {
        Object[] array = (Object[]) object;
        for (int i = 0; i < array.length; i++) {
            if (array[i] != null) {
                visitor.reference(array[i], null, i);
            }
        }
    }
}
