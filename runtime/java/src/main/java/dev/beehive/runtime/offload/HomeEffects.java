// Decides, call by call, whether others can see what a worker does at home; until they can, everything can be taken back:
// locks are released, thread-locals get their values back, database work is rolled back.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/** Of one invocation; used on its thread. */
final class HomeEffects {
    /** Done again, they find what they did the first time. */
    private static final Set<String> IDEMPOTENT = Set.of("putIfAbsent", "computeIfAbsent");

    /** A map whose entries may be gone at any time: what is put into it can be found out again. */
    private static final String SPRINGS_CACHE = "org.springframework.util.ConcurrentReferenceHashMap";

    private final HeldLocks locks = new HeldLocks();
    private final JdbcCalls jdbc = new JdbcCalls();
    private final WorkerCommits commits = new WorkerCommits();
    private final Deque<Runnable> threadLocals = new ArrayDeque<>();

    /** Whether others could see what the call does; asked before it is made. The flag is the worker's opinion. */
    boolean isSeen(boolean flagged, Method method, Object target, Object[] arguments) {
        if (!flagged || method.getDeclaringClass() == RowsAhead.class) {
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
        return !isRepeatable(method, target);
    }

    /** Whether a call changes a map of everybody's, but so that it may be made again. */
    static boolean isRepeatable(Method method, Object target) {
        boolean cache = target != null && target.getClass().getName().equals(SPRINGS_CACHE);
        boolean again = IDEMPOTENT.contains(method.getName()) || cache && method.getName().equals("put");
        return target instanceof java.util.concurrent.ConcurrentMap && again;
    }

    /** Whether a call releases a lock that the worker took: a rehearsal may do that, too. */
    boolean releasesOwnLock(Method method, Object target) {
        return locks.isReleased(method, target);
    }

    /** Whether a call that {@link #isSeen} was asked of has written into a database, or is about to. */
    boolean writesDatabase() {
        return jdbc.hasWritten();
    }

    private <T> void remember(ThreadLocal<T> local, String method) {
        if (method.equals("set") || method.equals("remove")) {
            T before = local.get();
            threadLocals.push(() -> {
                if (before == null) {
                    local.remove();
                } else {
                    local.set(before);
                }
            });
        }
    }

    /** Notes what a call that has returned has locked or opened. */
    void called(Method method, Object target, Object[] arguments, Object value) {
        locks.called(method, target, value);
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
        while (!threadLocals.isEmpty()) {
            threadLocals.pop().run();
        }
    }
}
