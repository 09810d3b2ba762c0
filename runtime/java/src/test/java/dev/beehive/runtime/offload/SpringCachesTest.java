// Which calls of Spring's caches only look, with the caches themselves.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.benmanes.caffeine.cache.Caffeine;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.springframework.cache.Cache;
import org.springframework.cache.CacheManager;
import org.springframework.cache.caffeine.CaffeineCache;
import org.springframework.cache.caffeine.CaffeineCacheManager;
import org.springframework.cache.concurrent.ConcurrentMapCache;
import org.springframework.cache.concurrent.ConcurrentMapCacheManager;

class SpringCachesTest {
    private final HomeEffects effects = new HomeEffects();

    private boolean isSeen(Object target, Class<?> type, String name, Class<?>... parameters) throws Exception {
        Method method = type.getMethod(name, parameters);
        Object[] arguments = new Object[parameters.length];
        return effects.isSeen(true, method, target, arguments);
    }

    /** Lookups first, then what others would see. */
    private List<Boolean> seen(Cache cache) throws Exception {
        return List.of(isSeen(cache, Cache.class, "get", Object.class), isSeen(cache, Cache.class, "get", Object.class, Class.class),
            isSeen(cache, Cache.class, "getName"), isSeen(cache, Cache.class, "get", Object.class, Callable.class),
            isSeen(cache, Cache.class, "put", Object.class, Object.class), isSeen(cache, Cache.class, "clear"));
    }

    private static boolean isLeftOut(Cache cache, String name, Class<?>... parameters) throws Exception {
        return HomeEffects.canBeLeftOut(Cache.class.getMethod(name, parameters), cache);
    }

    @Test
    void lookingIntoACacheIsNotSeen() throws Exception {
        for (Cache cache : List.of(new ConcurrentMapCache("a"), new CaffeineCache("b", Caffeine.newBuilder().build()))) {
            assertEquals(List.of(false, false, false, true, true, true), seen(cache), cache.getName());
        }
    }

    @Test
    void aCacheThatCountsOrLoadsIsSeenToBeAsked() throws Exception {
        Cache counts = new CaffeineCache("c", Caffeine.newBuilder().recordStats().build());
        Cache loads = new CaffeineCache("d", Caffeine.newBuilder().build(key -> key));
        Cache unknown = new ConcurrentMapCache("e") { };
        for (Cache cache : List.of(counts, loads, unknown)) {
            assertEquals(List.of(true, true, false, true, true, true), seen(cache), cache.getName());
            assertEquals(false, isLeftOut(cache, "put", Object.class, Object.class), cache.getName());
        }
    }

    @Test
    void askingForACacheIsNotSeen() throws Exception {
        for (CacheManager manager : List.of(new ConcurrentMapCacheManager("a"), new CaffeineCacheManager())) {
            assertEquals(false, isSeen(manager, CacheManager.class, "getCache", String.class));
            assertEquals(false, isSeen(manager, CacheManager.class, "getCacheNames"));
        }
    }

    @Test
    void aShadowDoesWithoutWritesThatTellNothing() throws Exception {
        Cache cache = new ConcurrentMapCache("a");
        assertEquals(true, isLeftOut(cache, "put", Object.class, Object.class));
        assertEquals(true, isLeftOut(cache, "evict", Object.class));
        assertEquals(true, isLeftOut(cache, "clear"));
        assertEquals(false, isLeftOut(cache, "putIfAbsent", Object.class, Object.class));
        assertEquals(false, isLeftOut(cache, "evictIfPresent", Object.class));
    }
}
