// What the two directions of one connection share at one end: the object table, the class numbers, the limits.
// One thread uses it at a time; it is thrown away with its connection.
package dev.beehive.runtime.codec;

import java.util.List;

/** The object codec of one end of a connection. */
public final class CodecSession {
    private final Loaders loaders;
    private final ObjectTable table;
    private final Links links;
    private final Encoder encoder;
    private final Decoder decoder;
    private final OwnStatics ownStatics;
    private List<Object> held = List.of();

    /**
     * A session for messages that stand alone.
     *
     * @param seed the connection's seed for identity hash codes, the same on both sides
     * @param application the loader that finds the application's classes
     * @param closure what to send and what to leave at home; a worker sends everything
     */
    public CodecSession(Side side, long seed, ClassLoader application, Closure closure, Limits limits) {
        this(side, seed, application, closure, limits, ChangeSource.NONE);
    }

    private CodecSession(Side side, long seed, ClassLoader application, Closure closure, Limits limits,
            ChangeSource changes) {
        loaders = new Loaders(application);
        ownStatics = new OwnStatics(application);
        table = new ObjectTable(side, seed);
        links = new Links(table);
        encoder = new Encoder(table, links, loaders, closure, changes, limits);
        decoder = new Decoder(table, links, loaders, changes, limits);
    }

    /** A session that also tells what has changed in shared objects, by comparing all of them. */
    public static CodecSession comparing(Side side, long seed, ClassLoader application, Closure closure,
            Limits limits) {
        return new CodecSession(side, seed, application, closure, limits, new Comparison());
    }

    public ObjectTable table() {
        return table;
    }

    public Encoder encoder() {
        return encoder;
    }

    public Decoder decoder() {
        return decoder;
    }

    /** An invocation begins: what becomes known from here on may be forgotten together. */
    public void beginInvocation() {
        links.begin();
        encoder.beginInvocation();
        encoder.tellInterned(table.isHome() && loaders.comparesStrings());
    }

    /** Keeps what has become known during this invocation. */
    public void keep() {
        links.keep();
    }

    /** Keeps it if the object has become known with it. */
    public void keepIfNew(Object object) {
        links.to(object);
    }

    /** Whether nothing that was known before the invocation refers to what has become known during it. */
    public boolean canForgetInvocation() {
        return !links.found();
    }

    /** Forgets what has become known since the invocation began. Both sides do it at the same place. */
    public void forgetInvocation() {
        table.truncate(links.since());
    }

    /** Takes back what has changed in shared objects since it was last agreed on. */
    public void restoreAgreed() throws MalformedMessage {
        table.own().restoreChanged();
        table.peers().restoreChanged();
    }

    /**
     * Forgets what can be reached neither from these objects nor from classes and static fields. Between two invocations.
     *
     * @return what the other side has to be told, to forget the same: see {@link #forgetAsTold}
     */
    public byte[] forgetUnreachable(Iterable<?> roots) {
        return told(Survivors.from(table, roots));
    }

    /**
     * The same, and these objects besides, which are then told anew as what they are at home. Null, and nothing forgotten,
     * when they cannot be done without.
     */
    public byte[] forgetUnreachable(Iterable<?> roots, List<Object> besides) {
        Survivors survivors = Survivors.without(besides, table, roots);
        return survivors == null ? null : told(survivors);
    }

    private byte[] told(Survivors survivors) {
        MessageWriter told = new MessageWriter();
        survivors.write(told);
        table.retain(survivors);
        return told.toByteArray();
    }

    /** Forgets what the other side has forgotten; reads which from the message at hand. */
    public void forgetAsTold() throws MalformedMessage {
        table.retain(Survivors.read(table, decoder.reader()));
    }

    /**
     * Decides whether JPA's objects (factories, entity managers, queries) stay at home or travel like any other; at first
     * they stay, and those that have travelled cannot stay any more. Between two messages.
     *
     * @param toldOfUses whether the worker refuses where one would need a connection: then the others may travel, too
     */
    public void keepPersistenceAtHome(boolean keep, boolean toldOfUses) throws OffloadRefused {
        encoder.keepPersistenceAtHome(keep, toldOfUses);
    }

    /** What has to be done on the worker before it can read everything. */
    public Preparation preparation() {
        return encoder.preparation();
    }

    /** At a worker, writes what static fields of its own have come to lead to of what home knows: see {@link #heldWritten}. */
    public void writeHeld() throws OffloadRefused {
        held = ownStatics.newlyHeld(table);
        encoder.writeRoots(held.toArray());
    }

    /** The message that holds it has been sent: it need not be told again. */
    public void heldWritten() {
        if (!held.isEmpty()) {
            ownStatics.told(held);
            held = List.of();
        }
    }

    /** Whether the other side has the static fields of a class. */
    public boolean knowsStatics(Class<?> type) {
        return table.idOf(Statics.of(type)) != ObjectTable.NONE;
    }

    /** Forgets all objects and classes, as both sides do at RESET. */
    public void reset() {
        table.clear();
        links.begin();
        encoder.reset();
        decoder.reset();
    }
}
