// HashMap, LinkedHashMap and their subclasses: the entries in iteration order and the size of the table.
// Hash codes of keys travel unless both sides compute the same one before the key has its contents. A key whose code is
// this JVM's own (an enum constant, a class) is placed by the code it has here. One whose code may be made from that of a
// class is placed once it can be asked.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.function.Predicate;

/** Head: `log2 of table length + 1, flags`; then modification count, size, entries, fields of subclasses. */
final class HashMapShape extends Shape {
    private static final int ODD_LOAD_FACTOR = 1;
    private static final int VALUES_PRESENT = 2;
    private static final int ACCESS_ORDER = 4;
    private static final int FLAG_BITS = 3;
    private static final float LOAD_FACTOR = 0.75f;
    private static final int CAPACITY_LOG_MAX = 30;
    private static final int HEAP_BYTES = 64;
    private static final int NODE_BYTES = 40;
    private static final int NOT_COUNTED = Integer.MIN_VALUE;

    private final boolean linked;
    private final FieldCopier subclassFields;

    HashMapShape(Class<?> type) {
        super(type, CONTENTS);
        linked = LinkedHashMap.class.isAssignableFrom(type);
        subclassFields = new FieldCopier(FieldLayout.of(type, linked ? LinkedHashMap.class : HashMap.class));
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(HEAP_BYTES);
        return FieldShape.allocate(type());
    }

    @Override
    void writeContents(Object map, Encoder to) throws OffloadRefused {
        int size = Memory.getInt(map, HashTable.SIZE);
        boolean present = size > 0 && HashTable.value(HashTable.first(map)) == HashTable.PRESENT;
        writeHead(map, present, to.writer());
        to.writer().writeUnsigned(size);
        int written = 0;
        for (Object node = HashTable.first(map); node != null; node = HashTable.following(map, node)) {
            if (++written > size) {
                break;
            }
            writeEntry(node, present, to);
        }
        to.checkUndisturbed(written == size, map);
        subclassFields.write(map, to);
    }

    private void writeHead(Object map, boolean present, MessageWriter out) {
        Object[] buckets = HashTable.buckets(map);
        int capacity = buckets == null ? 0 : Integer.numberOfTrailingZeros(buckets.length) + 1;
        int loadFactor = Memory.getInt(map, HashTable.LOAD_FACTOR);
        boolean odd = loadFactor != Float.floatToRawIntBits(LOAD_FACTOR);
        boolean byAccess = linked && Memory.getByte(map, HashTable.ACCESS_ORDER) != 0;
        int flags = (odd ? ODD_LOAD_FACTOR : 0) | (present ? VALUES_PRESENT : 0) | (byAccess ? ACCESS_ORDER : 0);
        out.writeUnsigned(capacity << FLAG_BITS | flags);
        out.writeUnsigned(Memory.getInt(map, HashTable.CHANGES));
        if (odd) {
            out.writeInt(loadFactor);
        }
        if (buckets == null) {
            out.writeSigned(Memory.getInt(map, HashTable.THRESHOLD));
        }
    }

    private static void writeEntry(Object node, boolean present, Encoder to) throws OffloadRefused {
        Object key = HashTable.key(node);
        to.write(key);
        if (key != null && !Shapes.of(key.getClass()).hasEarlyHash()) {
            to.writer().writeInt(HashTable.hash(node));
        }
        if (!present) {
            to.write(HashTable.value(node));
        }
    }

    @Override
    void readContents(Object map, Decoder from) throws MalformedMessage {
        MessageReader in = from.reader();
        int head = in.readUnsigned();
        Memory.putInt(map, HashTable.CHANGES, in.readUnsigned());
        boolean odd = (head & ODD_LOAD_FACTOR) != 0;
        float loadFactor = odd ? Float.intBitsToFloat(in.readInt()) : LOAD_FACTOR;
        Memory.putInt(map, HashTable.LOAD_FACTOR, Float.floatToRawIntBits(loadFactor));
        if (linked) {
            Memory.putByte(map, HashTable.ACCESS_ORDER, (byte) ((head & ACCESS_ORDER) >>> 2));
            Memory.putReference(map, HashTable.HEAD, null);
            Memory.putReference(map, HashTable.TAIL, null);
        }
        int capacityLog = (head >>> FLAG_BITS) - 1;
        if (capacityLog < 0) {
            Memory.putReference(map, HashTable.TABLE, null);
            Memory.putInt(map, HashTable.THRESHOLD, (int) in.readSigned());
        } else {
            makeTable(map, capacityLog, loadFactor, from);
        }
        readEntries(map, (head & VALUES_PRESENT) != 0, from);
        subclassFields.read(map, from);
    }

    private static void makeTable(Object map, int capacityLog, float loadFactor, Decoder from) throws MalformedMessage {
        if (capacityLog > CAPACITY_LOG_MAX) {
            throw new MalformedMessage("hash table of 2^" + capacityLog);
        }
        int length = 1 << capacityLog;
        from.charge(8L * length);
        Memory.putReference(map, HashTable.TABLE, HashTable.newBuckets(length));
        Memory.putInt(map, HashTable.THRESHOLD, (int) Math.min(length * loadFactor, Integer.MAX_VALUE));
    }

    private void readEntries(Object map, boolean present, Decoder from) throws MalformedMessage {
        int size = from.reader().readCount(1);
        Object[] buckets = HashTable.buckets(map);
        if (size > 0 && buckets == null) {
            throw new MalformedMessage("a hash map of " + size + " entries without a table");
        }
        from.charge((long) NODE_BYTES * size);
        Object last = null;
        boolean ofClasses = false;
        for (int i = 0; i < size; i++) {
            Object node = readNode(present, from);
            ofClasses |= Shape.holdsClasses(HashTable.key(node));
            HashTable.enter(buckets, node, last);
            if (linked) {
                HashTable.link(map, node, last);
            }
            last = node;
        }
        Memory.putInt(map, HashTable.SIZE, size);
        if (ofClasses) {
            from.placeLater(map);
        }
    }

    private Object readNode(boolean present, Decoder from) throws MalformedMessage {
        Object key = from.read(Object.class);
        boolean early = key == null || Shapes.of(key.getClass()).hasEarlyHash();
        int hash = early ? HashTable.spread(key) : from.reader().readInt();
        Object value = present ? HashTable.PRESENT : from.read(Object.class);
        Object node = HashTable.newNode(linked);
        HashTable.set(node, hash, key, value);
        return node;
    }

    /**
     * What can change in a map: its nodes in the order that travels, and their values. Which nodes a table has, and in which
     * order, changes with the modification count alone; what another connection brings comes with a table of its own.
     */
    private static final class Snapshot {
        private int changes;
        private int threshold;
        private Object[] table;
        private Object[] nodes;
        /** Null in the map of a set, whose values never change. */
        private Object[] values;
        private FieldCells.Snapshot fields;

        void become(Snapshot that) {
            changes = that.changes;
            threshold = that.threshold;
            table = that.table;
            nodes = that.nodes;
            values = that.values;
            fields = that.fields;
        }
    }

    @Override
    Object capture(Object map) {
        Snapshot now = new Snapshot();
        captureInto(now, map);
        return now;
    }

    private void captureInto(Snapshot now, Object map) {
        now.changes = Memory.getInt(map, HashTable.CHANGES);
        now.threshold = Memory.getInt(map, HashTable.THRESHOLD);
        now.table = HashTable.buckets(map);
        now.nodes = new Object[Memory.getInt(map, HashTable.SIZE)];
        Object node = HashTable.first(map);
        now.values = node == null || HashTable.value(node) == HashTable.PRESENT ? null : new Object[now.nodes.length];
        for (int at = 0; node != null && at < now.nodes.length; at++) {
            now.nodes[at] = node;
            if (now.values != null) {
                now.values[at] = HashTable.value(node);
            }
            node = HashTable.following(map, node);
        }
        now.fields = subclassFields.layout().cells.capture(map);
    }

    @Override
    boolean differs(Object map, Object before) {
        Snapshot old = (Snapshot) before;
        if (Memory.getInt(map, HashTable.CHANGES) != old.changes
            || Memory.getInt(map, HashTable.SIZE) != old.nodes.length) {
            return true;
        }
        if (HashTable.buckets(map) != old.table) {
            return hasOtherEntries(map, old) || subclassFields.layout().cells.differs(map, old.fields);
        }
        for (int at = 0; old.values != null && at < old.values.length; at++) {
            Object node = old.nodes[at];
            // Null where another thread changed the map while it was captured.
            if (node == null || HashTable.value(node) != old.values[at]) {
                return true;
            }
        }
        return subclassFields.layout().cells.differs(map, old.fields);
    }

    private static boolean hasOtherEntries(Object map, Snapshot old) {
        Object node = HashTable.first(map);
        for (Object before : old.nodes) {
            if (node == null || before == null || HashTable.key(node) != HashTable.key(before)) {
                return true;
            }
            node = HashTable.following(map, node);
        }
        node = HashTable.first(map);
        for (int at = 0; old.values != null && at < old.values.length; at++) {
            if (node == null || HashTable.value(node) != old.values[at]) {
                return true;
            }
            node = HashTable.following(map, node);
        }
        return node != null && old.values != null;
    }

    @Override
    void restore(Object map, Object before) throws MalformedMessage {
        Snapshot old = (Snapshot) before;
        Object[] buckets = old.table == null ? null : HashTable.newBuckets(old.table.length);
        if (linked) {
            Memory.putReference(map, HashTable.HEAD, null);
            Memory.putReference(map, HashTable.TAIL, null);
        }
        Object last = null;
        for (int at = 0; at < old.nodes.length; at++) {
            Object node = HashTable.newNode(linked);
            Object was = old.nodes[at];
            HashTable.set(node, HashTable.hash(was), HashTable.key(was), old.values == null ? HashTable.PRESENT : old.values[at]);
            HashTable.enter(buckets, node, last);
            if (linked) {
                HashTable.link(map, node, last);
            }
            last = node;
        }
        Memory.putReference(map, HashTable.TABLE, buckets);
        Memory.putInt(map, HashTable.SIZE, old.nodes.length);
        Memory.putInt(map, HashTable.THRESHOLD, old.threshold);
        Memory.putInt(map, HashTable.CHANGES, old.changes);
        subclassFields.layout().cells.restore(map, old.fields);
    }

    /**
     * A map that has changed is sent whole. Its fields are one location to the memory model: a program without data
     * races changes a HashMap only while nobody else uses it.
     */
    @Override
    void writeChanges(Object map, Object before, Object now, Encoder to) throws OffloadRefused {
        writeContents(map, to);
    }

    @Override
    void readChanges(Object map, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        Object other = create(from);
        readContents(other, from);
        if (from.isPlacedLater(other)) {
            from.placeLater(map);
        }
        changes.add(new Exchange(map, other, (Snapshot) agreed));
    }

    /** Exchanges the whole state with another map of the class; done twice, nothing has changed. */
    private final class Exchange implements Change {
        private final Object map;
        private final Object other;
        private final Snapshot agreed;
        /** What was exchanged first. */
        private Snapshot brought;

        Exchange(Object map, Object other, Snapshot agreed) {
            this.map = map;
            this.other = other;
            this.agreed = agreed;
        }

        @Override
        public Change apply() {
            HashTable.exchange(map, other);
            subclassFields.layout().cells.exchange(map, other);
            captureInto(agreed, map);
            if (brought == null) {
                brought = new Snapshot();
                brought.become(agreed);
            }
            return this;
        }

        @Override
        public void note() {
            if (brought == null) {
                captureInto(agreed, other);
            } else {
                agreed.become(brought);
            }
        }
    }

    @Override
    boolean canLetGo(Object map, Object agreed, Predicate<Object> gone) {
        return agreed != null && subclassFields.layout().finalsAvoid(map, gone);
    }

    /** A count that no map has: it is sent whole. */
    @Override
    void letGo(Object agreed, Predicate<Object> gone) {
        Snapshot known = (Snapshot) agreed;
        known.changes = NOT_COUNTED;
        letGo(known.fields.references, gone);
    }

    @Override
    void visitAgreed(Object map, Object agreed, ReferenceVisitor visitor) {
        if (agreed == null) {
            visit(map, visitor);
            return;
        }
        Snapshot known = (Snapshot) agreed;
        for (int at = 0; at < known.nodes.length; at++) {
            Object key = known.nodes[at] == null ? null : HashTable.key(known.nodes[at]);
            Object value = known.values == null ? HashTable.PRESENT : known.values[at];
            if (key != null) {
                visitor.reference(key, null, 0);
            }
            if (value != null) {
                visitor.reference(value, null, 0);
            }
        }
        known.fields.visit(visitor);
        subclassFields.visit(map, visitor);
    }

    @Override
    void visit(Object map, ReferenceVisitor visitor) {
        int index = 0;
        for (Object node = HashTable.first(map); node != null; node = HashTable.following(map, node), index++) {
            if (HashTable.key(node) != null) {
                visitor.reference(HashTable.key(node), "key", index);
            }
            if (HashTable.value(node) != null) {
                visitor.reference(HashTable.value(node), "value", index);
            }
        }
        subclassFields.visit(map, visitor);
    }

    @Override
    int fingerprint() {
        return subclassFields.layout().fingerprint;
    }
}
