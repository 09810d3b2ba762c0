// Reads the numbers of one received message. Every read is checked against the end: the bytes may be hostile.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;

/** The counterpart of {@link MessageWriter}. */
public final class MessageReader {

    private byte[] bytes = new byte[0];
    private int position;
    private int end;

    /** Starts on `length` bytes from `from`; the array must not change while it is read. */
    public void reset(byte[] source, int from, int length) {
        bytes = source;
        position = from;
        end = from + length;
    }

    public int remaining() {
        return end - position;
    }

    /** Refuses unless `count` more bytes are there. */
    public void require(long count) throws MalformedMessage {
        if (count > end - position) {
            throw new MalformedMessage("message ends early: " + count + " bytes wanted, " + remaining() + " left");
        }
    }

    public int readByte() throws MalformedMessage {
        require(1);
        return bytes[position++];
    }

    public int readUnsigned() throws MalformedMessage {
        int first = readByte();
        return first >= 0 ? first : readUnsignedRest(first & 0x7f);
    }

    private int readUnsignedRest(int low) throws MalformedMessage {
        int value = low;
        for (int shift = 7; shift < 35; shift += 7) {
            int next = readByte();
            value |= (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedMessage("number of more than 32 bits");
    }

    public long readSigned() throws MalformedMessage {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            int next = readByte();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new MalformedMessage("number of more than 64 bits");
    }

    public short readShort() throws MalformedMessage {
        require(Short.BYTES);
        int low = bytes[position++] & 0xff;
        return (short) (low | bytes[position++] << 8);
    }

    public int readInt() throws MalformedMessage {
        require(Integer.BYTES);
        int value = Memory.getIntUnaligned(bytes, position);
        position += Integer.BYTES;
        return value;
    }

    public long readLong() throws MalformedMessage {
        require(Long.BYTES);
        long value = Memory.getLongUnaligned(bytes, position);
        position += Long.BYTES;
        return value;
    }

    /** A count of things that take at least `bytesEach` bytes of this message each, so it cannot exceed the rest. */
    public int readCount(int bytesEach) throws MalformedMessage {
        int count = readUnsigned();
        if (count < 0 || (long) count * bytesEach > remaining()) {
            throw new MalformedMessage("count " + Integer.toUnsignedString(count) + " exceeds the message");
        }
        return count;
    }

    public void readBytes(byte[] target, int length) throws MalformedMessage {
        require(length);
        System.arraycopy(bytes, position, target, 0, length);
        position += length;
    }

    /** Fills `length` bytes of a primitive array, which the caller has made large enough. */
    public void readMemory(Object array, long offset, int length) throws MalformedMessage {
        require(length);
        Memory.copy(bytes, Memory.BYTES + position, array, offset, length);
        position += length;
    }

    /** A string of `length` Latin-1 bytes. */
    @SuppressWarnings("deprecation")
    public String readLatin1(int length) throws MalformedMessage {
        require(length);
        // The deprecated constructor is the one that copies bytes to a Latin-1 string without a decoder.
        String text = new String(bytes, 0, position, length);
        position += length;
        return text;
    }

    public String readName() throws MalformedMessage {
        int length = readCount(1);
        char[] chars = new char[length];
        for (int i = 0; i < length; i++) {
            chars[i] = (char) readUnsigned();
        }
        return new String(chars);
    }
}
