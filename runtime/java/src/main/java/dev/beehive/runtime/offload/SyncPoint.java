// A call home that does nothing: it exists for the changes that travel with it, in both directions.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;

/** Called by a worker around accesses of volatile fields, and when it holds on to what both sides know. */
public final class SyncPoint {
    private SyncPoint() {
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
