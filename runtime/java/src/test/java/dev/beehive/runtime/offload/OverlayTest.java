// A rehearsal counts and enters in copies; what it cannot copy ends it.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Vector;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class OverlayTest {
    private final Overlay overlay = new Overlay();

    private static Method method(Class<?> type, String name, Class<?>... parameters) throws NoSuchMethodException {
        return type.getMethod(name, parameters);
    }

    @Test
    void whatIsChangedIsACopy() throws Exception {
        AtomicInteger count = new AtomicInteger(7);
        ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>(Map.of("a", 1));
        LongAdder adder = new LongAdder();
        adder.add(5);
        assertSame(count, overlay.standInFor(count));
        assertTrue(overlay.covers(method(AtomicInteger.class, "incrementAndGet"), count));
        assertTrue(overlay.covers(method(ConcurrentHashMap.class, "put", Object.class, Object.class), map));
        assertTrue(overlay.covers(method(LongAdder.class, "increment"), adder));
        assertEquals(8, ((AtomicInteger) overlay.standInFor(count)).incrementAndGet());
        assertTrue(overlay.covers(method(AtomicInteger.class, "incrementAndGet"), count));
        assertEquals(9, ((AtomicInteger) overlay.standInFor(count)).incrementAndGet());
        ((Map<?, ?>) overlay.standInFor(map)).clear();
        ((LongAdder) overlay.standInFor(adder)).increment();
        assertEquals(6, ((LongAdder) overlay.standInFor(adder)).sum());
        assertEquals("7 {a=1} 5", count + " " + map + " " + adder);
    }

    @Test
    void aContainerIsCopiedWithWhatItHolds() throws Exception {
        Vector<String> vector = new Vector<>(List.of("x"));
        ConcurrentLinkedQueue<String> queue = new ConcurrentLinkedQueue<>(List.of("y"));
        assertTrue(overlay.covers(method(Vector.class, "clear"), vector));
        assertTrue(overlay.covers(method(ConcurrentLinkedQueue.class, "poll"), queue));
        assertEquals("y", ((ConcurrentLinkedQueue<?>) overlay.standInFor(queue)).poll());
        assertEquals(List.of("x"), overlay.standInFor(vector));
        assertEquals("[x] [y]", vector + " " + queue);
    }

    @Test
    void theRestEndsIt() throws Exception {
        ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>();
        Method computes = method(ConcurrentHashMap.class, "computeIfAbsent", Object.class, Function.class);
        assertFalse(overlay.covers(computes, map));
        assertFalse(overlay.covers(method(LinkedBlockingQueue.class, "clear"), new LinkedBlockingQueue<>()));
        assertFalse(overlay.covers(method(System.class, "gc"), null));
        assertTrue(overlay.covers(method(SyncPoint.class, "pass"), null));
        assertSame(map, overlay.standInFor(map));
    }
}
