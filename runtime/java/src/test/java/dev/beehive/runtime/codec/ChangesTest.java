// Changes of shared objects, field by field: sent, made, taken back; in both directions, without undoing a neighbour's.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ChangesTest {
    static final class Thing {
        int left = 1;
        long right = 2;
        boolean flag;
        double ratio;
        String text = "a";
        Thing other;
        final int fixed = 3;
        int[] numbers = new int[20];
        byte[] bytes = new byte[33];
        Object[] objects = {null, "x", null};
        List<Object> list = new ArrayList<>(List.of("one", "two"));
        Map<Object, Object> map = new HashMap<>(Map.of("k", "v"));
        Map<Object, Object> linked = new LinkedHashMap<>();
        Map<String, Integer> tree = new TreeMap<>(Map.of("a", 1, "b", 2));
        BitSet counter = BitSet.valueOf(new long[] {1});
    }

    private final CodecSession server = session(Side.SERVER);
    private final CodecSession worker = session(Side.WORKER);
    private final UndoLog undo = new UndoLog();

    private static CodecSession session(Side side) {
        return CodecSession.comparing(side, 1, ChangesTest.class.getClassLoader(), Closure.EVERYTHING,
            Limits.STANDARD);
    }

    private Thing share(Thing thing) throws Exception {
        return (Thing) Ends.decode(worker, Ends.encode(server, thing));
    }

    private static byte[] changesOf(CodecSession session) throws Exception {
        session.encoder().begin();
        session.encoder().writeChanges();
        session.encoder().finish();
        return session.encoder().writer().toByteArray();
    }

    private int sync(CodecSession from, CodecSession to) throws Exception {
        byte[] bytes = changesOf(from);
        to.decoder().begin(bytes, 0, bytes.length);
        ChangeSet changes = to.decoder().readChanges();
        to.decoder().finish();
        changes.apply(undo);
        return bytes.length;
    }

    /** A value set for a key that is there leaves the modification count as it was. */
    @Test
    void whatOneWorkerHasChangedAnotherOneIsTold() throws Exception {
        Thing home = new Thing();
        home.linked.put("k", "v");
        home.tree.put("k", 3);
        Thing first = share(home);
        CodecSession secondServer = session(Side.SERVER);
        CodecSession secondWorker = session(Side.WORKER);
        Thing second = (Thing) Ends.decode(secondWorker, Ends.encode(secondServer, home));
        for (String value : List.of("w", "x")) {
            first.map.put("k", value);
            first.linked.put("k", value);
            first.tree.put("k", value.length() + first.tree.get("k"));
            first.list.set(0, value);
            first.objects[1] = value;
            sync(worker, server);
            sync(secondServer, secondWorker);
            assertEquals(home.map, second.map);
            assertEquals(Map.of("k", value), second.map);
            assertEquals(Map.of("k", value), second.linked);
            assertEquals(home.tree, second.tree);
            assertEquals(List.of(value, "two"), second.list);
            assertEquals(value, second.objects[1]);
        }
    }

    private static void changeEverything(Thing thing) {
        thing.left = -5;
        thing.right = Long.MIN_VALUE;
        thing.flag = true;
        thing.ratio = 0.5;
        thing.text = "b";
        thing.other = new Thing();
        thing.other.other = thing;
        thing.numbers[3] = 7;
        thing.numbers[19] = 8;
        thing.bytes[0] = 1;
        thing.bytes[32] = 2;
        thing.objects[2] = thing.other;
        thing.list.add(0, thing);
        thing.map.put(thing, "self");
        thing.map.remove("k");
        thing.linked.put(1, 2);
        thing.tree.put("c", 3);
        thing.counter.set(5);
    }

    private static void assertChanged(Thing got) {
        assertTrue(got.left == -5 && got.right == Long.MIN_VALUE && got.flag && got.ratio == 0.5);
        assertEquals("b", got.text);
        assertSame(got, got.other.other);
        assertTrue(got.numbers[3] == 7 && got.numbers[19] == 8 && got.bytes[0] == 1 && got.bytes[32] == 2);
        assertSame(got.other, got.objects[2]);
        assertEquals(3, got.list.size());
        assertSame(got, got.list.get(0));
        assertEquals("self", got.map.get(got));
        assertFalse(got.map.containsKey("k"));
        assertEquals(Map.of(1, 2), got.linked);
        assertEquals(Map.of("a", 1, "b", 2, "c", 3), got.tree);
        assertEquals(2, got.counter.cardinality());
    }

    @Test
    void changesTravelInBothDirections() throws Exception {
        Thing home = new Thing();
        Thing there = share(home);
        assertEquals(1, sync(server, worker));
        changeEverything(home);
        sync(server, worker);
        assertChanged(there);
        assertEquals(1, sync(worker, server), "what came is not sent back");
        there.left = 99;
        there.list.remove(0);
        sync(worker, server);
        assertEquals(99, home.left);
        assertEquals(2, home.list.size());
        assertEquals(1, sync(server, worker));
    }

    @Test
    void everythingIsTakenBack() throws Exception {
        Thing home = new Thing();
        home.map.put(home, 1);
        Thing there = share(home);
        List<Object> before = List.copyOf(home.list);
        changeEverything(there);
        there.map.clear();
        there.list.clear();
        sync(worker, server);
        assertTrue(home.map.isEmpty() && home.left == -5);
        undo.rollBack();
        assertTrue(home.left == 1 && home.right == 2 && !home.flag && home.ratio == 0 && home.other == null);
        assertEquals("a", home.text);
        assertArrayEquals(new int[20], home.numbers);
        assertArrayEquals(new byte[33], home.bytes);
        assertEquals(before, home.list);
        assertEquals(1, home.map.get(home));
        assertEquals("v", home.map.get("k"));
        assertTrue(home.linked.isEmpty());
        assertEquals(Map.of("a", 1, "b", 2), home.tree);
        assertEquals(1, home.counter.cardinality());
    }

    @Test
    void aNeighboursWriteIsNotLost() throws Exception {
        Thing home = new Thing();
        Thing there = share(home);
        there.left = 10;
        there.numbers[0] = 10;
        home.right = 20;
        home.numbers[1] = 20;
        sync(worker, server);
        assertTrue(home.left == 10 && home.right == 20 && home.numbers[0] == 10 && home.numbers[1] == 20);
        sync(server, worker);
        assertTrue(there.left == 10 && there.right == 20 && there.numbers[0] == 10 && there.numbers[1] == 20);
    }

    @Test
    void onlyWhatChangedIsSent() throws Exception {
        Thing home = new Thing();
        home.bytes = new byte[100_000];
        share(home);
        home.bytes[50_000] = 1;
        home.left++;
        assertTrue(sync(server, worker) < 30);
    }

    @Test
    void brokenChangesChangeNothing() throws Exception {
        Thing home = new Thing();
        Thing there = share(home);
        changeEverything(there);
        byte[] whole = changesOf(worker);
        for (int seed = 0; seed < 3_000; seed++) {
            Thing kept = new Thing();
            CodecSession one = session(Side.SERVER);
            CodecSession other = session(Side.WORKER);
            Ends.decode(other, Ends.encode(one, kept));
            Random random = new Random(seed);
            byte[] bytes = java.util.Arrays.copyOf(whole, 1 + random.nextInt(whole.length));
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            one.decoder().begin(bytes, 0, bytes.length);
            try {
                one.decoder().readChanges();
                one.decoder().finish();
            } catch (MalformedMessage expected) {
                assertTrue(kept.left == 1 && kept.list.size() == 2 && kept.map.size() == 1);
            }
        }
    }

    static final class Holder {
        static int counter = 5;
        static final List<String> NAMES = new ArrayList<>(List.of("n"));
    }

    @Test
    void staticsAreAnObject() throws Exception {
        Statics got = (Statics) Ends.decode(worker, Ends.encode(server, Statics.of(Holder.class)));
        assertSame(Statics.of(Holder.class), got);
        byte[] nothing = changesOf(server);
        Holder.counter = 6;
        byte[] changed = changesOf(server);
        assertEquals(1, nothing.length);
        assertTrue(changed.length > 3);
        assertThrows(MalformedMessage.class, () -> Ends.decode(session(Side.WORKER), changed));
    }
}
