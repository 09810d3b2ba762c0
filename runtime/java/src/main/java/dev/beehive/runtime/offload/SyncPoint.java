// A call home that does nothing: it exists for the changes that travel with it, in both directions.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;

/** Called by a worker around accesses of volatile fields, and when it holds on to what both sides know. */
public final class SyncPoint {
    static final Method PASS = method("pass");
    public static final Method KEEP = method("keep");

    private SyncPoint() {
    }

    private static Method method(String name) {
        try {
            return SyncPoint.class.getMethod(name);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Does nothing. */
    public static void pass() {
    }

    static boolean keeps(Method method) {
        return method.getDeclaringClass() == SyncPoint.class && method.getName().equals("keep");
    }

    /** What has become known during this invocation is to be kept after it: serving sees to that. */
    public static void keep() {
    }
}
