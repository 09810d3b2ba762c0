// A change of one element of an array of references.
package dev.beehive.runtime.codec;

/** Writes the array and what is agreed about it. */
record ElementWrite(Object[] array, Object[] agreed, int index, Object value) implements Change {
    @Override
    public Change apply() {
        Object old = array[index];
        array[index] = value;
        agreed[index] = value;
        return new ElementWrite(array, agreed, index, old);
    }

    @Override
    public void note() {
        agreed[index] = value;
    }
}
