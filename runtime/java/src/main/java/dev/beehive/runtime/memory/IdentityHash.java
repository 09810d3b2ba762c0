// Identity hash codes in the mark word of HotSpot objects: read, and given to an object that has none yet.
// Both sides of a connection must see the same code, or a HashMap keyed by identity misses after it has travelled.
// Where the code lies is found by a self-test at start; a JVM that fails it is refused.
package dev.beehive.runtime.memory;

import java.util.OptionalInt;

/** Reads and installs identity hash codes. A code is a positive 31-bit number; 0 stands for none. */
public final class IdentityHash {
    private static final int PROBES = 32;
    private static final long HASH_BITS = 0x7fff_ffffL;
    /** The low bits of a mark word of an object that is neither locked nor inflated. */
    private static final long LOCK_BITS = 7;
    private static final long UNLOCKED = 1;
    private static final long MARK = 0;

    private static final int SHIFT = findShift();

    static {
        selfTest();
    }

    private IdentityHash() {
    }

    /** Bits by which the code is shifted in the mark word: 8 on 17, 11 on 25. Both sides compare it in HELLO. */
    public static int shift() {
        return SHIFT;
    }

    /** The object's code if it has one, else 0. Never makes one. */
    public static int peek(Object o) {
        long mark = Memory.getLong(o, MARK);
        if ((mark & LOCK_BITS) == UNLOCKED) {
            return (int) (mark >>> SHIFT & HASH_BITS);
        }
        // Locked or inflated: the code may lie elsewhere, only the JVM knows whether it has been made.
        return System.identityHashCode(o);
    }

    /** Gives the object this code if it has none; returns the code it then has. Other threads may use the object. */
    public static int agree(Object o, int code) {
        long mark = Memory.getLong(o, MARK);
        if ((mark & LOCK_BITS) == UNLOCKED) {
            int present = (int) (mark >>> SHIFT & HASH_BITS);
            if (present != 0) {
                return present;
            }
            if (Memory.compareAndSetLong(o, MARK, mark, mark | (long) code << SHIFT)) {
                return code;
            }
        }
        return System.identityHashCode(o);
    }

    /** Gives a code to an object that this thread has just allocated and nobody else can reach. */
    public static void install(Object fresh, int code) {
        Memory.putLong(fresh, MARK, Memory.getLong(fresh, MARK) | (long) code << SHIFT);
    }

    private static int findShift() {
        long possible = -1L;
        for (int probe = 0; probe < PROBES; probe++) {
            Object o = new Object();
            int code = System.identityHashCode(o);
            long mark = Memory.getLong(o, MARK);
            for (int shift = 0; shift <= Long.SIZE - 31; shift++) {
                if ((int) (mark >>> shift & HASH_BITS) != code) {
                    possible &= ~(1L << shift);
                }
            }
            possible &= (1L << Long.SIZE - 30) - 1;
        }
        OptionalInt only = Long.bitCount(possible) == 1
            ? OptionalInt.of(Long.numberOfTrailingZeros(possible)) : OptionalInt.empty();
        return only.orElseThrow(() -> new UnsupportedJvm("identity hash codes are not in the object header"));
    }

    private static void selfTest() {
        for (int probe = 1; probe <= PROBES; probe++) {
            int wanted = (int) (probe * 0x9E37_79B9L & HASH_BITS);
            Object fresh = new Object();
            boolean none = peek(fresh) == 0;
            install(fresh, wanted);
            Object shared = new Object();
            int agreed = agree(shared, wanted);
            boolean kept = survivesLocking(fresh, wanted) && survivesLocking(shared, wanted);
            if (!none || agreed != wanted || !kept || agree(shared, wanted + 1) != wanted) {
                throw new UnsupportedJvm("identity hash codes cannot be replicated");
            }
        }
    }

    private static boolean survivesLocking(Object o, int wanted) {
        boolean before = System.identityHashCode(o) == wanted && peek(o) == wanted;
        synchronized (o) {
            return before && peek(o) == wanted && o.hashCode() == wanted;
        }
    }
}
