// Strings travel as their bytes, whole, where they are first met. What is interned at home is interned on the worker, where
// that matters: some libraries compare such strings by identity.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;

/** Latin-1 strings take a byte a character, others two: the JVM's own forms, copied without an encoder. */
final class StringShape extends Shape {
    private static final long VALUE = JdkFields.offset(String.class, "value");
    private static final long CODER = JdkFields.offset(String.class, "coder");
    private static final int HEAP_BYTES = 40;

    StringShape() {
        super(String.class, DECLARES | EARLY_HASH);
    }

    @Override
    void declare(Object object, Encoder to) {
        byte[] value = (byte[]) Memory.getReference(object, VALUE);
        int coder = Memory.getByte(object, CODER);
        MessageWriter out = to.writer();
        int interned = to.isInterned((String) object) ? 2 : 0;
        out.writeUnsigned(value.length << 2 | interned | coder);
        out.writeBytes(value, 0, value.length);
    }

    @Override
    Object create(Decoder from) throws MalformedMessage {
        MessageReader in = from.reader();
        int head = in.readUnsigned();
        int length = head >>> 2;
        in.require(length);
        from.charge(HEAP_BYTES + length);
        String string = (head & 1) == 0 ? in.readLatin1(length) : wide(in, length);
        return (head & 2) == 0 ? string : from.known(string.intern());
    }

    private static String wide(MessageReader in, int length) throws MalformedMessage {
        if (length == 0 || (length & 1) != 0) {
            throw new MalformedMessage("a two-byte string of " + length + " bytes");
        }
        char[] chars = new char[length / 2];
        in.readMemory(chars, Memory.arrayBase(char[].class), length);
        return new String(chars);
    }
}
