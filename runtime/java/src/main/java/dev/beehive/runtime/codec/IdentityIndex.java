// From an object to its id on a connection, by identity: open addressing over identity hash codes.
// Holds codes and ids only; the objects are in the lists, so clearing and growing touch no object.
package dev.beehive.runtime.codec;

import java.util.Arrays;

/** A slot is `code << 32 | id + 1`, 0 when free. */
final class IdentityIndex {
    static final int ABSENT = -1;
    private static final int FIRST_CAPACITY = 256;

    private final ObjectTable table;
    private long[] slots = new long[FIRST_CAPACITY];
    private int size;

    IdentityIndex(ObjectTable table) {
        this.table = table;
    }

    /** The id of an object with this code, or {@link #ABSENT}. */
    int find(Object object, int code) {
        long[] all = slots;
        int mask = all.length - 1;
        for (int at = code & mask; all[at] != 0; at = at + 1 & mask) {
            if ((int) (all[at] >>> 32) == code && table.objectOf((int) all[at] - 1) == object) {
                return (int) all[at] - 1;
            }
        }
        return ABSENT;
    }

    /** The object's id; if it has none, it gets this one, and the answer is {@link #ABSENT}. */
    int findOrPut(Object object, int code, int id) {
        long[] all = slots;
        int mask = all.length - 1;
        int at = code & mask;
        for (; all[at] != 0; at = at + 1 & mask) {
            if ((int) (all[at] >>> 32) == code && table.objectOf((int) all[at] - 1) == object) {
                return (int) all[at] - 1;
            }
        }
        all[at] = (long) code << 32 | id + 1;
        if (2 * ++size >= all.length) {
            grow();
        }
        return ABSENT;
    }

    /** Forgets an object that is in the index under this code and id. */
    void remove(int code, int id) {
        long[] all = slots;
        int mask = all.length - 1;
        long wanted = (long) code << 32 | id + 1;
        int at = code & mask;
        while (all[at] != wanted) {
            if (all[at] == 0) {
                return;
            }
            at = at + 1 & mask;
        }
        size--;
        closeGap(at, all, mask);
    }

    /** Moves later entries of the chain forward, so that none lies behind a free slot (Knuth, vol. 3, 6.4, algorithm R). */
    private static void closeGap(int gap, long[] all, int mask) {
        int free = gap;
        for (int at = free + 1 & mask; all[at] != 0; at = at + 1 & mask) {
            int home = (int) (all[at] >>> 32) & mask;
            if ((at - home & mask) >= (at - free & mask)) {
                all[free] = all[at];
                free = at;
            }
        }
        all[free] = 0;
    }

    void clear() {
        if (size > 0) {
            Arrays.fill(slots, 0);
            size = 0;
        }
    }

    private void grow() {
        long[] old = slots;
        slots = new long[2 * old.length];
        int mask = slots.length - 1;
        for (long slot : old) {
            if (slot != 0) {
                int at = (int) (slot >>> 32) & mask;
                while (slots[at] != 0) {
                    at = at + 1 & mask;
                }
                slots[at] = slot;
            }
        }
    }
}
