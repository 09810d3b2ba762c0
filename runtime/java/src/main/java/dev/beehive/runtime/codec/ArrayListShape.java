// ArrayList and its subclasses: the elements and the modification count, not the spare capacity.
// The count travels because an iterator or sublist that travels too compares itself with it.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.AbstractList;
import java.util.ArrayList;

/** Elements in order, then the fields of subclasses. */
final class ArrayListShape extends Shape {
    static final long ELEMENTS = JdkFields.offset(ArrayList.class, "elementData");
    static final long SIZE = JdkFields.offset(ArrayList.class, "size");
    static final long CHANGES = JdkFields.offset(AbstractList.class, "modCount");
    private static final Object[] EMPTY = {};
    private static final int HEAP_BYTES = 40;

    private final FieldCopier subclassFields;

    ArrayListShape(Class<?> type) {
        super(type, CONTENTS);
        subclassFields = new FieldCopier(FieldLayout.of(type, ArrayList.class));
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(HEAP_BYTES);
        return FieldShape.allocate(type());
    }

    @Override
    void writeContents(Object list, Encoder to) throws OffloadRefused {
        Object[] elements = (Object[]) Memory.getReference(list, ELEMENTS);
        // The size is read once: another thread may be adding.
        int size = Math.min(Memory.getInt(list, SIZE), elements.length);
        MessageWriter out = to.writer();
        out.writeUnsigned(Memory.getInt(list, CHANGES));
        out.writeUnsigned(size);
        for (int i = 0; i < size; i++) {
            to.write(elements[i]);
        }
        subclassFields.write(list, to);
    }

    @Override
    void readContents(Object list, Decoder from) throws MalformedMessage {
        MessageReader in = from.reader();
        int changes = in.readUnsigned();
        int size = in.readCount(1);
        from.charge(8L * size);
        Object[] elements = size == 0 ? EMPTY : new Object[size];
        for (int i = 0; i < size; i++) {
            elements[i] = from.read(Object.class);
        }
        Memory.putReference(list, ELEMENTS, elements);
        Memory.putInt(list, SIZE, size);
        Memory.putInt(list, CHANGES, changes);
        subclassFields.read(list, from);
    }

    @Override
    void visit(Object list, ReferenceVisitor visitor) {
        Object[] elements = (Object[]) Memory.getReference(list, ELEMENTS);
        for (int i = 0; i < Memory.getInt(list, SIZE); i++) {
            if (elements[i] != null) {
                visitor.reference(elements[i], null, i);
            }
        }
        subclassFields.visit(list, visitor);
    }

    @Override
    int fingerprint() {
        return subclassFields.layout().fingerprint;
    }
}
