// Where the rewriting has put its fields, for code that does not know.
package dev.beehive.runtime.hook;

import dev.beehive.runtime.memory.Memory;

/** Looked up once for each class. */
public final class Handles {
    private static final ClassValue<Long> INSTANCE = new ClassValue<>() {
        @Override
        protected Long computeValue(Class<?> type) {
            for (Class<?> c = type; c != null; c = c.getSuperclass()) {
                long at = offset(c, "$bh");
                if (at >= 0) {
                    return at;
                }
            }
            return -1L;
        }
    };
    private static final ClassValue<Long> STATICS = new ClassValue<>() {
        @Override
        protected Long computeValue(Class<?> type) {
            return offset(type, "$bhs");
        }
    };

    private Handles() {
    }

    /** Offset of `$bh` in instances of a class; -1 without one. */
    public static long offsetIn(Class<?> type) {
        return INSTANCE.get(type);
    }

    /** Whether the static fields of exactly this class have a state. */
    public static boolean hasState(Class<?> type) {
        return STATICS.get(type) >= 0;
    }

    /** The state of the static fields of a class that has one. */
    public static int state(Class<?> type) {
        return Memory.getInt(Memory.staticsOf(type), STATICS.get(type));
    }

    /** Sets it. */
    public static void setState(Class<?> type, int state) {
        Memory.putInt(Memory.staticsOf(type), STATICS.get(type), state);
    }

    private static long offset(Class<?> declarer, String name) {
        try {
            return Memory.offsetOf(declarer.getDeclaredField(name));
        } catch (NoSuchFieldException e) {
            return -1;
        }
    }
}
