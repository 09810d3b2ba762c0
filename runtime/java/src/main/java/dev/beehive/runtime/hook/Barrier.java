// What rewritten classes of a worker call before they touch fields: of a shell, of another object, static ones.
// The common case is one comparison that the JIT inlines; the rest is the connection's.
package dev.beehive.runtime.hook;

import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.memory.Memory;

/** Called by rewritten code only. */
public final class Barrier {
    private Barrier() {
    }

    /** Before fields of an object are read or written; `handle` is its `$bh`. */
    public static void read(Object object, int handle) {
        if (handle < 0) {
            Hooks.current().fetch(object);
        }
    }

    /** The same for an object of which it is not known whether it has a `$bh`; null is passed over. */
    public static void read(Object object) {
        if (object != null) {
            long at = Handles.offsetIn(object.getClass());
            if (at >= 0) {
                read(object, Memory.getInt(object, at));
            }
        }
    }

    /** The same for a class of which it is not known whether it has a `$bhs`. */
    public static void statics(Class<?> type) throws Throwable {
        if (Hooks.isWorker()) {
            Hooks.current().statics(type);
        }
    }

    /** Before a static field of a class is read or written; `state` is its `$bhs`. */
    public static void statics(int state, Class<?> type) throws Throwable {
        if (state < 0) {
            Hooks.current().statics(type);
        }
    }

    /** Before a volatile field is read; `handle` is the `$bh` of its holder. */
    public static void acquire(Object holder) throws Throwable {
        if (Hooks.isWorker()) {
            Hooks.current().acquire(holder);
        }
    }

    /** After a volatile field was written. */
    public static void release(Object holder) throws Throwable {
        if (Hooks.isWorker()) {
            Hooks.current().release(holder);
        }
    }

    /** The class an object has for the application: a stand-in has that of the object it stands for. */
    public static Class<?> classOf(Object object) {
        Class<?> type = object.getClass();
        return object instanceof PinnedStub ? type.getSuperclass() : type;
    }
}
