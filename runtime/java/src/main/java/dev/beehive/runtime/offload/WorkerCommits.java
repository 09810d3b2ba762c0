// The transactions that a worker has told home it is about to commit. While the worker lives it knows what became of them;
// once it is lost, the database is asked: only if it has aborted all of them has nobody seen anything.
package dev.beehive.runtime.offload;

import java.util.ArrayList;
import java.util.List;

/** Of one invocation; used on its thread. */
final class WorkerCommits {
    private record Told(Object dataSource, long transaction) {
    }

    private final List<Told> all = new ArrayList<>(0);
    private String seen;
    private int asked;

    /** Notes a transaction that the database can be asked about; false for any other. */
    boolean note(Object dataSource, String transaction) {
        if (transaction == null || JdbcKind.of(dataSource) != JdbcKind.DATA_SOURCE) {
            return false;
        }
        try {
            all.add(new Told(dataSource, Long.parseLong(transaction)));
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** What others can see, for a person; null when everything was aborted. Asks once about each. */
    String seen() {
        for (; asked < all.size(); asked++) {
            Told told = all.get(asked);
            TransactionFate fate = TransactionFate.of(told.dataSource(), told.transaction());
            if (fate != TransactionFate.ABORTED && seen == null) {
                seen = fate == TransactionFate.COMMITTED ? "transaction " + told.transaction() + " was committed"
                    : "transaction " + told.transaction() + " may have been committed";
            }
        }
        return seen;
    }
}
