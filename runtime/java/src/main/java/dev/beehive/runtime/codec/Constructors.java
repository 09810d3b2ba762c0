// Whether an object is still being made: a root that its constructor calls would take it to a worker half finished, and
// final fields that are set later are never compared.
package dev.beehive.runtime.codec;

import java.util.List;

/** Asked about objects with an empty final field, which are few; one look at the stack serves for all of a message. */
final class Constructors {
    /** A constructor that lets its object out is not far above the root. */
    private static final int FRAMES_MAX = 64;
    private static final String NAME = "<init>";
    private static final StackWalker STACK = StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private List<Class<?>> callers;

    /** Another message. */
    void forget() {
        callers = null;
    }

    /** Whether a constructor of the object runs on this thread. */
    boolean areRunningFor(Object object) {
        if (callers == null) {
            callers = STACK.walk(frames -> frames.limit(FRAMES_MAX).<Class<?>>map(StackWalker.StackFrame::getDeclaringClass)
                .distinct().filter(type -> !ClassOrigin.isJdk(type)).toList());
        }
        for (Class<?> each : callers) {
            if (each.isInstance(object)) {
                return isConstructing(object);
            }
        }
        return false;
    }

    private static boolean isConstructing(Object object) {
        return STACK.walk(frames -> frames.limit(FRAMES_MAX)
            .anyMatch(frame -> frame.getDeclaringClass().isInstance(object) && frame.getMethodName().equals(NAME)));
    }
}
