// The changes that one message brings. Decoded as a whole, then applied as a whole.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.ArrayList;
import java.util.List;

/** Changes in the order in which they were sent. */
public final class ChangeSet {
    /** An object with changes, and what was agreed on of it when they were read. */
    private record Target(ObjectList list, int number, Object agreed) {
        boolean isAsRead() {
            return list.agreed(number) == agreed;
        }
    }

    private final List<Change> changes = new ArrayList<>();
    private final List<Target> targets = new ArrayList<>();

    /** The changes that are added from here on are of this object. */
    void of(ObjectList list, int number) {
        targets.add(new Target(list, number, list.agreed(number)));
    }

    void add(Change change) {
        changes.add(change);
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }

    /**
     * The other side has these changes and this one does not, or not any more: notes them as its state, so that it is told
     * the difference. False when it has been told of the same objects since, so that this is not known.
     */
    public boolean note() {
        changes.forEach(Change::note);
        return targets.stream().allMatch(Target::isAsRead);
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
