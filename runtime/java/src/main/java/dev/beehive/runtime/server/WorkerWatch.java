// Who is told about the workers of this server: which have come, and which could not go on and why; and what they were not given.
package dev.beehive.runtime.server;

/** Called by the threads that greet workers and by those that serve them. */
interface WorkerWatch {
    /** No worker's number: of one that was given none, or has not said it. */
    int NOBODY = 0;

    /** A worker was let in. */
    void joined(int worker);

    /** A connection was refused, or was lost: the worker cannot go on. */
    void lost(int worker, String code, String text);

    /** An invocation could not travel, and runs here. The worker has not heard of it. */
    void stayed(Root root, String code, String text);
}
