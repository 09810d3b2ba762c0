// How an offloaded invocation ended, as the gate at the root has to know it.
package dev.beehive.runtime.offload;

/** One of four ends. */
public sealed interface Outcome {
    /** The root has returned. */
    record Returned(Object value) implements Outcome {
    }

    /** The root has thrown an exception of the application. */
    record Threw(Throwable exception) implements Outcome {
    }

    /**
     * Nothing has happened that anyone could have seen: the caller runs the root itself.
     *
     * @param code counted by
     */
    record RunLocally(String code, String text) implements Outcome {
        /** It was only tried on the worker, up to its end or to a write into a database. */
        public static final String REHEARSED = "REHEARSED";
        /** The same, but it met a call that others would see and a rehearsal cannot make. What follows is not known. */
        public static final String UNPROVEN = "UNPROVEN";
    }

    /**
     * The worker was lost after others could see what it had done: running again would do it twice. The request fails.
     *
     * @param code of the loss
     */
    record Failed(String code, String text) implements Outcome {
        /** The code under which the request fails. */
        public static final String WORKER_LOST = "OFFLOAD_WORKER_LOST";
    }
}
