// IdentityHashMap: its entries and the length of its table. Most keys have the same identity hash code on both sides; one
// that the other side has of its own (a class, an enum constant) may have another, so each side enters it by its own.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.IdentityHashMap;

/** Not for subclasses, whose `put` may do anything. */
final class IdentityHashMapShape extends Shape {
    private static final long TABLE = JdkFields.offset(IdentityHashMap.class, "table");
    private static final long SIZE = JdkFields.offset(IdentityHashMap.class, "size");
    /** Stands in the table for the key null. */
    private static final Object NULL_KEY = JdkFields.constant(IdentityHashMap.class, "NULL_KEY");
    private static final int HEAP_BYTES = 64;

    IdentityHashMapShape() {
        super(IdentityHashMap.class, CONTENTS);
    }

    private static Object[] table(Object map) {
        return (Object[]) Memory.getReference(map, TABLE);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(HEAP_BYTES);
        return new IdentityHashMap<>(1);
    }

    @Override
    void writeContents(Object map, Encoder to) throws OffloadRefused {
        Object[] table = table(map);
        int size = Memory.getInt(map, SIZE);
        to.writer().writeUnsigned(table.length);
        to.writer().writeUnsigned(size);
        int written = 0;
        for (int i = 0; i < table.length && written <= size; i += 2) {
            if (table[i] != null) {
                to.write(table[i] == NULL_KEY ? null : table[i]);
                to.write(table[i + 1]);
                written++;
            }
        }
        to.checkUndisturbed(written == size, map);
    }

    @Override
    @SuppressWarnings("unchecked")
    void readContents(Object map, Decoder from) throws MalformedMessage {
        int length = from.reader().readUnsigned();
        int size = from.reader().readCount(2);
        if (length < 4 || Integer.bitCount(length) != 1 || 3L * size > length) {
            throw new MalformedMessage("an identity map of " + size + " entries in " + length);
        }
        from.charge(8L * length);
        Memory.putReference(map, TABLE, new Object[length]);
        Memory.putInt(map, SIZE, 0);
        for (int i = 0; i < size; i++) {
            Object key = from.read(Object.class);
            ((IdentityHashMap<Object, Object>) map).put(key, from.read(Object.class));
        }
    }

    /** What both sides last agreed on. */
    private static final class Agreed {
        private Object[] table;
    }

    @Override
    Object capture(Object map) {
        Agreed now = new Agreed();
        now.table = table(map).clone();
        return now;
    }

    @Override
    boolean differs(Object map, Object before) {
        Object[] now = table(map);
        Object[] old = ((Agreed) before).table;
        boolean differs = now.length != old.length;
        for (int i = 0; !differs && i < now.length; i++) {
            differs = now[i] != old[i];
        }
        return differs;
    }

    @Override
    void restore(Object map, Object before) {
        Object[] table = ((Agreed) before).table.clone();
        int size = 0;
        for (int i = 0; i < table.length; i += 2) {
            size += table[i] == null ? 0 : 1;
        }
        Memory.putReference(map, TABLE, table);
        Memory.putInt(map, SIZE, size);
    }

    /** A map that has changed is sent whole, as a HashMap is. */
    @Override
    void writeChanges(Object map, Object before, Object now, Encoder to) throws OffloadRefused {
        writeContents(map, to);
    }

    @Override
    void readChanges(Object map, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        Object other = create(from);
        readContents(other, from);
        changes.add(new Exchange(map, other, (Agreed) agreed, table(other).clone()));
    }

    /** Done twice, nothing has changed. `brought` is the other table as it came. */
    private record Exchange(Object map, Object other, Agreed agreed, Object[] brought) implements Change {
        @Override
        public Change apply() {
            Object[] table = table(map);
            int size = Memory.getInt(map, SIZE);
            Memory.putReference(map, TABLE, table(other));
            Memory.putInt(map, SIZE, Memory.getInt(other, SIZE));
            Memory.putReference(other, TABLE, table);
            Memory.putInt(other, SIZE, size);
            agreed.table = table(map).clone();
            return this;
        }

        @Override
        public void note() {
            agreed.table = brought;
        }
    }

    @Override
    void visitAgreed(Object map, Object agreed, ReferenceVisitor visitor) {
        visitTable(agreed == null ? table(map) : ((Agreed) agreed).table, visitor);
    }

    @Override
    void visit(Object map, ReferenceVisitor visitor) {
        visitTable(table(map), visitor);
    }

    private static void visitTable(Object[] table, ReferenceVisitor visitor) {
        for (int i = 0; i < table.length; i++) {
            if (table[i] != null && table[i] != NULL_KEY) {
                visitor.reference(table[i], i % 2 == 0 ? "key" : "value", i / 2);
            }
        }
    }
}
