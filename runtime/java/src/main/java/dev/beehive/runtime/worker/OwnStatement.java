// What an application gets in the place of a statement of the worker's own connection: it says what is executed before it
// is. Results are the driver's own.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.Jdbc;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;

/** Of one statement. */
final class OwnStatement implements InvocationHandler {
    private final Object raw;
    /** Of a prepared statement. */
    private final String prepared;
    private final OwnConnection connection;
    private final Object stand;

    OwnStatement(Object raw, Class<?> type, String prepared, OwnConnection connection) {
        this.raw = raw;
        this.prepared = prepared;
        this.connection = connection;
        stand = Jdbc.stand(type, this);
    }

    Object stand() {
        return stand;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] given) throws Throwable {
        Object[] arguments = given == null ? new Object[0] : given;
        String name = method.getName();
        switch (name) {
            case "equals":
                return proxy == arguments[0];
            case "hashCode":
                return System.identityHashCode(proxy);
            case "getConnection":
                return connection.stand();
            case "close":
                connection.forget(this);
                break;
            default:
                tell(name, arguments);
        }
        return connection.pass(raw, method, arguments);
    }

    private void tell(String name, Object[] arguments) throws Throwable {
        boolean hasText = arguments.length > 0 && arguments[0] instanceof String;
        if (name.startsWith("execute")) {
            // Of a batch the texts were told when they were added.
            boolean single = !name.contains("Batch");
            connection.executes(single && hasText ? (String) arguments[0] : single ? prepared : null);
        } else if (name.equals("addBatch") && hasText) {
            connection.executes((String) arguments[0]);
        }
    }

    void close() throws Throwable {
        connection.forget(this);
        Jdbc.call(Jdbc.STATEMENT, raw, "close");
    }
}
