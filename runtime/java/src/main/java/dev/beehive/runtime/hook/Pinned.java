// What generated stand-ins call: the method of the object at home that they stand for.
package dev.beehive.runtime.hook;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Called by generated code only. */
public final class Pinned {
    /** By stand-in class: its overridden methods, by the number that its code gives. */
    private static final Map<Class<?>, Method[]> METHODS = new ConcurrentHashMap<>();

    private Pinned() {
    }

    /** Names the methods of a generated class. */
    public static void register(Class<?> stub, Method[] methods) {
        METHODS.put(stub, methods);
    }

    /** Calls a method at home. */
    public static Object call(Object stub, int number, Object[] arguments) throws Throwable {
        return Hooks.current().call(stub, METHODS.get(stub.getClass())[number], arguments);
    }
}
