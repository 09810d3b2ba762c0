// Calls on a stand-in that a worker need not make at home, because it has, or may make, the answer itself. One for each
// reason; the worker asks them in turn.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;

/** Used by the serving thread. */
@FunctionalInterface
public interface AnsweredHere {
    /** Answered instead of a value: the call has to be made at home, or another one has the answer. */
    Object NOT_HERE = new Object();

    /** What the call brings, or {@link #NOT_HERE}; throws what the call would throw. */
    Object answer(WorkerConnection home, Object pinned, Method method, Object[] arguments) throws Throwable;
}
