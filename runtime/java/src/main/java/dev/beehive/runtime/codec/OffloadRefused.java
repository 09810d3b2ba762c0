// The application's state cannot travel: the invocation runs at home instead, and the reason is counted by its code.
package dev.beehive.runtime.codec;

/** An object that must not or cannot leave its JVM, with the way that leads to it. */
public final class OffloadRefused extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; the names are stable and appear in plans and reports. */
    public enum Code {
        /** A lambda or other hidden class, which has no name the other side could use. */
        OFFLOAD_HIDDEN_CLASS,
        /** A file, socket, process or thread of this host. */
        OFFLOAD_HOST_RESOURCE,
        /** A class that home lacks itself, as libraries do that are used in part, and that fields or methods mention. */
        OFFLOAD_CLASS_MISSING,
        /** A class of a loader that the worker does not have. */
        OFFLOAD_LOADER,
        /** Memory outside the heap or a handle only this JVM understands. */
        OFFLOAD_NATIVE_STATE,
        /** Another thread was changing a collection while it was being read. */
        OFFLOAD_RACE,
        /** Compare-and-set on fields by offset, past any barrier. */
        OFFLOAD_RAW_CAS,
        /** An object that stays at home, of a class that cannot be stood in for: final, sealed, or with final methods. */
        OFFLOAD_PINNED_FINAL,
        /** An object made on the worker that other threads may use without the runtime's knowledge. */
        OFFLOAD_CONCURRENT_ESCAPE,
        /** A connection to a database, or what belongs to one, that a worker has opened. */
        OFFLOAD_RESOURCE_ESCAPE,
        /** An enum whose constants or static fields can change. */
        OFFLOAD_ENUM_STATE,
        /** An enum or interface that the worker has to initialise before it reads the message. */
        OFFLOAD_INITIALISER,
        /** An object of JPA's, while JPA may not move. */
        OFFLOAD_PERSISTENCE_AT_HOME,
        /** An object whose constructor still runs, and calls the root. */
        OFFLOAD_UNFINISHED,
        /** The stand-in of a connection that has ended. */
        OFFLOAD_STALE_STUB,
        /** More calls home than an invocation can be worth. */
        OFFLOAD_CHATTY,
        /** More objects or bytes than an invocation may carry. */
        OFFLOAD_CLOSURE_TOO_LARGE
    }

    private final Code code;
    private final String className;
    private final String path;
    private final transient Object container;

    public OffloadRefused(Code code, String className, String path) {
        this(code, className, path, null);
    }

    private OffloadRefused(Code code, String className, String path, Object container) {
        super(code + " " + className + (path.isEmpty() ? "" : " at " + path));
        this.code = code;
        this.className = className;
        this.path = path;
        this.container = container;
    }

    public Code code() {
        return code;
    }

    public String className() {
        return className;
    }

    /** Whether it is for one object's sake that the message is refused. */
    boolean isOfClass() {
        return code != Code.OFFLOAD_CLOSURE_TOO_LARGE && code != Code.OFFLOAD_CHATTY;
    }

    /** Field names and indices from the message's root to the object; empty where it is not known. */
    public String path() {
        return path;
    }

    /** The nearest collection on the path that could stay at home in its place; null if there is none. */
    Object container() {
        return container;
    }

    OffloadRefused at(String knownPath, Object within) {
        OffloadRefused located = new OffloadRefused(code, className, knownPath, within);
        located.setStackTrace(getStackTrace());
        return located;
    }
}
