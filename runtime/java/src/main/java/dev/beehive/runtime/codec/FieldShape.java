// The ordinary way: an instance is allocated without its constructor and its fields are copied.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.function.Predicate;

/** Objects of application classes and of JDK classes without a way of their own. */
class FieldShape extends Shape {
    private static final int HEADER_BYTES = 16;

    private final FieldCopier fields;
    private final FieldCells cells;
    private final int heapBytes;
    private final long ownMapOffset;

    FieldShape(Class<?> type, Class<?> stop) {
        super(type, CONTENTS | whereabouts(type));
        FieldLayout layout = FieldLayout.of(type, stop);
        fields = new FieldCopier(layout);
        cells = layout.cells;
        Field own = FieldLayout.ownMapOf(type);
        ownMapOffset = own == null || own.getType() != HashMap.class ? -1 : Memory.offsetOf(own);
        heapBytes = HEADER_BYTES + 8 * layout.references.length + layout.primitiveBytesMax();
    }

    FieldShape(Class<?> type) {
        this(type, null);
    }

    private static int whereabouts(Class<?> type) {
        if (PinnedTypes.include(type)) {
            return STAYS;
        }
        return (mayStayHome(type) ? MAY_STAY : 0) | (PinnedTypes.isPersistence(type) ? PERSISTENCE : 0);
    }

    /** Records are filled before anyone sees them: the JIT takes their fields for constants. */
    private static boolean mayStayHome(Class<?> type) {
        return !ClassOrigin.isJdk(type) && !type.isRecord() && !type.isHidden() && !ClassOrigin.hasJdkState(type)
            && !WorkerNative.includesAnyOf(type);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        from.charge(heapBytes);
        Object object = allocate(type());
        if (ownMapOffset >= 0) {
            Memory.putReference(object, ownMapOffset, new HashMap<>());
        }
        return object;
    }

    /** An instance without contents. */
    static Object allocate(Class<?> type) throws MalformedMessage {
        try {
            return Memory.allocate(type);
        } catch (InstantiationException | LinkageError e) {
            throw new MalformedMessage("no instance of " + type.getName(), e);
        }
    }

    @Override
    void writeContents(Object object, Encoder to) throws OffloadRefused {
        fields.write(object, to);
    }

    @Override
    void readContents(Object object, Decoder from) throws MalformedMessage {
        fields.read(object, from);
    }

    @Override
    Object capture(Object object) {
        return cells.isEmpty() ? null : cells.capture(object);
    }

    @Override
    boolean hasVolatile(Object object) {
        return cells.hasVolatile();
    }

    @Override
    boolean differs(Object object, Object before) {
        return cells.differs(object, (FieldCells.Snapshot) before);
    }

    @Override
    void restore(Object object, Object before) {
        cells.restore(object, (FieldCells.Snapshot) before);
    }

    @Override
    void writeChanges(Object object, Object before, Object now, Encoder to) throws OffloadRefused {
        cells.writeChanges((FieldCells.Snapshot) before, (FieldCells.Snapshot) now, to);
    }

    @Override
    void readChanges(Object object, Object agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        cells.readChanges(object, (FieldCells.Snapshot) agreed, from, changes);
    }

    @Override
    boolean hasFinals() {
        return cells.finals() != null;
    }

    @Override
    boolean hasUnset(Object object) {
        return hasFinals() && cells.finals().hasUnset(object);
    }

    @Override
    Object captureFinals(Object object) {
        return cells.finals().capture(object);
    }

    @Override
    boolean differsInFinals(Object object, Object before) {
        return cells.finals().differs(object, (FieldCells.Snapshot) before);
    }

    @Override
    void writeFinals(Object object, Object before, Encoder to) throws OffloadRefused {
        cells.writeFinals(object, (FieldCells.Snapshot) before, to);
    }

    @Override
    void visit(Object object, ReferenceVisitor visitor) {
        fields.visit(object, visitor);
    }

    @Override
    void visitAgreed(Object object, Object agreed, ReferenceVisitor visitor) {
        visit(object, visitor);
        if (agreed instanceof FieldCells.Snapshot snapshot) {
            snapshot.visit(visitor);
        }
    }

    @Override
    boolean canLetGo(Object object, Object agreed, Predicate<Object> gone) {
        return agreed != null && fields.layout().finalsAvoid(object, gone);
    }

    @Override
    void letGo(Object agreed, Predicate<Object> gone) {
        letGo(((FieldCells.Snapshot) agreed).references, gone);
    }

    @Override
    int fingerprint() {
        return fields.layout().fingerprint;
    }
}
