// What rewritten classes need from the worker's end of a connection. Implemented by the worker.
package dev.beehive.runtime.hook;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Method;

/** All of it runs on the thread that runs the root; from another thread it ends the invocation. */
public interface WorkerHooks {
    /** Brings the contents of a shell. */
    void fetch(Object shell);

    /** Brings the contents of all shells that can be reached from an object. */
    void fetchAll(Object root);

    /** Brings the static fields of a class. */
    void statics(Class<?> type) throws Throwable;

    /** A getter or setter of an instance field that looks at the object first. */
    MethodHandle looking(MethodHandle access);

    /** A handle of an instance field that acts only on what home does not know. */
    VarHandle checked(VarHandle handle) throws ReflectiveOperationException;

    /** Calls a method of a pinned object at home. */
    Object call(Object pinned, Method method, Object[] arguments) throws Throwable;

    /** Calls a static method at home that may run something of the application's there. */
    Object callStatic(Method method, Object[] arguments) throws Throwable;

    /** What a factory of loggers gives at home; null where that cannot be asked. */
    Object logger(Class<?> factory, String method, Object argument);

    /** Something is about to happen beyond this JVM, where only home may have it happen. */
    void effect(String code, String what);

    /** Takes a monitor, and what was written before it was released. */
    void lock(Object monitor);

    /** Releases the monitor taken last, after what was written here. */
    void unlock(Object monitor);

    /** Whether the invocation holds this monitor and home does not. */
    boolean isHeldOnlyHere(Object monitor);

    /** Takes what others have written. */
    void acquire(Object holder) throws Throwable;

    /** Gives others what was written here. */
    void release(Object holder) throws Throwable;
}
