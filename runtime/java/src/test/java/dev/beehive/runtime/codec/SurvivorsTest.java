// What is forgotten because nothing reaches it any more: the right objects, the same ones on both sides, and never one
// that the worker could still come upon.
package dev.beehive.runtime.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SurvivorsTest {
    static final class Node {
        final Object fixed;
        Node left;
        Object any;
        Node[] row = new Node[2];
        List<Object> list = new ArrayList<>();
        Map<Object, Object> map = new HashMap<>();

        Node(Object fixed) {
            this.fixed = fixed;
        }
    }

    private final CodecSession server = session(Side.SERVER);
    private final CodecSession worker = session(Side.WORKER);

    private static CodecSession session(Side side) {
        return CodecSession.comparing(side, 1, SurvivorsTest.class.getClassLoader(), Closure.EVERYTHING,
            Limits.STANDARD);
    }

    private Node share(Node node) throws Exception {
        return (Node) Ends.decode(worker, Ends.encode(server, node));
    }

    private void sync(CodecSession from, CodecSession to) throws Exception {
        from.encoder().begin();
        from.encoder().writeChanges();
        from.encoder().finish();
        byte[] bytes = from.encoder().writer().toByteArray();
        to.decoder().begin(bytes, 0, bytes.length);
        ChangeSet changes = to.decoder().readChanges();
        to.decoder().finish();
        changes.apply(new UndoLog());
    }

    private void forget(Object... roots) throws Exception {
        byte[] told = server.forgetUnreachable(List.of(roots));
        worker.decoder().begin(told, 0, told.length);
        worker.forgetAsTold();
        worker.decoder().finish();
        assertEquals(server.table().size(), worker.table().size());
    }

    private boolean isKnown(Object object) {
        return server.table().idOf(object) != ObjectTable.NONE;
    }

    @Test
    void whateverAContainerHeldIsForgottenOnceItIsGone() throws Exception {
        Node node = new Node(new int[1]);
        node.left = new Node(null);
        node.any = new int[] {1};
        node.row[1] = new Node(null);
        node.list.add(new int[] {2});
        node.map.put("key", new int[] {3});
        Object[] held = {node.left, node.any, node.row[1], node.list.get(0), node.map.get("key")};
        share(node);
        forget(node);
        for (Object each : held) {
            assertEquals(true, isKnown(each));
        }
        node.left = null;
        node.any = null;
        node.row[1] = null;
        node.list.clear();
        node.map.clear();
        sync(server, worker);
        forget(node);
        for (Object each : held) {
            assertEquals(false, isKnown(each));
        }
        assertEquals(true, isKnown(node.fixed));
    }

    /** Not what home has now, but what the worker has: the change may be taken back before it is told. */
    @Test
    void whatTheWorkerStillRefersToStays() throws Exception {
        Node node = new Node(null);
        node.left = new Node(null);
        node.row[0] = new Node(null);
        node.list.add(new Node(null));
        node.map.put(1, new Node(null));
        Node copy = share(node);
        List<Node> known = List.of(node.left, node.row[0], (Node) node.list.get(0), (Node) node.map.get(1));
        List<Object> copies = List.of(copy.left, copy.row[0], copy.list.get(0), copy.map.get(1));
        node.left = null;
        node.row[0] = null;
        node.list.set(0, null);
        node.map.put(1, null);
        forget(node);
        node.left = known.get(0);
        node.row[0] = known.get(1);
        node.list.set(0, known.get(2));
        node.map.put(1, known.get(3));
        node.any = known.toArray();
        sync(server, worker);
        Object[] told = (Object[]) copy.any;
        for (int i = 0; i < told.length; i++) {
            assertSame(copies.get(i), told[i]);
        }
    }

    @Test
    void classesAndStaticFieldsStayWithoutARoot() throws Exception {
        share(new Node(Node.class));
        forget();
        assertEquals(1, server.table().size());
        assertEquals(true, isKnown(Node.class));
    }

    @Test
    void aRunBeyondTheTableIsRefused() throws Exception {
        share(new Node(null));
        MessageWriter told = new MessageWriter();
        told.writeUnsigned(1);
        told.writeUnsigned(0);
        told.writeUnsigned(1_000_000);
        told.writeUnsigned(0);
        byte[] bytes = told.toByteArray();
        worker.decoder().begin(bytes, 0, bytes.length);
        assertThrows(MalformedMessage.class, worker::forgetAsTold);
    }

    /** Two graphs that are changed on both sides, told, and thinned out, stay equal, with the same sharing. */
    @Test
    void randomGraphsStayEqual() throws Exception {
        for (long seed = 0; seed < 200; seed++) {
            new SurvivorsTest().runRandomly(new Random(seed));
        }
    }

    private void runRandomly(Random random) throws Exception {
        Node root = new Node(null);
        Node copy = share(root);
        int forgotten = 0;
        for (int round = 0; round < 20; round++) {
            boolean home = random.nextBoolean();
            for (int i = 0; i < 12; i++) {
                change(nodesOf(home ? root : copy), random);
            }
            sync(home ? server : worker, home ? worker : server);
            int before = server.table().size();
            forget(root);
            forgotten += before - server.table().size();
            assertEquals(Ends.asText(root), Ends.asText(copy));
        }
        assertNotEquals(0, forgotten);
    }

    private static List<Node> nodesOf(Node root) {
        List<Node> nodes = new ArrayList<>();
        Reach.visit(root, object -> {
            if (object instanceof Node node) {
                nodes.add(node);
            }
        });
        return nodes;
    }

    private static void change(List<Node> nodes, Random random) {
        Node one = nodes.get(random.nextInt(nodes.size()));
        Node other = random.nextInt(3) == 0 ? new Node(one) : nodes.get(random.nextInt(nodes.size()));
        switch (random.nextInt(7)) {
            case 0 -> one.left = other;
            case 1 -> one.left = null;
            case 2 -> one.row[random.nextInt(2)] = other;
            case 3 -> one.list.add(other);
            case 4 -> one.list.clear();
            case 5 -> one.map.put(random.nextInt(3), other);
            default -> one.any = random.nextBoolean() ? new Object[] {other, "text"} : null;
        }
    }
}
