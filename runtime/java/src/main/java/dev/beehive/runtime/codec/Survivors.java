// Which of the objects that both sides know can still matter: those that can be reached from classes, static fields and
// what a connection keeps for itself. Home finds out and tells the worker; both then forget the others.
package dev.beehive.runtime.codec;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Two sets of numbers. What counts as reachable is what the worker could reach: contents last agreed on, not those that
 * another thread at home may have written since.
 */
final class Survivors {
    private final ObjectTable table;
    private final BitSet own = new BitSet();
    private final BitSet peers = new BitSet();
    private int[] left = new int[256];
    private int count;

    private Survivors(ObjectTable table) {
        this.table = table;
    }

    /** What can be reached from these objects, and from all that lasts by itself. Between two invocations only. */
    static Survivors from(ObjectTable table, Iterable<?> roots) {
        Survivors found = new Survivors(table);
        found.addLasting(table.own(), table.ownParity());
        found.addLasting(table.peers(), table.ownParity() ^ 1);
        roots.forEach(found::add);
        while (found.count > 0) {
            found.follow(found.left[--found.count]);
        }
        return found;
    }

    /** Classes, methods, enum constants and static fields: few, and named again by whatever comes next. */
    private void addLasting(ObjectList list, int parity) {
        for (int number = 0; number < list.next(); number++) {
            if (list.shape(number).lasts()) {
                add(number << 1 | parity);
            }
        }
    }

    private void add(Object object) {
        int id = object == null ? ObjectTable.NONE : table.idOf(object);
        if (id != ObjectTable.NONE) {
            add(id);
        }
    }

    private void add(int id) {
        BitSet set = setOf(id);
        if (set.get(id >>> 1)) {
            return;
        }
        set.set(id >>> 1);
        if (count == left.length) {
            left = Arrays.copyOf(left, 2 * count);
        }
        left[count++] = id;
    }

    private BitSet setOf(int id) {
        return (id & 1) == table.ownParity() ? own : peers;
    }

    /** The other side of a shell has no contents, so nothing is reached through it. */
    private void follow(int id) {
        ObjectList list = table.listOf(id);
        int number = id >>> 1;
        Shape shape = list.shape(number);
        if (shape.has(Shape.CONTENTS) && list.state(number) == ObjectList.FILLED) {
            shape.visitAgreed(list.object(number), list.agreed(number), (target, field, index) -> add(target));
        }
    }

    BitSet own() {
        return own;
    }

    BitSet peers() {
        return peers;
    }

    /** Writes the sets, this side's first, as runs. */
    void write(MessageWriter out) {
        writeRuns(own, table.own().next(), out);
        writeRuns(peers, table.peers().next(), out);
    }

    /** Writes how many runs are to be forgotten, and for each how many are kept before it, and how many it has. */
    private static void writeRuns(BitSet kept, int size, MessageWriter out) {
        int runs = 0;
        for (int at = kept.nextClearBit(0); at < size; at = kept.nextClearBit(endOf(kept, at, size))) {
            runs++;
        }
        out.writeUnsigned(runs);
        int done = 0;
        for (int at = kept.nextClearBit(0); at < size; at = kept.nextClearBit(done)) {
            out.writeUnsigned(at - done);
            done = endOf(kept, at, size);
            out.writeUnsigned(done - at);
        }
    }

    private static int endOf(BitSet kept, int at, int size) {
        int next = kept.nextSetBit(at);
        return next < 0 ? size : Math.min(next, size);
    }

    /** Reads what the other side has written: its own list is this side's list of the peer. */
    static Survivors read(ObjectTable table, MessageReader in) throws MalformedMessage {
        Survivors read = new Survivors(table);
        readRuns(read.peers, table.peers().next(), in);
        readRuns(read.own, table.own().next(), in);
        return read;
    }

    private static void readRuns(BitSet kept, int size, MessageReader in) throws MalformedMessage {
        kept.set(0, size);
        int at = 0;
        for (int runs = in.readCount(2); runs > 0; runs--) {
            int start = at + within(in.readUnsigned(), size - at);
            at = start + within(in.readUnsigned(), size - start);
            kept.clear(start, at);
        }
    }

    private static int within(int length, int room) throws MalformedMessage {
        if (length < 0 || length > room) {
            throw new MalformedMessage("a run of " + length + " of " + room + " objects");
        }
        return length;
    }
}
