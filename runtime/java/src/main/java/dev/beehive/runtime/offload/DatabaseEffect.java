// A call home that does nothing there: it says that others can see from now on what the invocation has done in a database
// over a connection of the worker's own.
package dev.beehive.runtime.offload;

/** Called by a worker before COMMIT of a transaction that has written, and before a write without a transaction. */
public final class DatabaseEffect {
    private DatabaseEffect() {
    }

    /**
     * Does nothing.
     *
     * @param dataSource whose database has the transaction
     * @param transaction its id, see TransactionFate, or null when it has none, or when it is no transaction
     */
    public static void commits(Object dataSource, String transaction) {
    }
}
