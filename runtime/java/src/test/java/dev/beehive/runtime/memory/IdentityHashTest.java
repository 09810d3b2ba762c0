// Identity hash codes can be read and given on this JVM.
package dev.beehive.runtime.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class IdentityHashTest {
    @Test
    void aFreshObjectHasNoCodeAndReadingMakesNone() {
        Object o = new Object();
        assertEquals(0, IdentityHash.peek(o));
        assertEquals(0, IdentityHash.peek(o));
        assertEquals(System.identityHashCode(o), IdentityHash.peek(o));
    }

    @Test
    void anInstalledCodeIsTheObjectsHashCode() {
        Object o = new Object();
        IdentityHash.install(o, 12345);
        assertEquals(12345, o.hashCode());
        Map<Object, String> map = new HashMap<>(Map.of(o, "found"));
        assertEquals("found", map.get(o));
    }

    @Test
    void agreeingKeepsACodeThatIsThere() {
        Object o = new Object();
        int code = System.identityHashCode(o);
        assertEquals(code, IdentityHash.agree(o, code ^ 1));
        assertEquals(code, o.hashCode());
    }

    @Test
    void aLockedObjectStillAnswers() {
        Object o = new Object();
        synchronized (o) {
            int code = IdentityHash.agree(o, 77);
            assertNotEquals(0, code);
            assertEquals(code, System.identityHashCode(o));
        }
    }

    @Test
    void codesSurviveTheCollector() {
        Object[] objects = new Object[20_000];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = new Object();
            IdentityHash.install(objects[i], i + 1);
        }
        System.gc();
        for (int i = 0; i < objects.length; i++) {
            assertEquals(i + 1, System.identityHashCode(objects[i]));
        }
    }

    @Test
    void theShiftIsTheOneOfTheVersionsThatWereExamined() {
        int feature = Runtime.version().feature();
        int expected = feature == 17 ? 8 : feature == 25 ? 11 : IdentityHash.shift();
        assertEquals(expected, IdentityHash.shift());
    }
}
