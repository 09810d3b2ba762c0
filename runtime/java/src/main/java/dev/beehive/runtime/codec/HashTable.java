// The inside of a java.util.HashMap or LinkedHashMap, by offset: reading it runs no method of a key or a subclass,
// and a table can be built before its keys have their contents.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;

/** Offsets and the few steps on nodes that HashMapShape needs. */
final class HashTable {
    static final long TABLE = JdkFields.offset(HashMap.class, "table");
    static final long SIZE = JdkFields.offset(HashMap.class, "size");
    static final long CHANGES = JdkFields.offset(HashMap.class, "modCount");
    static final long THRESHOLD = JdkFields.offset(HashMap.class, "threshold");
    static final long LOAD_FACTOR = JdkFields.offset(HashMap.class, "loadFactor");
    static final long HEAD = JdkFields.offset(LinkedHashMap.class, "head");
    static final long TAIL = JdkFields.offset(LinkedHashMap.class, "tail");
    static final long ACCESS_ORDER = JdkFields.offset(LinkedHashMap.class, "accessOrder");
    /** What every value of the map inside a HashSet is. */
    static final Object PRESENT = JdkFields.constant(HashSet.class, "PRESENT");

    private static final Class<?> NODE_CLASS = JdkFields.nested(HashMap.class, "Node");
    private static final Class<?> LINKED_NODE_CLASS = JdkFields.nested(LinkedHashMap.class, "Entry");
    private static final long HASH = JdkFields.offset(NODE_CLASS, "hash");
    private static final long KEY = JdkFields.offset(NODE_CLASS, "key");
    private static final long VALUE = JdkFields.offset(NODE_CLASS, "value");
    private static final long NEXT = JdkFields.offset(NODE_CLASS, "next");
    private static final long BEFORE = JdkFields.offset(LINKED_NODE_CLASS, "before");
    private static final long AFTER = JdkFields.offset(LINKED_NODE_CLASS, "after");

    private HashTable() {
    }

    /** The bucket array, null while the map has never been filled. */
    static Object[] buckets(Object map) {
        return (Object[]) Memory.getReference(map, TABLE);
    }

    static Object[] newBuckets(int length) {
        return (Object[]) java.lang.reflect.Array.newInstance(NODE_CLASS, length);
    }

    static Object newNode(boolean linked) throws MalformedMessage {
        return FieldShape.allocate(linked ? LINKED_NODE_CLASS : NODE_CLASS);
    }

    static int hash(Object node) {
        return Memory.getInt(node, HASH);
    }

    static Object key(Object node) {
        return Memory.getReference(node, KEY);
    }

    static Object value(Object node) {
        return Memory.getReference(node, VALUE);
    }

    static Object next(Object node) {
        return Memory.getReference(node, NEXT);
    }

    static Object after(Object node) {
        return Memory.getReference(node, AFTER);
    }

    static void set(Object node, int hash, Object key, Object value) {
        Memory.putInt(node, HASH, hash);
        Memory.putReference(node, KEY, key);
        Memory.putReference(node, VALUE, value);
    }

    /** The first node of a map in the order that travels: of the list in a linked one, of the buckets otherwise. */
    static Object first(Object map) {
        return map instanceof LinkedHashMap ? Memory.getReference(map, HEAD) : firstFrom(buckets(map), 0);
    }

    /** The node behind `node`, or null. */
    static Object following(Object map, Object node) {
        if (map instanceof LinkedHashMap) {
            return after(node);
        }
        Object next = next(node);
        Object[] buckets = buckets(map);
        return next != null ? next : firstFrom(buckets, (hash(node) & buckets.length - 1) + 1);
    }

    private static Object firstFrom(Object[] buckets, int from) {
        for (int i = from; buckets != null && i < buckets.length; i++) {
            if (buckets[i] != null) {
                return buckets[i];
            }
        }
        return null;
    }

    /** Enters a node: behind `last` when that is in the same bucket, so that sent order is kept, else in front. */
    static void enter(Object[] buckets, Object node, Object last) {
        int bucket = hash(node) & buckets.length - 1;
        if (last != null && (hash(last) & buckets.length - 1) == bucket) {
            Memory.putReference(node, NEXT, next(last));
            Memory.putReference(last, NEXT, node);
        } else {
            Memory.putReference(node, NEXT, buckets[bucket]);
            buckets[bucket] = node;
        }
    }

    /** Appends a node to the list of a linked map. */
    static void link(Object map, Object node, Object last) {
        Memory.putReference(node, BEFORE, last);
        if (last == null) {
            Memory.putReference(map, HEAD, node);
        } else {
            Memory.putReference(last, AFTER, node);
        }
        Memory.putReference(map, TAIL, node);
    }

    /**
     * The codes that the keys have here, in the order that travels; null when each is where it belongs. Runs code of the
     * application.
     */
    static int[] otherCodes(Object map) {
        int[] codes = new int[Memory.getInt(map, SIZE)];
        boolean other = false;
        int at = 0;
        for (Object node = first(map); node != null && at < codes.length; node = following(map, node)) {
            codes[at] = spread(key(node));
            other |= codes[at++] != hash(node);
        }
        return other ? codes : null;
    }

    /** Places the entries by these codes. */
    static void place(Object map, int[] codes) {
        Object[] nodes = new Object[codes.length];
        Object node = first(map);
        for (int at = 0; node != null && at < nodes.length; at++) {
            nodes[at] = node;
            node = following(map, node);
        }
        Object[] placed = newBuckets(buckets(map).length);
        for (int at = 0; at < nodes.length && nodes[at] != null; at++) {
            Memory.putInt(nodes[at], HASH, codes[at]);
            enter(placed, nodes[at], null);
        }
        Memory.putReference(map, TABLE, placed);
    }

    /** Exchanges the entries and all that belongs to them. */
    static void exchange(Object one, Object other) {
        exchangeReference(one, other, TABLE);
        exchangeInt(one, other, SIZE);
        exchangeInt(one, other, CHANGES);
        exchangeInt(one, other, THRESHOLD);
        if (one instanceof LinkedHashMap) {
            exchangeReference(one, other, HEAD);
            exchangeReference(one, other, TAIL);
        }
    }

    private static void exchangeReference(Object one, Object other, long offset) {
        Object kept = Memory.getReference(one, offset);
        Memory.putReference(one, offset, Memory.getReference(other, offset));
        Memory.putReference(other, offset, kept);
    }

    private static void exchangeInt(Object one, Object other, long offset) {
        int kept = Memory.getInt(one, offset);
        Memory.putInt(one, offset, Memory.getInt(other, offset));
        Memory.putInt(other, offset, kept);
    }

    /** The hash that HashMap stores for a key. */
    static int spread(Object key) {
        int hash = key == null ? 0 : key.hashCode();
        return hash ^ hash >>> 16;
    }
}
