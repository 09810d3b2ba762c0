// Calls home that do nothing there: they say what the invocation does in a database over a connection of the worker's own.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;

/** Called by a worker before COMMIT of a transaction that has written, and before a write without a transaction. */
public final class DatabaseEffect {
    static final Method WRITES = writing();

    private DatabaseEffect() {
    }

    private static Method writing() {
        try {
            return DatabaseEffect.class.getMethod("writes");
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * Does nothing.
     *
     * @param dataSource whose database has the transaction
     * @param transaction its id, see TransactionFate, or null when it has none, or when it is no transaction
     */
    public static void commits(Object dataSource, String transaction) {
    }

    /** Called before the first write of an invocation that home may want to end there. */
    public static void writes() {
    }
}
