// The monitors an invocation holds on a worker, in the order in which they were taken, and which of them home holds for
// it. An object made on the worker can be locked before home knows it, and become known while it is locked.
package dev.beehive.runtime.offload;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.Predicate;

/** Those that only the worker holds are always the ones taken last. */
final class HeldMonitors {
    private final List<Object> monitors = new ArrayList<>();
    /** Home was asked to hold all below this place; it holds them but for those that stay. */
    private int atHome;
    /** Of objects that cannot travel: as long as home cannot come to know them, nobody else can want them. */
    private final BitSet staying = new BitSet();

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

    /** Whether this one is held, and not by home. */
    boolean isOnlyHere(Object monitor) {
        for (int i = 0; i < monitors.size(); i++) {
            if (monitors.get(i) == monitor) {
                return i >= atHome || staying.get(i);
            }
        }
        return false;
    }

    /** One of those that home was to hold stays here. */
    void stays(Object monitor) {
        for (int i = 0; i < monitors.size(); i++) {
            if (monitors.get(i) == monitor) {
                staying.set(i);
            }
        }
    }

    /** The first that stays here and of which this is true; null without one. */
    Object firstStaying(Predicate<Object> wanted) {
        return staying.stream().mapToObj(monitors::get).filter(wanted).findFirst().orElse(null);
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
        boolean home = atHome > last && !staying.get(last);
        staying.clear(last);
        atHome = Math.min(atHome, last);
        return home;
    }

    void clear() {
        monitors.clear();
        staying.clear();
        atHome = 0;
    }
}
