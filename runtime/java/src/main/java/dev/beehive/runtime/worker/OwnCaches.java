// Caches that their framework bounds by size: any entry may be gone at any time, and is then made again. So a worker keeps
// entries of its own instead of asking home, where what it makes would become an object of all threads. Entries refer to
// objects that both sides know: home is told to keep those, and when some are forgotten the entries are thrown away.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.SyncPoint;
import dev.beehive.runtime.offload.WorkerConnection;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** One per worker; used by the serving thread. */
final class OwnCaches implements AnsweredHere {
    /** Hibernate's plans and interpretations of queries, parameters of native queries. */
    private static final Set<String> BOUNDED = Set.of("org.hibernate.internal.util.collections.BoundedConcurrentHashMap");
    /** Spring's: `get` makes what is missing, at home, and always the same for a key. */
    private static final String COMPUTING = "org.springframework.util.ConcurrentLruCache";
    private static final Set<String> READS = Set.of("get", "getOrDefault", "containsKey", "size", "isEmpty");
    private static final int ENTRIES_MAX = 2_000;
    private enum Kind { BOUNDED, COMPUTING, NONE }

    private static final ClassValue<Kind> KIND = new ClassValue<>() {
        @Override
        protected Kind computeValue(Class<?> standIn) {
            String name = standIn.getSuperclass() == null ? "" : standIn.getSuperclass().getName();
            return name.equals(OwnCaches.COMPUTING) ? Kind.COMPUTING : BOUNDED.contains(name) ? Kind.BOUNDED : Kind.NONE;
        }
    };

    private final Map<Object, Map<Object, Object>> byStandIn = new IdentityHashMap<>();
    private final Map<Method, Optional<Method>> ofMap = new HashMap<>();
    private boolean kept;

    void begins() {
        kept = false;
    }

    /** What entries refer to may have been forgotten. */
    void forgets() {
        byStandIn.clear();
    }

    @Override
    public Object answer(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        return switch (KIND.get(pinned.getClass())) {
            case BOUNDED -> here(home, pinned, method, arguments);
            case COMPUTING -> computed(home, pinned, method, arguments);
            default -> NOT_HERE;
        };
    }

    private Object here(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        Method here = ofMap.computeIfAbsent(method, its -> Optional.ofNullable(findOfMap(its))).orElse(null);
        if (here == null) {
            return NOT_HERE;
        }
        Map<Object, Object> entries = entriesOf(pinned);
        if (!READS.contains(method.getName())) {
            keepKnown(home);
            makeRoom(entries);
        }
        try {
            return here.invoke(entries, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** Asks home once for each key. */
    private Object computed(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable {
        Map<Object, Object> entries = entriesOf(pinned);
        boolean get = method.getName().equals("get") && arguments.length == 1;
        if (!get) {
            entries.clear();
            return NOT_HERE;
        }
        Object known = entries.get(arguments[0]);
        if (known != null) {
            return known;
        }
        Object made = MapCalls.isRepeatable(pinned, method) ? home.callWithoutEffect(pinned, method, arguments)
            : home.call(pinned, method, arguments);
        if (made != null) {
            keepKnown(home);
            makeRoom(entries);
            entries.put(arguments[0], made);
        }
        return made;
    }

    private Map<Object, Object> entriesOf(Object standIn) {
        return byStandIn.computeIfAbsent(standIn, its -> new ConcurrentHashMap<>());
    }

    private static void makeRoom(Map<Object, Object> entries) {
        if (entries.size() >= ENTRIES_MAX) {
            entries.clear();
        }
    }

    private static Method findOfMap(Method method) {
        for (Class<?> type : List.of(ConcurrentHashMap.class, Object.class)) {
            try {
                return type.getMethod(method.getName(), method.getParameterTypes());
            } catch (NoSuchMethodException e) {
                continue;
            }
        }
        return null;
    }

    private void keepKnown(WorkerConnection home) throws Throwable {
        if (!kept) {
            kept = true;
            home.call(0, null, SyncPoint.KEEP);
        }
    }
}
