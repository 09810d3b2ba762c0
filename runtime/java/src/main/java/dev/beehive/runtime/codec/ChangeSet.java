// The changes that one message brings. Decoded as a whole, then applied as a whole.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/** Changes in the order in which they were sent. */
public final class ChangeSet {
    private final List<Change> changes = new ArrayList<>();

    void add(Change change) {
        changes.add(change);
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /**
     * Makes all changes and notes in the log how to take them back. Writes of volatile fields come last, and before
     * anything this thread reads afterwards.
     */
    public void apply(UndoLog log) {
        for (Change change : changes) {
            if (!change.isRelease()) {
                log.push(change.apply());
            }
        }
        Memory.fullFence();
        for (Change change : changes) {
            if (change.isRelease()) {
                log.push(change.apply());
            }
        }
        Memory.fullFence();
    }
}
