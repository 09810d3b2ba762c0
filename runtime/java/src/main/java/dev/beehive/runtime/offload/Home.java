// What the server does for a worker besides reading and writing objects. Production uses reflection and the
// application's class loaders; tests watch.
package dev.beehive.runtime.offload;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;

/** Called on the thread that serves the invocation. */
public interface Home {
    /** Calls a method of an object that stays at home. */
    default Object call(Method method, Object target, Object[] arguments)
            throws InvocationTargetException, IllegalAccessException {
        return method.invoke(target, arguments);
    }

    /** The rewritten class file of a class made at run time; null if the worker should have it. */
    default byte[] classFile(String name) {
        return null;
    }
}
