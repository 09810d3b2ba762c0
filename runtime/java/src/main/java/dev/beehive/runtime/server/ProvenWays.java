// What a root has been shown to survive, apart for each way that it is called: with a function, a visitor or a strategy of
// another class it does something else, and what rehearsals of one have shown says nothing of the other.
package dev.beehive.runtime.server;

import dev.beehive.runtime.codec.ClassOrigin;
import dev.beehive.runtime.offload.Proven;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Of one root; used by all threads that invoke it. */
final class ProvenWays {
    /** Each takes rehearsals of its own: a root with more than that is seldom called the same way twice. */
    private static final int WAYS_MAX = 64;

    private final Map<List<Class<?>>, Proven> ways = new ConcurrentHashMap<>();
    private final Proven others = new Proven();

    /** @param databasesAtHome whether it runs within a transaction of the thread's, which is another way, too */
    Proven of(Object receiver, Object[] arguments, boolean databasesAtHome) {
        List<Class<?>> way = new ArrayList<>(arguments.length + 2);
        way.add(databasesAtHome ? ProvenWays.class : Object.class);
        way.add(decisive(receiver));
        for (Object each : arguments) {
            way.add(decisive(each));
        }
        Proven known = ways.get(way);
        if (known != null) {
            return known;
        }
        return ways.size() < WAYS_MAX ? ways.computeIfAbsent(way, any -> new Proven()) : others;
    }

    /** Data of the JDK's is as good as any other. */
    private static Class<?> decisive(Object object) {
        boolean decides = object != null && (object.getClass().isHidden() || !ClassOrigin.isJdk(object.getClass()));
        return decides ? object.getClass() : Object.class;
    }
}
