// Reads of pinned objects whose answers a worker may keep: the level of a logger, a thread-local of the calling thread,
// one key of a concurrent map. Home asks each of them again whenever it sends what has changed, and sends those that have
// another answer; so a worker sees at its sync points what it would have seen there by asking.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.Encoder;
import dev.beehive.runtime.codec.ObjectTable;
import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.lang.ref.SoftReference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** Of the server's end of one connection. */
final class AgreedReads {
    /** Every sync point asks all of them but levels: more would cost more than they save. */
    static final int READS_MAX = 1_024;
    /** A level is asked for at every so many sync points. */
    private static final int LEVEL_TURNS = 16;
    private static final int LACKING_AT_ONCE_MAX = 64;
    private static final int LATE_MAX = 64;
    /** Bits of a changed answer. */
    static final int KNOWN = 1;
    static final int FLEETING = 2;
    /** Of a thread-local whose initial value would have to be made: fleeting without being known. */
    static final int ABSENT = FLEETING;
    private static final Object UNKNOWN = new Object();
    private static final Object TO_BE_MADE = new Object();
    private static final SoftReference<?> CLEARED = new SoftReference<>(null);
    private static final MethodHandle IS_PRESENT = isPresent();
    private static final ClassValue<Boolean> HAS_INITIAL_VALUE = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return declaresInitialValue(type);
        }
    };

    private static final class Read {
        private final Method method;
        private final Object target;
        private final Object key;
        private Object answer;
        /** The worker keeps it no longer than this invocation. */
        private boolean fleeting;

        Read(Method method, Object target, Object key, Object answer) {
            this.method = method;
            this.target = target;
            this.key = key;
            this.answer = answer;
        }

        boolean isKnown() {
            return answer != UNKNOWN && answer != TO_BE_MADE;
        }

        boolean isLevel() {
            return answer instanceof Boolean && key == null && !(target instanceof ThreadLocal);
        }
    }

    /** A key that a map did not have; the map by its identity hash: nearly always the right one, and not held. */
    private record Lacking(int map, Object key) {
    }

    private final List<Read> reads = new ArrayList<>();
    /** Those whose answers the message at hand brings, with what the worker had before. */
    private final Map<Read, Object> told = new IdentityHashMap<>(0);
    private final Set<Lacking> lacking = new HashSet<>();
    private boolean takesFew = true;
    /** Values of thread-locals that were sent as fleeting, the latest first. */
    private final Deque<WeakReference<Object>> late = new ArrayDeque<>();
    private int turn;

    /**
     * What a worker gets as the value of a thread-local. One that a thread holds softly is a cache, often of buffers that
     * could not travel: the worker finds it cleared, as this thread might, and fills one of its own.
     */
    static Object ofLocal(Object value) {
        return isCache(value) ? CLEARED : value;
    }

    /** Not a subclass, which the application would miss. */
    static boolean isCache(Object value) {
        return value != null && value.getClass() == SoftReference.class;
    }

    /** Whether the worker may keep the answer of a call that it has just made. */
    boolean mayKeep(Method method, Object target, Object[] arguments, Object answer) {
        AgreedAnswers.Kind kind = AgreedAnswers.kindOf(method, target);
        return kind != AgreedAnswers.Kind.NONE && reads.size() < READS_MAX
            && !(kind == AgreedAnswers.Kind.MAP && answer == null && isNews(target, arguments[0]))
            && !(kind == AgreedAnswers.Kind.LOCAL && isAgreed((ThreadLocal<?>) target));
    }

    /** Then the message that brings the answer says what it is from now on. */
    private boolean isAgreed(ThreadLocal<?> local) {
        return reads.stream().anyMatch(read -> read.target == local);
    }

    /** Keys that a map lacks are many, and most are asked for once: but for the first few, they are kept the second time. */
    private boolean isNews(Object map, Object key) {
        if (!(key instanceof String) && !(key instanceof Class)) {
            return true;
        }
        if (lacking.size() >= READS_MAX) {
            lacking.clear();
            takesFew = false;
        }
        boolean first = lacking.add(new Lacking(System.identityHashCode(map), key));
        return first && !(takesFew && lacking.size() <= LACKING_AT_ONCE_MAX);
    }

    /** The worker keeps it: the next messages say when it is another one. */
    void add(Method method, Object target, Object[] arguments, Object answer) {
        boolean lacks = answer == null && target instanceof ConcurrentMap;
        reads.add(new Read(method, target, arguments.length == 0 ? null : arguments[0], lacks ? UNKNOWN : answer));
    }

    /** A message begins: what the one before has told is told. */
    void beginMessage() {
        told.clear();
    }

    /**
     * Writes what has another answer now than the worker has.
     *
     * @param standIns what a rehearsal has made copies of
     */
    void writeChanges(Encoder to, CodecSession codec, UnaryOperator<Object> standIns) throws OffloadRefused {
        List<Integer> changed = new ArrayList<>(0);
        turn++;
        for (int i = 0; i < reads.size(); i++) {
            Read read = reads.get(i);
            if (read.isLevel() && (i + turn) % LEVEL_TURNS != 0) {
                continue;
            }
            Object now = ask(read, standIns);
            if (now != read.answer) {
                told.put(read, read.answer);
                read.answer = now;
                changed.add(i);
            }
        }
        to.writer().writeUnsigned(changed.size());
        for (int number : changed) {
            Read read = reads.get(number);
            boolean known = read.isKnown();
            read.fleeting = known && isFleeting(read, codec);
            int absent = read.answer == TO_BE_MADE ? ABSENT : 0;
            to.writer().writeUnsigned(number << 2 | (read.fleeting ? FLEETING : 0) | (known ? KNOWN : absent));
            to.writeRoot(known ? read.answer : null);
            if (!read.fleeting) {
                codec.keep();
            }
        }
    }

    /** The message at hand will not be sent. */
    void takeBack() {
        told.forEach((read, before) -> {
            read.answer = before;
            read.fleeting = false;
        });
        told.clear();
    }

    /**
     * The value of a thread-local that has not been met before is likely this request's alone, and need not be kept for
     * the next one; the second time it is.
     */
    private boolean isFleeting(Read read, CodecSession codec) {
        boolean met = !(read.target instanceof ThreadLocal) || read.answer == null
            || codec.table().idOf(read.answer) != ObjectTable.NONE;
        met |= late.stream().anyMatch(each -> each.refersTo(read.answer));
        if (!met) {
            late.addFirst(new WeakReference<>(read.answer));
        }
        if (late.size() > LATE_MAX) {
            late.removeLast();
        }
        return !met;
    }

    /** An invocation has ended, and with it what was only its own. */
    void dropFleeting() {
        for (Read read : reads) {
            read.answer = read.fleeting ? UNKNOWN : read.answer;
            read.fleeting = false;
        }
    }

    /**
     * The worker's own write of a thread-local has been made. What is written once will be again, mostly with what it was
     * before: from now on the worker knows the value, and need not tell what comes to the same.
     */
    void written(ThreadLocal<?> local, Object value) {
        for (Read read : reads) {
            if (read.target == local) {
                read.answer = value;
                return;
            }
        }
        if (reads.size() < READS_MAX) {
            reads.add(new Read(null, local, null, value));
        }
    }

    /** What the worker keeps besides its objects: whose answers, to what, and the answers. */
    void forEachObject(Consumer<Object> visitor) {
        for (Read read : reads) {
            visitor.accept(read.method);
            visitor.accept(read.target);
            visitor.accept(read.key);
            visitor.accept(read.isKnown() ? read.answer : null);
        }
    }

    void clear() {
        reads.clear();
        told.clear();
        lacking.clear();
        late.clear();
        takesFew = true;
    }

    private static Object ask(Read read, UnaryOperator<Object> standIns) {
        try {
            if (read.target instanceof ThreadLocal<?> local) {
                return valueOf(local);
            }
            Object target = standIns.apply(read.target);
            return target instanceof ConcurrentMap<?, ?> map ? orUnknown(map, read.key)
                : Calls.virtually(read.method, target, new Object[0]);
        } catch (Throwable e) {
            return UNKNOWN;
        }
    }

    private static Object orUnknown(Map<?, ?> map, Object key) {
        Object value = map.get(key);
        return value == null ? UNKNOWN : value;
    }

    /** Looks without making an initial value, which would be this thread's from then on. */
    private static Object valueOf(ThreadLocal<?> local) throws Throwable {
        boolean present = IS_PRESENT == null || (boolean) IS_PRESENT.invokeExact(local);
        return present ? ofLocal(local.get()) : HAS_INITIAL_VALUE.get(local.getClass()) ? TO_BE_MADE : null;
    }

    private static MethodHandle isPresent() {
        try {
            return TrustedLookup.in(ThreadLocal.class).findVirtual(ThreadLocal.class, "isPresent",
                MethodType.methodType(boolean.class)).asType(MethodType.methodType(boolean.class, ThreadLocal.class));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    private static boolean declaresInitialValue(Class<?> type) {
        for (Class<?> c = type; c != ThreadLocal.class; c = c.getSuperclass()) {
            try {
                return c.getDeclaredMethod("initialValue") != null;
            } catch (NoSuchMethodException e) {
                continue;
            }
        }
        return false;
    }
}
