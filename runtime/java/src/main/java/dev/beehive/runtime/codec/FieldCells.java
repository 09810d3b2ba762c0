// The fields of a class that may change after construction, one cell each, for comparing and for single writes.
// Final fields are cells of their own, behind those: they are set once, while the object is being made (see Unfinished).
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Cells are numbered alike on both sides. A value that is no reference is held as 64 bits. */
final class FieldCells {
    /** The cells of one object at one time. */
    static final class Snapshot {
        final Object[] references;
        final long[] bits;

        Snapshot(int references, int bits) {
            this.references = new Object[references];
            this.bits = new long[bits];
        }

        void visit(ReferenceVisitor visitor) {
            for (int i = 0; i < references.length; i++) {
                if (references[i] != null) {
                    visitor.reference(references[i], null, i);
                }
            }
        }
    }

    private final Field[] references;
    private final long[] referenceOffsets;
    /** The narrowest first. */
    private final Field[] primitives;
    private final long[] primitiveOffsets;
    /** Bytes of the field, by cell. */
    private final int[] widths;
    private final boolean hasVolatile;
    /** By cell: here it never changes; on the other side the field is not final. */
    private final boolean[] finals;
    /** Cells that are compared: those that are not final. */
    private final int[] watchedReferences;
    private final int[] watchedBytes;
    private final int[] watchedShorts;
    private final int[] watchedInts;
    private final int[] watchedLongs;

    /** The final fields of an instance; null if there are none that could be set late. */
    private final FieldCells later;

    /** Cells of the fields that are not final, and behind them of those that are; but a record's the JIT takes for constants. */
    static FieldCells ofInstance(Class<?> type, List<Field> fields) {
        List<Field> set = fields.stream().filter(f -> Modifier.isFinal(f.getModifiers())).toList();
        FieldCells later = set.isEmpty() || type.isRecord() ? null : new FieldCells(set, true, null);
        return new FieldCells(fields.stream().filter(f -> !Modifier.isFinal(f.getModifiers())).toList(), false, later);
    }

    /** A cell for each field: a worker's static fields are not final, so that both sides count alike only so. */
    FieldCells(List<Field> mutable) {
        this(mutable, false, null);
    }

    private FieldCells(List<Field> mutable, boolean watchesFinals, FieldCells later) {
        this.later = later;
        hasVolatile = mutable.stream().anyMatch(f -> Modifier.isVolatile(f.getModifiers()));
        references = mutable.stream().filter(f -> !f.getType().isPrimitive()).toArray(Field[]::new);
        primitives = mutable.stream().filter(f -> f.getType().isPrimitive())
            .sorted(Comparator.comparingInt(f -> width(f.getType()))).toArray(Field[]::new);
        referenceOffsets = List.of(references).stream().mapToLong(Memory::offsetOf).toArray();
        primitiveOffsets = List.of(primitives).stream().mapToLong(Memory::offsetOf).toArray();
        finals = new boolean[mutable.size()];
        for (int i = 0; i < finals.length; i++) {
            Field field = i < references.length ? references[i] : primitives[i - references.length];
            finals[i] = Modifier.isFinal(field.getModifiers()) && !watchesFinals;
        }
        widths = List.of(primitives).stream().mapToInt(f -> width(f.getType())).toArray();
        watchedReferences = IntStream.range(0, references.length).filter(i -> !finals[i]).toArray();
        watchedBytes = watched(Byte.BYTES);
        watchedShorts = watched(Short.BYTES);
        watchedInts = watched(Integer.BYTES);
        watchedLongs = watched(Long.BYTES);
    }

    private int[] watched(int width) {
        return IntStream.range(0, primitives.length)
            .filter(i -> widths[i] == width && !finals[references.length + i]).toArray();
    }

    private static int width(Class<?> type) {
        return Memory.arrayScale(type.arrayType());
    }

    boolean hasVolatile() {
        return hasVolatile;
    }

    /** Whether nothing is compared. */
    boolean isEmpty() {
        return watchedReferences.length + watchedBytes.length + watchedShorts.length + watchedInts.length
            + watchedLongs.length == 0;
    }

    FieldCells finals() {
        return later;
    }

    /** Whether a cell looks as if nothing had been written to it yet. */
    boolean hasUnset(Object object) {
        for (long offset : referenceOffsets) {
            if (Memory.getReference(object, offset) == null) {
                return true;
            }
        }
        for (int cell = 0; cell < primitives.length; cell++) {
            if (bits(object, cell) == 0) {
                return true;
            }
        }
        return false;
    }

    private int count() {
        return references.length + primitives.length;
    }

    /** Exchanges the cells of two objects. */
    void exchange(Object one, Object other) {
        for (long offset : referenceOffsets) {
            Object kept = Memory.getReference(one, offset);
            Memory.putReference(one, offset, Memory.getReference(other, offset));
            Memory.putReference(other, offset, kept);
        }
        for (int i = 0; i < primitives.length; i++) {
            long kept = bits(one, i);
            putBits(one, i, bits(other, i));
            putBits(other, i, kept);
        }
    }

    Snapshot capture(Object object) {
        Snapshot now = new Snapshot(references.length, primitives.length);
        for (int i = 0; i < references.length; i++) {
            now.references[i] = Memory.getReference(object, referenceOffsets[i]);
        }
        for (int i = 0; i < primitives.length; i++) {
            now.bits[i] = bits(object, i);
        }
        return now;
    }

    /** Makes the cells that are compared what they were. */
    void restore(Object object, Snapshot before) {
        for (int cell : watchedReferences) {
            Memory.putReference(object, referenceOffsets[cell], before.references[cell]);
        }
        for (int cell = 0; cell < primitives.length; cell++) {
            if (!finals[references.length + cell]) {
                putBits(object, cell, before.bits[cell]);
            }
        }
    }

    /** One loop a width, without a question of which it is: asked of every shared object at every sync point. */
    boolean differs(Object object, Snapshot before) {
        for (int cell : watchedReferences) {
            if (Memory.getReference(object, referenceOffsets[cell]) != before.references[cell]) {
                return true;
            }
        }
        long[] bits = before.bits;
        for (int cell : watchedInts) {
            if (Memory.getInt(object, primitiveOffsets[cell]) != bits[cell]) {
                return true;
            }
        }
        for (int cell : watchedBytes) {
            if (Memory.getByte(object, primitiveOffsets[cell]) != bits[cell]) {
                return true;
            }
        }
        for (int cell : watchedLongs) {
            if (Memory.getLong(object, primitiveOffsets[cell]) != bits[cell]) {
                return true;
            }
        }
        for (int cell : watchedShorts) {
            if (Memory.getShort(object, primitiveOffsets[cell]) != bits[cell]) {
                return true;
            }
        }
        return false;
    }

    /** Writes `cell + 1, value` for each cell that differs, then 0. */
    void writeChanges(Snapshot before, Snapshot now, Encoder to) throws OffloadRefused {
        writeChanges(before, now, to, 1);
    }

    /** The same of the final fields. */
    void writeFinals(Object object, Snapshot before, Encoder to) throws OffloadRefused {
        later.writeChanges(before, later.capture(object), to, count() + 1);
    }

    private void writeChanges(Snapshot before, Snapshot now, Encoder to, int first) throws OffloadRefused {
        MessageWriter out = to.writer();
        for (int i = 0; i < references.length; i++) {
            if (before.references[i] != now.references[i] && !finals[i]) {
                out.writeUnsigned(first + i);
                to.write(now.references[i]);
            }
        }
        for (int i = 0; i < primitives.length; i++) {
            if (before.bits[i] != now.bits[i] && !finals[references.length + i]) {
                out.writeUnsigned(first + references.length + i);
                out.writeSigned(now.bits[i]);
            }
        }
        out.writeUnsigned(0);
    }

    void readChanges(Object object, Snapshot agreed, Decoder from, ChangeSet changes) throws MalformedMessage {
        for (int cell = next(from); cell >= 0; cell = next(from)) {
            if (cell >= count()) {
                later.readChange(object, null, cell - count(), from, changes);
            } else if (agreed == null) {
                throw new MalformedMessage("changes of an object that has nothing to change");
            } else {
                readChange(object, agreed, cell, from, changes);
            }
        }
    }

    private void readChange(Object object, Snapshot agreed, int cell, Decoder from, ChangeSet changes) throws MalformedMessage {
        if (cell < references.length) {
            Object value = from.read(references[cell].getType());
            changes.add(new ReferenceWrite(object, agreed, cell, value));
        } else {
            changes.add(new BitsWrite(object, agreed, cell - references.length, from.reader().readSigned()));
        }
    }

    private int next(Decoder from) throws MalformedMessage {
        int cell = from.reader().readUnsigned() - 1;
        boolean isLater = later != null && cell >= count() && cell < count() + later.count() && from.mayFinish();
        if (cell < -1 || cell >= count() && !isLater) {
            throw new MalformedMessage("field cell " + cell);
        }
        if (cell >= 0 && cell < count() && finals[cell]) {
            throw new MalformedMessage("a change of a final field");
        }
        return cell;
    }

    private long bits(Object object, int cell) {
        long offset = primitiveOffsets[cell];
        return switch (widths[cell]) {
            case 1 -> Memory.getByte(object, offset);
            case 2 -> Memory.getShort(object, offset);
            case 4 -> Memory.getInt(object, offset);
            default -> Memory.getLong(object, offset);
        };
    }

    private void putBits(Object object, int cell, long value) {
        long offset = primitiveOffsets[cell];
        boolean isBoolean = primitives[cell].getType() == boolean.class;
        switch (widths[cell]) {
            case 1 -> Memory.putByte(object, offset, (byte) (isBoolean ? value & 1 : value));
            case 2 -> Memory.putShort(object, offset, (short) value);
            case 4 -> Memory.putInt(object, offset, (int) value);
            default -> Memory.putLong(object, offset, value);
        }
    }

    private final class ReferenceWrite implements Change {
        private final Object object;
        private final Snapshot agreed;
        private final int cell;
        private final Object value;

        ReferenceWrite(Object object, Snapshot agreed, int cell, Object value) {
            this.object = object;
            this.agreed = agreed;
            this.cell = cell;
            this.value = value;
        }

        @Override
        public boolean isRelease() {
            return Modifier.isVolatile(FieldCells.this.references[cell].getModifiers());
        }

        @Override
        public Change apply() {
            Object old = Memory.getReference(object, referenceOffsets[cell]);
            Memory.putReference(object, referenceOffsets[cell], value);
            if (agreed != null) {
                agreed.references[cell] = value;
            }
            return new ReferenceWrite(object, agreed, cell, old);
        }

        /** A final field belongs to an object that only the worker has made: nothing is agreed on but that it has it. */
        @Override
        public void note() {
            if (agreed == null) {
                apply();
            } else {
                agreed.references[cell] = value;
            }
        }
    }

    private final class BitsWrite implements Change {
        private final Object object;
        private final Snapshot agreed;
        private final int cell;
        private final long value;

        BitsWrite(Object object, Snapshot agreed, int cell, long value) {
            this.object = object;
            this.agreed = agreed;
            this.cell = cell;
            this.value = value;
        }

        @Override
        public boolean isRelease() {
            return Modifier.isVolatile(primitives[cell].getModifiers());
        }

        @Override
        public Change apply() {
            long old = bits(object, cell);
            putBits(object, cell, value);
            if (agreed != null) {
                agreed.bits[cell] = bits(object, cell);
            }
            return new BitsWrite(object, agreed, cell, old);
        }

        @Override
        public void note() {
            if (agreed == null) {
                apply();
            } else {
                agreed.bits[cell] = primitives[cell].getType() == boolean.class ? value & 1 : value;
            }
        }
    }
}
