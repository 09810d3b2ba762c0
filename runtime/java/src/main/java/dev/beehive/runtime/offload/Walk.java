// Takes all elements of a concurrent collection at home for a worker that is about to walk through them: one call instead
// of two for each element. Only of the JDK's collections whose iterators promise no more than that, an element that was
// there when the walk began or later. The worker shows what it was given before: mostly nothing has changed since.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Called by a worker in the place of `iterator` and the like. */
public final class Walk {
    /** Of a map. */
    public static final int KEYS = 0;
    /** Of a map. */
    public static final int VALUES = 1;
    /** Of a map: keys and values by turns. */
    public static final int ENTRIES = 2;
    /** Of a collection. */
    public static final int ELEMENTS = 3;

    /** A worker keeps what it was given: more would cost more than it saves. */
    private static final int ELEMENTS_MAX = 1_000;
    private static final String CONCURRENT = "java.util.concurrent.";
    private static final Set<String> COLLECTIONS = Set.of("ConcurrentHashMap$KeySetView", "ConcurrentHashMap$ValuesView",
        "ConcurrentSkipListMap$KeySet", "ConcurrentSkipListMap$Values", "ConcurrentSkipListSet", "ConcurrentLinkedQueue",
        "ConcurrentLinkedDeque", "CopyOnWriteArrayList", "CopyOnWriteArraySet", "LinkedBlockingQueue", "LinkedBlockingDeque",
        "ArrayBlockingQueue", "PriorityBlockingQueue", "LinkedTransferQueue");

    private Walk() {
    }

    /**
     * Walks through a map or a collection.
     *
     * @param part of a map KEYS, VALUES or ENTRIES, of a collection ELEMENTS
     * @param before what the worker was given the last time, or null
     * @return `before` itself if it would be the same again; null for other collections, and those that are too large
     */
    public static Object[] through(Object walked, int part, Object[] before) {
        Object[] now = part == ELEMENTS ? elements(walked) : walked instanceof Map<?, ?> map ? part(map, part) : null;
        return now != null && before != null && isSame(now, before) ? before : now;
    }

    /** Whether this worker's class of stand-ins is for maps whose parts can be walked through. */
    public static boolean isMap(Class<?> type) {
        return type == ConcurrentHashMap.class || type == ConcurrentSkipListMap.class;
    }

    /** Whether objects of this very class can be walked through. */
    public static boolean isCollection(Class<?> type) {
        return type.getName().startsWith(CONCURRENT) && COLLECTIONS.contains(type.getName().substring(CONCURRENT.length()));
    }

    /** Whether a call has brought elements that the worker keeps. */
    static boolean brings(Method method, Object[] arguments, Object value) {
        return method.getDeclaringClass() == Walk.class && value != null && value != arguments[2];
    }

    private static Object[] elements(Object walked) {
        boolean can = walked instanceof Collection<?> && isCollection(walked.getClass());
        return can && ((Collection<?>) walked).size() <= ELEMENTS_MAX ? ((Collection<?>) walked).toArray() : null;
    }

    private static Object[] part(Map<?, ?> map, int part) {
        if (!isMap(map.getClass()) || map.size() > ELEMENTS_MAX) {
            return null;
        }
        return switch (part) {
            case KEYS -> map.keySet().toArray();
            case VALUES -> map.values().toArray();
            default -> map.entrySet().stream().flatMap(each -> Arrays.stream(new Object[] {each.getKey(), each.getValue()})).toArray();
        };
    }

    /** The same objects: equal ones may change apart. Strings and numbers that are equal are as good. */
    private static boolean isSame(Object[] now, Object[] before) {
        if (now.length != before.length) {
            return false;
        }
        for (int i = 0; i < now.length; i++) {
            boolean value = now[i] instanceof String || now[i] instanceof Number;
            boolean same = now[i] == before[i] || value && now[i].getClass().getName().startsWith("java.lang.") && now[i].equals(before[i]);
            if (!same) {
                return false;
            }
        }
        return true;
    }
}
