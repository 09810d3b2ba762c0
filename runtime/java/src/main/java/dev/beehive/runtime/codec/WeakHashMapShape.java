// WeakHashMap: its living entries and the length of its table. Both sides hold the keys of one that they share, so that it
// loses none while they do. Reading it runs no method of a key, and none of the map's, which clean up as they go.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import dev.beehive.runtime.memory.UnsupportedJvm;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.WeakHashMap;

/** Not for subclasses, whose `put` may do anything. */
final class WeakHashMapShape extends Shape {
    private static final Class<?> ENTRY = JdkFields.nested(WeakHashMap.class, "Entry");
    private static final long TABLE = JdkFields.offset(WeakHashMap.class, "table");
    private static final long SIZE = JdkFields.offset(WeakHashMap.class, "size");
    private static final long THRESHOLD = JdkFields.offset(WeakHashMap.class, "threshold");
    private static final long QUEUE = JdkFields.offset(WeakHashMap.class, "queue");
    private static final long HASH = JdkFields.offset(ENTRY, "hash");
    private static final long VALUE = JdkFields.offset(ENTRY, "value");
    private static final long NEXT = JdkFields.offset(ENTRY, "next");
    /** Stands in an entry for the key null. */
    private static final Object NULL_KEY = JdkFields.constant(WeakHashMap.class, "NULL_KEY");
    private static final MethodHandle NEW_ENTRY = newEntry();
    private static final int HEAP_BYTES = 64;
    private static final int ENTRY_BYTES = 56;
    private static final int LENGTH_MAX = 1 << 30;

    WeakHashMapShape() {
        super(WeakHashMap.class, CONTENTS);
    }

    private static MethodHandle newEntry() {
        try {
            MethodType made = MethodType.methodType(void.class, Object.class, Object.class, ReferenceQueue.class, int.class, ENTRY);
            return TrustedLookup.in(ENTRY).findConstructor(ENTRY, made).asType(MethodType.methodType(Object.class,
                Object.class, Object.class, ReferenceQueue.class, int.class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedJvm(e.toString());
        }
    }

    /** The living entries at one time: key and value by turns, and the hash of each key. */
    private static final class Entries {
        private Object[] pairs = new Object[16];
        private int[] hashes = new int[8];
        private int count;

        /** @param most entries; another thread may be at work in the table */
        static Entries of(Object[] table, int most) {
            Entries all = new Entries();
            for (Object bucket : table) {
                for (Object entry = bucket; entry != null && all.count <= most; entry = Memory.getReference(entry, NEXT)) {
                    Object key = ((Reference<?>) entry).get();
                    if (key != null) {
                        all.add(key, Memory.getReference(entry, VALUE), Memory.getInt(entry, HASH));
                    }
                }
            }
            return all;
        }

        private void add(Object key, Object value, int hash) {
            if (count == hashes.length) {
                hashes = Arrays.copyOf(hashes, 2 * count);
                pairs = Arrays.copyOf(pairs, 4 * count);
            }
            pairs[2 * count] = key;
            pairs[2 * count + 1] = value;
            hashes[count++] = hash;
        }

        private boolean isSame(Entries other) {
            boolean same = count == other.count;
            for (int i = 0; same && i < 2 * count; i++) {
                same = pairs[i] == other.pairs[i];
            }
            return same;
        }

        private Object[] table(int length, Object map) {
            Object[] table = (Object[]) Array.newInstance(ENTRY, length);
            // An entry is put in front: the last of a bucket first.
            for (int i = count - 1; i >= 0; i--) {
                int bucket = hashes[i] & length - 1;
                table[bucket] = entry(pairs[2 * i], pairs[2 * i + 1], map, hashes[i], table[bucket]);
            }
            return table;
        }

        private static Object entry(Object key, Object value, Object map, int hash, Object next) {
            try {
                return NEW_ENTRY.invokeExact(key, value, (ReferenceQueue<?>) Memory.getReference(map, QUEUE), hash, next);
            } catch (Throwable e) {
                throw new UnsupportedJvm(e.toString());
            }
        }
    }

    private static Entries entries(Object map) {
        return Entries.of((Object[]) Memory.getReference(map, TABLE), Memory.getInt(map, SIZE));
    }

    private static void fill(Object map, int length, Entries entries) {
        Memory.putReference(map, TABLE, entries.table(length, map));
        Memory.putInt(map, SIZE, entries.count);
        Memory.putInt(map, THRESHOLD, (int) (length * 0.75));
    }

    /** As the JDK spreads a hash code in this map. */
    private static int hash(Object key) {
        int code = key.hashCode();
        int mixed = code ^ code >>> 20 ^ code >>> 12;
        return mixed ^ mixed >>> 7 ^ mixed >>> 4;
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(HEAP_BYTES);
        return new WeakHashMap<>(1);
    }

    @Override
    void writeContents(Object map, Encoder to) throws OffloadRefused {
        int size = Memory.getInt(map, SIZE);
        Entries entries = entries(map);
        to.checkUndisturbed(entries.count <= size, map);
        to.writer().writeUnsigned(((Object[]) Memory.getReference(map, TABLE)).length);
        to.writer().writeUnsigned(entries.count);
        for (int i = 0; i < entries.count; i++) {
            Object key = entries.pairs[2 * i];
            to.write(key == NULL_KEY ? null : key);
            if (key != NULL_KEY && !Shapes.of(key.getClass()).hasEarlyHash()) {
                to.writer().writeInt(entries.hashes[i]);
            }
            to.write(entries.pairs[2 * i + 1]);
        }
    }

    @Override
    void readContents(Object map, Decoder from) throws MalformedMessage {
        int length = from.reader().readUnsigned();
        fill(map, length, readEntries(length, from));
    }

    private static Entries readEntries(int length, Decoder from) throws MalformedMessage {
        int count = from.reader().readCount(2);
        if (length < 1 || length > LENGTH_MAX || Integer.bitCount(length) != 1 || count > 2L * length) {
            throw new MalformedMessage("a weak map of " + count + " entries in " + length);
        }
        from.charge(8L * length + (long) ENTRY_BYTES * count);
        Entries entries = new Entries();
        for (int i = 0; i < count; i++) {
            Object key = from.read(Object.class);
            boolean early = key != null && Shapes.of(key.getClass()).hasEarlyHash();
            int hash = early || key == null ? hash(key == null ? NULL_KEY : key) : from.reader().readInt();
            entries.add(key == null ? NULL_KEY : key, from.read(Object.class), hash);
        }
        return entries;
    }

    /** What both sides last agreed on. */
    private static final class Agreed {
        private Entries entries;
    }

    @Override
    Object capture(Object map) {
        Agreed now = new Agreed();
        now.entries = entries(map);
        return now;
    }

    @Override
    boolean differs(Object map, Object before) {
        return !entries(map).isSame(((Agreed) before).entries);
    }

    @Override
    void restore(Object map, Object before) {
        Entries entries = ((Agreed) before).entries;
        fill(map, ((Object[]) Memory.getReference(map, TABLE)).length, entries);
    }

    /** A map that has changed is sent whole, as a HashMap is. */
    @Override
    void writeChanges(Object map, Object before, Object now, Encoder to) throws OffloadRefused {
        writeContents(map, to);
    }

    @Override
    void readChanges(Object map, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        int length = from.reader().readUnsigned();
        changes.add(new Refill(map, length, readEntries(length, from), (Agreed) agreed));
    }

    private record Refill(Object map, int length, Entries brought, Agreed agreed) implements Change {
        @Override
        public Change apply() {
            int before = ((Object[]) Memory.getReference(map, TABLE)).length;
            Refill inverse = new Refill(map, before, entries(map), agreed);
            fill(map, length, brought);
            agreed.entries = entries(map);
            return inverse;
        }

        @Override
        public void note() {
            agreed.entries = brought;
        }
    }

    @Override
    void visitAgreed(Object map, Object agreed, ReferenceVisitor visitor) {
        visitEntries(agreed == null ? entries(map) : ((Agreed) agreed).entries, visitor);
    }

    @Override
    void visit(Object map, ReferenceVisitor visitor) {
        visitEntries(entries(map), visitor);
    }

    private static void visitEntries(Entries entries, ReferenceVisitor visitor) {
        for (int i = 0; i < 2 * entries.count; i++) {
            if (entries.pairs[i] != null && entries.pairs[i] != NULL_KEY) {
                visitor.reference(entries.pairs[i], i % 2 == 0 ? "key" : "value", i / 2);
            }
        }
    }
}
