// Reads the messages of one connection's other side. Trusts nothing: counts, numbers, classes and types are checked.
// After a MalformedMessage the connection must be closed; objects of the message may be half filled.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.IdentityHash;
import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;

/** Decodes one message at a time: {@link #begin}, as many {@link #readRoot} as were written, {@link #finish()}. */
public final class Decoder {
    private final ObjectTable table;
    private final ObjectList peers;
    private final Links links;
    private final Loaders loaders;
    private final ChangeSource changes;
    private final ClassReader classes;
    private final Limits limits;
    private final MessageReader in = new MessageReader();
    private StubMaker stubs = StubMaker.NONE;
    private boolean barriersNeeded;
    private List<Object> escaped = List.of();
    private List<Object> unplaced = List.of();
    private long heapLeft;
    private boolean wasThere;
    private int pending;
    private boolean mayFinish;

    Decoder(ObjectTable table, Links links, Loaders loaders, ChangeSource changes, Limits limits) {
        this.table = table;
        this.links = links;
        this.loaders = loaders;
        this.changes = changes;
        this.peers = table.peers();
        this.limits = limits;
        this.classes = new ClassReader(loaders, limits.classes());
    }

    /** Makes this the end of a real worker: stand-ins can be made, and shells only of classes with barriers. */
    public void serveRewrittenClasses(StubMaker maker) {
        stubs = maker;
        barriersNeeded = true;
    }

    /** What a worker can do about an object that is only half here. */
    StubMaker stubs() {
        return stubs;
    }

    boolean isWorker() {
        return barriersNeeded;
    }

    /**
     * What the other side has made since they were forgotten, of classes whose instances stay where they are; and its thread,
     * which is another one's in the next invocation.
     */
    public List<Object> escaped() {
        return escaped;
    }

    /** The same, and forgets them. */
    public List<Object> takeEscaped() {
        List<Object> its = escaped;
        escaped = List.of();
        return its;
    }

    /** The keys of a map have their codes asked once the message has been read. */
    void placeLater(Object map) {
        unplaced = unplaced.isEmpty() ? new ArrayList<>() : unplaced;
        unplaced.add(map);
    }

    boolean isPlacedLater(Object map) {
        return unplaced.stream().anyMatch(each -> each == map);
    }

    /** Asks the keys that had to wait. Runs code of the application, on a worker perhaps a question to home. */
    public void placeKeys() {
        while (!unplaced.isEmpty()) {
            Object map = unplaced.remove(unplaced.size() - 1);
            if (Shapes.of(map.getClass()) instanceof ImmutableTableShape immutable) {
                immutable.place(map);
                continue;
            }
            int[] codes = HashTable.otherCodes(map);
            if (codes != null) {
                HashTable.place(map, codes);
                int id = table.idOf(map);
                if (id != ObjectTable.NONE) {
                    // The order of its entries is no change.
                    ObjectList list = table.listOf(id);
                    changes.contentsShared(map, list.shape(id >>> 1), list, id >>> 1);
                }
            }
        }
    }

    /** The first of these that only one side may use, because its threads wait for each other; null without one. */
    public static Object firstOfOneSide(List<Object> escaped) {
        return escaped.stream().filter(each -> !(each instanceof Thread) && !PinnedTypes.isLockFree(each.getClass()))
            .findFirst().orElse(null);
    }

    /** Starts on a message. */
    public void begin(byte[] bytes, int from, int length) throws MalformedMessage {
        if (length > limits.messageBytes()) {
            throw new MalformedMessage("message of " + length + " bytes");
        }
        in.reset(bytes, from, length);
        heapLeft = limits.heapBytes();
        pending = peers.next();
    }

    /** What was known has been forgotten in part, before anything of the message was numbered. */
    public void beginBehindForgotten() {
        pending = peers.next();
    }

    /** The message, for numbers that stand between references. */
    public MessageReader reader() {
        return in;
    }

    /** Reads a reference; the object's contents are there after {@link #finish()}. */
    public Object readRoot() throws MalformedMessage {
        return read(Object.class);
    }

    /** Reads what {@link Encoder#writeRoots} wrote. */
    public Object[] readRoots() throws MalformedMessage {
        int count = in.readCount(1);
        charge(8L * count);
        Object[] objects = new Object[count];
        for (int i = 0; i < objects.length; i++) {
            objects[i] = readRoot();
        }
        return objects;
    }

    /** Reads a reference to an object that both sides know already. */
    public Object readKnown() throws MalformedMessage {
        int next = peers.next();
        Object object = read(Object.class);
        if (object == null || peers.next() != next) {
            throw new MalformedMessage("a new object where a known one belongs");
        }
        return object;
    }

    /** Reads what {@link Encoder#writeRoots} wrote of objects that both sides know already. */
    public Object[] readAllKnown() throws MalformedMessage {
        Object[] known = new Object[in.readCount(1)];
        for (int i = 0; i < known.length; i++) {
            known[i] = readKnown();
        }
        return known;
    }

    /** Reads the contents of a known object, until now a shell. */
    public void readFill(int id) throws MalformedMessage {
        ObjectList list = table.listOf(id);
        Object object = list.object(id >>> 1);
        if (object == null || list.state(id >>> 1) != ObjectList.SHELL) {
            throw new MalformedMessage("object " + id + " is not a shell");
        }
        links.keep();
        list.setState(id >>> 1, ObjectList.FILLED);
        list.shape(id >>> 1).readContents(object, this);
        changes.contentsShared(object, list.shape(id >>> 1), list, id >>> 1);
        mark(object, list.shape(id >>> 1), ObjectTable.handleOf(id));
    }

    /**
     * Reads what {@link Encoder#writeChanges} wrote; nothing is changed until the set is applied. Refused when both sides
     * have changed one object by atomic instructions, each for itself.
     */
    public ChangeSet readChanges() throws MalformedMessage, OffloadRefused {
        ChangeSet read = new ChangeSet();
        for (int token = in.readUnsigned(); token != Token.NULL; token = in.readUnsigned()) {
            if ((token & Token.FORM_MASK) != Token.KNOWN) {
                throw new MalformedMessage("reference " + token + " where changes belong");
            }
            int rest = token >>> Token.FORM_BITS;
            Object object = known(rest);
            ObjectList list = knownIn(rest);
            int number = list.next() - (rest >>> 1);
            Object agreed = list.agreed(number);
            Shape shape = list.shape(number);
            mayFinish = list == peers && list.state(number) == ObjectList.FILLED;
            if (agreed == null && !(mayFinish && shape.hasFinals())) {
                throw new MalformedMessage("changes of an object that has nothing to change");
            }
            if (agreed != null && shape.isAtomic() && shape.differs(object, agreed)) {
                String text = "a " + shape.type().getName() + " changed here and there";
                throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_CONCURRENT_ESCAPE, text, "");
            }
            links.of(list, number);
            read.of(list, number, list == peers && number >= links.since().peers());
            shape.readChanges(object, agreed, this, read);
            links.ofNothing();
        }
        return read;
    }

    /** Whether final fields may be among the changes at hand: of an object that the other side has introduced. */
    boolean mayFinish() {
        return mayFinish;
    }

    /** Reads the contents of everything that was declared, and checks that nothing is left over. */
    public void finish() throws MalformedMessage {
        for (; pending < peers.next(); pending++) {
            Shape shape = peers.shape(pending);
            if (shape.has(Shape.CONTENTS) && peers.state(pending) == ObjectList.FILLED) {
                Object object = peers.object(pending);
                shape.readContents(object, this);
                changes.contentsShared(object, shape, peers, pending);
            }
        }
        if (in.remaining() != 0) {
            throw new MalformedMessage(in.remaining() + " bytes left over");
        }
    }

    /** Reads a reference that will be stored where only `expected` may be. */
    Object read(Class<?> expected) throws MalformedMessage {
        Object object = readAny();
        if (object != null && !expected.isInstance(object)) {
            throw new MalformedMessage(object.getClass().getName() + " where " + expected.getName() + " belongs");
        }
        return object;
    }

    private Object readAny() throws MalformedMessage {
        int token = in.readUnsigned();
        int rest = token >>> Token.FORM_BITS;
        return switch (token & Token.FORM_MASK) {
            case Token.KNOWN -> known(rest);
            case Token.NEW -> declared(rest, table.codeFor(table.nextPeerId()));
            case Token.NEW_WITH_CODE -> declared(rest, in.readInt());
            default -> special(token);
        };
    }

    private Object special(int token) throws MalformedMessage {
        switch (token) {
            case Token.NULL:
                return null;
            case Token.SHELL:
                return shell(in.readUnsigned());
            case Token.CONSTANT:
                return constant();
            case Token.PINNED:
                return pinned();
            case Token.DEFINE:
                classes.define(in);
                return readAfterDefinition();
            default:
                throw new MalformedMessage("reference " + token);
        }
    }

    /** One definition stands before a reference at most, so that a message of definitions cannot recurse. */
    private Object readAfterDefinition() throws MalformedMessage {
        int token = in.readUnsigned();
        int rest = token >>> Token.FORM_BITS;
        return switch (token & Token.FORM_MASK) {
            case Token.NEW -> declared(rest, table.codeFor(table.nextPeerId()));
            case Token.NEW_WITH_CODE -> declared(rest, in.readInt());
            default -> {
                if (token != Token.SHELL) {
                    throw new MalformedMessage("reference " + token + " after a class definition");
                }
                yield shell(in.readUnsigned());
            }
        };
    }

    private Object constant() throws MalformedMessage {
        Class<?> holder = readClass();
        Object object = JdkConstants.resolve(holder, in.readName());
        if (object == null) {
            throw new MalformedMessage("a constant of " + holder.getName() + " that is null");
        }
        links.to(peers, peers.next());
        IdentityHash.agree(object, table.codeFor(table.nextPeerId()));
        peers.add(object, ConstantShape.INSTANCE, ObjectList.FILLED);
        return object;
    }

    private ObjectList knownIn(int rest) {
        return (rest & 1) == 0 ? peers : table.own();
    }

    private Object known(int rest) throws MalformedMessage {
        ObjectList list = knownIn(rest);
        Object object = list.object(list.next() - (rest >>> 1));
        if (object == null) {
            String whose = list == peers ? "the sender's" : "the reader's";
            throw new MalformedMessage("an object that is not known, " + (rest >>> 1) + " back of " + whose + " " + list.next());
        }
        links.to(list, list.next() - (rest >>> 1));
        return object;
    }

    private Object declared(int classNumber, int code) throws MalformedMessage {
        Shape shape = classes.shape(classNumber);
        int number = peers.next();
        links.to(peers, number);
        if (shape.type() == Method.class) {
            links.keep();
        }
        int handle = ObjectTable.handleOf(table.nextPeerId());
        Object object = shape.create(this);
        if (shape.has(Shape.STAYS) || object instanceof Thread) {
            escaped = escaped.isEmpty() ? new ArrayList<>() : escaped;
            escaped.add(object);
        }
        if (peers.next() != number) {
            throw new MalformedMessage("a declaration inside that of a " + shape.type().getName());
        }
        adopt(object, shape, code);
        mark(object, shape, handle);
        peers.add(object, shape, ObjectList.FILLED);
        return object;
    }

    private Object shell(int rest) throws MalformedMessage {
        Shape shape = classes.shape(rest >>> 1);
        if (!shape.has(Shape.MAY_STAY)) {
            throw new MalformedMessage("shell of " + shape.type().getName());
        }
        if (barriersNeeded && shape.handleOffset() < 0) {
            throw new MalformedMessage("class " + shape.type().getName() + " has no barriers here");
        }
        links.to(peers, peers.next());
        int id = table.nextPeerId();
        int code = (rest & 1) == 0 ? table.codeFor(id) : in.readInt();
        Object object = shape.create(this);
        adopt(object, shape, code);
        mark(object, shape, -ObjectTable.handleOf(id));
        peers.add(object, shape, ObjectList.SHELL);
        return object;
    }

    private Object pinned() throws MalformedMessage {
        links.to(peers, peers.next());
        int id = table.nextPeerId();
        int code = in.readUnsigned() == 0 ? table.codeFor(id) : in.readInt();
        Class<?> superclass = readClass();
        Class<?>[] interfaces = new Class<?>[in.readCount(1)];
        for (int i = 0; i < interfaces.length; i++) {
            interfaces[i] = readClass();
        }
        Object stub = stubs.make(superclass, interfaces);
        IdentityHash.install(stub, code & Integer.MAX_VALUE);
        long handle = FieldLayout.handleOffset(superclass);
        if (handle >= 0) {
            Memory.putInt(stub, handle, -ObjectTable.handleOf(id));
        }
        peers.add(stub, PinnedShape.INSTANCE, ObjectList.PINNED);
        return stub;
    }

    /** What has been created was there before: it keeps the identity hash code that it may have. */
    <T> T known(T object) {
        wasThere = true;
        return object;
    }

    private void adopt(Object object, Shape shape, int code) {
        int valid = code & Integer.MAX_VALUE;
        boolean keeps = wasThere || shape.has(Shape.NAMED);
        wasThere = false;
        if (keeps) {
            IdentityHash.agree(object, valid);
        } else {
            IdentityHash.install(object, valid);
        }
    }

    private static void mark(Object object, Shape shape, int handle) {
        if (shape.handleOffset() >= 0) {
            Memory.putInt(object, shape.handleOffset(), handle);
        }
    }

    /** Counts heap that is about to be allocated. */
    void charge(long bytes) throws MalformedMessage {
        heapLeft -= bytes;
        if (heapLeft < 0) {
            throw new MalformedMessage("message asks for more than " + limits.heapBytes() + " bytes of heap");
        }
    }

    ClassLoader readLoader() throws MalformedMessage {
        return loaders.read(in);
    }

    Class<?> readClass() throws MalformedMessage {
        return classes.readReference(in);
    }

    /** Forgets the classes that have been numbered, as after RESET. */
    void reset() {
        classes.clear();
    }
}
