// A stand-in for the Java side's start: says that it was called, and then rewrites what the program names.
package dev.beehive.runtime.server;

public final class Server {
    private Server() {}

    public static void start(String configuration) {
        System.out.println("started " + configuration.endsWith("run.conf"));
        // Works only when the package is open to this module.
        System.out.println("page " + (jdk.internal.misc.Unsafe.getUnsafe().pageSize() > 0));
    }
}
