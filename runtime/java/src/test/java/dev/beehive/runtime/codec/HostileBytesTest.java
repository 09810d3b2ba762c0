// Broken messages end in MalformedMessage: never in another exception, a hang, or an exhausted heap.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.WeakHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HostileBytesTest {
    private static final int MUTATIONS = Integer.getInteger("beehive.fuzz.rounds", 60_000);
    private static final Limits LIMITS = new Limits(1 << 20, 8 << 20, 1000);

    static final class Part {
        String name = "n";
        List<Part> parts = new ArrayList<>();
        Map<Object, Object> map = new HashMap<>();
        Object[] array = {1, 2L, "x"};
        int[] numbers = {1, 2, 3};
        TimeUnit unit = TimeUnit.DAYS;
        final Map<Object, Object> weak = new WeakHashMap<>(Map.of("w", 1, String.class, 2));
        BigDecimal price = BigDecimal.ONE;
        Throwable problem;
    }

    private static Part graph() {
        Part root = new Part();
        root.parts.add(new Part());
        root.parts.add(root);
        root.map.put("k", new LinkedHashMap<>(Map.of(1, "one", String.class, List.of(1, 2))));
        root.map.put(List.of(1), new HashSet<>(List.of(1, 2, 3)));
        root.problem = new IllegalStateException("p");
        return root;
    }

    @Test
    void mutatedMessages() throws Exception {
        byte[] whole = Ends.encode(new Ends().server, graph());
        int refused = 0;
        for (int seed = 0; seed < MUTATIONS; seed++) {
            byte[] bytes = mutate(whole, new Random(seed));
            try {
                Ends.decode(new Ends(Closure.EVERYTHING, LIMITS).worker, bytes);
            } catch (MalformedMessage expected) {
                refused++;
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertTrue(refused > MUTATIONS / 4, refused + " refused");
    }

    private static byte[] mutate(byte[] whole, Random random) {
        byte[] bytes = random.nextInt(4) == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
        for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) (bytes[at] ^ 1 << random.nextInt(8));
        }
        return bytes;
    }

    @Test
    void noiseAlone() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            try {
                Ends.decode(new Ends(Closure.EVERYTHING, LIMITS).worker, bytes);
            } catch (MalformedMessage expected) {
                continue;
            }
        }
    }

    @Test
    void hugeClaimsAreRefusedBeforeAllocation() {
        MessageWriter out = new MessageWriter();
        out.writeUnsigned(Token.DEFINE);
        out.writeUnsigned(0);
        out.writeUnsigned(ClassWriter.NAMED);
        out.writeName(HashMap.class.getName());
        out.writeInt(Shapes.of(HashMap.class).fingerprint());
        out.writeUnsigned(Token.NEW);
        out.writeUnsigned(31 << 3);
        out.writeUnsigned(0);
        out.writeUnsigned(0);
        assertThrows(MalformedMessage.class,
            () -> Ends.decode(new Ends(Closure.EVERYTHING, LIMITS).worker, out.toByteArray()));
    }

    @Test
    void otherFieldsThanHereAreRefused() {
        MessageWriter out = new MessageWriter();
        out.writeUnsigned(Token.DEFINE);
        out.writeUnsigned(0);
        out.writeUnsigned(ClassWriter.NAMED);
        out.writeName(Part.class.getName());
        out.writeInt(Shapes.of(Part.class).fingerprint() + 1);
        assertThrows(MalformedMessage.class, () -> Ends.decode(new Ends().worker, out.toByteArray()));
    }
}
