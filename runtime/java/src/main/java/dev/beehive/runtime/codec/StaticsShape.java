// How the static fields of application classes travel. At home the class is initialised before they are read.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.function.Predicate;

/** The shape of Statics: named by the class, contents are its static fields. */
final class StaticsShape extends Shape {
    StaticsShape() {
        super(Statics.class, DECLARES | CONTENTS | NAMED);
    }

    @Override
    void declare(Object statics, Encoder to) throws OffloadRefused {
        Memory.initialize(((Statics) statics).type());
        to.writeClass(((Statics) statics).type());
        to.checkPrepared(((Statics) statics).type());
        to.writer().writeInt(((Statics) statics).layout().fingerprint);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        Class<?> type = from.readClass();
        if (from.isWorker()) {
            // Without an initialiser of its own there; but its superclasses' constants may have one.
            Memory.initialize(type);
        }
        if (type.isPrimitive() || ClassOrigin.isJdk(type)) {
            throw new MalformedMessage("statics of " + type.getName());
        }
        Statics statics = Statics.of(type);
        if (from.reader().readInt() != statics.layout().fingerprint) {
            throw new MalformedMessage("class " + type.getName() + " has other static fields here");
        }
        return statics;
    }

    @Override
    void writeContents(Object object, Encoder to) throws OffloadRefused {
        Statics statics = (Statics) object;
        statics.copier().write(statics.base(), to);
    }

    @Override
    void readContents(Object object, Decoder from) throws MalformedMessage {
        Statics statics = (Statics) object;
        statics.copier().read(statics.base(), from);
    }

    @Override
    Object capture(Object object) {
        Statics statics = (Statics) object;
        FieldCells cells = statics.layout().cells;
        return cells.isEmpty() ? null : cells.capture(statics.base());
    }

    @Override
    boolean hasVolatile(Object object) {
        return ((Statics) object).layout().cells.hasVolatile();
    }

    @Override
    boolean differs(Object object, Object before) {
        Statics statics = (Statics) object;
        return statics.layout().cells.differs(statics.base(), (FieldCells.Snapshot) before);
    }

    @Override
    void restore(Object object, Object before) {
        Statics statics = (Statics) object;
        statics.layout().cells.restore(statics.base(), (FieldCells.Snapshot) before);
    }

    @Override
    void writeChanges(Object object, Object before, Object now, Encoder to) throws OffloadRefused {
        FieldCells cells = ((Statics) object).layout().cells;
        cells.writeChanges((FieldCells.Snapshot) before, (FieldCells.Snapshot) now, to);
    }

    @Override
    void readChanges(Object object, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        Statics statics = (Statics) object;
        statics.layout().cells.readChanges(statics.base(), (FieldCells.Snapshot) agreed, from, changes);
    }

    @Override
    void visit(Object object, ReferenceVisitor visitor) {
        Statics statics = (Statics) object;
        statics.copier().visit(statics.base(), visitor);
    }

    @Override
    void visitAgreed(Object object, Object agreed, ReferenceVisitor visitor) {
        visit(object, visitor);
        if (agreed != null) {
            ((FieldCells.Snapshot) agreed).visit(visitor);
        }
    }

    @Override
    boolean canLetGo(Object object, Object agreed, Predicate<Object> gone) {
        Statics statics = (Statics) object;
        return agreed != null && statics.layout().finalsAvoid(statics.base(), gone);
    }

    @Override
    void letGo(Object agreed, Predicate<Object> gone) {
        letGo(((FieldCells.Snapshot) agreed).references, gone);
    }

    @Override
    boolean lasts() {
        return true;
    }
}
