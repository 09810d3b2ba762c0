// Caches behind Spring's abstraction, which @Cacheable methods go through on each call: what only looks into one, and what a
// shadow can do without. Only for the kinds of caches known here; those that count what is asked of them, or that load by
// themselves, are left to the general rule. Names stand here so that nothing depends on the libraries.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.Set;

/** Decides for the server's own objects. */
final class SpringCaches {
    private static final String PACKAGE = "org.springframework.cache.";
    private static final String MAP = "org.springframework.cache.concurrent.ConcurrentMapCache";
    private static final String CAFFEINE = "org.springframework.cache.caffeine.CaffeineCache";
    private static final Set<String> MANAGERS = Set.of(
        "org.springframework.cache.concurrent.ConcurrentMapCacheManager",
        "org.springframework.cache.caffeine.CaffeineCacheManager",
        "org.springframework.cache.support.SimpleCacheManager",
        "org.springframework.cache.support.NoOpCacheManager");
    private static final Set<String> NAMES = Set.of("getName", "getNativeCache");
    private static final Set<String> WRITES = Set.of("put", "evict", "clear");

    private SpringCaches() {
    }

    /**
     * Whether a call finds the same when it is made again, and is noticed by nobody: an entry that is looked up; a cache
     * that is asked for by its name, and made empty if it was not there.
     */
    static boolean isLookup(Method method, Object target) {
        if (!isOfSpring(method, target)) {
            return false;
        }
        Class<?>[] parameters = method.getParameterTypes();
        if (MANAGERS.contains(target.getClass().getName())) {
            return method.getName().equals("getCache") && parameters.length == 1 || method.getName().equals("getCacheNames");
        }
        boolean entry = method.getName().equals("get") && parameters.length > 0 && parameters[0] == Object.class
            && (parameters.length == 1 || parameters[1] == Class.class);
        return NAMES.contains(method.getName()) || entry && isPassive(target);
    }

    /** Whether a call changes a cache without telling anything: the cache may have lost the entry at once, or found it again. */
    static boolean isSilentWrite(Method method, Object target) {
        return isOfSpring(method, target) && method.getReturnType() == void.class && WRITES.contains(method.getName())
            && isPassive(target);
    }

    private static boolean isOfSpring(Method method, Object target) {
        return target != null && method.getDeclaringClass().getName().startsWith(PACKAGE);
    }

    /** Whether the cache does nothing of its own when it is asked: neither loads nor counts. */
    private static boolean isPassive(Object cache) {
        String name = cache.getClass().getName();
        return name.equals(MAP) || name.equals(CAFFEINE) && isPassiveCaffeine(cache);
    }

    private static boolean isPassiveCaffeine(Object cache) {
        try {
            Object inside = cache.getClass().getMethod("getNativeCache").invoke(cache);
            ClassLoader loader = inside.getClass().getClassLoader();
            Class<?> loading = Class.forName("com.github.benmanes.caffeine.cache.LoadingCache", false, loader);
            Class<?> plain = Class.forName("com.github.benmanes.caffeine.cache.Cache", false, loader);
            Class<?> policies = Class.forName("com.github.benmanes.caffeine.cache.Policy", false, loader);
            Object policy = plain.getMethod("policy").invoke(inside);
            return !loading.isInstance(inside) && Boolean.FALSE.equals(policies.getMethod("isRecordingStats").invoke(policy));
        } catch (ReflectiveOperationException | RuntimeException e) {
            // Of a version that is not known: the general rule does for it.
            return false;
        }
    }
}
