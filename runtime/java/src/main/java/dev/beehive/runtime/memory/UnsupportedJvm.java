// Thrown at start-up when this JVM is not one the runtime can work in; the application then runs without offload.
package dev.beehive.runtime.memory;

/** The JVM lacks something the runtime relies on. */
public final class UnsupportedJvm extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnsupportedJvm(String missing) {
        super(missing);
    }
}
