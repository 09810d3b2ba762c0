// Calls of JDBC by name: the runtime, on the boot class path, cannot see the module java.sql.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/** The few parts that a worker's own connections need, and home when it asks about them. */
public final class Jdbc {
    public static final Class<?> CONNECTION = type("java.sql.Connection");
    public static final Class<?> STATEMENT = type("java.sql.Statement");
    static final Class<?> DATA_SOURCE = type("javax.sql.DataSource");
    static final Class<?> RESULT_SET = type("java.sql.ResultSet");
    private static final Class<?> DRIVER = type("java.sql.Driver");
    private static final Class<?> EXCEPTION = type("java.sql.SQLException");

    private static final Map<String, Method> METHODS = new ConcurrentHashMap<>();

    private Jdbc() {
    }

    /** Makes the classes of stand-ins for connections and statements, whose making is what costs time. */
    public static void standForAll() {
        for (Class<?> type : new Class<?>[] {CONNECTION, STATEMENT, type("java.sql.PreparedStatement")}) {
            stand(type, (proxy, method, arguments) -> 0).hashCode();
        }
    }

    private static Class<?> type(String name) {
        try {
            return Class.forName(name, true, ClassLoader.getPlatformClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(name, e);
        }
    }

    /** Calls a method of an object by the type that declares it. */
    public static Object call(Class<?> type, Object target, String name, Object... arguments) throws Throwable {
        return Calls.seldom(METHODS.computeIfAbsent(type.getName() + '#' + name + arguments.length,
            key -> find(type, target, name, arguments)), target, arguments);
    }

    private static Method find(Class<?> type, Object target, String name, Object[] arguments) {
        for (Method each : type.getMethods()) {
            if (each.getName().equals(name) && Calls.fits(each, target, arguments)) {
                return each;
            }
        }
        throw new IllegalStateException(type.getName() + " has no method " + name);
    }

    /** A new connection of a driver. */
    public static Object connect(String driver, String url, Properties properties, ClassLoader application) throws Throwable {
        Class<?> type = Class.forName(driver, true, application);
        Object instance = TrustedLookup.in(type).findConstructor(type, MethodType.methodType(void.class)).invoke();
        Object connection = call(DRIVER, instance, "connect", url, properties);
        if (connection == null) {
            throw exception("the driver " + driver + " does not take the URL");
        }
        return connection;
    }

    /** What an application gets in the place of a connection or statement. */
    public static Object stand(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(ClassLoader.getSystemClassLoader(), new Class<?>[] {type}, handler);
    }

    public static Throwable exception(String text) throws Throwable {
        return (Throwable) TrustedLookup.in(EXCEPTION)
            .findConstructor(EXCEPTION, MethodType.methodType(void.class, String.class)).invoke(text);
    }

    /** Whether an exception says that the connection is of no more use: class 08, or shut down by the database. */
    public static boolean isConnectionLost(Throwable e) throws Throwable {
        if (!EXCEPTION.isInstance(e)) {
            return true;
        }
        String state = (String) call(EXCEPTION, e, "getSQLState");
        return state != null && (state.startsWith("08") || state.startsWith("57P"));
    }
}
