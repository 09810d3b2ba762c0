// A WeakHashMap arrives with its entries, whatever their keys' hash codes are here, and changes and undoes like any map.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.junit.jupiter.api.Test;

class WeakHashMapTest {
    record Key(String name) {
    }

    static final class Holder {
        final Map<Object, Object> map = new WeakHashMap<>();
        /** Keeps the keys. */
        final List<Object> keys = new ArrayList<>();

        void put(Object key, Object value) {
            keys.add(key);
            map.put(key, value);
        }
    }

    private final CodecSession server = session(Side.SERVER);
    private final CodecSession worker = session(Side.WORKER);

    private static CodecSession session(Side side) {
        return CodecSession.comparing(side, 1, WeakHashMapTest.class.getClassLoader(), Closure.EVERYTHING, Limits.STANDARD);
    }

    private Holder share(Holder holder) throws Exception {
        return (Holder) Ends.decode(worker, Ends.encode(server, holder));
    }

    private static Holder filled() {
        Holder holder = new Holder();
        holder.put(String.class, true);
        holder.put(Thread.State.NEW, "enum");
        holder.put("text", 1);
        holder.put(new Key("a"), new Object());
        holder.put(new Object(), "identity");
        holder.map.put(null, holder);
        for (int i = 0; i < 50; i++) {
            holder.put("key" + i, i);
        }
        return holder;
    }

    private static void assertSameContents(Holder expected, Holder got) {
        assertEquals(expected.map.size(), got.map.size());
        for (int i = 0; i < expected.keys.size(); i++) {
            assertTrue(got.map.containsKey(got.keys.get(i)), "key " + i);
        }
        assertEquals(got.map.size(), new ArrayList<>(got.map.keySet()).size());
    }

    @Test
    void entriesAreFoundWhereTheyArrive() throws Exception {
        Holder sent = filled();
        Holder got = share(sent);
        assertSameContents(sent, got);
        assertEquals(true, got.map.get(String.class));
        assertEquals("enum", got.map.get(Thread.State.NEW));
        assertEquals("identity", got.map.get(got.keys.get(4)));
        assertEquals(49, got.map.get("key49"));
        assertSame(got, got.map.get(null));
        for (int i = 50; i < 200; i++) {
            got.put("key" + i, i);
        }
        assertEquals(3, got.map.get("key3"));
    }

    private static UndoLog exchange(CodecSession from, CodecSession to) throws Exception {
        from.encoder().begin();
        from.encoder().writeChanges();
        from.encoder().finish();
        byte[] bytes = from.encoder().writer().toByteArray();
        to.decoder().begin(bytes, 0, bytes.length);
        ChangeSet changes = to.decoder().readChanges();
        to.decoder().finish();
        UndoLog undo = new UndoLog();
        changes.apply(undo);
        return undo;
    }

    @Test
    void changesComeBackAndAreUndone() throws Exception {
        Holder sent = filled();
        Holder got = share(sent);
        got.map.put("text", 2);
        got.map.remove(String.class);
        got.put(new Key("new"), "n");
        UndoLog undo = exchange(worker, server);
        assertEquals(2, sent.map.get("text"));
        assertFalse(sent.map.containsKey(String.class));
        assertEquals("n", sent.map.get(sent.keys.get(sent.keys.size() - 1)));
        undo.rollBack();
        assertEquals(1, sent.map.get("text"));
        assertEquals(true, sent.map.get(String.class));
        assertNull(sent.map.get(new Key("new")));
        sent.map.put("text", 3);
        exchange(server, worker);
        assertEquals(3, got.map.get("text"));
        assertTrue(got.map.containsKey(String.class));
    }

    @Test
    void aKeyThatIsGoneIsLeftOut() throws Exception {
        Holder sent = new Holder();
        sent.put("kept", 1);
        sent.map.put(new Object(), 2);
        long until = System.nanoTime() + 20_000_000_000L;
        while (sent.map.containsValue(2) && System.nanoTime() < until) {
            System.gc();
        }
        assertEquals(Map.of("kept", 1), Map.copyOf(share(sent).map));
    }
}
