// Which of the objects that both sides know can still matter: those that can be reached from classes, static fields and
// what a connection keeps for itself. Home finds out and tells the worker; both then forget the others.
package dev.beehive.runtime.codec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Two sets of numbers. What counts as reachable is what the worker could reach: contents last agreed on, not those that
 * another thread at home may have written since.
 */
final class Survivors {
    /** Holders of holders of what is to go, before it is no use. */
    private static final int GONE_MAX = 1_000;

    private final ObjectTable table;
    private final Set<Object> gone;
    /** Those that refer to something that is to go. */
    private final List<Integer> holders = new ArrayList<>(0);
    private boolean isRootGone;
    private int met;
    private final BitSet own = new BitSet();
    private final BitSet peers = new BitSet();
    private int[] left = new int[256];
    private int count;

    private Survivors(ObjectTable table, Set<Object> gone) {
        this.table = table;
        this.gone = gone;
    }

    /** What can be reached from these objects, and from all that lasts by itself. Between two invocations only. */
    static Survivors from(ObjectTable table, Iterable<?> roots) {
        return new Survivors(table, Set.of()).found(roots);
    }

    /**
     * The same without some objects, and without what holds them in a way that cannot be told anew. What holds them
     * otherwise is going to be told. Null when they cannot be done without.
     */
    static Survivors without(List<Object> unwanted, ObjectTable table, Iterable<?> roots) {
        Set<Object> gone = Collections.newSetFromMap(new IdentityHashMap<>());
        gone.addAll(unwanted);
        while (gone.size() <= GONE_MAX) {
            Survivors found = new Survivors(table, gone).found(roots);
            if (found.isRootGone) {
                return null;
            }
            List<Object> more = found.holdersForGood();
            if (more.isEmpty()) {
                found.letGo();
                return found;
            }
            gone.addAll(more);
        }
        return null;
    }

    private Survivors found(Iterable<?> roots) {
        addLasting(table.own(), table.ownParity());
        addLasting(table.peers(), table.ownParity() ^ 1);
        roots.forEach(this::addRoot);
        while (count > 0) {
            follow(left[--count]);
        }
        return this;
    }

    private void addRoot(Object object) {
        isRootGone |= object != null && gone.contains(object);
        add(object);
    }

    private List<Object> holdersForGood() {
        List<Object> found = new ArrayList<>();
        for (int id : holders) {
            ObjectList list = table.listOf(id);
            Object object = list.object(id >>> 1);
            if (!list.shape(id >>> 1).canLetGo(object, list.agreed(id >>> 1), gone::contains)) {
                found.add(object);
            }
        }
        return found;
    }

    private void letGo() {
        for (int id : holders) {
            ObjectList list = table.listOf(id);
            list.shape(id >>> 1).letGo(list.agreed(id >>> 1), gone::contains);
        }
    }

    /** Classes, methods, enum constants and static fields: few, and named again by whatever comes next. */
    private void addLasting(ObjectList list, int parity) {
        for (int number = 0; number < list.next(); number++) {
            if (list.shape(number).lasts()) {
                isRootGone |= gone.contains(list.object(number));
                add(number << 1 | parity);
            }
        }
    }

    private void add(Object object) {
        if (!gone.isEmpty() && gone.contains(object)) {
            met++;
            return;
        }
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
            int before = met;
            shape.visitAgreed(list.object(number), list.agreed(number), (target, field, index) -> add(target));
            if (met != before) {
                holders.add(id);
            }
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
        Survivors read = new Survivors(table, Set.of());
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
