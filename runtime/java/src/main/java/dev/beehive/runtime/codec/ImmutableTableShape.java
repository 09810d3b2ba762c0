// `Set.of` and `Map.of` of more than two elements: their table. An element that the other side has of its own (a class, an
// enum constant), or whose code is made from that of one, may have another hash code there; a table with such elements is
// laid out anew, once the elements can be asked.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.Map;
import java.util.Set;

/** Never changes. */
final class ImmutableTableShape extends Shape {
    private static final Class<?> SET = Set.of(1, 2, 3).getClass();
    private static final Class<?> MAP = Map.of(1, 1, 2, 2).getClass();
    private static final int HEAP_BYTES = 48;

    private final long table;
    private final long size;
    /** Slots of one entry: an element, or key and value. */
    private final int width;

    ImmutableTableShape(Class<?> type) {
        super(type, CONTENTS);
        width = type == MAP ? 2 : 1;
        table = JdkFields.offset(type, type == MAP ? "table" : "elements");
        size = JdkFields.offset(type, "size");
    }

    static boolean isFor(Class<?> type) {
        return type == SET || type == MAP;
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(HEAP_BYTES);
        return FieldShape.allocate(type());
    }

    @Override
    void writeContents(Object collection, Encoder to) throws OffloadRefused {
        Object[] slots = (Object[]) Memory.getReference(collection, table);
        to.writer().writeUnsigned(slots.length);
        for (Object each : slots) {
            to.write(each);
        }
    }

    @Override
    void readContents(Object collection, Decoder from) throws MalformedMessage {
        Object[] slots = new Object[from.reader().readCount(1)];
        from.charge(8L * slots.length);
        int entries = 0;
        boolean isOwn = false;
        boolean ofClasses = false;
        for (int i = 0; i < slots.length; i++) {
            slots[i] = from.read(Object.class);
            if (i % width == 0 && slots[i] != null) {
                entries++;
                isOwn |= Shapes.of(slots[i].getClass()).has(NAMED);
                ofClasses |= holdsClasses(slots[i]);
            }
        }
        if (slots.length % width != 0 || entries > 0 && entries * width >= slots.length) {
            throw new MalformedMessage("an immutable table of " + entries + " entries in " + slots.length);
        }
        boolean isEarly = isOwn && hasOnlyEarly(slots);
        Memory.putReference(collection, table, isEarly ? laidOut(slots) : slots);
        Memory.putInt(collection, size, entries);
        if (ofClasses || isOwn && !isEarly) {
            from.placeLater(collection);
        }
    }

    private boolean hasOnlyEarly(Object[] slots) {
        for (int i = 0; i < slots.length; i += width) {
            if (slots[i] != null && !Shapes.of(slots[i].getClass()).hasEarlyHash()) {
                return false;
            }
        }
        return true;
    }

    /** Asks the elements for their codes. Runs code of the application. */
    void place(Object collection) {
        Memory.putReference(collection, table, laidOut((Object[]) Memory.getReference(collection, table)));
    }

    /** As the JDK's constructors do. */
    private Object[] laidOut(Object[] slots) {
        Object[] anew = new Object[slots.length];
        for (int i = 0; i < slots.length; i += width) {
            if (slots[i] != null) {
                int at = Math.floorMod(slots[i].hashCode(), slots.length / width) * width;
                while (anew[at] != null) {
                    at = (at + width) % slots.length;
                }
                System.arraycopy(slots, i, anew, at, width);
            }
        }
        return anew;
    }

    @Override
    void visit(Object collection, ReferenceVisitor visitor) {
        Object[] slots = (Object[]) Memory.getReference(collection, table);
        for (int i = 0; i < slots.length; i++) {
            if (slots[i] != null) {
                visitor.reference(slots[i], null, i);
            }
        }
    }
}
