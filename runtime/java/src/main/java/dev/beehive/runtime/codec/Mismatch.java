// Where two arrays of numbers differ first. Shared arrays are compared at every sync point, some of them large: the JDK's
// own comparisons, which the JIT knows, look at many elements at once.
package dev.beehive.runtime.codec;

import java.util.Arrays;

/** One for each component type. Both arrays have the same length. */
interface Mismatch {
    /** Index of the first element from `from` on that differs, or -1. Floating-point numbers are compared as bits. */
    int from(Object one, Object other, int from);

    /** The comparison of arrays of a primitive type. */
    static Mismatch of(Class<?> component) {
        return switch (component.getName()) {
            case "boolean" -> Mismatch::ofBooleans;
            case "byte" -> Mismatch::ofBytes;
            case "short" -> Mismatch::ofShorts;
            case "char" -> Mismatch::ofChars;
            case "int" -> Mismatch::ofInts;
            case "long" -> Mismatch::ofLongs;
            case "float" -> Mismatch::ofFloats;
            default -> Mismatch::ofDoubles;
        };
    }

    private static int absolute(int found, int from) {
        return found < 0 ? -1 : from + found;
    }

    private static int ofBooleans(Object one, Object other, int from) {
        boolean[] a = (boolean[]) one;
        boolean[] b = (boolean[]) other;
        return absolute(Arrays.mismatch(a, from, a.length, b, from, b.length), from);
    }

    private static int ofBytes(Object one, Object other, int from) {
        byte[] a = (byte[]) one;
        byte[] b = (byte[]) other;
        return absolute(Arrays.mismatch(a, from, a.length, b, from, b.length), from);
    }

    private static int ofShorts(Object one, Object other, int from) {
        short[] a = (short[]) one;
        short[] b = (short[]) other;
        return absolute(Arrays.mismatch(a, from, a.length, b, from, b.length), from);
    }

    private static int ofChars(Object one, Object other, int from) {
        char[] a = (char[]) one;
        char[] b = (char[]) other;
        return absolute(Arrays.mismatch(a, from, a.length, b, from, b.length), from);
    }

    private static int ofInts(Object one, Object other, int from) {
        int[] a = (int[]) one;
        int[] b = (int[]) other;
        return absolute(Arrays.mismatch(a, from, a.length, b, from, b.length), from);
    }

    private static int ofLongs(Object one, Object other, int from) {
        long[] a = (long[]) one;
        long[] b = (long[]) other;
        return absolute(Arrays.mismatch(a, from, a.length, b, from, b.length), from);
    }

    /** One by one: to the JDK all that is not a number is the same. */
    private static int ofFloats(Object one, Object other, int from) {
        float[] a = (float[]) one;
        float[] b = (float[]) other;
        for (int i = from; i < a.length; i++) {
            if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
                return i;
            }
        }
        return -1;
    }

    private static int ofDoubles(Object one, Object other, int from) {
        double[] a = (double[]) one;
        double[] b = (double[]) other;
        for (int i = from; i < a.length; i++) {
            if (Double.doubleToRawLongBits(a[i]) != Double.doubleToRawLongBits(b[i])) {
                return i;
            }
        }
        return -1;
    }
}
