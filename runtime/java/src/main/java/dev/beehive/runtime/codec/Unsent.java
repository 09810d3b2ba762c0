// What writing a message has changed in what this end believes that the other one knows. A message that cannot be sent
// is taken back with it, as if nobody had begun to write it; without it both sides would have to forget everything.
package dev.beehive.runtime.codec;

import java.util.ArrayList;
import java.util.List;

/** Of the message being written. Objects that it introduces are the last ones of their list, and need no note. */
final class Unsent {
    /** What was agreed on of an object before. */
    private record Before(ObjectList list, int number, byte state, Object agreed) {
        void restore() {
            list.setState(number, state);
            list.setAgreed(number, agreed);
        }
    }

    private final ObjectTable table;
    private final ClassWriter classes;
    private final List<Before> told = new ArrayList<>();
    private int introduced;

    Unsent(ObjectTable table, ClassWriter classes) {
        this.table = table;
        this.classes = classes;
    }

    /** A message begins: the one before counts as sent. */
    void begin() {
        told.clear();
        classes.begin();
        introduced = table.own().next();
    }

    /** The message tells of an object that is known already. Before anything of it is noted as told. */
    void tells(ObjectList list, int number) {
        told.add(new Before(list, number, list.state(number), list.agreed(number)));
    }

    /** The message will not be sent. */
    void takeBack() {
        for (int i = told.size() - 1; i >= 0; i--) {
            told.get(i).restore();
        }
        told.clear();
        table.withdraw(introduced);
        classes.takeBack();
    }
}
