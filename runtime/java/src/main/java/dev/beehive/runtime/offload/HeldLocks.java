// The j.u.c. locks that a worker has taken at home through stand-ins: what a dead worker leaves locked is unlocked.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Lock;

/** Of one invocation; used on its thread, which owns the locks. */
final class HeldLocks {
    private final Deque<Lock> held = new ArrayDeque<>();

    /** Notes what a call that has returned did to locks. */
    void called(Method method, Object target, Object value) {
        if (!(target instanceof Lock lock)) {
            return;
        }
        switch (method.getName()) {
            case "lock", "lockInterruptibly" -> held.push(lock);
            case "tryLock" -> {
                if (Boolean.TRUE.equals(value)) {
                    held.push(lock);
                }
            }
            case "unlock" -> held.removeFirstOccurrence(lock);
            default -> {
            }
        }
    }

    /** Whether a call gives up what was taken here, which nobody has to take back. */
    boolean isReleased(Method method, Object target) {
        return method.getName().equals("unlock") && target instanceof Lock lock && held.contains(lock);
    }

    /** Unlocks what is still locked, the latest first. */
    void releaseAll() {
        while (!held.isEmpty()) {
            Lock lock = held.pop();
            try {
                lock.unlock();
            } catch (IllegalMonitorStateException e) {
                // Not this thread's any more: then it is not left locked either.
                continue;
            }
        }
    }
}
