// Takes and releases the monitors of a root on a worker: of an object that home knows, there; of another only here, until
// something is said of which home might learn of it. One whose object cannot travel stays here.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.OffloadRefused;
import java.util.function.BooleanSupplier;

/** Of one connection; what it sends goes through the connection. */
final class Locking {
    private final WorkerConnection home;
    private final HeldMonitors held = new HeldMonitors();

    Locking(WorkerConnection home) {
        this.home = home;
    }

    /** A root begins, and holds none. */
    void begins() {
        held.clear();
    }

    void lock(Object monitor) {
        if (monitor instanceof String || isBox(monitor)) {
            throw home.refuse("OFFLOAD_LOCK", "monitor of a " + monitor.getClass().getName());
        }
        boolean bothHaveIt = monitor instanceof Class || monitor instanceof Enum;
        if (bothHaveIt || home.isShared(monitor)) {
            takeHome();
            home.lockAtHome(monitor);
            held.push(monitor, true);
        } else {
            held.push(monitor, false);
        }
    }

    /** Whether a monitor is taken, of an object that home does not know. */
    boolean isOnlyHere(Object monitor) {
        return held.isOnlyHere(monitor) && !home.isShared(monitor);
    }

    /**
     * A call is about to be made.
     *
     * @param changes whether it also tells home of changes; asked where it matters
     */
    void beforeCall(Object target, Object[] arguments, BooleanSupplier changes) {
        if (held.hasOnlyHere() && (tellsOfNew(target, arguments) || changes.getAsBoolean())) {
            takeHome();
        }
    }

    /** Whether home may hear of objects by a call, its changes apart. */
    private boolean tellsOfNew(Object target, Object[] arguments) {
        if (target != null && !home.isShared(target)) {
            return true;
        }
        for (Object each : arguments) {
            boolean plain = each == null || each instanceof String || each instanceof Class || isBox(each);
            if (!plain && !home.isShared(each)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isBox(Object monitor) {
        return monitor instanceof Number && monitor.getClass().getName().startsWith("java.lang.")
            || monitor instanceof Boolean || monitor instanceof Character;
    }

    /** What is said next may let others know of objects whose monitors are held only here: they come first. */
    private void takeHome() {
        for (Object monitor : held.takeHome()) {
            if (home.canTravel(monitor)) {
                home.lockAtHome(monitor);
            } else {
                held.stays(monitor);
            }
        }
    }

    /** Releases the monitor taken last. */
    void unlock(Object monitor) {
        boolean atHome;
        try {
            atHome = held.pop(monitor);
        } catch (IllegalMonitorStateException e) {
            throw home.refuse("OFFLOAD_LOCK", e.getMessage());
        }
        if (atHome) {
            home.unlockAtHome();
        }
    }

    /** What could not travel when it was locked, and now can, must not get home before its monitor. */
    void checkMessage() throws OffloadRefused {
        Object first = held.firstStaying(home::isShared);
        if (first != null) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_CONCURRENT_ESCAPE, first.getClass().getName(), "");
        }
    }
}
