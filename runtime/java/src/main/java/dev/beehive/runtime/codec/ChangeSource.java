// Finds out what has changed since both sides last agreed. Comparison looks at every shared object; the write barrier
// of rewritten classes will name the few that were written, behind this same interface.
package dev.beehive.runtime.codec;

/** Asked at every sync point. One per connection and side. */
interface ChangeSource {
    /** Nothing is ever compared: for messages that stand alone. */
    ChangeSource NONE = new ChangeSource() {
        @Override
        public void contentsShared(Object object, Shape shape, ObjectList list, int number) {
        }

        @Override
        public void forEachChanged(ObjectTable table, IdVisitor visitor) {
        }
    };

    /** Receives ids. */
    interface IdVisitor {
        void visit(int id) throws OffloadRefused;
    }

    /** The contents of an object are about to be sent, or have been read: from now on changes to them count. */
    void contentsShared(Object object, Shape shape, ObjectList list, int number);

    /** Names the objects that have changed since they were last agreed on. Others may be declared meanwhile. */
    void forEachChanged(ObjectTable table, IdVisitor visitor) throws OffloadRefused;
}
