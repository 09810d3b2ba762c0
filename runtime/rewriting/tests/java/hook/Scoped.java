// A stand-in for the runtime's hook: nothing here is bound to a thread.
package dev.beehive.runtime.hook;

import java.util.function.Supplier;

public final class Scoped {
    private Scoped() {}

    public static Object get(Object value) {
        throw new UnsupportedOperationException();
    }

    public static boolean isBound(Object value) {
        return false;
    }

    public static Object orElse(Object value, Object other) {
        return other;
    }

    public static Object orElseThrow(Object value, Supplier<?> exception) {
        throw new UnsupportedOperationException();
    }
}
