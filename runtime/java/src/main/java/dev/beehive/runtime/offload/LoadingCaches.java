// Caches of Guava and Caffeine, which applications ask for a value that is computed if it is not there: while it is there,
// asking for it is noticed by nobody. Caches that count or refresh when they are asked, and keys that would have to be
// computed, are left to the general rule. Names stand here so that nothing depends on the libraries.
package dev.beehive.runtime.offload;

import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Set;

/** Decides for the server's own objects. */
final class LoadingCaches {
    private static final String GUAVA = "com.google.common.cache.LocalCache";
    private static final String GUAVA_COUNTER = "com.google.common.cache.AbstractCache$SimpleStatsCounter";
    private static final String CAFFEINE = "com.github.benmanes.caffeine.cache.LocalCache";
    /** The key is their first argument. */
    private static final Set<String> LOOKUPS = Set.of("get", "getOrLoad", "getIfPresent", "computeIfAbsent", "getIfPresentQuietly");

    private LoadingCaches() {
    }

    /**
     * Whether a call finds a value that is there. It may be gone when the call is made, a moment later: then it is
     * computed, as any other request would have it computed.
     */
    static boolean isHit(Method method, Object target, Object[] arguments) {
        if (!(target instanceof Map<?, ?> cache) || !LOOKUPS.contains(method.getName()) || arguments.length == 0 || arguments[0] == null) {
            return false;
        }
        try {
            boolean known = target.getClass().getName().equals(GUAVA) ? isPassiveGuava(target) : isPassiveCaffeine(target);
            return known && cache.containsKey(arguments[0]);
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Of a version that is not known: the general rule does for it.
            return false;
        }
    }

    private static boolean isPassiveGuava(Object cache) throws ReflectiveOperationException {
        Field counter = opened(cache.getClass().getDeclaredField("globalStatsCounter"));
        Field refresh = opened(cache.getClass().getDeclaredField("refreshNanos"));
        return !counter.get(cache).getClass().getName().equals(GUAVA_COUNTER) && refresh.getLong(cache) <= 0;
    }

    private static boolean isPassiveCaffeine(Object cache) throws ReflectiveOperationException {
        Class<?> type = caffeine(cache.getClass());
        if (type == null || !Boolean.FALSE.equals(opened(type.getMethod("isRecordingStats")).invoke(cache))) {
            return false;
        }
        Method refreshes = declared(cache.getClass(), "refreshAfterWrite");
        return refreshes == null || Boolean.FALSE.equals(opened(refreshes).invoke(cache));
    }

    /** The interface of Caffeine's implementations, if it is one. */
    private static Class<?> caffeine(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Class<?> each : c.getInterfaces()) {
                if (each.getName().equals(CAFFEINE)) {
                    return each;
                }
            }
        }
        return null;
    }

    /** Only caches with bounds can refresh. */
    private static Method declared(Class<?> type, String name) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Method each : c.getDeclaredMethods()) {
                if (each.getName().equals(name) && each.getParameterCount() == 0) {
                    return each;
                }
            }
        }
        return null;
    }

    private static <T extends AccessibleObject> T opened(T member) {
        member.setAccessible(true);
        return member;
    }
}
