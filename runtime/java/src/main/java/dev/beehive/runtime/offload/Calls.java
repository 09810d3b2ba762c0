// Calls methods whatever their access: at home those of pinned objects, on a worker the roots themselves. A root is called
// as exactly the method it is: the gate stands in it, so that an override has been passed already.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Handles by method, each made once. All of them take a receiver and an array of arguments. */
public final class Calls {
    private static final Map<Method, MethodHandle> EXACT = new ConcurrentHashMap<>();
    private static final Map<Method, MethodHandle> VIRTUAL = new ConcurrentHashMap<>();
    private static final int SELDOM_MAX = 16;
    private static final Map<Method, Integer> SELDOM = new ConcurrentHashMap<>();
    private static final MethodHandle OF_ANY = TrustedLookup.callOfAny();

    private Calls() {
    }

    /** Calls this method and no override. Throws what it throws. */
    public static Object exactly(Method method, Object receiver, Object[] arguments) throws Throwable {
        MethodHandle handle = EXACT.computeIfAbsent(method, m -> spread(m, TrustedLookup.exactly(m)));
        return (Object) handle.invokeExact(receiver, arguments);
    }

    /** Calls this method or what overrides it. Throws what it throws. */
    public static Object virtually(Method method, Object receiver, Object[] arguments) throws Throwable {
        MethodHandle handle = VIRTUAL.computeIfAbsent(method, m -> spread(m, TrustedLookup.virtual(m)));
        return (Object) handle.invokeExact(receiver, arguments);
    }

    /**
     * Calls this method or what overrides it, for the first times without a handle: making one costs as much as thousands
     * of calls, and the first invocation on a new worker calls a hundred methods once. Not for methods that ask who calls.
     */
    public static Object seldom(Method method, Object receiver, Object[] arguments) throws Throwable {
        boolean isHot = OF_ANY == null || VIRTUAL.containsKey(method)
            || SELDOM.merge(method, 1, Integer::sum) > SELDOM_MAX;
        if (isHot) {
            return virtually(method, receiver, arguments);
        }
        try {
            return (Object) OF_ANY.invokeExact(method, receiver, arguments);
        } catch (InvocationTargetException e) {
            throw e.getTargetException();
        }
    }

    private static MethodHandle spread(Method method, MethodHandle direct) {
        MethodHandle spread = direct.asFixedArity().asSpreader(Object[].class, method.getParameterCount());
        if (Modifier.isStatic(method.getModifiers())) {
            spread = MethodHandles.dropArguments(spread, 0, Object.class);
        }
        return spread.asType(MethodType.methodType(Object.class, Object.class, Object[].class));
    }

    /** Whether a call could be made at all: number and types of the arguments, and the receiver's. */
    public static boolean fits(Method method, Object receiver, Object[] arguments) {
        boolean isStatic = Modifier.isStatic(method.getModifiers());
        Class<?>[] types = method.getParameterTypes();
        if (types.length != arguments.length || !isStatic && !method.getDeclaringClass().isInstance(receiver)) {
            return false;
        }
        for (int i = 0; i < types.length; i++) {
            Class<?> type = types[i].isPrimitive() ? MethodType.methodType(types[i]).wrap().returnType() : types[i];
            if (!type.isInstance(arguments[i]) && (arguments[i] != null || types[i].isPrimitive())) {
                return false;
            }
        }
        return true;
    }
}
