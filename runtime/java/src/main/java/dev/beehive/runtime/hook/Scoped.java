// Scoped values are bound to the thread that has called the root: on a worker they are asked for at home. By reflection,
// since not every JDK that this runs on has them.
package dev.beehive.runtime.hook;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.function.Supplier;

/** Static twins of the questions of ScopedValue. Called by rewritten code only. */
public final class Scoped {
    private static final String OWNER = "java.lang.ScopedValue";
    private static final Set<String> QUESTIONS = Set.of("get", "isBound", "orElse", "orElseThrow");

    private Scoped() {
    }

    public static Object get(Object value) throws Throwable {
        return ask(value, "get");
    }

    public static boolean isBound(Object value) throws Throwable {
        return (boolean) ask(value, "isBound");
    }

    public static Object orElse(Object value, Object other) throws Throwable {
        return ask(value, "orElse", other);
    }

    public static Object orElseThrow(Object value, Supplier<?> exception) throws Throwable {
        // What is thrown is made here.
        if (!isBound(value)) {
            throw (Throwable) exception.get();
        }
        return get(value);
    }

    private static Object ask(Object value, String question, Object... arguments) throws Throwable {
        Class<?>[] parameters = arguments.length == 0 ? new Class<?>[0] : new Class<?>[] {Object.class};
        Method method = value.getClass().getMethod(question, parameters);
        if (Hooks.isWorker()) {
            return Hooks.current().call(value, method, arguments);
        }
        try {
            return method.invoke(value, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** What a method reference to a question becomes; null when it is none. */
    static MethodHandle inPlaceOf(Class<?> owner, String name, MethodType type) throws ReflectiveOperationException {
        boolean asks = owner.getName().equals(OWNER) && QUESTIONS.contains(name);
        return asks ? MethodHandles.lookup().findStatic(Scoped.class, name, type.insertParameterTypes(0, Object.class))
            : null;
    }
}
