// Notices when an object that was known before an invocation comes to refer to one that was not. Only then must what has
// become known during the invocation be kept after it.
package dev.beehive.runtime.codec;

/** Of one end of a connection. */
final class Links {
    private final ObjectTable table;
    private ObjectTable.Mark since;
    private boolean watching;
    private boolean found;

    Links(ObjectTable table) {
        this.table = table;
        since = table.mark();
    }

    /** An invocation begins. */
    void begin() {
        since = table.mark();
        found = false;
    }

    ObjectTable.Mark since() {
        return since;
    }

    /** References that follow are of this object, until the next call. */
    void of(ObjectList list, int number) {
        watching = !table.isSince(since, list, number);
    }

    /** References that follow are of nothing that lasts. */
    void ofNothing() {
        watching = false;
    }

    /** A reference to an object of a list. */
    void to(ObjectList list, int number) {
        if (watching && table.isSince(since, list, number)) {
            found = true;
        }
    }

    /** A reference to this object from something that lasts. */
    void to(Object object) {
        int id = object == null ? ObjectTable.NONE : table.idOf(object);
        if (id != ObjectTable.NONE && table.isSince(since, table.listOf(id), id >>> 1)) {
            found = true;
        }
    }

    /** Something lasts for another reason. */
    void keep() {
        found = true;
    }

    boolean found() {
        return found;
    }
}
