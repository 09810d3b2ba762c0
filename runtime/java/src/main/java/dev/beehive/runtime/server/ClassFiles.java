// Class files for workers of classes that no jar holds, rewritten as the bundle's are. The server agent implements it.
package dev.beehive.runtime.server;

/** Without the agent there is none. */
public final class ClassFiles {
    private ClassFiles() {
    }

    /** The class file of a loaded class, rewritten for a worker; null when the agent does not have it. */
    public static native byte[] rewritten(Class<?> type);
}
