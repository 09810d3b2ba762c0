// Volatile fields by which frameworks publish what they make once: metadata, plans, handlers. A worker reads them as they
// were at its last sync point, and what it writes is sent with the next one: as with kept answers of concurrent maps. The
// application's own volatile fields are read and written at home each time.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.offload.Frameworks;
import java.util.Optional;

/** Used by the serving thread. */
final class Publications {
    /** A loop that waits for another value must come to a sync point some time. */
    private static final int USES_MAX = 10_000;
    private static final String METERS = "io.micrometer.";
    private static final StackWalker CALLERS = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private int uses;

    /** Whether a call on a stand-in comes from such a framework. */
    static boolean areCalling() {
        return caller().map(Frameworks::include).orElse(false);
    }

    /** Whether such a framework draws a number. What a meter counts is the application's, and is counted once. */
    static boolean areDrawing() {
        return caller().map(type -> Frameworks.include(type) && !type.getName().startsWith(METERS)).orElse(false);
    }

    /** The nearest caller of a stand-in that is neither the JDK's nor this runtime's. */
    static Optional<Class<?>> caller() {
        return CALLERS.walk(frames -> frames.<Class<?>>map(StackWalker.StackFrame::getDeclaringClass)
            .filter(type -> type.getClassLoader() != null && !PinnedStub.class.isAssignableFrom(type)).findFirst());
    }

    void begins() {
        uses = 0;
    }

    /** @param holder of the field, a class for a static one */
    boolean include(Object holder) {
        Class<?> type = holder instanceof Class<?> its ? its : holder.getClass();
        return Frameworks.include(type) && uses++ < USES_MAX;
    }
}
