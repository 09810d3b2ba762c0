// Application classes that a worker has of its own and that are not rewritten there: loggers, connection pools, drivers.
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

    static boolean includes(Class<?> type) {
        return !prefixes.isEmpty() && !ClassOrigin.isJdk(type) && prefixes.stream().anyMatch(type.getName()::startsWith);
    }
}
