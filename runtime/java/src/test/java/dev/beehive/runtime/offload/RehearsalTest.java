// What a shadow does of calls that the worker takes for unseen: nothing in the application's own maps.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class RehearsalTest {
    private final Map<String, Object> map = new ConcurrentHashMap<>();
    private final Map<String, Object> other = new ConcurrentHashMap<>() {
        private static final long serialVersionUID = 1L;
    };
    private final Rehearsal rehearsal = new Rehearsal(new Proven());

    private boolean hides(int flags, Map<String, Object> target) throws Exception {
        return rehearsal.hides(flags, Map.class.getMethod("put", Object.class, Object.class), target);
    }

    @Test
    void aCacheOfTheApplicationsIsFilledInACopy() throws Exception {
        assertFalse(hides(CallFlags.SYNC, map));
        assertSame(map, rehearsal.standInFor(map));
        rehearsal.pass("something");
        assertFalse(hides(CallFlags.SYNC, map));
        assertNotSame(map, rehearsal.standInFor(map));
        assertTrue(hides(CallFlags.SYNC, other), "no copy is as good as a map of an unknown class");
    }

    @Test
    void whatTheWorkerTakesForSeenIsRehearsedAsEver() throws Exception {
        rehearsal.pass("something");
        assertFalse(hides(CallFlags.SYNC | CallFlags.EFFECT, other));
        Method get = Map.class.getMethod("get", Object.class);
        assertFalse(rehearsal.hides(CallFlags.SYNC, get, other));
        assertEquals(0, map.size());
    }
}
