/*
 * A hash table of pairs of counters, for one sample at a time. A key is three numbers whose meaning
 * depends on a fourth, the kind; BeeDeepSample gives and the agent (Rust) reads them. Emptied by a new
 * epoch. One thread at a time, no locks; uses nothing that has probes.
 */
package java.lang;

final class BeeDeepCounts {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    /** Bits of the third number, under the kind. */
    static final int THIRD_BITS = 26;

    /** Epoch in the upper half, row in the lower; capacity a power of two. */
    private long[] slots = new long[1 << 14];
    private int epoch = 1;
    /** First and second number of each row. */
    long[] keys = new long[1 << 12];
    /** Kind and third number of each row. */
    int[] kinds = new int[1 << 12];
    /** The two counters of each row at 2i and 2i + 1. */
    long[] counts = new long[1 << 13];
    int size;

    /** Adds to both counters of a key. */
    void add(int kind, int first, int second, int third, long one, long two) {
        long key = (long) first << 32 | second & 0xffff_ffffL;
        int row = row(key, kind << THIRD_BITS | third);
        counts[2 * row] += one;
        counts[2 * row + 1] += two;
    }

    private int row(long key, int kind) {
        long[] slots = this.slots;
        for (int at = home(key, kind);; at = at + 1 & slots.length - 1) {
            long slot = slots[at];
            if ((int) (slot >>> 32) != epoch) return append(key, kind);
            int row = (int) slot;
            if (keys[row] == key && kinds[row] == kind) return row;
        }
    }

    private int append(long key, int kind) {
        if (size * 2 >= slots.length) grow();
        if (size == keys.length) growRows();
        keys[size] = key;
        kinds[size] = kind;
        counts[2 * size] = 0;
        counts[2 * size + 1] = 0;
        place(size);
        return size++;
    }

    private void place(int row) {
        int at = home(keys[row], kinds[row]);
        while ((int) (slots[at] >>> 32) == epoch) at = at + 1 & slots.length - 1;
        slots[at] = (long) epoch << 32 | row;
    }

    private int home(long key, int kind) {
        long mixed = (key ^ (long) kind << 20) * GOLDEN;
        return (int) (mixed >>> 32) & slots.length - 1;
    }

    private void grow() {
        slots = new long[slots.length * 2];
        for (int row = 0; row < size; row++) place(row);
    }

    private void growRows() {
        long[] moreKeys = new long[size * 2];
        int[] moreKinds = new int[size * 2];
        long[] moreCounts = new long[size * 4];
        System.arraycopy(keys, 0, moreKeys, 0, size);
        System.arraycopy(kinds, 0, moreKinds, 0, size);
        System.arraycopy(counts, 0, moreCounts, 0, size * 2);
        keys = moreKeys;
        kinds = moreKinds;
        counts = moreCounts;
    }

    void clear() {
        size = 0;
        epoch++;
    }
}
