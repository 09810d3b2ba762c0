// Objects that are told of while they are being made: `this` has left its constructor before all final fields were set.
// Nobody looks at final fields otherwise, which change at no other time. What a worker sets later is told as a change; what
// the server would set later, behind the root, keeps the root at home.
package dev.beehive.runtime.codec;

import java.util.ArrayList;
import java.util.List;

/** Of one side of a connection. On a worker of one invocation: constructors end with it. */
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
    private final Constructors constructors = new Constructors();

    Unfinished(ObjectTable table) {
        this.table = table;
    }

    void clear() {
        if (!all.isEmpty()) {
            all.clear();
        }
    }

    /** A message begins. */
    void beginMessage() {
        constructors.forget();
    }

    /** The contents of an object are about to be told for the first time. Most have no final field that is still empty. */
    void tells(Object object, Shape shape) throws OffloadRefused {
        if (!shape.hasUnset(object)) {
            return;
        }
        if (!table.isHome()) {
            all.add(new Told(object, shape, shape.captureFinals(object)));
        } else if (constructors.areRunningFor(object)) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_UNFINISHED, shape.type().getName(), "");
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
