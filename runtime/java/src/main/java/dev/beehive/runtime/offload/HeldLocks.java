// The j.u.c. locks that a worker has taken at home through stand-ins: what a dead worker leaves locked is unlocked.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.StampedLock;

/** Of one invocation; used on its thread, which owns the locks (a StampedLock belongs to who has the stamp). */
final class HeldLocks {
    /** The stamp is 0 for any lock but a StampedLock. */
    private record Held(Object lock, long stamp) {
        boolean is(Object other, long its) {
            return lock == other && stamp == its;
        }
    }

    private final Deque<Held> held = new ArrayDeque<>();

    /** Notes what a call that has returned did to locks. */
    void called(Method method, Object target, Object[] arguments, Object value) {
        if (target instanceof StampedLock lock) {
            stamped(lock, method.getName(), arguments, value);
        } else if (target instanceof Lock lock) {
            plain(lock, method.getName(), value);
        }
    }

    private void plain(Lock lock, String name, Object value) {
        switch (name) {
            case "lock", "lockInterruptibly" -> held.push(new Held(lock, 0));
            case "tryLock" -> {
                if (Boolean.TRUE.equals(value)) {
                    held.push(new Held(lock, 0));
                }
            }
            case "unlock" -> remove(lock, 0);
            default -> {
            }
        }
    }

    private void stamped(StampedLock lock, String name, Object[] arguments, Object value) {
        if (name.startsWith("unlock")) {
            remove(lock, (long) arguments[0]);
        } else if (name.startsWith("tryUnlock") && Boolean.TRUE.equals(value)) {
            boolean read = name.endsWith("Read");
            removeAny(lock, read);
        } else if (value instanceof Long stamp && stamp != 0) {
            if (name.startsWith("tryConvert")) {
                remove(lock, (long) arguments[0]);
            }
            if (StampedLock.isLockStamp(stamp)) {
                held.push(new Held(lock, stamp));
            }
        }
    }

    private void remove(Object lock, long stamp) {
        held.stream().filter(each -> each.is(lock, stamp)).findFirst().ifPresent(held::removeFirstOccurrence);
    }

    private void removeAny(StampedLock lock, boolean read) {
        held.stream().filter(each -> each.lock == lock && StampedLock.isReadLockStamp(each.stamp) == read).findFirst()
            .ifPresent(held::removeFirstOccurrence);
    }

    /** Whether a call gives up what was taken here, which nobody has to take back. */
    boolean isReleased(Method method, Object target, Object[] arguments) {
        long stamp = target instanceof StampedLock && arguments.length == 1 && arguments[0] instanceof Long its ? its : 0;
        return method.getName().startsWith("unlock") && held.stream().anyMatch(each -> each.is(target, stamp));
    }

    /** Unlocks what is still locked, the latest first. */
    void releaseAll() {
        while (!held.isEmpty()) {
            Held last = held.pop();
            try {
                if (last.lock instanceof StampedLock lock) {
                    lock.unlock(last.stamp);
                } else {
                    ((Lock) last.lock).unlock();
                }
            } catch (IllegalMonitorStateException e) {
                // Not this thread's any more: then it is not left locked either.
                continue;
            }
        }
    }
}
