// ArrayList and its subclasses: the elements and the modification count, not the spare capacity.
// The count travels because an iterator or sublist that travels too compares itself with it.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.function.Predicate;

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

    /** What can change in a list. */
    private static final class Snapshot {
        private int changes;
        private Object[] elements;
        private final FieldCells.Snapshot fields;

        Snapshot(int changes, Object[] elements, FieldCells.Snapshot fields) {
            this.changes = changes;
            this.elements = elements;
            this.fields = fields;
        }
    }

    @Override
    Object capture(Object list) {
        Object[] elements = (Object[]) Memory.getReference(list, ELEMENTS);
        int size = Math.min(Memory.getInt(list, SIZE), elements.length);
        return new Snapshot(Memory.getInt(list, CHANGES), Arrays.copyOf(elements, size, Object[].class),
            subclassFields.layout().cells.capture(list));
    }

    @Override
    boolean differs(Object list, Object before) {
        Snapshot old = (Snapshot) before;
        Object[] elements = (Object[]) Memory.getReference(list, ELEMENTS);
        int size = old.elements.length;
        if (Memory.getInt(list, CHANGES) != old.changes || Memory.getInt(list, SIZE) != size) {
            return true;
        }
        for (int i = 0; i < size; i++) {
            if (elements[i] != old.elements[i]) {
                return true;
            }
        }
        return subclassFields.layout().cells.differs(list, old.fields);
    }

    @Override
    void restore(Object list, Object before) {
        Snapshot old = (Snapshot) before;
        int size = old.elements.length;
        Memory.putReference(list, ELEMENTS, size == 0 ? EMPTY : Arrays.copyOf(old.elements, size));
        Memory.putInt(list, SIZE, size);
        Memory.putInt(list, CHANGES, old.changes);
        subclassFields.layout().cells.restore(list, old.fields);
    }

    /** Writes modification count and size, `index + 1, element` for each element that differs, 0, subclass fields. */
    @Override
    void writeChanges(Object list, Object before, Object now, Encoder to) throws OffloadRefused {
        Snapshot old = (Snapshot) before;
        Snapshot present = (Snapshot) now;
        MessageWriter out = to.writer();
        out.writeUnsigned(present.changes);
        out.writeUnsigned(present.elements.length);
        for (int i = 0; i < present.elements.length; i++) {
            if (i >= old.elements.length || present.elements[i] != old.elements[i]) {
                out.writeUnsigned(i + 1);
                to.write(present.elements[i]);
            }
        }
        out.writeUnsigned(0);
        subclassFields.layout().cells.writeChanges(old.fields, present.fields, to);
    }

    @Override
    void readChanges(Object list, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        MessageReader in = from.reader();
        Snapshot known = (Snapshot) agreed;
        int count = in.readUnsigned();
        int size = in.readUnsigned();
        if (size < 0 || size > known.elements.length + in.remaining()) {
            throw new MalformedMessage("list of " + size + " elements");
        }
        from.charge(8L * size);
        Object[] elements = Arrays.copyOf(known.elements, size);
        for (int next = in.readUnsigned(); next != 0; next = in.readUnsigned()) {
            if (next < 0 || next > size) {
                throw new MalformedMessage("element " + (next - 1) + " of " + size);
            }
            elements[next - 1] = from.read(Object.class);
        }
        changes.add(new Replacement(list, known, count, elements, size));
        subclassFields.layout().cells.readChanges(list, known.fields, from, changes);
    }

    /** Gives the list other elements; `elements` is nobody else's. */
    private record Replacement(Object list, Snapshot agreed, int changes, Object[] elements, int size)
            implements Change {
        @Override
        public Change apply() {
            Object[] oldElements = (Object[]) Memory.getReference(list, ELEMENTS);
            int oldSize = Math.min(Memory.getInt(list, SIZE), oldElements.length);
            Change inverse = new Replacement(list, agreed, Memory.getInt(list, CHANGES),
                Arrays.copyOf(oldElements, oldSize, Object[].class), oldSize);
            Memory.putReference(list, ELEMENTS, elements.clone());
            Memory.putInt(list, SIZE, size);
            Memory.putInt(list, CHANGES, changes);
            note();
            return inverse;
        }

        @Override
        public void note() {
            agreed.changes = changes;
            agreed.elements = elements;
        }
    }

    @Override
    boolean canLetGo(Object list, Object agreed, Predicate<Object> gone) {
        return agreed != null && subclassFields.layout().finalsAvoid(list, gone);
    }

    @Override
    void letGo(Object agreed, Predicate<Object> gone) {
        letGo(((Snapshot) agreed).elements, gone);
        letGo(((Snapshot) agreed).fields.references, gone);
    }

    @Override
    void visitAgreed(Object list, Object agreed, ReferenceVisitor visitor) {
        if (agreed == null) {
            visit(list, visitor);
            return;
        }
        Snapshot known = (Snapshot) agreed;
        for (Object element : known.elements) {
            if (element != null) {
                visitor.reference(element, null, 0);
            }
        }
        known.fields.visit(visitor);
        subclassFields.visit(list, visitor);
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
