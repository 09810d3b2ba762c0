// Raw access to objects: the only class that names the JDK's internal Unsafe.
// Needs `--add-exports java.base/jdk.internal.misc=ALL-UNNAMED`, `Add-Exports` in the manifest, or an agent's export.
// The public sun.misc.Unsafe will not do: it refuses records and hidden classes and warns from 24 on.
package dev.beehive.runtime.memory;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import jdk.internal.misc.Unsafe;

/** Reads and writes fields by offset, whatever their access, finality or class. Offsets come from {@link #offsetOf}. */
public final class Memory {
    private static final Unsafe UNSAFE = Unsafe.getUnsafe();

    /** Offset of element 0 of a byte[]. */
    public static final long BYTES = arrayBase(byte[].class);

    private Memory() {
    }

    /** Offset of an instance or static field. */
    public static long offsetOf(Field field) {
        return Modifier.isStatic(field.getModifiers())
            ? UNSAFE.staticFieldOffset(field) : UNSAFE.objectFieldOffset(field);
    }

    /** The same of an instance field that reflection does not show. */
    public static long offsetOf(Class<?> declarer, String field) {
        try {
            return UNSAFE.objectFieldOffset(declarer, field);
        } catch (InternalError e) {
            throw new UnsupportedJvm(declarer.getName() + " has no field " + field);
        }
    }

    /** The object that the offsets of a class's static fields are relative to. */
    public static Object staticsOf(Field field) {
        return UNSAFE.staticFieldBase(field);
    }

    /** The same for a class known to HotSpot, which keeps static fields in the class object. */
    public static Object staticsOf(Class<?> type) {
        return type;
    }

    /** Whether the class's static initialiser has not finished yet. */
    public static boolean isUninitialized(Class<?> type) {
        return UNSAFE.shouldBeInitialized(type);
    }

    /** Runs the static initialiser of a class unless it has run. */
    public static void initialize(Class<?> type) {
        UNSAFE.ensureClassInitialized(type);
    }

    /** Whether the static initialiser of a class has run. */
    public static boolean isInitialized(Class<?> type) {
        return !UNSAFE.shouldBeInitialized(type);
    }

    /** A new instance whose constructor has not run; runs the static initialiser. */
    public static Object allocate(Class<?> type) throws InstantiationException {
        return UNSAFE.allocateInstance(type);
    }

    /** Defines a class in the package and module its name says, whatever the package is. */
    public static Class<?> define(String name, byte[] classFile, ClassLoader loader) {
        return UNSAFE.defineClass(name, classFile, 0, classFile.length, loader, null);
    }

    /** No read or write moves across it. */
    public static void fullFence() {
        UNSAFE.fullFence();
    }

    public static Object getReference(Object o, long offset) {
        return UNSAFE.getReference(o, offset);
    }

    public static void putReference(Object o, long offset, Object value) {
        UNSAFE.putReference(o, offset, value);
    }

    public static long getLong(Object o, long offset) {
        return UNSAFE.getLong(o, offset);
    }

    public static void putLong(Object o, long offset, long value) {
        UNSAFE.putLong(o, offset, value);
    }

    public static int getInt(Object o, long offset) {
        return UNSAFE.getInt(o, offset);
    }

    public static void putInt(Object o, long offset, int value) {
        UNSAFE.putInt(o, offset, value);
    }

    public static short getShort(Object o, long offset) {
        return UNSAFE.getShort(o, offset);
    }

    public static void putShort(Object o, long offset, short value) {
        UNSAFE.putShort(o, offset, value);
    }

    public static byte getByte(Object o, long offset) {
        return UNSAFE.getByte(o, offset);
    }

    public static void putByte(Object o, long offset, byte value) {
        UNSAFE.putByte(o, offset, value);
    }

    /** Little-endian, at any alignment. */
    public static long getLongUnaligned(byte[] bytes, int index) {
        return UNSAFE.getLongUnaligned(bytes, BYTES + index, false);
    }

    /** Little-endian, at any alignment. */
    public static void putLongUnaligned(byte[] bytes, int index, long value) {
        UNSAFE.putLongUnaligned(bytes, BYTES + index, value, false);
    }

    /** Little-endian, at any alignment. */
    public static int getIntUnaligned(byte[] bytes, int index) {
        return UNSAFE.getIntUnaligned(bytes, BYTES + index, false);
    }

    /** Little-endian, at any alignment. */
    public static void putIntUnaligned(byte[] bytes, int index, int value) {
        UNSAFE.putIntUnaligned(bytes, BYTES + index, value, false);
    }

    public static boolean compareAndSetLong(Object o, long offset, long expected, long value) {
        return UNSAFE.compareAndSetLong(o, offset, expected, value);
    }

    /** Copies between two primitive arrays, in the byte order of the machine. */
    public static void copy(Object from, long fromOffset, Object to, long toOffset, long bytes) {
        UNSAFE.copyMemory(from, fromOffset, to, toOffset, bytes);
    }

    /** Bytes of an element of an array class. */
    public static int arrayScale(Class<?> arrayType) {
        return UNSAFE.arrayIndexScale(arrayType);
    }

    /** Offset of element 0 of an array class. */
    public static long arrayBase(Class<?> arrayType) {
        try {
            // Returns an int up to 24 and a long from 25 on: only reflection links with both.
            Object offset = Unsafe.class.getMethod("arrayBaseOffset", Class.class).invoke(UNSAFE, arrayType);
            return ((Number) offset).longValue();
        } catch (ReflectiveOperationException e) {
            throw new UnsupportedJvm("no array offsets");
        }
    }
}
