// What one invocation asked of home, by kind, for the measured report.
package dev.beehive.runtime.offload;

import java.util.HashMap;
import java.util.Map;

/** Counted by the server's end. */
public final class Traffic {
    public int classes;
    public int objects;
    public int statics;
    public int calls;
    public int locks;
    /** Why databases were used at home, by code; null when a worker may use its own connections. */
    public String databasesAtHome;
    /** Calls by `class#method`; null while there was none. */
    public Map<String, Integer> byMethod;
    /** Objects by class; null while there was none. */
    public Map<String, Integer> byClass;

    void call(java.lang.reflect.Method method) {
        calls++;
        byMethod = byMethod == null ? new HashMap<>() : byMethod;
        byMethod.merge(method.getDeclaringClass().getName() + '#' + method.getName(), 1, Integer::sum);
    }

    void object(Object fetched) {
        objects++;
        byClass = byClass == null ? new HashMap<>() : byClass;
        byClass.merge(fetched.getClass().getName(), 1, Integer::sum);
    }
}
