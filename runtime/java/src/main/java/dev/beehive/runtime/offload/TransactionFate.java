// What became of a transaction whose worker was lost around its COMMIT: the database knows. A transaction of PostgreSQL has
// an id as soon as it has written, by which any other connection may ask. Other databases cannot be asked.
package dev.beehive.runtime.offload;

import java.util.concurrent.TimeUnit;

/** `txid_current_if_assigned` and `txid_status` are in all versions from 10 on. */
public enum TransactionFate {
    COMMITTED, ABORTED, UNKNOWN;

    private static final String ID = "select txid_current_if_assigned()";
    private static final String STATUS = "select txid_status(%d)";
    /** A database notices within milliseconds that a worker's process has ended; one that only hangs is not waited for. */
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long PAUSE_MS = 20;

    /** The id of a connection's open transaction; null when it has none, or when the database is too old to tell. */
    public static String idOf(Object connection) {
        try {
            return one(connection, ID);
        } catch (Throwable e) {
            return null;
        }
    }

    /** Asks over a connection of the server's until the transaction is over, for five seconds at most. */
    static TransactionFate of(Object dataSource, long transaction) {
        long startNs = System.nanoTime();
        try {
            Object connection = Jdbc.call(Jdbc.DATA_SOURCE, dataSource, "getConnection");
            try {
                TransactionFate fate = ask(connection, transaction);
                while (fate == null && System.nanoTime() - startNs < PATIENCE_NS) {
                    Thread.sleep(PAUSE_MS);
                    fate = ask(connection, transaction);
                }
                return fate == null ? UNKNOWN : fate;
            } finally {
                Jdbc.call(Jdbc.CONNECTION, connection, "close");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        } catch (Throwable e) {
            return UNKNOWN;
        }
    }

    /** Null while it is in progress. */
    private static TransactionFate ask(Object connection, long transaction) throws Throwable {
        String status = one(connection, STATUS.formatted(transaction));
        return status == null ? UNKNOWN : switch (status) {
            case "committed" -> COMMITTED;
            case "aborted" -> ABORTED;
            case "in progress" -> null;
            default -> UNKNOWN;
        };
    }

    private static String one(Object connection, String sql) throws Throwable {
        Object statement = Jdbc.call(Jdbc.CONNECTION, connection, "createStatement");
        try {
            Object rows = Jdbc.call(Jdbc.STATEMENT, statement, "executeQuery", sql);
            boolean any = Boolean.TRUE.equals(Jdbc.call(Jdbc.RESULT_SET, rows, "next"));
            return any ? (String) Jdbc.call(Jdbc.RESULT_SET, rows, "getString", 1) : null;
        } finally {
            Jdbc.call(Jdbc.STATEMENT, statement, "close");
        }
    }
}
