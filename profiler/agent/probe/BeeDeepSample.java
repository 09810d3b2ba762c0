/*
 * What one sampled invocation of a root touched. Filled by the thread of the invocation alone through
 * the probes of BeeDeep, read by the agent (Rust) when it is complete; the numbers of kinds and holders
 * must be those of the agent's deep/packed.rs. Existing objects are told from new ones by the way the
 * invocation came to them: from an argument, a static or another existing object, or not. An object
 * that is seen first elsewhere (made here, by clone, by reflection, by native code) is new.
 */
package java.lang;

import java.lang.reflect.Array;
import java.lang.reflect.Member;
import java.net.SocketImpl;
import java.nio.channels.SocketChannel;

final class BeeDeepSample {
    /** Kinds of counters: first, second and third number of the key; the two counts. */
    static final int FIELD = 1; // field, object; reads, writes
    static final int EDGE = 2; // holder, class; traversals, objects reached first this way
    static final int NATIVE = 3; // method, user, class of the receiver + 1; calls
    static final int STATIC = 4; // field; reads, writes
    static final int LOCK = 5; // class, user, kind of lock and existing bit; times
    static final int STATIC_LOCK = 6; // class id of the agent, user, kind of lock; times
    static final int SHARED = 7; // method, user, class + 1; accesses
    static final int THREAD = 8; // class of the thread, user; times
    static final int TASK = 9; // class of the executor, user, class of the task + 1; times
    static final int CONNECTION = 10; // peer, user, operation and opener; times, bytes
    static final int HOST = 11; // note, user, kind; times
    static final int ENTERED = 12; // class id of the agent; methods entered
    static final int CREATED = 13; // class; objects
    static final int LOADED = 14; // class; times
    static final int LINKED = 15; // class; call sites
    static final int EXCEPTION = 16; // class; created, thrown
    static final int REFLECTION = 17; // method, user, note + 1; calls

    /** What a reference was read from; a number of the agent, an argument or a class in the low bits. */
    static final int HOLDER_BITS = 26;
    static final int FROM_THIS = 1 << HOLDER_BITS;
    static final int FROM_ARGUMENT = 2 << HOLDER_BITS;
    static final int FROM_FIELD = 3 << HOLDER_BITS;
    static final int FROM_STATIC = 4 << HOLDER_BITS;
    static final int FROM_ELEMENT = 5 << HOLDER_BITS;
    static final int FROM_THREAD_LOCAL = 6 << HOLDER_BITS;
    static final int FROM_CAPTURE = 7 << HOLDER_BITS;
    static final int FROM_CALL = 8 << HOLDER_BITS;
    static final int FROM_HIDDEN_FIELD = 9 << HOLDER_BITS;

    /** States of an object. */
    static final int NEW = 1;
    static final int USED = 2;
    static final int THROWN = 4;
    /** A new object filled with what an existing one refers to. */
    static final int COPY = 8;

    /** Kinds of locks, as the trace orders them. */
    static final int MONITOR = 0;
    static final int METHOD = 1;

    private static final int OPENED = 0;
    private static final int READ = 1;
    private static final int WRITTEN = 2;

    private static final int NOTES_MAX = 512;
    /** Elements of one array that are looked at one by one when it is copied. */
    private static final int ELEMENTS_MAX = 1 << 16;
    /** Objects of one sample after which it is given up: they are held, and the heap is the application's. */
    private static final int OBJECTS_MAX = 1 << 20;
    private static final int OUTSIDE = -1;

    /** The thread whose probes count; null while they must not, and after the end. */
    Thread owner;
    private Thread paused;
    private int pauses;
    int root;
    private int depth;
    private long start;
    private long deadline;
    private long events;
    private long eventsMax;
    private long calls;
    private boolean handedOver;
    private boolean failed;
    private boolean cold;
    private int[] users = new int[64];
    private int userDepth;

    private final BeeDeepIdentity objects = new BeeDeepIdentity(1 << 16);
    private int[] states = new int[1 << 14];
    private int[] holders = new int[1 << 14];
    private int[] classOf = new int[1 << 14];
    private int[] lengths = new int[1 << 14];
    private long[] elementReads = new long[1 << 14];
    private long[] elementWrites = new long[1 << 14];
    private final BeeDeepCounts counts = new BeeDeepCounts();
    private final BeeDeepIdentity classes = new BeeDeepIdentity(1 << 12);
    /** Texts that have no number: peers, paths, members. */
    private String[] notes = new String[64];
    private int noteCount;
    private final Object[] sockets = new Object[64];
    private final int[] socketNotes = new int[64];
    private int socketCount;

    // Beginning and end.

    void begin(int root, Thread thread, long maxNanos, long eventsMax) {
        this.root = root;
        this.eventsMax = eventsMax;
        depth = 1;
        userDepth = 0;
        users[0] = OUTSIDE;
        events = 0;
        calls = 0;
        pauses = 0;
        handedOver = false;
        failed = false;
        cold = false;
        start = System.nanoTime();
        deadline = start + maxNanos;
        owner = thread;
    }

    boolean isOutermost() {
        return depth == 1;
    }

    void nest() {
        depth++;
    }

    /** Leaves a root; true if that was the outermost. */
    boolean leave(boolean thrown) {
        if (--depth > 0) return false;
        failed = thrown;
        return true;
    }

    boolean isOverdue(long graceNanos) {
        return System.nanoTime() - deadline > graceNanos;
    }

    /** Everything counted, for the agent. */
    long[] pack() {
        int newObjects = 0;
        for (int row = 0; row < objects.size; row++) newObjects += states[row] & NEW;
        int rows = objects.size;
        long[] packed = new long[8 + 4 * counts.size + 4 * rows];
        packed[0] = root;
        packed[1] = System.nanoTime() - start;
        packed[2] = (handedOver ? 1 : 0) | (failed ? 2 : 0) | (cold ? 4 : 0);
        packed[3] = counts.size;
        packed[4] = rows;
        packed[5] = events;
        packed[6] = newObjects;
        packed[7] = calls;
        int at = 8;
        for (int i = 0; i < counts.size; i++) {
            packed[at++] = counts.keys[i];
            packed[at++] = counts.kinds[i];
            packed[at++] = counts.counts[2 * i];
            packed[at++] = counts.counts[2 * i + 1];
        }
        for (int row = 0; row < rows; row++) {
            packed[at++] = (long) classOf[row] << 32 | holders[row] & 0xffff_ffffL;
            packed[at++] = (long) lengths[row] << 32 | states[row];
            packed[at++] = elementReads[row];
            packed[at++] = elementWrites[row];
        }
        return packed;
    }

    Object[] packClasses() {
        Object[] packed = new Object[classes.size];
        for (int i = 0; i < packed.length; i++) packed[i] = ((Class<?>) classes.objects[i]).getName();
        return packed;
    }

    Object[] packNotes() {
        Object[] packed = new Object[noteCount];
        System.arraycopy(notes, 0, packed, 0, noteCount);
        return packed;
    }

    void clear() {
        objects.clear();
        classes.clear();
        counts.clear();
        for (int i = 0; i < noteCount; i++) notes[i] = null;
        for (int i = 0; i < socketCount; i++) sockets[i] = null;
        noteCount = 0;
        socketCount = 0;
    }

    // Pausing: what the JVM does on its own behalf is not the invocation's.

    void pause(Thread thread) {
        if (owner == thread) {
            paused = thread;
            owner = null;
            pauses = 1;
        } else if (owner == null && paused == thread) {
            pauses++;
        }
    }

    void resume(Thread thread) {
        if (owner == null && paused == thread && --pauses == 0) {
            paused = null;
            owner = thread;
        }
    }

    boolean isOf(Thread thread) {
        return owner == thread || owner == null && paused == thread;
    }

    // Objects.

    private void tick() {
        if ((++events & 1023) == 0 && isTooMuch()) BeeDeep.giveUp(this);
    }

    private boolean isTooMuch() {
        return events > eventsMax || objects.size > OBJECTS_MAX || System.nanoTime() - deadline > 0;
    }

    /** The row of an object met in passing: one not known yet is new. */
    private int row(Object object) {
        tick();
        int row = objects.find(object);
        return row >= 0 ? row : add(object, NEW, 0);
    }

    private int add(Object object, int state, int holder) {
        int row = objects.add(object);
        if (row == states.length) growColumns();
        states[row] = state;
        holders[row] = holder;
        classOf[row] = classId(object.getClass());
        lengths[row] = length(object);
        elementReads[row] = 0;
        elementWrites[row] = 0;
        return row;
    }

    private void growColumns() {
        states = grown(states);
        holders = grown(holders);
        classOf = grown(classOf);
        lengths = grown(lengths);
        elementReads = grown(elementReads);
        elementWrites = grown(elementWrites);
    }

    private static int[] grown(int[] old) {
        int[] more = new int[old.length * 2];
        System.arraycopy(old, 0, more, 0, old.length);
        return more;
    }

    private static long[] grown(long[] old) {
        long[] more = new long[old.length * 2];
        System.arraycopy(old, 0, more, 0, old.length);
        return more;
    }

    private static int length(Object object) {
        if (object instanceof String) return ((String) object).length();
        return object.getClass().isArray() ? Array.getLength(object) : 0;
    }

    private int classId(Class<?> type) {
        int id = classes.find(type);
        return id >= 0 ? id : classes.add(type);
    }

    private boolean isNew(int row) {
        return (states[row] & NEW) != 0;
    }

    /** Whether what is read from the object was there before. */
    private boolean leadsToExisting(int row) {
        return (states[row] & (NEW | COPY)) != NEW;
    }

    /** A reference was read from something that was there before. */
    void reached(Object value, int holder) {
        if (value == null) return;
        int row = objects.find(value);
        long first = 0;
        if (row < 0) {
            row = add(value, 0, holder);
            first = 1;
        }
        if (!isNew(row)) counts.add(EDGE, holder, classOf[row], 0, 1, first);
    }

    /** A reference is stored where a later reader would take it for an old one. */
    void stored(Object value) {
        if (value != null && objects.find(value) < 0) add(value, NEW, 0);
    }

    void created(Object object) {
        tick();
        if (objects.find(object) >= 0) return;
        int row = add(object, NEW, 0);
        counts.add(CREATED, classOf[row], 0, 0, 1, 0);
        if (object instanceof Throwable) counts.add(EXCEPTION, classOf[row], 0, 0, 1, 0);
    }

    void read(Object object, int field) {
        int row = row(object);
        if (isNew(row)) return;
        states[row] |= USED;
        counts.add(FIELD, field, row, 0, 1, 0);
    }

    void readReference(Object object, Object value, int field) {
        int row = row(object);
        if (!isNew(row)) {
            states[row] |= USED;
            counts.add(FIELD, field, row, 0, 1, 0);
        }
        if (leadsToExisting(row)) reached(value, FROM_FIELD | field);
    }

    void write(Object object, int field) {
        int row = row(object);
        if (isNew(row)) return;
        states[row] |= USED;
        counts.add(FIELD, field, row, 0, 0, 1);
    }

    void writeReference(Object object, Object value, int field) {
        int row = row(object);
        if (leadsToExisting(row)) stored(value);
        if (isNew(row)) return;
        states[row] |= USED;
        counts.add(FIELD, field, row, 0, 0, 1);
    }

    void readStatic(int field) {
        tick();
        counts.add(STATIC, field, 0, 0, 1, 0);
    }

    void writeStatic(int field) {
        tick();
        counts.add(STATIC, field, 0, 0, 0, 1);
    }

    void readElement(Object array) {
        elements(row(array), 1, 0);
    }

    void readElementReference(Object array, Object value) {
        int row = row(array);
        elements(row, 1, 0);
        if (leadsToExisting(row)) reached(value, FROM_ELEMENT | classOf[row]);
    }

    void writeElement(Object array) {
        elements(row(array), 0, 1);
    }

    void writeElementReference(Object array, Object value) {
        int row = row(array);
        elements(row, 0, 1);
        if (leadsToExisting(row)) stored(value);
    }

    private void elements(int row, long reads, long writes) {
        if (isNew(row)) return;
        states[row] |= USED;
        elementReads[row] += reads;
        elementWrites[row] += writes;
    }

    /** Elements go from one array to another, in range or not. */
    void copy(Object from, int fromIndex, Object to, int length) {
        if (from == null || to == null || length <= 0) return;
        int source = row(from);
        elements(source, length, 0);
        int target = row(to);
        elements(target, 0, length);
        if (from instanceof Object[]) copyReferences((Object[]) from, fromIndex, source, target, length);
    }

    private void copyReferences(Object[] from, int index, int source, int target, int length) {
        if (length > ELEMENTS_MAX || index < 0 || index > from.length - length) {
            if (leadsToExisting(source)) states[target] |= COPY;
            return;
        }
        boolean existing = leadsToExisting(source);
        if (!existing && !leadsToExisting(target)) return;
        int holder = FROM_ELEMENT | classOf[source];
        for (int i = index; i < index + length; i++) {
            if (existing) {
                reached(from[i], holder);
            } else {
                stored(from[i]);
            }
        }
    }

    /** A new array was made of a range of another. */
    void copyMade(Object from, int fromIndex, int toIndex, Object copy) {
        if (from == null || copy == null) return;
        int row = row(from);
        if (objects.find(copy) < 0) add(copy, NEW, 0);
        int end = toIndex < lengths[row] ? toIndex : lengths[row];
        copy(from, fromIndex, copy, end - fromIndex);
    }

    /** A shallow copy of a whole object was made. */
    void cloned(Object original, Object clone) {
        if (original == null || clone == null) return;
        int source = row(original);
        if (objects.find(clone) < 0) add(clone, NEW, 0);
        if (original.getClass().isArray()) {
            copy(original, 0, clone, lengths[source]);
            return;
        }
        if (!isNew(source)) states[source] |= USED;
        if (leadsToExisting(source)) states[objects.find(clone)] |= COPY;
    }

    // Calls.

    private int user() {
        return users[userDepth];
    }

    void enterUser(int method) {
        if (++userDepth == users.length) users = grown(users);
        users[userDepth] = method;
    }

    void exitUser(int method) {
        int at = userDepth;
        while (at > 0 && users[at] != method) at--;
        if (at > 0) userDepth = at - 1;
    }

    void entered(int ownClass) {
        calls++;
        counts.add(ENTERED, ownClass, 0, 0, 1, 0);
    }

    void called(int method) {
        tick();
        counts.add(NATIVE, method, user(), 0, 1, 0);
    }

    void calledOn(Object receiver, int method) {
        tick();
        if (receiver == null) return;
        counts.add(NATIVE, method, user(), classId(receiver.getClass()) + 1, 1, 0);
    }

    // Locks and shared objects.

    void locked(Object lock, int kind) {
        if (lock == null) return;
        int row = row(lock);
        int existing = isNew(row) ? 0 : 1;
        if (existing != 0) states[row] |= USED;
        counts.add(LOCK, classOf[row], user(), kind << 1 | existing, 1, 0);
    }

    void lockedStatic(int ownClass, int kind) {
        tick();
        counts.add(STATIC_LOCK, ownClass, user(), kind, 1, 0);
    }

    /** An access past the fields; {@code access} says 1 for a read and 2 for a write. */
    void accessed(Object target, Object value, int method, int access) {
        tick();
        if (target == null) {
            counts.add(SHARED, method, user(), 0, 1, 0);
            return;
        }
        int row = row(target);
        if (leadsToExisting(row) && (access & 2) != 0) stored(value);
        if (isNew(row)) return;
        states[row] |= USED;
        counts.add(SHARED, method, user(), classOf[row] + 1, 1, 0);
        if (target.getClass().isArray()) elements(row, access & 1, access >> 1);
    }

    void accessGave(Object value, Object target) {
        if (target == null) return;
        int row = row(target);
        boolean isArray = target.getClass().isArray();
        int holder = (isArray ? FROM_ELEMENT : FROM_HIDDEN_FIELD) | classOf[row];
        if (leadsToExisting(row)) reached(value, holder);
    }

    // Threads and the world outside.

    void started(Object thread) {
        handedOver = true;
        counts.add(THREAD, classId(thread.getClass()), user(), 0, 1, 0);
    }

    void submitted(Object executor, Object task) {
        handedOver = true;
        int taskClass = task == null ? 0 : classId(task.getClass()) + 1;
        counts.add(TASK, classId(executor.getClass()), user(), taskClass, 1, 0);
    }

    void loaded(Class<?> type) {
        // A probed call site is linked anew beside the old one: that makes nothing cold.
        if (!type.isHidden()) cold = true;
        counts.add(LOADED, classId(type), 0, 0, 1, 0);
    }

    void linked(Object caller) {
        if (caller instanceof Class) counts.add(LINKED, classId((Class<?>) caller), 0, 0, 1, 0);
    }

    void thrown(Object exception) {
        if (exception == null) return;
        int row = row(exception);
        if ((states[row] & THROWN) != 0) return;
        states[row] |= THROWN;
        counts.add(EXCEPTION, classOf[row], 0, 0, 0, 1);
    }

    void connecting(Object socket, Object address) {
        Thread thread = owner;
        owner = null;
        try {
            int peer = note(BeeProbe.peerText(address));
            int opener = note(BeeProbe.opener());
            if (socketCount < sockets.length) {
                sockets[socketCount] = socket;
                socketNotes[socketCount++] = opener + 1 << 16 | peer;
            }
            counts.add(CONNECTION, peer, user(), opener + 1 << 2 | OPENED, 1, 0);
        } catch (Throwable unknown) {
            cold = true;
        } finally {
            owner = thread;
        }
    }

    void transferred(Object socket, long bytes, boolean written) {
        if (bytes <= 0) return;
        Thread thread = owner;
        owner = null;
        try {
            int note = socketNote(socket);
            int operation = note >>> 16 << 2 | (written ? WRITTEN : READ);
            counts.add(CONNECTION, note & 0xffff, user(), operation, 1, bytes);
        } catch (Throwable unknown) {
            cold = true;
        } finally {
            owner = thread;
        }
    }

    private int socketNote(Object socket) throws Throwable {
        for (int i = socketCount - 1; i >= 0; i--) {
            if (sockets[i] == socket) return socketNotes[i];
        }
        Object peer = socket;
        if (socket instanceof SocketChannel) peer = ((SocketChannel) socket).getRemoteAddress();
        int note = note(peer instanceof SocketImpl ? peer.toString() : String.valueOf(peer));
        if (socketCount < sockets.length) {
            sockets[socketCount] = socket;
            socketNotes[socketCount++] = note;
        }
        return note;
    }

    void host(Object what, int kind) {
        Thread thread = owner;
        owner = null;
        try {
            Object first = what instanceof String[] ? ((String[]) what)[0] : what;
            counts.add(HOST, note(String.valueOf(first)), user(), kind, 1, 0);
        } catch (Throwable unknown) {
            cold = true;
        } finally {
            owner = thread;
        }
    }

    void reflected(Object member, int method) {
        Thread thread = owner;
        owner = null;
        try {
            Member target = (Member) member;
            String name = target.getDeclaringClass().getName().concat("#").concat(target.getName());
            counts.add(REFLECTION, method, user(), note(name) + 1, 1, 0);
        } catch (Throwable unknown) {
            cold = true;
        } finally {
            owner = thread;
        }
    }

    /** The number of a text; the last number stands for all that found no room. */
    private int note(String note) {
        for (int i = 0; i < noteCount; i++) {
            if (note.equals(notes[i])) return i;
        }
        if (noteCount == NOTES_MAX) return NOTES_MAX - 1;
        if (noteCount == notes.length) {
            String[] more = new String[noteCount * 2];
            System.arraycopy(notes, 0, more, 0, noteCount);
            notes = more;
        }
        notes[noteCount] = note;
        return noteCount++;
    }
}
