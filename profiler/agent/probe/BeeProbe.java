/*
 * The Java side of the light agent, defined as java.lang.BeeProbe in the boot loader so that every
 * class of every loader can call it. Owns the counters of each thread and their draining; knows ids
 * only: what they mean is the agent's (Rust) business, which reads drain() and notes() through JNI.
 * Rules: nothing thrown into the application, no lock and no allocation on the hot paths, no
 * ThreadLocal (a thread that ends would need one to end), no lambda and no string concatenation by
 * invokedynamic (their classes would load inside a probe).
 */
package java.lang;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import jdk.internal.vm.annotation.DontInline;
import jdk.internal.vm.annotation.ReservedStackAccess;

/**
 * The probes, and, as an instance, the counters of one thread at a time.
 *
 * <p>Each instance has one writer, its owner, so counts are exact without atomic instructions. A drain
 * reads them while they change, which is safe because every value only grows. When its owner has ended
 * an instance goes to another thread and keeps its counters, so there are as many as threads were alive
 * in user code at one time.
 */
public final class BeeProbe {
    /** Id of the caller outside all user methods. Method ids begin at 1, so no key is 0. */
    private static final int OUTSIDE = -1;

    /** What a key counts besides calls, in bits 48..62 under a sign bit; see {@link #key}. */
    private static final int LATENCY_BUCKET = 1;
    private static final int LATENCY_SUM_NS = 2;
    private static final int EXCEPTIONS = 3;
    private static final int CPU_SAMPLES = 4;
    private static final int CPU_SUM_NS = 5;
    private static final int CPU_WALL_NS = 6;
    private static final int VIRTUAL_STARTS = 7;
    /** Samples of rare roots: invocations they stand for, squares of these, times weighted by them. */
    private static final int DENSE_WEIGHT = 8;
    private static final int DENSE_SQUARES = 9;
    private static final int DENSE_CPU_NS = 10;
    private static final int DENSE_WALL_NS = 11;

    /** Buckets of a histogram: 32 an octave up to 2^42 ns. Must equal the trace's own definition. */
    private static final int BUCKETS = 1216;

    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    /** A thread's instance is within this many places of its home. */
    private static final int WINDOW = 8;
    private static final int TABLE_MAX = 1 << 20;
    private static final int NOTES_MAX = 4096;
    /** Ids of the two frames of {@link #calibrate}; the agent drops their counts. */
    private static final int CALIBRATION = 0x3fff_fff0;

    /** Guards everything static that is not marked otherwise. An instance, so that its class tells. */
    private static final BeeProbe LOCK = new BeeProbe();

    /** Instances by identity hash of their owner; power of two. Read without lock. */
    private static BeeProbe[] table = new BeeProbe[1024];
    /** All instances ever made, the first {@code made}. */
    private static BeeProbe[] all = new BeeProbe[64];
    private static int made;
    /** Where the search for an instance without owner goes on. */
    private static int hand;
    private static long ownersLost;
    private static Object[] notes = new Object[64];
    private static int noteCount;
    private static long notesDropped;
    /** Mean number of root invocations per sample of processor time; 0: none. Racy, harmless. */
    private static int cpuInterval;
    /**
     * Samples of each root while it is rare, by the low bits of its id; racy, harmless. The first
     * {@code CPU_STEP} invocations are all sampled, then one in 2, in 4 and in 8 for as many samples
     * each, and from then on one in {@code cpuInterval}.
     */
    private static final byte[] cpuTaken = new byte[1 << 16];
    private static final int CPU_STEP = 32;
    private static final int CPU_RARE = Byte.MAX_VALUE;

    /** The thread that may write here. */
    private Thread owner;
    private boolean isVirtual;
    /** Index of this in {@code table}. */
    private int place;
    /** Open frames. */
    private int depth;
    /** Method ids of the open frames; index 0 stands for the code outside. */
    private int[] frames = new int[32];
    /** System.nanoTime() at entry, where the frame has a clock. */
    private long[] starts = new long[32];
    /** Hash table of key and value at 2i and 2i + 1, capacity a power of two. */
    private long[] counts = new long[64];
    private int keys;
    /** Frames that ended without their exit probe, and exits without entry. */
    private int unbalanced;
    /** Processor time at entry, where the frame is sampled; 0: it is not. */
    private long[] cpuStarts = new long[32];
    /** Outermost frame whose processor time is being taken; 0: none. */
    private int cpuFrame;
    /** Invocations that a sample of a rare root stands for, where the frame is sampled; 0: one not rare. */
    private int[] cpuWeights = new int[32];
    private int cpuCountdown = 1;
    private int cpuRandom = 1;
    /** Only the drain touches these: the table seen last, and its values then. */
    private long[] drainedTable;
    private long[] drainedValues;

    private BeeProbe() {
        frames[0] = OUTSIDE;
    }

    // The probes. Small, so that the compiler inlines them.

    /** Entry of an ordinary method. */
    public static void enter(int id) {
        BeeProbe mine = mine();
        if (mine != null && mine.open(id) == 1) mine.starts[1] = System.nanoTime();
    }

    /** Normal return of an ordinary method. */
    public static void exit(int id) {
        BeeProbe mine = mine();
        if (mine != null && !mine.closeInner(id)) mine.closeOutermost(id, false);
    }

    /**
     * An exception leaves an ordinary method. It may be the overflow of the stack: with the JVM's
     * reserve the frame is closed all the same.
     */
    @ReservedStackAccess
    public static void thrown(int id) {
        BeeProbe mine = mine();
        if (mine != null && !mine.closeInner(id)) mine.closeOutermost(id, true);
    }

    /** A method has caught an exception: frames above its own are of constructors that it left. */
    @ReservedStackAccess
    public static void caught(int id) {
        BeeProbe mine = mine();
        if (mine != null && mine.frames[mine.depth] != id) mine.dropAbove(id);
    }

    /** Entry of a method that calls nothing; it has no exit probe. */
    public static void leaf(int id) {
        BeeProbe mine = mine();
        if (mine != null) mine.count((long) mine.frames[mine.depth] << 32 | id);
    }

    /** Entry of a method whose every invocation is timed. */
    public static void enterRoot(int id) {
        BeeProbe mine = mine();
        if (mine == null) return;
        int depth = mine.open(id);
        mine.cpuStarts[depth] = 0;
        if (cpuInterval != 0) mine.maybeSampleCpu(depth, id);
        mine.starts[depth] = System.nanoTime();
    }

    /** Normal return of a timed method. */
    public static void exitRoot(int id) {
        BeeProbe mine = mine();
        if (mine != null) mine.closeTimed(id, false);
    }

    /** An exception leaves a timed method. */
    @ReservedStackAccess
    public static void thrownRoot(int id) {
        BeeProbe mine = mine();
        if (mine != null) mine.closeTimed(id, true);
    }

    // Counting.

    /** The current thread's instance; null if it cannot have one. */
    private static BeeProbe mine() {
        Thread thread = Thread.currentThread();
        BeeProbe[] table = BeeProbe.table;
        BeeProbe mine = table[System.identityHashCode(thread) & table.length - 1];
        return mine != null && mine.owner == thread ? mine : claim(thread);
    }

    /** Counts the call and opens the frame; gives its index. */
    private int open(int id) {
        int depth = this.depth;
        // Count before opening: if the stack overflows in here, nothing stays open.
        count((long) frames[depth] << 32 | id);
        if (++depth == frames.length) grow();
        frames[depth] = id;
        this.depth = depth;
        return depth;
    }

    private void count(long key) {
        long[] counts = this.counts;
        int at = home(key, counts);
        if (counts[at] == key) {
            counts[at + 1]++;
        } else {
            add(key, 1);
        }
    }

    private static int home(long key, long[] counts) {
        return (int) (key * GOLDEN >>> 33) & counts.length - 2;
    }

    private static long key(int what, int index, int id) {
        return (long) (Integer.MIN_VALUE | what << 16 | index) << 32 | id;
    }

    @DontInline
    private void add(long key, long amount) {
        long[] counts = this.counts;
        int at = slot(key, counts);
        if (counts[at] == 0) {
            if (keys * 4 >= counts.length) {
                counts = rehash(counts);
                at = slot(key, counts);
            }
            keys++;
            counts[at] = key;
        }
        counts[at + 1] += amount;
    }

    /** Where the key is, or the free place it belongs to. */
    private static int slot(long key, long[] counts) {
        int at = home(key, counts);
        while (counts[at] != key && counts[at] != 0) at = at + 2 & counts.length - 2;
        return at;
    }

    private long[] rehash(long[] old) {
        long[] bigger = new long[old.length * 2];
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] == 0) continue;
            int at = slot(old[i], bigger);
            bigger[at] = old[i];
            bigger[at + 1] = old[i + 1];
        }
        // The drain must not see the table before what is in it.
        VarHandle.releaseFence();
        counts = bigger;
        return bigger;
    }

    @DontInline
    private void grow() {
        // All or none, should the heap be full.
        int length = frames.length * 2;
        long[] moreStarts = Arrays.copyOf(starts, length);
        long[] moreCpuStarts = Arrays.copyOf(cpuStarts, length);
        int[] moreCpuWeights = Arrays.copyOf(cpuWeights, length);
        frames = Arrays.copyOf(frames, length);
        starts = moreStarts;
        cpuStarts = moreCpuStarts;
        cpuWeights = moreCpuWeights;
    }

    /** The usual case: the innermost frame is the method's, and it is not the outermost. */
    private boolean closeInner(int id) {
        int depth = this.depth;
        if (depth <= 1 || frames[depth] != id) return false;
        this.depth = depth - 1;
        return true;
    }

    /** Index of the innermost frame of the method, 0 if none is open. */
    private int innermost(int id) {
        int at = depth;
        while (at > 0 && frames[at] != id) at--;
        return at;
    }

    @DontInline
    private void dropAbove(int id) {
        int at = innermost(id);
        if (at == 0) return;
        depth = at;
        if (cpuFrame > at) cpuFrame = 0;
    }

    /**
     * Closes the innermost frame of the method; gives its index, 0 if none is open. Frames above it are
     * of constructors that an exception left inside {@code super(…)}. If it leaves this method too,
     * nothing was called under their names; if not, code without probes has caught it meanwhile.
     */
    private int close(int id, boolean thrown) {
        int at = innermost(id);
        if (at == 0) {
            unbalanced++;
            return 0;
        }
        if (!thrown) unbalanced += depth - at;
        depth = at - 1;
        if (cpuFrame > at) cpuFrame = 0;
        return at;
    }

    @DontInline
    private void closeOutermost(int id, boolean thrown) {
        if (close(id, thrown) == 1) timed(id, System.nanoTime() - starts[1], thrown);
    }

    @DontInline
    private void closeTimed(int id, boolean thrown) {
        long now = System.nanoTime();
        int at = close(id, thrown);
        if (at == 0) return;
        if (cpuStarts[at] != 0) endCpuSample(id, at);
        timed(id, now - starts[at], thrown);
    }

    /** Both clocks are read in the order they were at the start, so that both spans hold one reading. */
    private void endCpuSample(int id, int at) {
        long cpu = threadCpuNanos() - cpuStarts[at];
        long wall = System.nanoTime() - starts[at];
        if (cpuFrame == at) cpuFrame = 0;
        long weight = cpuWeights[at];
        if (weight == 0) {
            add(key(CPU_SAMPLES, 0, id), 1);
            add(key(CPU_SUM_NS, 0, id), cpu);
            add(key(CPU_WALL_NS, 0, id), wall);
            return;
        }
        add(key(DENSE_WEIGHT, 0, id), weight);
        add(key(DENSE_SQUARES, 0, id), weight * weight);
        add(key(DENSE_CPU_NS, 0, id), weight * cpu);
        add(key(DENSE_WALL_NS, 0, id), weight * wall);
    }

    private void timed(int id, long elapsed, boolean thrown) {
        add(key(LATENCY_BUCKET, bucket(elapsed), id), 1);
        add(key(LATENCY_SUM_NS, 0, id), elapsed);
        if (thrown) add(key(EXCEPTIONS, 0, id), 1);
    }

    static int bucket(long ns) {
        if (ns < 32) return ns < 0 ? 0 : (int) ns;
        int exponent = 63 - Long.numberOfLeadingZeros(ns);
        long index = (exponent - 5) * 32L + (ns >>> exponent - 5);
        return index < BUCKETS ? (int) index : BUCKETS - 1;
    }

    /**
     * Takes the processor time of one in {@code cpuInterval} timed frames, never of nested ones. Of a
     * root that is rare so far it takes more, so that it is known too; each sample stands for as many
     * invocations as it was picked from, so that the first, slow ones do not count for more.
     */
    private void maybeSampleCpu(int depth, int id) {
        int taken = cpuTaken[id & cpuTaken.length - 1];
        if (taken < CPU_RARE) {
            if (!isVirtual) sampleRare(depth, id, taken);
        } else if (cpuFrame == 0 && --cpuCountdown <= 0 && !isVirtual) {
            // A random distance: a fixed one could always meet the same of several nested roots.
            cpuCountdown = 1 + nextRandom() % (2 * cpuInterval);
            sampleCpu(depth, 0);
        }
    }

    @DontInline
    private void sampleRare(int depth, int id, int taken) {
        int weight = 1 << taken / CPU_STEP;
        if ((nextRandom() & weight - 1) != 0) return;
        cpuTaken[id & cpuTaken.length - 1] = (byte) (taken + 1);
        sampleCpu(depth, weight);
    }

    private int nextRandom() {
        cpuRandom = cpuRandom * 1664525 + 1013904223;
        return cpuRandom >>> 16;
    }

    @DontInline
    private void sampleCpu(int depth, int weight) {
        try {
            cpuStarts[depth] = threadCpuNanos();
            cpuWeights[depth] = weight;
            if (cpuFrame == 0) cpuFrame = depth;
        } catch (Throwable unlinked) {
            cpuInterval = 0;
        }
    }

    /** Bound to the agent library by its exported name. */
    private static native long threadCpuNanos();

    // Instances and their owners.

    @DontInline
    private static BeeProbe claim(Thread thread) {
        BeeProbe mine = find(table, thread);
        if (mine != null) return mine;
        try {
            synchronized (LOCK) {
                return claimLocked(thread);
            }
        } catch (Throwable outOfMemory) {
            ownersLost++;
            return null;
        }
    }

    private static BeeProbe find(BeeProbe[] table, Thread thread) {
        int home = System.identityHashCode(thread);
        for (int i = 0; i < WINDOW; i++) {
            BeeProbe found = table[home + i & table.length - 1];
            if (found != null && found.owner == thread) return found;
        }
        return null;
    }

    private static BeeProbe claimLocked(Thread thread) {
        BeeProbe mine = find(table, thread);
        if (mine != null) return mine;
        mine = abandoned();
        if (mine == null) mine = make();
        mine.isVirtual = isVirtual(thread);
        mine.owner = thread;
        while (!put(table, mine)) {
            if (table.length >= TABLE_MAX) {
                mine.owner = null;
                ownersLost++;
                return null;
            }
            spread();
        }
        return mine;
    }

    /** An instance whose owner has ended, out of a few looked at. */
    private static BeeProbe abandoned() {
        for (int i = 0; i < WINDOW && made > 0; i++) {
            hand = hand + 1 < made ? hand + 1 : 0;
            BeeProbe probe = all[hand];
            if (probe.isAbandoned()) {
                probe.release();
                return probe;
            }
        }
        return null;
    }

    private boolean isAbandoned() {
        return owner == null || !owner.isAlive();
    }

    private void release() {
        if (owner == null) return;
        if (table[place] == this) table[place] = null;
        owner = null;
        unbalanced += depth;
        depth = 0;
        cpuFrame = 0;
    }

    private static BeeProbe make() {
        BeeProbe probe = new BeeProbe();
        if (made == all.length) all = Arrays.copyOf(all, made * 2);
        all[made++] = probe;
        if (made * 8 > table.length && table.length < TABLE_MAX) spread();
        return probe;
    }

    /** Puts an owned instance near its home; false if all places are taken. */
    private static boolean put(BeeProbe[] table, BeeProbe probe) {
        int home = System.identityHashCode(probe.owner);
        for (int i = 0; i < WINDOW; i++) {
            int at = home + i & table.length - 1;
            if (table[at] == null) {
                probe.place = at;
                table[at] = probe;
                return true;
            }
        }
        return false;
    }

    /** Doubles the table until every owned instance finds a place. */
    private static void spread() {
        BeeProbe[] bigger = new BeeProbe[table.length * 2];
        for (int i = 0; i < made; i++) {
            if (all[i].owner == null || put(bigger, all[i])) continue;
            if (bigger.length >= TABLE_MAX) {
                all[i].owner = null;
                ownersLost++;
            } else {
                bigger = new BeeProbe[bigger.length * 2];
                i = -1;
            }
        }
        VarHandle.releaseFence();
        table = bigger;
    }

    private static boolean isVirtual(Thread thread) {
        Class<?> parent = thread.getClass().getSuperclass();
        return parent != null && parent.getName().equals("java.lang.BaseVirtualThread");
    }

    // What is not counted but noted: rare, with a text.

    /** Entry of Thread.start: who starts it, and its name. */
    public static void starting(Thread thread) {
        try {
            if (isVirtual(thread)) {
                BeeProbe mine = mine();
                if (mine != null) mine.add(key(VIRTUAL_STARTS, 0, Math.max(current(), 0)), 1);
            } else {
                note('T', null, thread.getName());
            }
        } catch (Throwable outOfMemory) {
            notesDropped++;
        }
    }

    /** A connection is about to be opened. */
    public static void connecting(Object peer) {
        try {
            if (noteCount < NOTES_MAX) note('C', opener(), peerText(peer));
            else notesDropped++;
        } catch (Throwable outOfMemory) {
            notesDropped++;
        }
    }

    static String peerText(Object peer) {
        if (peer == null) return "null";
        // Only the JDK's own classes: another's toString could do anything.
        boolean isJdk = peer.getClass().getClassLoader() == null;
        return isJdk ? peer.toString() : peer.getClass().getName();
    }

    /** The nearest class outside the JDK on the stack; empty if there is none. */
    static String opener() {
        for (StackTraceElement frame : new Throwable().getStackTrace()) {
            String module = frame.getModuleName();
            boolean isJdk = module != null && (module.startsWith("java.") || module.startsWith("jdk."));
            if (!isJdk) return frame.getClassName();
        }
        return "";
    }

    private static void note(char kind, String opener, String text) {
        int method = current();
        synchronized (LOCK) {
            if (noteCount == NOTES_MAX) {
                notesDropped++;
                return;
            }
            if (noteCount == notes.length) notes = Arrays.copyOf(notes, noteCount * 2);
            StringBuilder line = new StringBuilder().append(kind).append('\t').append(method);
            if (opener != null) line.append('\t').append(opener);
            notes[noteCount++] = line.append('\t').append(text).toString();
        }
    }

    // For the agent.

    /** Asked by the agent when the class is there already, from an earlier attach. */
    static int version() {
        return 1;
    }

    /** Id of the innermost user method of the current thread, {@link #OUTSIDE} if there is none. */
    static int current() {
        BeeProbe mine = find(table, Thread.currentThread());
        return mine == null ? OUTSIDE : mine.frames[mine.depth];
    }

    static void setCpuInterval(int invocations) {
        cpuInterval = invocations;
    }

    /** Takes the notes since the last call; null if there are none. */
    static Object[] takeNotes() {
        synchronized (LOCK) {
            if (noteCount == 0) return null;
            Object[] taken = Arrays.copyOf(notes, noteCount);
            notes = new Object[64];
            noteCount = 0;
            return taken;
        }
    }

    /**
     * What was counted since the last drain. First three totals of the whole run (threads that found no
     * place, notes dropped, frames out of balance), then pairs of key and increment.
     */
    static synchronized long[] drain() {
        BeeProbe[] all;
        int made;
        synchronized (LOCK) {
            for (int i = 0; i < BeeProbe.made; i++) {
                if (BeeProbe.all[i].isAbandoned()) BeeProbe.all[i].release();
            }
            all = BeeProbe.all;
            made = BeeProbe.made;
        }
        BeeProbe sum = new BeeProbe();
        long unbalanced = 0;
        for (int i = 0; i < made; i++) {
            all[i].drainInto(sum);
            unbalanced += all[i].unbalanced;
        }
        long[] out = new long[3 + 2 * sum.keys];
        out[0] = ownersLost;
        out[1] = notesDropped;
        out[2] = unbalanced;
        int at = 3;
        for (int i = 0; i < sum.counts.length; i += 2) {
            if (sum.counts[i] == 0) continue;
            out[at++] = sum.counts[i];
            out[at++] = sum.counts[i + 1];
        }
        return out;
    }

    private void drainInto(BeeProbe sum) {
        long[] counts = this.counts;
        VarHandle.acquireFence();
        if (drainedTable != counts) realignDrained(counts);
        long[] before = drainedValues;
        for (int i = 0; i < counts.length; i += 2) {
            long increment = counts[i + 1] - before[i >> 1];
            // The key may not be visible yet; its count then waits for the next drain.
            if (counts[i] == 0 || increment <= 0) continue;
            before[i >> 1] += increment;
            sum.add(counts[i], increment);
        }
    }

    /** The table has grown: carries what was drained over to the new places. */
    private void realignDrained(long[] counts) {
        long[] values = new long[counts.length / 2];
        for (int i = 0; drainedTable != null && i < drainedTable.length; i += 2) {
            long value = drainedValues[i >> 1];
            if (value != 0) values[slot(drainedTable[i], counts) >> 1] = value;
        }
        drainedTable = counts;
        drainedValues = values;
    }

    /** Cost of an entry and exit pair in picoseconds: the best of rounds, at most about 30 ms. */
    static long calibrate() {
        BeeProbe mine = mine();
        if (mine == null) return 0;
        long best = Long.MAX_VALUE;
        long end = System.nanoTime() + 30_000_000L;
        enter(CALIBRATION);
        do {
            long start = System.nanoTime();
            calibrationRound();
            best = Math.min(best, System.nanoTime() - start);
        } while (System.nanoTime() - end < 0);
        exit(CALIBRATION);
        return best;
    }

    private static void calibrationRound() {
        for (int i = 0; i < 1000; i++) {
            enter(CALIBRATION + 1);
            exit(CALIBRATION + 1);
        }
    }

    /** Forgets everything, for a second attach. No probe may be in any loaded class. */
    static synchronized void reset() {
        synchronized (LOCK) {
            table = new BeeProbe[1024];
            all = new BeeProbe[64];
            made = 0;
            ownersLost = notesDropped = 0;
            noteCount = 0;
            cpuInterval = 0;
        }
    }
}
