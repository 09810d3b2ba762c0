// Objects that a worker has told home of while they were being made: `this` has left its constructor before all final
// fields were set. Nobody looks at final fields otherwise, which change at no other time; what is set is told as a change.
package dev.beehive.runtime.codec;

import java.util.ArrayList;
import java.util.List;

/** Of one invocation on a worker: constructors end with it. */
final class Unfinished {
    /** An object and its final fields as home knows them. */
    private static final class Told {
        final Object object;
        final Shape shape;
        Object finals;

        Told(Object object, Shape shape, Object finals) {
            this.object = object;
            this.shape = shape;
            this.finals = finals;
        }
    }

    private final ObjectTable table;
    private final List<Told> all = new ArrayList<>();

    Unfinished(ObjectTable table) {
        this.table = table;
    }

    void clear() {
        if (!all.isEmpty()) {
            all.clear();
        }
    }

    /** The contents of an object are about to be told for the first time. Most have no final field that is still empty. */
    void tells(Object object, Shape shape) {
        if (!table.isHome()) {
            Object finals = shape.captureIfUnset(object);
            if (finals != null) {
                all.add(new Told(object, shape, finals));
            }
        }
    }

    boolean hasChanges() {
        return all.stream().anyMatch(this::isToBeTold);
    }

    /** What was in a message that was taken back is not known, and will be told as new. */
    private boolean isToBeTold(Told told) {
        return told.shape.differsInFinals(told.object, told.finals) && table.idOf(told.object) != ObjectTable.NONE;
    }

    /** Writes what has been set since. */
    void writeChanges(Encoder to) throws OffloadRefused {
        for (Told told : all) {
            if (isToBeTold(told)) {
                to.writeFinals(told.object, told.shape, told.finals);
                told.finals = told.shape.captureFinals(told.object);
            }
        }
    }
}
