// HELLO and WELCOME: what they say survives, and a worker of another kind is told so.
package dev.beehive.runtime.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.memory.IterationSalt;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GreetingTest {
    private final Hello server = Hello.ofThisJvm(new byte[] {1, 2}, new byte[] {9, 9, 9}, 300);

    @Test
    void whatIsSaidSurvives() throws Exception {
        Hello got = Hello.decode(server.encode());
        assertTrue(server.admits(got));
        assertEquals(Optional.empty(), server.mismatch(got));
        assertArrayEquals(server.classPath(), got.classPath());
        assertEquals(300, got.worker());
        Welcome welcome = new Welcome(-5, Limits.STANDARD, new IterationSalt(77, true));
        assertEquals(welcome, Welcome.decode(welcome.encode()));
        Failure failure = new Failure("CODE", "why \u00e4");
        assertEquals(failure, Failure.decode(failure.encode()));
    }

    @Test
    void differencesAreNamed() throws Exception {
        assertEquals("another class path", server.mismatch(Hello.ofThisJvm(server.secret(), new byte[] {1})).get());
        Hello otherJdk = new Hello(Hello.VERSION, server.secret(), "OpenJDK 9", server.classPath(), 0);
        assertTrue(server.mismatch(otherJdk).get().startsWith("JDK OpenJDK 9, not "));
        Hello newer = new Hello(Hello.VERSION + 1, server.secret(), "?", new byte[0], 0);
        assertEquals("protocol version " + (Hello.VERSION + 1) + ", not " + Hello.VERSION, server.mismatch(Hello.decode(newer.encode())).get());
        assertFalse(server.admits(Hello.ofThisJvm(new byte[] {1, 3}, server.classPath())));
    }

    @Test
    void brokenGreetingsAreMalformed() {
        byte[] hello = server.encode();
        for (int length = 0; length < hello.length; length++) {
            byte[] cut = Arrays.copyOf(hello, length);
            assertThrows(MalformedMessage.class, () -> Hello.decode(cut));
        }
        assertThrows(MalformedMessage.class, () -> Hello.decode("GET / HTTP/1.1\r\n".getBytes()));
        assertThrows(MalformedMessage.class,
            () -> Welcome.decode(new Welcome(1, new Limits(0, 1, 1), new IterationSalt(1, false)).encode()));
    }

    @Test
    void adoptingTheSaltKeepsSetsWorking() {
        Set<Integer> set = Set.of(1, 2, 3, 4, 5);
        IterationSalt.ofThisJvm().adopt();
        assertTrue(set.contains(3) && Set.of(1, 2, 3, 4, 5).equals(set));
        assertEquals(set.toString(), Set.of(1, 2, 3, 4, 5).toString());
    }
}
