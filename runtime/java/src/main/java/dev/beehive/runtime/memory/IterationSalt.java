// The order in which the JDK's immutable sets and maps are walked through differs from JVM to JVM, by a random salt.
// A worker takes over the server's, so that both walk alike. The salt decides the order only, not where elements lie.
package dev.beehive.runtime.memory;

import java.lang.reflect.Field;

/**
 * The salt of one JVM.
 *
 * @param salt where a walk begins
 * @param reverse its direction
 */
public record IterationSalt(long salt, boolean reverse) {
    private static final Field SALT = field("SALT32L");
    private static final Field REVERSE = field("REVERSE");

    /** This JVM's. */
    public static IterationSalt ofThisJvm() {
        long salt = Memory.getLong(Memory.staticsOf(SALT), Memory.offsetOf(SALT));
        byte reverse = Memory.getByte(Memory.staticsOf(REVERSE), Memory.offsetOf(REVERSE));
        return new IterationSalt(salt, reverse != 0);
    }

    /**
     * Makes this JVM walk like the one the salt is from. Code that is compiled already would keep the old one and tear
     * walks: the JVM must have been started so that what reads the salt is compiled much later (runtime/host, walks.rs).
     */
    public void adopt() {
        Memory.putLong(Memory.staticsOf(SALT), Memory.offsetOf(SALT), salt);
        Memory.putByte(Memory.staticsOf(REVERSE), Memory.offsetOf(REVERSE), (byte) (reverse ? 1 : 0));
    }

    private static Field field(String name) {
        try {
            Class<?> holder = Class.forName("java.util.ImmutableCollections");
            Memory.initialize(holder);
            return holder.getDeclaredField(name);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedJvm("java.util.ImmutableCollections has no field " + name);
        }
    }
}
