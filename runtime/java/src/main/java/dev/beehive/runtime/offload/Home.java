// What the server does for a worker besides reading and writing objects. Production uses reflection and the
// application's class loaders; tests watch.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;

/** Called on the thread that serves the invocation. */
public interface Home {
    /** Calls a method of an object that stays at home. Throws what the method throws. */
    default Object call(Method method, Object target, Object[] arguments) throws Throwable {
        return Calls.virtually(method, target, arguments);
    }

    /**
     * Why the calling thread's databases must be used at home by the invocation that begins, by code: it holds a
     * connection or is in a transaction, which a connection of the worker's own would not see. Null when it holds none.
     */
    default String heldDatabase() {
        return null;
    }

    /** The invocation has failed half-way: the thread gives up what it has come to hold since {@link #heldDatabase}. */
    default void unbind() {
        // Only an application's threads hold something.
    }

    /** The loader of the application that a root's class is of. */
    default ClassLoader applicationOf(ClassLoader ofRoot) {
        return ofRoot;
    }

    /** The worker opens connections to a database of its own. */
    default void workerOpensDatabase() {
        // Only who serves for long can make use of it.
    }

    /** Whether the worker may have written into a database without having told of it yet. */
    default boolean workerHasDatabases() {
        return false;
    }

    /** Whether the application's JPA can do its work on a worker, over connections of the worker's own. */
    default boolean movesPersistence() {
        return false;
    }

    /**
     * Whether the application's JPA asks a DataSource for each connection. Then a worker hears of it when a session needs
     * one, and refuses where it would have to be the calling thread's.
     */
    default boolean hearsOfSessions() {
        return false;
    }

    /**
     * What the worker's class path lacks: the rewritten class file of a class, or another resource. Null when the
     * application does not have it either.
     *
     * @param path as in a jar, `com/acme/Shop.class`
     * @throws UnsupportedOperationException when it is there but cannot be given
     */
    default byte[] resource(String path) {
        return null;
    }
}
