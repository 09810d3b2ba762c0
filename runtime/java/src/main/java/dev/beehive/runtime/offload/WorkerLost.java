// Unwinds the application's frames on a worker whose server is gone. Nothing the application does with it has an
// effect: whatever it asks of home from then on throws again, and its result goes nowhere.
package dev.beehive.runtime.offload;

/** An Error, so that code which handles exceptions lets it pass. */
public final class WorkerLost extends Error {
    private static final long serialVersionUID = 1L;

    WorkerLost(Throwable cause) {
        super(cause);
    }
}
