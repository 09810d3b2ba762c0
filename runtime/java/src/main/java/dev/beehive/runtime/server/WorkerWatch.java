// Who is told about the workers of this server: which have come, and which could not go on and why.
package dev.beehive.runtime.server;

/** Called by the threads that greet workers and by those that serve them. */
interface WorkerWatch {
    /** No worker's number: of one that was given none, or has not said it. */
    int NOBODY = 0;

    /** A worker was let in. */
    void joined(int worker);

    /** A connection was refused, was lost, or an invocation could not travel. */
    void lost(int worker, String code, String text);
}
