// A growing byte buffer with the number formats of the protocol. One per connection, reused for every message.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.Memory;
import java.util.Arrays;

/** Writes variable-length and fixed little-endian numbers. Callers of the `put` methods have reserved the room. */
public final class MessageWriter {
    /** Room that any one number takes at most. */
    public static final int NUMBER_BYTES_MAX = 10;
    private static final int FIRST_CAPACITY = 8192;

    private byte[] bytes = new byte[FIRST_CAPACITY];
    private int size;

    public void clear() {
        size = 0;
    }

    public int size() {
        return size;
    }

    /** The buffer itself, valid up to {@link #size()} and until the next write. */
    public byte[] buffer() {
        return bytes;
    }

    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, size);
    }

    /** Makes room for `more` bytes behind the present end. */
    public void reserve(int more) {
        if (bytes.length - size < more) {
            grow(more);
        }
    }

    private void grow(int more) {
        long wanted = Math.max((long) size + more, 2L * bytes.length);
        bytes = Arrays.copyOf(bytes, (int) Math.min(wanted, Integer.MAX_VALUE - 16));
        if (bytes.length - size < more) {
            throw new OutOfMemoryError("message of more than 2 GiB");
        }
    }

    /** Reserves and writes an unsigned variable-length number, 7 bits a byte, low bits first. */
    public void writeUnsigned(int value) {
        reserve(NUMBER_BYTES_MAX);
        putUnsigned(value);
    }

    /** Reserves and writes four bytes. */
    public void writeInt(int value) {
        reserve(Integer.BYTES);
        putInt(value);
    }

    /** Reserves and writes eight bytes. */
    public void writeLong(long value) {
        reserve(Long.BYTES);
        putLong(value);
    }

    /** Reserves and writes a number whose small magnitudes are short. */
    public void writeSigned(long value) {
        reserve(NUMBER_BYTES_MAX);
        putSigned(value);
    }

    /** Reserves and writes bytes as they are. */
    public void writeBytes(byte[] source, int from, int length) {
        reserve(length);
        System.arraycopy(source, from, bytes, size, length);
        size += length;
    }

    /** Reserves and copies `length` bytes of a primitive array. */
    public void writeMemory(Object array, long offset, int length) {
        reserve(length);
        Memory.copy(array, offset, bytes, Memory.BYTES + size, length);
        size += length;
    }

    /** Writes characters as their length and UTF-16 units, variable-length: for names, not for application strings. */
    public void writeName(String name) {
        writeUnsigned(name.length());
        for (int i = 0; i < name.length(); i++) {
            writeUnsigned(name.charAt(i));
        }
    }

    public void putByte(int value) {
        bytes[size++] = (byte) value;
    }

    public void putUnsigned(int value) {
        if (value >>> 14 == 0) {
            // One or two bytes without a branch: which of the two cannot be predicted.
            int two = 127 - value >>> 31;
            bytes[size] = (byte) (value | two << 7);
            bytes[size + 1] = (byte) (value >>> 7);
            size += 1 + two;
        } else {
            putLong7(value);
        }
    }

    private void putLong7(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    public void putSigned(long value) {
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    public void putShort(int value) {
        bytes[size++] = (byte) value;
        bytes[size++] = (byte) (value >>> 8);
    }

    public void putInt(int value) {
        Memory.putIntUnaligned(bytes, size, value);
        size += Integer.BYTES;
    }

    public void putLong(long value) {
        Memory.putLongUnaligned(bytes, size, value);
        size += Long.BYTES;
    }
}
