// The JDK's own method-handle lookup, for questions that ordinary reflection answers only by loading other classes.
package dev.beehive.runtime.memory;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;

/** Looks up members regardless of access. */
public final class TrustedLookup {
    private static final MethodHandles.Lookup LOOKUP = trusted();
    private static final MethodType RETURNS_INT = MethodType.methodType(int.class);

    private TrustedLookup() {
    }

    /** The class whose `hashCode` instances of `type` run. */
    public static Class<?> declarerOfHashCode(Class<?> type) {
        try {
            MethodHandle handle = LOOKUP.in(type).findVirtual(type, "hashCode", RETURNS_INT);
            return LOOKUP.revealDirect(handle).getDeclaringClass();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A call of `declarer`'s own version of a method, also where subclasses override it. */
    public static MethodHandle special(Class<?> declarer, String name, MethodType type) {
        try {
            return LOOKUP.findSpecial(declarer, name, type, declarer);
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedJvm(declarer.getName() + " has no method " + name);
        }
    }

    private static MethodHandles.Lookup trusted() {
        try {
            Field field = MethodHandles.Lookup.class.getDeclaredField("IMPL_LOOKUP");
            return (MethodHandles.Lookup) Memory.getReference(Memory.staticsOf(field), Memory.offsetOf(field));
        } catch (NoSuchFieldException e) {
            throw new UnsupportedJvm("no trusted method-handle lookup");
        }
    }
}
