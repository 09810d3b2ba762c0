// Receives the references of an object, for finding paths and for telling what is still reachable.
package dev.beehive.runtime.codec;

/** Called once for each reference that is not null. */
interface ReferenceVisitor {
    /** The field that holds the reference, or null for the element of that index. */
    void reference(Object target, String field, int index);
}
