// Arrays of references: the length where the array is met, the elements with the contents.
package dev.beehive.runtime.codec;

import java.lang.reflect.Array;

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
    void visit(Object object, ReferenceVisitor visitor) {
        Object[] array = (Object[]) object;
        for (int i = 0; i < array.length; i++) {
            if (array[i] != null) {
                visitor.reference(array[i], null, i);
            }
        }
    }
}
