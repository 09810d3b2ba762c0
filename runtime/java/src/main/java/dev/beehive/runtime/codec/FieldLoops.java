// Copies fields by plain loops over their offsets: needs no preparation, so every class begins with it.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;

/** The loops over one class's fields. */
final class FieldLoops extends FieldAccess {
    private final FieldLayout layout;
    private final int primitiveBytesMax;

    FieldLoops(FieldLayout layout) {
        super(layout.referenceTypes);
        this.layout = layout;
        this.primitiveBytesMax = layout.primitiveBytesMax();
    }

    @Override
    void write(Object object, Encoder to) throws OffloadRefused {
        long[] references = layout.references;
        for (int i = 0; i < references.length; i++) {
            to.write(Memory.getReference(object, references[i]), seen, i);
        }
        if (primitiveBytesMax > 0) {
            writePrimitives(object, to.writer());
        }
    }

    private void writePrimitives(Object object, MessageWriter out) {
        out.reserve(primitiveBytesMax);
        for (long offset : layout.ints) {
            out.putSigned(Memory.getInt(object, offset));
        }
        for (long offset : layout.longs) {
            out.putSigned(Memory.getLong(object, offset));
        }
        for (long offset : layout.booleans) {
            out.putByte(Memory.getByte(object, offset));
        }
        for (long offset : layout.bytes) {
            out.putByte(Memory.getByte(object, offset));
        }
        for (long offset : layout.shorts) {
            out.putShort(Memory.getShort(object, offset));
        }
        for (long offset : layout.floats) {
            out.putInt(Memory.getInt(object, offset));
        }
        for (long offset : layout.doubles) {
            out.putLong(Memory.getLong(object, offset));
        }
    }

    @Override
    void read(Object object, Decoder from) throws MalformedMessage {
        long[] references = layout.references;
        for (int i = 0; i < references.length; i++) {
            Memory.putReference(object, references[i], from.read(layout.referenceTypes[i]));
        }
        if (primitiveBytesMax > 0) {
            readPrimitives(object, from.reader());
        }
    }

    private void readPrimitives(Object object, MessageReader in) throws MalformedMessage {
        for (long offset : layout.ints) {
            Memory.putInt(object, offset, (int) in.readSigned());
        }
        for (long offset : layout.longs) {
            Memory.putLong(object, offset, in.readSigned());
        }
        for (long offset : layout.booleans) {
            Memory.putByte(object, offset, (byte) (in.readByte() & 1));
        }
        for (long offset : layout.bytes) {
            Memory.putByte(object, offset, (byte) in.readByte());
        }
        for (long offset : layout.shorts) {
            Memory.putShort(object, offset, in.readShort());
        }
        for (long offset : layout.floats) {
            Memory.putInt(object, offset, in.readInt());
        }
        for (long offset : layout.doubles) {
            Memory.putLong(object, offset, in.readLong());
        }
    }
}
