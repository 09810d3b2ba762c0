// Writes objects into messages of one connection: references as they come, contents behind them.
// Owns the order of things; what each object says is its Shape's, what may stay home is the Closure's.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.IdentityHash;
import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * Encodes one message at a time: {@link #begin()}, any number of {@link #writeRoot}, {@link #finish()}.
 * After an OffloadRefused the message is either taken back, or both sides must be reset or the connection closed: classes
 * and objects have been numbered that the peer never saw.
 */
public final class Encoder {
    /** Names are short; asking of a long text would cost more than it is worth. */
    private static final int INTERNED_CHARS_MAX = 64;
    /** Room for one reference, definitions and declarations apart. */
    static final int REFERENCE_BYTES_MAX = MessageWriter.NUMBER_BYTES_MAX + Integer.BYTES;

    private final ObjectTable table;
    private final ObjectList own;
    private final Links links;
    private final ClassWriter classes;
    private final Unsent unsent;
    private final Loaders loaders;
    private final Closure closure;
    private final ChangeSource changes;
    private final Limits limits;
    private final MessageWriter out = new MessageWriter();
    private final KeptContainers kept = new KeptContainers();
    private final Roots roots = new Roots(kept);
    private final Preparation preparation = new Preparation();
    private final Unfinished unfinished;
    private final Shape[] lastShape = {ConstantShape.INSTANCE};
    private int pending;
    private boolean volatileChanged;
    private boolean persistenceAtHome = true;
    /** The worker has objects of JPA's. */
    private boolean persistenceMoved;
    private boolean tellsInterned;
    /** Made for the worker alone. */
    private Object fresh;

    Encoder(ObjectTable table, Links links, Loaders loaders, Closure closure, ChangeSource changes, Limits limits) {
        this.table = table;
        this.links = links;
        this.loaders = loaders;
        this.own = table.own();
        this.closure = closure;
        this.changes = changes;
        this.limits = limits;
        this.classes = new ClassWriter(out, loaders);
        this.unsent = new Unsent(table, classes);
        this.unfinished = new Unfinished(table);
    }

    /** Starts a message. */
    public void begin() {
        out.clear();
        roots.clear();
        unsent.begin();
        unfinished.beginMessage();
        pending = own.next();
    }

    /** The message at hand will not be sent: what it would have told is still to be told. */
    public void takeBack() {
        unsent.takeBack();
    }

    /** The message's bytes so far, for numbers that stand between references. */
    public MessageWriter writer() {
        return out;
    }

    /** Writes a reference; contents of new objects follow with {@link #finish()}. */
    public void writeRoot(Object object) throws OffloadRefused {
        roots.add(object);
        try {
            write(object);
        } catch (OffloadRefused refused) {
            throw roots.locate(refused);
        }
    }

    /**
     * Writes what a call has returned.
     *
     * @param isFresh made for the caller, and nobody else's: it travels even if it is of a class that threads share
     */
    public void writeResult(Object result, boolean isFresh) throws OffloadRefused {
        fresh = isFresh ? result : null;
        try {
            writeRoot(result);
        } finally {
            fresh = null;
        }
    }

    /** Writes how many references follow, and each: the array itself does not become known. */
    public void writeRoots(Object[] objects) throws OffloadRefused {
        out.writeUnsigned(objects.length);
        for (Object object : objects) {
            writeRoot(object);
        }
    }

    /** Writes the contents of a known object that the peer holds as a shell. */
    public void writeFill(int id) throws OffloadRefused {
        ObjectList list = table.listOf(id);
        Object object = list.object(id >>> 1);
        roots.add(object);
        if (list.state(id >>> 1) == ObjectList.FILLED) {
            throw new IllegalStateException("object " + id + " is not a shell");
        }
        links.keep();
        unsent.tells(list, id >>> 1);
        list.setState(id >>> 1, ObjectList.FILLED);
        changes.contentsShared(object, list.shape(id >>> 1), list, id >>> 1);
        try {
            unfinished.tells(object, list.shape(id >>> 1));
            list.shape(id >>> 1).writeContents(object, this);
        } catch (OffloadRefused refused) {
            throw roots.locate(refused);
        }
    }

    /** Writes what has changed in shared objects since it was last agreed on; returns whether anything had. */
    public boolean writeChanges() throws OffloadRefused {
        int before = out.size();
        try {
            do {
                volatileChanged = false;
                Memory.fullFence();
                changes.forEachChanged(table, this::writeChange);
                // What was written before a volatile field was, must not arrive after it.
            } while (volatileChanged);
            unfinished.writeChanges(this);
        } catch (OffloadRefused refused) {
            throw roots.locate(refused);
        }
        boolean any = out.size() > before;
        out.writeUnsigned(Token.NULL);
        return any;
    }

    /** Whether there is anything to write as changes. */
    public boolean hasChanges() {
        boolean[] any = {unfinished.hasChanges()};
        try {
            changes.forEachChanged(table, id -> any[0] = true);
        } catch (OffloadRefused refused) {
            // Then writing them will say so.
            return true;
        }
        return any[0];
    }

    private void writeChange(int id) throws OffloadRefused {
        ObjectList list = table.listOf(id);
        int number = id >>> 1;
        Object object = list.object(number);
        Shape shape = list.shape(number);
        Object before = list.agreed(number);
        roots.add(object);
        Object now = shape.capture(object);
        write(object);
        links.of(list, number);
        shape.writeChanges(object, before, now, this);
        links.ofNothing();
        unsent.tells(list, number);
        list.setAgreed(number, now);
        volatileChanged |= shape.hasVolatile(object);
    }

    /** Writes what has been set of the final fields of an object that was told while it was being made. */
    void writeFinals(Object object, Shape shape, Object before) throws OffloadRefused {
        int id = table.idOf(object);
        roots.add(object);
        write(object);
        links.of(table.listOf(id), id >>> 1);
        shape.writeFinals(object, before, this);
        links.ofNothing();
    }

    /** An invocation begins. */
    void beginInvocation() {
        unfinished.clear();
    }

    /** Writes the contents of everything that has been declared. */
    public void finish() throws OffloadRefused {
        try {
            for (; pending < own.next(); pending++) {
                Shape shape = own.shape(pending);
                if (shape.has(Shape.CONTENTS) && own.state(pending) == ObjectList.FILLED) {
                    Object object = own.object(pending);
                    // Captured before it is written: what another thread changes in between is sent once more.
                    changes.contentsShared(object, shape, own, pending);
                    unfinished.tells(object, shape);
                    shape.writeContents(object, this);
                }
                limits.checkMessage(out.size());
            }
            preparation.checkMessage();
        } catch (OffloadRefused refused) {
            throw roots.locate(refused);
        }
    }

    /** Writes one reference of a place that has no memory of its own. */
    void write(Object object) throws OffloadRefused {
        write(object, lastShape, 0);
    }

    /**
     * Writes one reference, declaring the object if the peer does not know it. `seen[at]` is the shape last met at the
     * same place: objects of one place are mostly of one class.
     */
    void write(Object object, Shape[] seen, int at) throws OffloadRefused {
        out.reserve(REFERENCE_BYTES_MAX);
        if (object == null) {
            out.putByte(Token.NULL);
            return;
        }
        int code = IdentityHash.peek(object);
        if (code == 0) {
            code = IdentityHash.agree(object, table.codeFor(table.nextOwnId()));
        }
        int id = table.idOrReserve(object, code);
        if (id == ObjectTable.NONE) {
            Shape shape = seen[at];
            if (shape.type() != object.getClass()) {
                shape = Shapes.of(object.getClass());
                seen[at] = shape;
            }
            declare(object, shape, code);
        } else {
            putKnown(id);
        }
    }

    private void putKnown(int id) {
        ObjectList list = table.listOf(id);
        links.to(list, id >>> 1);
        int distance = list.next() - (id >>> 1);
        int byReader = list == own ? 0 : 1;
        out.putUnsigned((distance << 1 | byReader) << Token.FORM_BITS | Token.KNOWN);
    }

    private void declare(Object object, Shape shape, int code) throws OffloadRefused {
        links.to(own, own.next());
        if (shape.type() == Method.class) {
            links.keep();
        }
        shape.learn();
        boolean stays = kept.include(object, shape) && declarePinned(object, shape, code);
        if (stays || shape.isSpecial() && declareSpecially(object, shape, code)) {
            return;
        }
        int number = classes.numberOf(shape);
        checkPrepared(shape);
        boolean explicit = code != table.codeFor(table.nextOwnId());
        out.putUnsigned(number << Token.FORM_BITS | (explicit ? Token.NEW_WITH_CODE : Token.NEW));
        if (explicit) {
            out.putInt(code);
        }
        mark(object, shape);
        own.add(object, shape, ObjectList.FILLED);
        if (shape instanceof StringShape strings) {
            // The most frequent way, named so that the JIT can inline it.
            strings.declare(object, this);
        } else if (shape.has(Shape.DECLARES)) {
            shape.declare(object, this);
        }
    }

    private void mark(Object object, Shape shape) {
        long handle = shape.handleOffset();
        if (handle >= 0 && Memory.getInt(object, handle) == 0) {
            Memory.putInt(object, handle, ObjectTable.handleOf(table.nextOwnId()));
        }
    }

    /** Constants of the JDK and objects that stay at home; false for all others. */
    private boolean declareSpecially(Object object, Shape shape, int code) throws OffloadRefused {
        if (shape.hasConstants() && writeConstant(object, shape)) {
            return true;
        }
        if (shape.has(Shape.PERSISTENCE) && table.isHome()) {
            if (persistenceAtHome) {
                throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_PERSISTENCE_AT_HOME, shape.type().getName(), "");
            }
            persistenceMoved = true;
        }
        if (shape.has(Shape.STAYS) && table.isHome() && object != fresh) {
            return declarePinned(object, shape, code);
        }
        if (shape.has(Shape.STAYS) && PinnedTypes.isOpened(shape.type())) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_RESOURCE_ESCAPE, shape.type().getName(), "");
        }
        if (!shape.has(Shape.MAY_STAY) || closure.includes(object)) {
            return false;
        }
        int number = classes.numberOf(shape);
        checkPrepared(shape);
        boolean explicit = code != table.codeFor(table.nextOwnId());
        out.writeUnsigned(Token.SHELL);
        out.writeUnsigned(number << 1 | (explicit ? 1 : 0));
        if (explicit) {
            out.writeInt(code);
        }
        own.add(object, shape, ObjectList.SHELL);
        return true;
    }

    /** False for what cannot be stood in for and is refused for a reason of its own. */
    private boolean declarePinned(Object object, Shape shape, int code) throws OffloadRefused {
        Facade facade = Facade.of(object.getClass());
        if (!facade.isPossible()) {
            if (shape instanceof RefusedShape) {
                return false;
            }
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_PINNED_FINAL, shape.type().getName(), "");
        }
        boolean explicit = code != table.codeFor(table.nextOwnId());
        out.writeUnsigned(Token.PINNED);
        out.writeUnsigned(explicit ? 1 : 0);
        if (explicit) {
            out.writeInt(code);
        }
        classes.writeReference(facade.superclass());
        checkPrepared(facade.superclass());
        out.writeUnsigned(facade.interfaces().size());
        for (Class<?> each : facade.interfaces()) {
            classes.writeReference(each);
            checkPrepared(each);
        }
        own.add(object, PinnedShape.INSTANCE, ObjectList.PINNED);
        return true;
    }

    private boolean writeConstant(Object object, Shape shape) throws OffloadRefused {
        Field place = JdkConstants.placeOf(object);
        if (place == null) {
            return false;
        }
        out.writeUnsigned(Token.CONSTANT);
        classes.writeReference(place.getDeclaringClass());
        out.writeName(place.getName());
        own.add(object, ConstantShape.INSTANCE, ObjectList.FILLED);
        return true;
    }

    /** Refuses when another thread has changed a collection while it was read. */
    void checkUndisturbed(boolean undisturbed, Object collection) throws OffloadRefused {
        if (!undisturbed) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_RACE, collection.getClass().getName(), "");
        }
    }

    /** Refuses before a large array is copied into a message that could not be sent. */
    void checkRoom(long more) throws OffloadRefused {
        limits.checkMessage(out.size() + more);
    }

    void writeLoader(ClassLoader loader) throws OffloadRefused {
        loaders.write(loader, out);
    }

    /** Writes which class is meant. */
    void writeClass(Class<?> type) throws OffloadRefused {
        classes.writeReference(type);
    }

    /** Notes what the worker has to initialise before it reads an instance. */
    private void checkPrepared(Shape shape) {
        if (!shape.initialisers().isEmpty() && table.isHome()) {
            preparation.check(shape.initialisers());
        }
    }

    /** The same for the superclass of a stand-in, or a class whose static fields are sent. */
    void checkPrepared(Class<?> type) {
        checkPrepared(Shapes.of(type));
    }

    Preparation preparation() {
        return preparation;
    }

    /** At home: a call that was made on an object has brought what the next message will tell. */
    public void called(Object target, Object result) {
        kept.called(target, result);
    }

    /** At home: whether a message that was refused and taken back can be written again, with something kept out of it. */
    public boolean keepsOut(OffloadRefused refused) {
        return table.isHome() && kept.add(refused) && table.idOf(refused.container()) == ObjectTable.NONE;
    }

    /** Whether JPA's objects stay at home. Refused when the worker has some, unless it tells when it uses them. */
    void keepPersistenceAtHome(boolean keep, boolean toldOfUses) throws OffloadRefused {
        if (keep && persistenceMoved && !toldOfUses) {
            String text = "objects of JPA's that the worker has from invocations before";
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_PERSISTENCE_AT_HOME, text, "");
        }
        persistenceAtHome = keep && !persistenceMoved;
    }

    boolean isHome() {
        return table.isHome();
    }

    /** Whether strings that are met are asked if they are interned. */
    void tellInterned(boolean tells) {
        tellsInterned = tells;
    }

    /** Whether the worker is to have its own interned string for this one. */
    boolean isInterned(String string) {
        return tellsInterned && string.length() <= INTERNED_CHARS_MAX && string.intern() == string;
    }

    /** Forgets the classes that have been numbered, as after RESET. */
    void reset() {
        classes.clear();
        persistenceMoved = false;
    }
}
