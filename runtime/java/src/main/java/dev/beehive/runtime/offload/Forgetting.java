// What the server's end remembers from one invocation to the next, besides objects. Keeps the object tables of a
// connection small: after an invocation, what became known during it is forgotten on both sides, unless something older
// has come to refer to it. Then it stays until the tables have grown by half; from time to time what cannot be reached
// any more is told from what can, and only when that is too much as well, all is forgotten.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.MessageWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/** Of the server's end of one connection. */
final class Forgetting {
    /** What INVOKE says first. */
    static final int NOTHING = 0;
    static final int LAST_INVOCATION = 1;
    /** Besides: databases are used at home. */
    static final int DATABASES_AT_HOME = 2;
    /** What is not among the survivors that follow. */
    static final int UNREACHABLE = 4;
    /** Besides: home is asked before the first write into a database. */
    static final int REHEARSAL = 8;
    /** Besides: what the root does that others see has not been rehearsed to its end yet. */
    static final int NEW = 16;
    /** By how many objects the tables may grow, by their size, before it is worth looking for those out of reach. */
    static final IntUnaryOperator BY_HALF = size -> Math.max(1_000, size / 2);
    private static final int GROWTH_MAX = 4;
    private static final int OBJECTS_MIN = 20_000;
    private static final int NAME_CHARS_MAX = 200;

    private final AgreedReads agreed;
    private final IntUnaryOperator growth;
    private final Receivers receivers = new Receivers();
    private String threadName = "";
    private int pending = NOTHING;
    private byte[] survivors;
    /** How many classes' static fields the worker has of each list that was sent whole. */
    private final Map<Collection<Class<?>>, Integer> statics = new IdentityHashMap<>();
    /** What only static fields of the worker's may refer to. */
    private final Set<Object> held = Collections.newSetFromMap(new IdentityHashMap<>());
    private int sizeAtFirst;
    private int sizeAtLast;

    Forgetting(AgreedReads agreed, IntUnaryOperator growth) {
        this.agreed = agreed;
        this.growth = growth;
    }

    /** Writes what the worker is to forget before the next invocation, and what else it has to know of it: flags. */
    void write(int flags, MessageWriter out) {
        out.writeUnsigned(pending | flags);
        if (pending == UNREACHABLE) {
            out.writeBytes(survivors, 0, survivors.length);
        }
    }

    /** What was written is on its way. */
    void sent() {
        pending = NOTHING;
        survivors = null;
    }

    /** What was written will not be sent; what is still to be forgotten is told the next time. */
    void notSent() {
        threadName = "";
        statics.clear();
    }

    /** Whether the worker has all static fields of this list, which only grows; from then on it has. */
    boolean hasStatics(Collection<Class<?>> list) {
        Integer had = statics.put(list, list.size());
        return had != null && had == list.size();
    }

    /** An invocation begins on this object. */
    void uses(Object receiver) {
        receivers.used(receiver);
    }

    /** Static fields that only the worker has lead to these objects. True when some are new. */
    boolean holds(Object[] objects) {
        return Collections.addAll(held, objects);
    }

    /** An invocation has ended. Forgets what is possible; true when everything has to be forgotten instead. */
    boolean isDue(CodecSession codec) {
        if (codec.canForgetInvocation()) {
            codec.forgetInvocation();
            pending = LAST_INVOCATION;
            return false;
        }
        int size = codec.table().size();
        if (sizeAtFirst == 0) {
            sizeAtFirst = size;
            sizeAtLast = size;
        }
        if (size - sizeAtLast > growth.applyAsInt(sizeAtLast)) {
            forgetUnreachable(codec);
        }
        return codec.table().size() > GROWTH_MAX * Math.max(sizeAtFirst, OBJECTS_MIN);
    }

    /**
     * An invocation has ended that has brought objects which the worker must not use again, as others may use them here.
     * True when they could be forgotten, what home has in their places being told anew.
     */
    boolean forgets(CodecSession codec, List<Object> escaped) {
        if (codec.canForgetInvocation()) {
            codec.forgetInvocation();
            pending = LAST_INVOCATION;
            return true;
        }
        byte[] told = codec.forgetUnreachable(roots(), escaped);
        if (told != null) {
            forgetting(told, codec);
        }
        return told != null;
    }

    private void forgetUnreachable(CodecSession codec) {
        forgetting(codec.forgetUnreachable(roots()), codec);
    }

    private void forgetting(byte[] told, CodecSession codec) {
        survivors = told;
        pending = UNREACHABLE;
        sizeAtLast = codec.table().size();
    }

    private List<Object> roots() {
        List<Object> roots = new ArrayList<>(receivers.ofLate());
        roots.addAll(held);
        agreed.forEachObject(roots::add);
        return roots;
    }

    /** The name of the calling thread if the worker does not have it yet, else empty. */
    String threadName() {
        String name = Thread.currentThread().getName();
        if (name.equals(threadName) || name.length() > NAME_CHARS_MAX) {
            return "";
        }
        threadName = name;
        return name;
    }

    /**
     * Forgets everything. False when the worker cannot do the same, since static fields of its own refer to it: another one
     * must take its place.
     */
    boolean everything(CodecSession codec) {
        boolean mayStay = held.isEmpty() && !codec.preparation().isUsed();
        codec.reset();
        agreed.clear();
        pending = NOTHING;
        survivors = null;
        receivers.clear();
        held.clear();
        statics.clear();
        sizeAtFirst = 0;
        return mayStay;
    }
}
