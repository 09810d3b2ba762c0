// Decides what happens to an invocation that has met an open gate. Implemented by the server.
package dev.beehive.runtime.hook;

/** One per JVM. */
@FunctionalInterface
public interface GateKeeper {
    /** As {@link Gate#invoke}. */
    Object invoke(int root, Object receiver, Object[] arguments) throws Throwable;
}
