// Stands for OGNL's table by classes, which is known by its name.
package ognl.internal;

import java.util.IdentityHashMap;
import java.util.Map;

public interface ClassCache {
    Object get(Class<?> key);

    Object put(Class<?> key, Object value);

    /** As OGNL's, but for its table. */
    final class ClassCacheImpl implements ClassCache {
        private final Map<Class<?>, Object> table = new IdentityHashMap<>();

        @Override
        public Object get(Class<?> key) {
            return table.get(key);
        }

        @Override
        public Object put(Class<?> key, Object value) {
            return table.put(key, value);
        }
    }
}
