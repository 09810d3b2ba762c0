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
    public void forEachCandidate(ObjectTable table, IdVisitor visitor) throws OffloadRefused {
        visitAll(table.own(), table.ownParity(), visitor);
        visitAll(table.peers(), table.ownParity() ^ 1, visitor);
    }

    private static void visitAll(ObjectList list, int parity, IdVisitor visitor) throws OffloadRefused {
        int end = list.next();
        for (int number = 0; number < end; number++) {
            if (list.agreed(number) != null) {
                visitor.visit(number << 1 | parity);
            }
        }
    }
}
