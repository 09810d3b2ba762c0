// A key that a concurrent map lacks is known to be lacking, but made when it is asked to be.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class AgreedAnswersTest {
    private final Map<Object, Object> map = new ConcurrentHashMap<>();
    private final Method get = method("get", Object.class);
    private final Method compute = method("computeIfAbsent", Object.class, Function.class);

    private static Method method(String name, Class<?>... parameters) {
        try {
            return Map.class.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void whatIsLackingIsMadeWhenAskedFor() {
        AgreedAnswers answers = new AgreedAnswers();
        Object[] key = {"k"};
        Object[] making = {"k", Function.identity()};
        assertSame(AnsweredHere.NOT_HERE, answers.answer(map, get, key));
        answers.agree(get, map, key, null);
        assertNull(answers.answer(map, get, key));
        assertSame(AnsweredHere.NOT_HERE, answers.answer(map, compute, making));
        answers.agree(compute, map, making, "made");
        assertEquals("made", answers.answer(map, compute, making));
    }

    @Test
    void manyLackingKeysAreKeptOnlyWhenAskedForAgain() {
        AgreedReads reads = new AgreedReads();
        for (int i = 0; i < 64; i++) {
            assertTrue(reads.mayKeep(get, map, new Object[] {"few" + i}, null));
        }
        assertFalse(reads.mayKeep(get, map, new Object[] {"more"}, null));
        assertTrue(reads.mayKeep(get, map, new Object[] {"more"}, null));
        assertFalse(reads.mayKeep(get, map, new Object[] {new Object()}, null));
        assertTrue(reads.mayKeep(get, map, new Object[] {new Object()}, "there"));
    }
}
