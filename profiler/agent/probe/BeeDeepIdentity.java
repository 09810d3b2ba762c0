/*
 * A set of objects by identity, for one sample at a time: objects are numbered in the order they come.
 * Emptied by a new epoch instead of clearing its slots. One thread at a time, no locks; knows nothing
 * of what the numbers mean (BeeDeepSample does). Uses natives only: nothing in here has probes.
 */
package java.lang;

final class BeeDeepIdentity {
    private static final int GOLDEN = 0x9E3779B9;

    /** Epoch in the upper half, number in the lower; capacity a power of two. */
    private long[] slots;
    private int shift;
    private int epoch = 1;
    /** The objects by number. */
    Object[] objects;
    int size;
    private Object last;
    private int lastNumber;

    /** Room for about half of {@code capacity} objects, a power of two, before it grows. */
    BeeDeepIdentity(int capacity) {
        slots = new long[capacity];
        shift = Integer.numberOfLeadingZeros(capacity) + 1;
        objects = new Object[capacity / 4];
    }

    /** The number of the object, -1 if it is not in the set. */
    int find(Object object) {
        if (object == last) return lastNumber;
        long[] slots = this.slots;
        for (int at = home(object);; at = at + 1 & slots.length - 1) {
            long slot = slots[at];
            if ((int) (slot >>> 32) != epoch) return -1;
            if (objects[(int) slot] == object) {
                last = object;
                lastNumber = (int) slot;
                return lastNumber;
            }
        }
    }

    /** Adds an object that is not in the set; gives its number. */
    int add(Object object) {
        if (size * 2 >= slots.length) grow();
        if (size == objects.length) {
            Object[] more = new Object[size * 2];
            System.arraycopy(objects, 0, more, 0, size);
            objects = more;
        }
        objects[size] = object;
        place(object, size);
        last = object;
        lastNumber = size;
        return size++;
    }

    private void place(Object object, int number) {
        int at = home(object);
        while ((int) (slots[at] >>> 32) == epoch) at = at + 1 & slots.length - 1;
        slots[at] = (long) epoch << 32 | number;
    }

    private int home(Object object) {
        return System.identityHashCode(object) * GOLDEN >>> shift;
    }

    private void grow() {
        slots = new long[slots.length * 2];
        shift--;
        for (int number = 0; number < size; number++) place(objects[number], number);
    }

    /** Forgets all objects, so that none is kept alive. */
    void clear() {
        for (int number = 0; number < size; number++) objects[number] = null;
        size = 0;
        last = null;
        epoch++;
    }
}
