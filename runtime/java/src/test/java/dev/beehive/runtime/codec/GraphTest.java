// Application graphs arrive as they were: contents, sharing, cycles, identity hash codes, ids in both directions.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GraphTest {
    static class Base {
        private int secret = 7;
        final String name;

        Base(String name) {
            this.name = name;
        }
    }

    static final class Everything extends Base {
        boolean yes = true;
        byte b = -3;
        char c = '\u20ac';
        short s = -30_000;
        int i = Integer.MIN_VALUE;
        long l = Long.MAX_VALUE;
        float f = Float.MIN_VALUE;
        double d = -0.0;
        /** Hides the field of the superclass. */
        private int secret = 8;
        Object nothing;
        int[] ints = {1, -1, Integer.MAX_VALUE};
        boolean[] flags = {true, false, true};
        char[][] texts = {{'a'}, {}, null};
        Object[] mixed = {"x", 1, null, this};

        Everything() {
            super("every\u0000thing \ud83d\ude00 \ud800");
        }
    }

    static final class Node {
        Node next;
        int value;
    }

    record Pair(Object left, Object right) {
    }

    enum Planet {
        EARTH,
        MARS {
            @Override
            String colour() {
                return "red";
            }
        };

        String colour() {
            return "blue";
        }
    }

    static final class Handled {
        private int $bh;
        Object to;

        int handle() {
            return $bh;
        }
    }

    @Test
    void everyKindOfField() throws Exception {
        Everything sent = new Everything();
        Everything got = Ends.copy(sent);
        assertNotSame(sent, got);
        assertEquals(sent.name, got.name);
        assertEquals(7, ((Base) got).secret);
        assertEquals(8, got.secret);
        assertTrue(got.yes && got.b == -3 && got.c == '\u20ac' && got.s == -30_000 && got.i == Integer.MIN_VALUE);
        assertTrue(got.l == Long.MAX_VALUE && got.f == Float.MIN_VALUE && 1 / got.d == Double.NEGATIVE_INFINITY);
        assertNull(got.nothing);
        assertArrayEquals(sent.ints, got.ints);
        assertArrayEquals(sent.flags, got.flags);
        assertArrayEquals(sent.texts, got.texts);
        assertSame(got, got.mixed[3]);
        assertEquals(1, got.mixed[1]);
    }

    @Test
    void cyclesAndSharing() throws Exception {
        Node a = new Node();
        a.next = new Node();
        a.next.next = a;
        Object[] got = Ends.copy(new Object[] {a, a.next, "s", new String("s")});
        assertSame(got[0], ((Node) got[0]).next.next);
        assertSame(got[1], ((Node) got[0]).next);
        assertNotSame(got[2], got[3]);
    }

    @Test
    void aListOfAMillionNodesNeedsNoStack() throws Exception {
        Node first = null;
        for (int i = 0; i < 1_000_000; i++) {
            Node node = new Node();
            node.next = first;
            node.value = i;
            first = node;
        }
        int count = 0;
        for (Node node = Ends.copy(first); node != null; node = node.next) {
            assertEquals(999_999 - count, node.value);
            count++;
        }
        assertEquals(1_000_000, count);
    }

    @Test
    void identityHashCodesAreReplicated() throws Exception {
        Object[] sent = {new Object(), new Node(), "text", new int[1], new ArrayList<>(), 1_000_000};
        System.identityHashCode(sent[1]);
        Object[] got = Ends.copy(sent);
        for (int i = 0; i < sent.length; i++) {
            assertNotSame(sent[i], got[i]);
            assertEquals(System.identityHashCode(sent[i]), System.identityHashCode(got[i]), "element " + i);
        }
    }

    @Test
    void onlyCodesThatWereThereAreSent() throws Exception {
        Node plain = new Node();
        Node hashed = new Node();
        hashed.hashCode();
        int more = Ends.encode(new Ends().server, hashed).length - Ends.encode(new Ends().server, plain).length;
        assertEquals(Integer.BYTES, more);
    }

    @Test
    void recordsAndEnums() throws Exception {
        Pair got = Ends.copy(new Pair(Planet.MARS, List.of(Planet.EARTH, Planet.MARS)));
        assertSame(Planet.MARS, got.left);
        assertEquals(List.of(Planet.EARTH, Planet.MARS), got.right);
        assertEquals("red", ((Planet) got.left).colour());
    }

    @Test
    @SuppressWarnings({"removal", "deprecation"})
    void boxesKeepTheirIdentity() throws Exception {
        Integer own = new Integer(5);
        Object[] got = Ends.copy(new Object[] {5, own, own, 5000, true, 'x', 2.5, 2.5f, (short) 3, (byte) 4, 6L});
        assertSame(Integer.valueOf(5), got[0]);
        assertEquals(5, got[1]);
        assertNotSame(got[0], got[1]);
        assertSame(got[1], got[2]);
        assertArrayEquals(new Object[] {5000, true, 'x', 2.5, 2.5f, (short) 3, (byte) 4, 6L},
            java.util.Arrays.copyOfRange(got, 3, got.length));
    }

    @Test
    void laterMessagesNameWhatIsKnown() throws Exception {
        Ends ends = new Ends();
        Node home = new Node();
        Node there = ends.toWorker(home);
        assertSame(there, ends.toWorker(home));
        assertSame(home, ends.toServer(there));
        Node made = new Node();
        made.next = there;
        Node came = ends.toServer(made);
        assertSame(home, came.next);
        assertSame(made, ends.toWorker(came));
        assertEquals(System.identityHashCode(made), System.identityHashCode(came));
        assertTrue(Ends.encode(ends.server, home).length <= 2);
    }

    @Test
    void whatIsNotInTheClosureBecomesAShellAndIsFilledLater() throws Exception {
        Handled root = new Handled();
        Handled left = new Handled();
        root.to = left;
        left.to = "later";
        Ends ends = new Ends(o -> o == root, Limits.STANDARD);
        Handled got = ends.toWorker(root);
        Handled shell = (Handled) got.to;
        assertTrue(got.handle() > 0 && shell.handle() < 0);
        assertNull(shell.to);
        assertEquals(System.identityHashCode(left), System.identityHashCode(shell));
        int id = ends.worker.table().idOf(shell);
        assertEquals(-ObjectTable.handleOf(id), shell.handle());
        assertSame(left, ends.server.table().objectOf(id));
        fill(ends, id);
        assertEquals("later", shell.to);
        assertTrue(shell.handle() > 0);
    }

    private static void fill(Ends ends, int id) throws Exception {
        Encoder encoder = ends.server.encoder();
        encoder.begin();
        encoder.writeFill(id);
        encoder.finish();
        byte[] bytes = encoder.writer().toByteArray();
        ends.worker.decoder().begin(bytes, 0, bytes.length);
        ends.worker.decoder().readFill(id);
        ends.worker.decoder().finish();
    }

    @Test
    void generatedCodeWritesTheSameBytesAsLoops() throws Exception {
        FieldLayout layout = FieldLayout.of(Everything.class, null);
        byte[] loops = throughAccess(new FieldLoops(layout));
        assertArrayEquals(loops, throughAccess(AccessGenerator.generate(layout)));
        Everything got = new Everything();
        got.i = 0;
        got.c = 0;
        got.ints = null;
        Decoder decoder = new Ends().worker.decoder();
        decoder.begin(loops, 0, loops.length);
        AccessGenerator.generate(layout).read(got, decoder);
        assertTrue(got.i == Integer.MIN_VALUE && got.c == '\u20ac' && got.ints.length == 3);
    }

    private static byte[] throughAccess(FieldAccess access) throws Exception {
        Everything sent = new Everything();
        Encoder encoder = new Ends().server.encoder();
        encoder.begin();
        access.write(sent, encoder);
        return encoder.writer().toByteArray();
    }

    /** As if classes had other codes on the other side. */
    private record OfClass(Class<?> type) {
        private static int codeOfThisSide;

        @Override
        public int hashCode() {
            return type.getName().hashCode() + codeOfThisSide;
        }
    }

    @Test
    void keysWhoseCodeIsMadeFromAClassAreFound() throws Exception {
        Map<OfClass, String> map = new HashMap<>();
        for (Class<?> type : List.of(String.class, int.class, List.class, Map.class)) {
            map.put(new OfClass(type), type.getName());
        }
        Ends ends = new Ends();
        byte[] message = Ends.encode(ends.server, map);
        OfClass.codeOfThisSide = 12_345;
        @SuppressWarnings("unchecked")
        Map<OfClass, String> copy = (Map<OfClass, String>) Ends.decode(ends.worker, message);
        assertNull(copy.get(new OfClass(String.class)));
        ends.worker.decoder().placeKeys();
        assertEquals("java.lang.String", copy.get(new OfClass(String.class)));
        assertEquals("int", copy.get(new OfClass(int.class)));
        assertEquals(4, Set.copyOf(copy.keySet()).size());
        OfClass.codeOfThisSide = 0;
    }

    /** As XML libraries compare names. */
    @Test
    void internedStringsAreInternedThere() throws Exception {
        String name = new String("a name of " + System.nanoTime());
        Ends ends = new Ends();
        ends.server.encoder().tellInterned(true);
        String copy = ends.toWorker(name.intern());
        assertSame(copy, copy.intern());
        assertSame(copy, name.intern());
    }
}
