// Values of the serving thread's thread-locals, kept while nothing at home can have changed them: only this invocation runs
// on that thread. Writes go home at once; a call that runs application code there makes the values unknown again.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.CallKinds;
import dev.beehive.runtime.offload.JdbcKind;
import java.lang.reflect.Method;
import java.util.IdentityHashMap;
import java.util.Map;

/** Of one invocation; used by the serving thread. */
final class ThreadLocals {
    /** Answered instead of a value: the call has to be made. */
    static final Object NOT_HERE = new Object();

    private final Map<Object, Object> values = new IdentityHashMap<>();

    /** The value that a call would bring. */
    Object answer(Object pinned, Method method) {
        boolean asks = method.getDeclaringClass() == ThreadLocal.class && method.getName().equals("get");
        return asks && values.containsKey(pinned) ? values.get(pinned) : NOT_HERE;
    }

    /** Notes a call that was made. */
    void called(Object pinned, Method method, Object[] arguments, Object value) {
        if (!(pinned instanceof ThreadLocal)) {
            JdbcKind kind = JdbcKind.of(pinned);
            // A DataSource may be the application's or the framework's own, which keep connections in thread-locals.
            boolean driver = kind != JdbcKind.NONE && kind != JdbcKind.DATA_SOURCE;
            if (!driver && !CallKinds.isJdkReader(method)) {
                values.clear();
            }
            return;
        }
        boolean plain = method.getDeclaringClass() == ThreadLocal.class;
        switch (plain ? method.getName() : "") {
            case "get" -> values.put(pinned, value);
            case "set" -> values.put(pinned, arguments[0]);
            case "remove" -> values.remove(pinned);
            default -> values.clear();
        }
    }

    void clear() {
        values.clear();
    }
}
