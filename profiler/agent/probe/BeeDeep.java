/*
 * The probes of a deep run, defined as java.lang.BeeDeep in the boot loader so that every class can
 * call them. Owns the choice which invocation of a root is sampled (one at a time in the whole JVM) and
 * hands the sample to the agent (Rust), which reads it through JNI. What a sample holds is in
 * BeeDeepSample. Rules as in BeeProbe: nothing thrown into the application, no lock, no ThreadLocal;
 * a thread costs nothing, so any number of virtual threads may run.
 */
package java.lang;

import java.util.concurrent.Executor;
import jdk.internal.misc.Unsafe;
import jdk.internal.vm.annotation.DontInline;

public final class BeeDeep {
    /** Roots are numbered below this by the agent. */
    private static final int ROOTS_MAX = 1 << 14;
    private static final int NEVER = Integer.MAX_VALUE;

    /** States of the gate. */
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int COMPLETE = 2;
    /** Held for a moment by whoever begins or gives up. */
    private static final int CHANGING = 3;

    private static final Unsafe UNSAFE = Unsafe.getUnsafe();
    private static final BeeDeep GATE = new BeeDeep();
    private static final long STATE = UNSAFE.objectFieldOffset(BeeDeep.class, "state");

    /** The running sample. Plain: only its own thread must see it at once. */
    private static BeeDeepSample current;
    /** The sample used last and handed over; used again once the agent has read it. */
    private static BeeDeepSample complete;
    private static BeeDeepSample spare;
    /** The agent's thread waiting for a sample. */
    private static Thread waiting;

    /** Invocations of each root until the next sample; racy, so the distance is only nearly even. */
    private static final int[] countdown = new int[ROOTS_MAX];
    private static final int[] taken = new int[ROOTS_MAX];
    private static final long[] skipped = new long[ROOTS_MAX];
    private static final long[] aborted = new long[ROOTS_MAX];
    private static final long[] nested = new long[ROOTS_MAX];
    private static int everyNth = 1;
    private static int samplesMax;
    private static long nanosMax;
    private static long eventsMax;

    private int state;

    private BeeDeep() {}

    // The choices: which code a method runs.

    /** Whether the current thread's invocation is being sampled. */
    public static boolean sampled() {
        BeeDeepSample sample = current;
        return sample != null && sample.owner == Thread.currentThread();
    }

    /** Entry of a root; true if it is to be sampled or is inside a sample. */
    public static boolean enterRoot(int root) {
        BeeDeepSample sample = current;
        if (sample != null && sample.owner == Thread.currentThread()) {
            sample.nest();
            nested[root]++;
            return true;
        }
        int left = countdown[root];
        if (left > 0) {
            countdown[root] = left - 1;
            return false;
        }
        return begin(root);
    }

    public static void exitRoot() {
        BeeDeepSample sample = sample();
        if (sample != null && sample.leave(false)) end(sample);
    }

    public static void exitRootThrown() {
        BeeDeepSample sample = sample();
        if (sample != null && sample.leave(true)) end(sample);
    }

    @DontInline
    private static boolean begin(int root) {
        if (taken[root] >= samplesMax) {
            countdown[root] = NEVER;
            return false;
        }
        if (!UNSAFE.compareAndSetInt(GATE, STATE, IDLE, CHANGING)) {
            // Its turn is not lost: roots that always come together would else never have one.
            skipped[root]++;
            return false;
        }
        try {
            BeeDeepSample sample = spare;
            spare = null;
            if (sample == null) sample = new BeeDeepSample();
            taken[root]++;
            countdown[root] = everyNth - 1;
            sample.begin(root, Thread.currentThread(), nanosMax, eventsMax);
            current = sample;
            UNSAFE.putIntVolatile(GATE, STATE, RUNNING);
            return true;
        } catch (Throwable outOfMemory) {
            UNSAFE.putIntVolatile(GATE, STATE, IDLE);
            return false;
        }
    }

    private static void end(BeeDeepSample sample) {
        sample.owner = null;
        current = null;
        if (!UNSAFE.compareAndSetInt(GATE, STATE, RUNNING, CHANGING)) {
            aborted[sample.root]++;
            return;
        }
        complete = sample;
        UNSAFE.putIntVolatile(GATE, STATE, COMPLETE);
        Thread thread = waiting;
        if (thread != null) UNSAFE.unpark(thread);
    }

    /** Ends a sample at its limit; its thread may still be inside, so it is never used again. */
    @DontInline
    static void giveUp(BeeDeepSample sample) {
        if (!UNSAFE.compareAndSetInt(GATE, STATE, RUNNING, CHANGING)) return;
        if (current == sample) {
            aborted[sample.root]++;
            sample.owner = null;
            current = null;
        }
        UNSAFE.putIntVolatile(GATE, STATE, IDLE);
    }

    /** The sample of the current thread, if it has one. */
    private static BeeDeepSample sample() {
        BeeDeepSample sample = current;
        return sample != null && sample.owner == Thread.currentThread() ? sample : null;
    }

    // The probes. None does anything unless its thread is being sampled. None is inlined: the compiler
    // makes code of probed branches, too, once they have run, and must find them small.

    @DontInline
    public static void rootThis(Object object) {
        BeeDeepSample sample = sample();
        if (sample != null && sample.isOutermost()) sample.reached(object, BeeDeepSample.FROM_THIS);
    }

    @DontInline
    public static void rootArgument(Object object, int index) {
        BeeDeepSample sample = sample();
        if (sample != null && sample.isOutermost()) {
            sample.reached(object, BeeDeepSample.FROM_ARGUMENT | index);
        }
    }

    @DontInline
    public static void enterUser(int method) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.enterUser(method);
    }

    @DontInline
    public static void exitUser(int method) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.exitUser(method);
    }

    @DontInline
    public static void entered(int ownClass) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.entered(ownClass);
    }

    @DontInline
    public static void read(Object object, int field) {
        BeeDeepSample sample = sample();
        if (sample != null && object != null) sample.read(object, field);
    }

    @DontInline
    public static void readReference(Object object, Object value, int field) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.readReference(object, value, field);
    }

    @DontInline
    public static void write(Object object, int field) {
        BeeDeepSample sample = sample();
        if (sample != null && object != null) sample.write(object, field);
    }

    @DontInline
    public static void writeReference(Object object, Object value, int field) {
        BeeDeepSample sample = sample();
        if (sample != null && object != null) sample.writeReference(object, value, field);
    }

    @DontInline
    public static void readStatic(int field) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.readStatic(field);
    }

    @DontInline
    public static void readStaticReference(Object value, int field) {
        BeeDeepSample sample = sample();
        if (sample == null) return;
        sample.readStatic(field);
        sample.reached(value, BeeDeepSample.FROM_STATIC | field);
    }

    @DontInline
    public static void writeStatic(int field) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.writeStatic(field);
    }

    @DontInline
    public static void writeStaticReference(Object value, int field) {
        BeeDeepSample sample = sample();
        if (sample == null) return;
        sample.writeStatic(field);
        sample.stored(value);
    }

    @DontInline
    public static void readElement(Object array) {
        BeeDeepSample sample = sample();
        if (sample != null && array != null) sample.readElement(array);
    }

    @DontInline
    public static void readElementReference(Object array, int index, Object value) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.readElementReference(array, value);
    }

    @DontInline
    public static void writeElement(Object array) {
        BeeDeepSample sample = sample();
        if (sample != null && array != null) sample.writeElement(array);
    }

    @DontInline
    public static void writeElementReference(Object array, Object value) {
        BeeDeepSample sample = sample();
        if (sample != null && array != null) sample.writeElementReference(array, value);
    }

    /** A constructor's {@code super(…)} has returned, or an array was made. */
    @DontInline
    public static void created(Object object) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.created(object);
    }

    /** A call gave an object that did not exist before. */
    @DontInline
    public static void fresh(Object object) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.stored(object);
    }

    /** Code without probes gave an object. */
    @DontInline
    public static void given(Object object, int method) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.reached(object, BeeDeepSample.FROM_CALL | method);
    }

    @DontInline
    public static void givenByThread(Object object) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.reached(object, BeeDeepSample.FROM_THREAD_LOCAL);
    }

    /** A lambda's body got an object that the lambda had captured. */
    @DontInline
    public static void captured(Object object, int method) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.reached(object, BeeDeepSample.FROM_CAPTURE | method);
    }

    @DontInline
    public static void cloned(Object original, Object clone) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.cloned(original, clone);
    }

    @DontInline
    public static void copied(Object from, int fromIndex, Object to, int toIndex, int length) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.copy(from, fromIndex, to, length);
    }

    @DontInline
    public static void copyMade(Object from, int fromIndex, int toIndex, Object copy) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.copyMade(from, fromIndex, toIndex, copy);
    }

    @DontInline
    public static void called(int method) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.called(method);
    }

    @DontInline
    public static void calledOn(Object receiver, int method) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.calledOn(receiver, method);
    }

    @DontInline
    public static void entering(Object lock) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.locked(lock, BeeDeepSample.MONITOR);
    }

    @DontInline
    public static void locked(Object lock, int kind) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.locked(lock, kind);
    }

    @DontInline
    public static void lockedStatic(int ownClass, int kind) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.lockedStatic(ownClass, kind);
    }

    @DontInline
    public static void accessed(Object target, Object value, int method, int access) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.accessed(target, value, method, access);
    }

    @DontInline
    public static void accessGave(Object value, Object target) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.accessGave(value, target);
    }

    @DontInline
    public static void thrown(Object exception) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.thrown(exception);
    }

    @DontInline
    public static void started(Object thread) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.started(thread);
    }

    /** A method that looks like an executor's was called. */
    @DontInline
    public static void executed(Object executor, Object task) {
        BeeDeepSample sample = sample();
        if (sample != null && executor instanceof Executor) sample.submitted(executor, task);
    }

    @DontInline
    public static void submitted(Object executor, Object task) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.submitted(executor, task);
    }

    @DontInline
    public static void connecting(Object socket, Object address) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.connecting(socket, address);
    }

    @DontInline
    public static void received(long bytes, Object socket) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.transferred(socket, bytes, false);
    }

    @DontInline
    public static void sent(long bytes, Object socket) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.transferred(socket, bytes, true);
    }

    @DontInline
    public static void host(Object what, int kind) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.host(what, kind);
    }

    @DontInline
    public static void reflected(Object member, int method) {
        BeeDeepSample sample = sample();
        if (sample != null) sample.reflected(member, method);
    }

    /** The JVM links a call site or loads a class: its own business until {@link #resume}. */
    @DontInline
    public static void linking(Object caller) {
        BeeDeepSample sample = current;
        if (sample == null) return;
        Thread thread = Thread.currentThread();
        if (!sample.isOf(thread)) return;
        sample.linked(caller);
        sample.pause(thread);
    }

    @DontInline
    public static void pause() {
        BeeDeepSample sample = current;
        if (sample != null) sample.pause(Thread.currentThread());
    }

    @DontInline
    public static void resume() {
        BeeDeepSample sample = current;
        if (sample != null) sample.resume(Thread.currentThread());
    }

    // The agent's side.

    /** Limits: called once before any probe. */
    static void configure(int everyNth, int samplesMax, int millisMax, long eventsMax) {
        BeeDeep.everyNth = everyNth;
        BeeDeep.samplesMax = samplesMax;
        BeeDeep.nanosMax = millisMax * 1_000_000L;
        BeeDeep.eventsMax = eventsMax;
        for (int root = 0; root < ROOTS_MAX; root++) countdown[root] = everyNth - 1;
    }

    /** A class was prepared on the current thread. */
    static void prepared(Class<?> type) {
        BeeDeepSample sample = current;
        if (sample != null && sample.isOf(Thread.currentThread())) sample.loaded(type);
    }

    /** Waits for a complete sample; null if there is none in time. */
    static long[] take(long millis) {
        // Parking for no time at all would be for ever.
        if (millis > 0 && UNSAFE.getIntVolatile(GATE, STATE) != COMPLETE) {
            waiting = Thread.currentThread();
            UNSAFE.fullFence();
            if (UNSAFE.getIntVolatile(GATE, STATE) != COMPLETE) UNSAFE.park(false, millis * 1_000_000L);
            waiting = null;
        }
        if (UNSAFE.getIntVolatile(GATE, STATE) == COMPLETE) return complete.pack();
        BeeDeepSample sample = current;
        // One that is parked never comes to its own limit.
        if (sample != null && sample.isOverdue(nanosMax)) giveUp(sample);
        return null;
    }

    static Object[] takeClasses() {
        return complete.packClasses();
    }

    static Object[] takeNotes() {
        return complete.packNotes();
    }

    /** The sample was read: the next one may begin. */
    static void taken() {
        BeeDeepSample sample = complete;
        complete = null;
        sample.clear();
        spare = sample;
        UNSAFE.putIntVolatile(GATE, STATE, IDLE);
    }

    /** Sums since the start of skipped, aborted and nested entries of the first roots. */
    static long[] rootSums(int roots) {
        long[] sums = new long[3 * roots];
        for (int root = 0; root < roots; root++) {
            sums[3 * root] = skipped[root];
            sums[3 * root + 1] = aborted[root];
            sums[3 * root + 2] = nested[root];
        }
        return sums;
    }
}
