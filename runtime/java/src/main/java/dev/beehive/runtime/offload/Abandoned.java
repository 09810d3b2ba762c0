// Unwinds the serving of an invocation that the worker has given up, or was refused something; its connection goes on.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.protocol.Failure;

/** Thrown through the monitors that are held for it. */
final class Abandoned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure why;

    Abandoned(Failure why) {
        super(why.text(), null, false, false);
        this.why = why;
    }

    Failure why() {
        return why;
    }
}
