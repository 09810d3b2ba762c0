// Which questions to Guava's and Caffeine's caches are noticed by nobody, with the caches themselves.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.common.cache.CacheBuilder;
import com.google.common.cache.CacheLoader;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentMap;
import org.junit.jupiter.api.Test;

class LoadingCachesTest {
    private static final CacheLoader<String, String> LOADER = CacheLoader.from(key -> key + "!");

    private final HomeEffects effects = new HomeEffects();

    /** The methods of that name which take a key, as a worker calls them. */
    private boolean isSeen(ConcurrentMap<?, ?> cache, String name, Object key) {
        List<Method> methods = Arrays.stream(cache.getClass().getDeclaredMethods())
            .filter(m -> m.getName().equals(name) && m.getParameterCount() > 0 && !m.isBridge()).toList();
        assertEquals(false, methods.isEmpty(), name);
        return methods.stream().anyMatch(m -> {
            Object[] arguments = new Object[m.getParameterCount()];
            arguments[0] = key;
            return effects.isSeen(true, m, cache, arguments);
        });
    }

    private static ConcurrentMap<String, String> guava(CacheBuilder<Object, Object> builder) {
        var cache = builder.build(LOADER);
        cache.put("there", "value");
        // The view that is the cache itself.
        return cache.asMap();
    }

    private static ConcurrentMap<String, String> caffeine(Caffeine<Object, Object> builder) {
        var cache = builder.<String, String>build();
        cache.put("there", "value");
        return cache.asMap();
    }

    @Test
    void aValueThatIsThereIsLookedUpUnnoticed() {
        ConcurrentMap<String, String> guava = guava(CacheBuilder.newBuilder());
        for (String name : List.of("get", "getOrLoad", "getIfPresent")) {
            assertEquals(false, isSeen(guava, name, "there"), name);
            assertEquals(true, isSeen(guava, name, "missing"), name);
        }
        for (ConcurrentMap<String, String> each : List.of(caffeine(Caffeine.newBuilder()),
                caffeine(Caffeine.newBuilder().maximumSize(9).expireAfterAccess(Duration.ofHours(1))))) {
            assertEquals(false, effects.isSeen(true, method("computeIfAbsent"), each, new Object[] {"there", null}));
            assertEquals(true, effects.isSeen(true, method("getOrDefault"), each, new Object[] {"there", null}));
        }
    }

    private static Method method(String name) {
        return Arrays.stream(ConcurrentMap.class.getMethods()).filter(m -> m.getName().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void cachesThatCountOrRefreshAreSeenToBeAsked() {
        ConcurrentMap<String, String> counting = guava(CacheBuilder.newBuilder().recordStats());
        ConcurrentMap<String, String> refreshing = guava(CacheBuilder.newBuilder().refreshAfterWrite(Duration.ofHours(1)));
        assertEquals(true, isSeen(counting, "getOrLoad", "there"));
        assertEquals(true, isSeen(refreshing, "getOrLoad", "there"));
        var refresher = Caffeine.newBuilder().refreshAfterWrite(Duration.ofHours(1)).build(key -> key);
        refresher.put("there", "value");
        for (ConcurrentMap<?, ?> each : List.of(caffeine(Caffeine.newBuilder().recordStats()),
                caffeine(Caffeine.newBuilder().maximumSize(9).recordStats()), refresher.asMap())) {
            assertEquals(false, LoadingCaches.isHit(method("computeIfAbsent"), each, new Object[] {"there", null}));
        }
    }

    @Test
    void otherMapsAreNot() {
        var map = new java.util.concurrent.ConcurrentHashMap<>(java.util.Map.of("there", "value"));
        assertEquals(false, LoadingCaches.isHit(method("computeIfAbsent"), map, new Object[] {"there", null}));
    }
}
