// Decides, call by call, whether others can see what a worker does at home; until they can, everything can be taken back:
// locks are released, thread-locals get their values back, database work is rolled back.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.PinnedTypes;
import dev.beehive.runtime.codec.Reach;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Enumeration;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;

/** Of one invocation; used on its thread. */
final class HomeEffects {
    /** Done again, they find what they did the first time. */
    private static final Set<String> IDEMPOTENT = Set.of("putIfAbsent", "computeIfAbsent");

    /** Frameworks use their own maps as caches: what is put into one can be found out again. */
    private static final List<String> FRAMEWORKS = List.of("org.springframework.", "org.hibernate.", "com.fasterxml.jackson.");
    private static final String CONCURRENT = "java.util.concurrent.";
    /** OGNL's, of what it knows of a class. */
    private static final String CLASS_CACHE = "ognl.internal.ClassCache";
    /** A thread that waits may wake at any time. */
    private static final Set<String> WAKE = Set.of("notify", "notifyAll", "signal", "signalAll");

    private final HeldLocks locks = new HeldLocks();
    private final JdbcCalls jdbc = new JdbcCalls();
    private final WorkerCommits commits = new WorkerCommits();
    private final Waiting waiting = new Waiting();
    /** Put back thread-locals and attributes of the request. */
    private final Deque<Runnable> ofThisThread = new ArrayDeque<>();
    /** Those that calls have brought: nobody else steps through them. */
    private final Set<Object> iterators = Collections.newSetFromMap(new IdentityHashMap<>(0));

    /** Whether others could see what the call does; asked before it is made. The flag is the worker's opinion. */
    boolean isSeen(boolean flagged, Method method, Object target, Object[] arguments) {
        if (CallKinds.isStep(method) && !iterators.contains(target)) {
            return true;
        }
        if (Waiting.canWait(method, target) || RunningTasks.isTask(method, target)) {
            return false;
        }
        if (waiting.isAskedAbout(target)) {
            return true;
        }
        if (!flagged || method.getDeclaringClass() == RowsAhead.class || isUnnoticed(method, target)) {
            return false;
        }
        if (method.getDeclaringClass() == DatabaseEffect.class) {
            return !commits.note(arguments[0], (String) arguments[1]);
        }
        JdbcKind kind = JdbcKind.of(target);
        if (kind != JdbcKind.NONE) {
            return jdbc.isSeen(kind, method, target, arguments);
        }
        if (target instanceof ThreadLocal<?> local) {
            remember(local, method.getName());
            return false;
        }
        if (PinnedTypes.isOfThread(target)) {
            return false;
        }
        Runnable undo = Servlets.undoOf(method, target, arguments);
        if (undo != null) {
            ofThisThread.push(undo);
            return false;
        }
        return !isRepeatable(method, target, arguments) && !SpringCaches.isLookup(method, target) && !LoadingCaches.isHit(method, target, arguments)
            && !SpringBeans.isHit(method, target, arguments) && !Servlets.isHit(method, target, arguments);
    }

    /** Whether a call changes a map of everybody's, but so that it may be made again. */
    static boolean isRepeatable(Method method, Object target, Object[] arguments) {
        String name = method.getName();
        if (isClassCache(target)) {
            return name.equals("put");
        }
        if (isFrameworkCache(target)) {
            return IDEMPOTENT.contains(name) || name.equals("put");
        }
        boolean known = target instanceof ConcurrentMap && target.getClass().getName().startsWith(CONCURRENT);
        // What a worker has put there and then counted in would be counted again: the entry stays, as it is by then.
        return known && IDEMPOTENT.contains(name) && (!name.equals("putIfAbsent") || Reach.isFixed(arguments[1]));
    }

    private static boolean isClassCache(Object target) {
        return target != null && target.getClass().getName().contains(CLASS_CACHE);
    }

    private static boolean isFrameworkCache(Object target) {
        return target instanceof ConcurrentMap && Frameworks.include(target.getClass().getName(), FRAMEWORKS);
    }

    /** What a map of soft references lets go of is gone already; a table of classes is asked. */
    private static boolean isUnnoticed(Method method, Object target) {
        return method.getName().equals("purgeUnreferencedEntries") && isFrameworkCache(target)
            || method.getName().equals("get") && isClassCache(target);
    }

    /**
     * Whether a shadow can act as if it had made the call: a cache may lose an entry at once, and nobody needs to be
     * woken.
     */
    static boolean canBeLeftOut(Method method, Object target) {
        String name = method.getName();
        boolean puts = isClassCache(target) && name.equals("put") || isFrameworkCache(target) && (name.equals("put") || name.equals("putIfAbsent"));
        boolean jdk = method.getDeclaringClass().getName().startsWith("java.");
        boolean tells = SpringCaches.isSilentWrite(method, target) || Servlets.isTold(method, target);
        return puts || tells || jdk && WAKE.contains(name) && method.getParameterCount() == 0;
    }

    /** Whether a call releases a lock that the worker took: a rehearsal may do that, too. */
    boolean releasesOwnLock(Method method, Object target, Object[] arguments) {
        return locks.isReleased(method, target, arguments);
    }

    /** Whether a call that {@link #isSeen} was asked of has written into a database, or is about to. */
    boolean writesDatabase() {
        return jdbc.hasWritten();
    }

    private <T> void remember(ThreadLocal<T> local, String method) {
        if (method.equals("set") || method.equals("remove")) {
            T before = local.get();
            ofThisThread.push(() -> {
                if (before == null) {
                    local.remove();
                } else {
                    local.set(before);
                }
            });
        }
    }

    /** Whether a call was put off until the invocation ends. What waits is made before something is asked about it. */
    boolean putsOff(Method method, Object target, Object[] arguments, Home home) {
        boolean waits = Waiting.canWait(method, target);
        if (waits) {
            waiting.add(method, target, arguments);
        } else if (waiting.isAskedAbout(target)) {
            waiting.make(home);
        }
        return waits;
    }

    /** The invocation has ended, and counts. */
    void end(Home home) {
        waiting.make(home);
    }

    /** Notes what a call that has returned has locked or opened. */
    void called(Method method, Object target, Object[] arguments, Object value) {
        locks.called(method, target, arguments, value);
        if (value instanceof Iterator || value instanceof Enumeration) {
            iterators.add(value);
        }
        Runnable stop = RunningTasks.undoOf(method, target, value);
        if (stop != null) {
            ofThisThread.push(stop);
        }
        JdbcKind kind = JdbcKind.of(target);
        if (kind != JdbcKind.NONE) {
            jdbc.called(kind, method, target, arguments, value);
        }
    }

    /** The worker is lost: what others can see of the transactions that it was about to commit; null when nothing. */
    String seenOfCommits() {
        return commits.seen();
    }

    /** The worker is lost: what it had locked is unlocked, whatever follows. */
    void releaseLocks() {
        locks.releaseAll();
    }

    /** The root will run again, here. */
    void takeBack() {
        jdbc.takeBack();
        while (!ofThisThread.isEmpty()) {
            ofThisThread.pop().run();
        }
    }
}
