// Calls of concurrent maps and sets at home that need care. `computeIfAbsent` while thread-locals are written here: home
// would run the function with thread-locals that must come first, and some of them (an open transaction) cannot. So the
// function runs here, as in ConcurrentMap's own default: two that do it at once both make a value, and one of them is kept.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.hook.WorkerHooks;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/** In three calls that run no code of the application at home. */
final class MapCalls {
    private static final String CACHE = "org.springframework.util.ConcurrentLruCache";
    private static final String BEANS = "org.springframework.beans.factory.";
    /** A bean that does not exist yet is made by the first who asks, whoever that is. */
    private static final List<String> QUESTIONS = List.of("get", "is", "contains");
    private static final Method GET = method("get", Object.class);
    private static final Method PUT_IF_ABSENT = method("putIfAbsent", Object.class, Object.class);

    private MapCalls() {
    }

    private static Method method(String name, Class<?>... parameters) {
        try {
            return Map.class.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * A framework fills its cache, or draws a number: done again, by the same or another thread, it puts an equal value
     * there, or draws another number.
     */
    static boolean isRepeatable(Object pinned, Method method) {
        String name = method.getName();
        boolean put = (name.equals("put") || name.equals("putIfAbsent")) && method.getParameterCount() == 2 && pinned instanceof ConcurrentMap;
        boolean add = method.getName().equals("add") && method.getParameterCount() == 1 && pinned instanceof Set;
        boolean bean = pinned instanceof PinnedStub && method.getDeclaringClass().getName().startsWith(BEANS)
            && QUESTIONS.stream().anyMatch(method.getName()::startsWith);
        boolean cached = method.getName().equals("get") && method.getDeclaringClass().getName().equals(CACHE);
        boolean number = method.getDeclaringClass().getName().startsWith("java.util.concurrent.atomic.Atomic");
        return (put || add || bean || cached) && Publications.areCalling() || number && Publications.areDrawing();
    }

    static boolean isComputeIfAbsent(Object pinned, Method method) {
        return pinned instanceof ConcurrentMap && method.getName().equals("computeIfAbsent")
            && method.getParameterCount() == 2;
    }

    @SuppressWarnings("unchecked")
    static Object computeIfAbsent(WorkerHooks session, Object map, Object[] arguments) throws Throwable {
        Object known = session.call(map, GET, new Object[] {arguments[0]});
        if (known != null) {
            return known;
        }
        Object made = ((Function<Object, Object>) arguments[1]).apply(arguments[0]);
        Object other = made == null ? null : session.call(map, PUT_IF_ABSENT, new Object[] {arguments[0], made});
        return other == null ? made : other;
    }
}
