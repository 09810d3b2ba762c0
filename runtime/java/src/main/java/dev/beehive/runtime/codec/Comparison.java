// Finds changes by keeping a capture of every shared object and comparing all of them at each sync point.
// Right for any class, rewritten or not; costs time in proportion to the table.
package dev.beehive.runtime.codec;

/** A ChangeSource that needs no barrier. */
final class Comparison implements ChangeSource {
    @Override
    public void contentsShared(Object object, Shape shape, ObjectList list, int number) {
        list.setAgreed(number, shape.capture(object));
    }

    @Override
    public void forEachChanged(ObjectTable table, IdVisitor visitor) throws OffloadRefused {
        table.own().visitChanged(table.ownParity(), visitor);
        table.peers().visitChanged(table.ownParity() ^ 1, visitor);
    }
}
