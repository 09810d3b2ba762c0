// Application classes that a worker has of its own and that are not rewritten there: drivers of databases.
// The list is the bundle's; `beehive run` hands it to the server. Instances stay at home.
package dev.beehive.runtime.codec;

import java.util.List;

/** Prefixes of class names. Set once, before anything travels. */
public final class WorkerNative {
    private static volatile List<String> prefixes = List.of();

    private WorkerNative() {
    }

    public static void set(List<String> names) {
        prefixes = List.copyOf(names);
    }

    /** The prefixes, for a worker that must know the same. */
    public static List<String> prefixes() {
        return prefixes;
    }

    /** Whether a class has fields that code without barriers touches. */
    static boolean includesAnyOf(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (includes(c)) {
                return true;
            }
        }
        return false;
    }

    /** Whether workers have the class for themselves. */
    public static boolean includes(Class<?> type) {
        return !prefixes.isEmpty() && !ClassOrigin.isJdk(type) && prefixes.stream().anyMatch(type.getName()::startsWith);
    }
}
