// Where the worker is reached from rewritten code: one worker per JVM.
package dev.beehive.runtime.hook;

/** Set once, by the worker at its start. */
public final class Hooks {
    private static volatile WorkerHooks worker;

    private Hooks() {
    }

    /** From here on this JVM is a worker. */
    public static void install(WorkerHooks hooks) {
        worker = hooks;
    }

    static boolean isWorker() {
        return worker != null;
    }

    static WorkerHooks current() {
        WorkerHooks hooks = worker;
        if (hooks == null) {
            throw new IllegalStateException("a shared object in a JVM that is no worker");
        }
        return hooks;
    }
}
