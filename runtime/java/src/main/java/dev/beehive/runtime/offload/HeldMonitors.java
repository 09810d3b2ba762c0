// The monitors an invocation holds on a worker, in the order in which they were taken, and which of them home holds for
// it. An object made on the worker can be locked before home knows it, and become known while it is locked.
package dev.beehive.runtime.offload;

import java.util.ArrayList;
import java.util.List;

/** Those that only the worker holds are always the ones taken last. */
final class HeldMonitors {
    private final List<Object> monitors = new ArrayList<>();
    private int atHome;

    void push(Object monitor, boolean home) {
        monitors.add(monitor);
        if (home) {
            atHome = monitors.size();
        }
    }

    /** Whether there are any that home does not hold. */
    boolean hasOnlyHere() {
        return atHome < monitors.size();
    }

    /** The monitors that home does not hold yet, in order; it holds them from now on. */
    List<Object> takeHome() {
        if (!hasOnlyHere()) {
            return List.of();
        }
        List<Object> rest = List.copyOf(monitors.subList(atHome, monitors.size()));
        atHome = monitors.size();
        return rest;
    }

    /** Removes the monitor taken last, which must be this one. True when home held it. */
    boolean pop(Object monitor) {
        int last = monitors.size() - 1;
        if (last < 0 || monitors.get(last) != monitor) {
            throw new IllegalMonitorStateException("monitors are released in the reverse order of being taken");
        }
        monitors.remove(last);
        boolean home = atHome > last;
        atHome = Math.min(atHome, last);
        return home;
    }

    void clear() {
        monitors.clear();
        atHome = 0;
    }
}
