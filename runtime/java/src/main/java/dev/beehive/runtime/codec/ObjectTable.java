// Which objects the two sides of a connection share, and under which ids.
// An id is `number << 1 | side`: the server's objects have even ids, the worker's odd ones. Both sides number by
// order of declaration, so ids of new objects are not sent. Both forget the same objects at the same place.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.IdentityHash;
import java.util.stream.Stream;

/** The table of one connection; used by one thread at a time. */
public final class ObjectTable {
    /** No such object. */
    public static final int NONE = IdentityIndex.ABSENT;

    private final Side side;
    private final long seed;
    private final IdentityIndex ids = new IdentityIndex(this);
    private final ObjectList own = new ObjectList();
    private final ObjectList peers = new ObjectList();
    /** Objects of the peer's list below this number are in `ids`; the rest is entered when something is looked up. */
    private int indexed;

    /** The seed is the connection's, the same on both sides: it decides the codes given to objects that have none. */
    public ObjectTable(Side side, long seed) {
        this.side = side;
        this.seed = seed;
    }

    /** Whether this is the server's end, where objects that stay are. */
    boolean isHome() {
        return side == Side.SERVER;
    }

    ObjectList own() {
        return own;
    }

    int ownParity() {
        return side.parity();
    }

    ObjectList peers() {
        return peers;
    }

    /** All objects that both sides know. */
    public Iterable<Object> objects() {
        return () -> Stream.concat(own.stream(), peers.stream()).iterator();
    }

    /** The list that holds the ids of a parity. */
    ObjectList listOf(int id) {
        return (id & 1) == side.parity() ? own : peers;
    }

    /** The id of an object that both sides know, or {@link #NONE}. */
    public int idOf(Object object) {
        if (indexed < peers.next()) {
            indexPeers();
        }
        int code = IdentityHash.peek(object);
        return code == 0 ? NONE : ids.find(object, code);
    }

    /** Whether the object is known and its contents are on the other side only. */
    public boolean isShell(Object object) {
        int id = idOf(object);
        return id != NONE && listOf(id).state(id >>> 1) == ObjectList.SHELL;
    }

    /** The object of an id; null when the id is unknown. */
    public Object objectOf(int id) {
        return listOf(id).object(id >>> 1);
    }

    /** The id of an object with this code. If it has none, the next own id is its: it must then be added to `own`. */
    int idOrReserve(Object object, int code) {
        if (indexed < peers.next()) {
            indexPeers();
        }
        return ids.findOrPut(object, code, nextOwnId());
    }

    /** What stands in `$bh` of the filled object of an id: positive. Shells have the negative of it. */
    public static int handleOf(int id) {
        return id + 1;
    }

    int nextOwnId() {
        return own.next() << 1 | side.parity();
    }

    int nextPeerId() {
        return peers.next() << 1 | side.parity() ^ 1;
    }

    /** The identity hash code that an object gets when it is introduced without having one. */
    int codeFor(int id) {
        int code = (int) ((seed + id) * 0x9E37_79B9_7F4A_7C15L >>> 33);
        return code == 0 ? 1 : code;
    }

    private void indexPeers() {
        for (; indexed < peers.next(); indexed++) {
            Object object = peers.object(indexed);
            ids.findOrPut(object, IdentityHash.peek(object), indexed << 1 | side.parity() ^ 1);
        }
    }

    /** A point in the life of the table; both sides take it at the same place of the conversation. */
    public record Mark(int own, int peers) {
    }

    public Mark mark() {
        return new Mark(own.next(), peers.next());
    }

    /** How many objects are known. */
    public int size() {
        return own.next() + peers.next();
    }

    /** Forgets what has become known since a mark. */
    public void truncate(Mark mark) {
        forget(own, mark.own, side.parity());
        int known = Math.min(indexed, peers.next());
        for (int number = mark.peers; number < known; number++) {
            ids.remove(IdentityHash.peek(peers.object(number)), number << 1 | side.parity() ^ 1);
        }
        indexed = Math.min(indexed, mark.peers);
        peers.truncate(mark.peers);
    }

    private void forget(ObjectList list, int from, int parity) {
        for (int number = from; number < list.next(); number++) {
            ids.remove(IdentityHash.peek(list.object(number)), number << 1 | parity);
        }
        list.truncate(from);
    }

    /** Forgets all but the survivors, which get other ids: the same ones on both sides. */
    void retain(Survivors survivors) {
        own.retain(survivors.own());
        peers.retain(survivors.peers());
        indexAnew();
    }

    /** Forgets the own objects from a number on, of which the other side has not heard. */
    void withdraw(int from) {
        own.truncate(from);
        // Anew, since a refusal can leave the id of an object that did not come into the list.
        indexAnew();
    }

    private void indexAnew() {
        ids.clear();
        indexed = 0;
        for (int number = 0; number < own.next(); number++) {
            Object object = own.object(number);
            ids.findOrPut(object, IdentityHash.peek(object), number << 1 | side.parity());
        }
    }

    /** Whether an object has become known since a mark. */
    boolean isSince(Mark mark, ObjectList list, int number) {
        return number >= (list == own ? mark.own : mark.peers);
    }

    /** Forgets everything, as after RESET. */
    public void clear() {
        ids.clear();
        own.clear();
        peers.clear();
        indexed = 0;
    }
}
