// A change of neighbouring elements of a primitive array.
package dev.beehive.runtime.codec;

/** Copies a part, an array of the same class, over the elements from `from` on. */
record RangeWrite(Object array, Object agreed, int from, Object part, int length) implements Change {
    @Override
    @SuppressWarnings("SuspiciousSystemArraycopy")
    public Change apply() {
        Object old = java.lang.reflect.Array.newInstance(array.getClass().getComponentType(), length);
        System.arraycopy(array, from, old, 0, length);
        System.arraycopy(part, 0, array, from, length);
        note();
        return new RangeWrite(array, agreed, from, old, length);
    }

    @Override
    @SuppressWarnings("SuspiciousSystemArraycopy")
    public void note() {
        System.arraycopy(part, 0, agreed, from, length);
    }
}
