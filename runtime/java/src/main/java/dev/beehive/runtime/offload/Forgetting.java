// What the server's end remembers from one invocation to the next, besides objects. Keeps the object tables of a
// connection small: after an invocation, what became known during it is forgotten on both sides, unless something older
// has come to refer to it; when that has made the tables grow too much, all is forgotten.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.CodecSession;

/** Of the server's end of one connection. */
final class Forgetting {
    /** What INVOKE says first. */
    static final int NOTHING = 0;
    static final int LAST_INVOCATION = 1;
    /** Besides: databases are used at home. */
    static final int DATABASES_AT_HOME = 2;
    private static final int GROWTH_MAX = 4;
    private static final int OBJECTS_MIN = 20_000;

    private static final int NAME_CHARS_MAX = 200;

    private String threadName = "";
    private int pending = NOTHING;
    private int sizeAtFirst;

    /** What the worker is to forget before the next invocation. */
    int take() {
        int forget = pending;
        pending = NOTHING;
        return forget;
    }

    /** An invocation has ended. Forgets it if possible; true when everything has to be forgotten instead. */
    boolean isDue(CodecSession codec) {
        if (codec.canForgetInvocation()) {
            codec.forgetInvocation();
            pending = LAST_INVOCATION;
            return false;
        }
        int size = codec.table().size();
        if (sizeAtFirst == 0) {
            sizeAtFirst = size;
        }
        return size > GROWTH_MAX * Math.max(sizeAtFirst, OBJECTS_MIN);
    }

    /** The name of the calling thread if the worker does not have it yet, else empty. */
    String threadName() {
        String name = Thread.currentThread().getName();
        if (name.equals(threadName) || name.length() > NAME_CHARS_MAX) {
            return "";
        }
        threadName = name;
        return name;
    }

    void afterReset() {
        pending = NOTHING;
        sizeAtFirst = 0;
    }
}
