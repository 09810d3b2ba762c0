// The changes that one message brings. Decoded as a whole, then applied as a whole.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.ArrayList;
import java.util.BitSet;
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
    /** Which of them are not taken back. */
    private final BitSet staying = new BitSet();
    private boolean ofNew;

    /**
     * The changes that are added from here on are of this object.
     *
     * @param isNew made on the other side by this invocation: nobody here has known it before, and whoever has got hold of
     *     it since (by a cache, say) is not to have a half-made one, whatever else is taken back
     */
    void of(ObjectList list, int number, boolean isNew) {
        targets.add(new Target(list, number, list.agreed(number)));
        ofNew = isNew;
    }

    void add(Change change) {
        staying.set(changes.size(), ofNew);
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
        apply(false, false, log);
        Memory.fullFence();
        apply(true, false, log);
        Memory.fullFence();
    }

    /** Makes only those of objects that are new, for whoever has got hold of one: the rest is not to be seen here. */
    public void applyToNew() {
        apply(false, true, null);
        apply(true, true, null);
        Memory.fullFence();
    }

    private void apply(boolean releases, boolean ofNewOnly, UndoLog log) {
        for (int i = 0; i < changes.size(); i++) {
            Change change = changes.get(i);
            if (change.isRelease() != releases || ofNewOnly && !staying.get(i)) {
                continue;
            }
            Change inverse = change.apply();
            if (!staying.get(i)) {
                log.push(inverse);
            }
        }
    }
}
