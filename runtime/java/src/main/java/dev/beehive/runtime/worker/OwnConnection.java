// What an application gets in the place of a connection of the server's pool: one of the worker's own, watched. Knows
// whether its transaction has written, tells home before others can see that, and gives the connection back as it was.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.Calls;
import dev.beehive.runtime.offload.Jdbc;
import dev.beehive.runtime.offload.SqlText;
import dev.beehive.runtime.offload.TransactionFate;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** From being taken to being given back. */
final class OwnConnection implements InvocationHandler {
    /** Whom it belongs to. */
    interface Keeper {
        /**
         * Others are about to see what the invocation has written. Throws when home can no longer be told.
         *
         * @param transaction by which the database can be asked what became of it, or null
         */
        void becomesVisible(OwnConnection connection, String transaction) throws Throwable;

        /** Something is about to be written. Throws when the invocation must not. */
        void writes();

        /** A statement leaves something in the session. Throws when the invocation can still run at home instead. */
        void changesSession(String sql);

        void closed(OwnConnection connection);
    }

    /** What is set back when the connection is given back, with the question for the value before. */
    private static final Map<String, String> SET_BACK = Map.of("setReadOnly", "isReadOnly", "setTransactionIsolation",
        "getTransactionIsolation", "setSchema", "getSchema", "setCatalog", "getCatalog", "setHoldability",
        "getHoldability");
    private static final Set<String> LEAVES_TRACES = Set.of("setClientInfo", "setNetworkTimeout", "setTypeMap", "abort");

    private final Object raw;
    private final long openedNs;
    private final ConnectionPool pool;
    private final Keeper keeper;
    private final Object stand;
    private final List<OwnStatement> statements = new ArrayList<>();
    private final Map<String, Object> before = new LinkedHashMap<>();
    private boolean autoCommit;
    private boolean used;
    private boolean wrote;
    private boolean spoiled;
    private boolean closed;

    OwnConnection(Object raw, long openedNs, ConnectionPool pool, Keeper keeper) {
        this.raw = raw;
        this.openedNs = openedNs;
        this.pool = pool;
        this.keeper = keeper;
        autoCommit = pool.isAutoCommit();
        stand = Jdbc.stand(Jdbc.CONNECTION, this);
    }

    Object stand() {
        return stand;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] given) throws Throwable {
        Object[] arguments = given == null ? new Object[0] : given;
        switch (method.getName()) {
            case "equals":
                return proxy == arguments[0];
            case "hashCode":
                return System.identityHashCode(proxy);
            case "toString":
                return "worker's " + raw;
            case "close":
                close();
                return null;
            case "isClosed":
                return closed || Boolean.TRUE.equals(pass(method, arguments));
            case "unwrap":
                return unwrap(method, arguments);
            case "isWrapperFor":
                return ((Class<?>) arguments[0]).isInstance(proxy) || Boolean.TRUE.equals(pass(method, arguments));
            default:
                return use(method, arguments);
        }
    }

    private Object unwrap(Method method, Object[] arguments) throws Throwable {
        if (((Class<?>) arguments[0]).isInstance(stand)) {
            return stand;
        }
        // What is done with the driver's own connection is not seen here.
        spoiled = true;
        wrote();
        return pass(method, arguments);
    }

    private Object use(Method method, Object[] arguments) throws Throwable {
        if (closed) {
            throw Jdbc.exception("the connection is closed");
        }
        String name = method.getName();
        if (LEAVES_TRACES.contains(name)) {
            spoiled = true;
        } else if (SET_BACK.containsKey(name) && !before.containsKey(name)) {
            before.put(name, Jdbc.call(Jdbc.CONNECTION, raw, SET_BACK.get(name)));
        }
        boolean ends = name.equals("commit") || name.equals("setAutoCommit") && Boolean.TRUE.equals(arguments[0]);
        if (ends && wrote) {
            keeper.becomesVisible(this, pool.isPostgres() ? TransactionFate.idOf(raw) : null);
        }
        Object value = pass(method, arguments);
        if (name.equals("setAutoCommit")) {
            autoCommit = (Boolean) arguments[0];
        }
        if (ends || name.equals("rollback") && arguments.length == 0) {
            wrote = false;
            used = false;
        }
        return Jdbc.STATEMENT.isInstance(value) ? watched(method, arguments, value) : value;
    }

    private Object watched(Method method, Object[] arguments, Object statement) {
        String sql = arguments.length > 0 && arguments[0] instanceof String text ? text : null;
        OwnStatement own = new OwnStatement(statement, method.getReturnType(), sql, this);
        statements.add(own);
        return own.stand();
    }

    /** Calls the driver; a connection that proves broken is not used again. */
    Object pass(Method method, Object[] arguments) throws Throwable {
        return pass(raw, method, arguments);
    }

    Object pass(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return Calls.seldom(method, target, arguments);
        } catch (Throwable e) {
            spoiled |= Jdbc.isConnectionLost(e);
            throw e;
        }
    }

    /** A statement is about to be executed; null for one whose text is not known. */
    void executes(String sql) throws Throwable {
        used = true;
        if (sql != null && SqlText.changesSession(sql)) {
            keeper.changesSession(sql);
            spoiled = true;
        }
        if (sql == null || !SqlText.readsOnly(sql)) {
            wrote();
        }
        if (sql != null && SqlText.mayCommit(sql)) {
            keeper.becomesVisible(this, null);
        }
    }

    private void wrote() throws Throwable {
        keeper.writes();
        if (autoCommit) {
            keeper.becomesVisible(this, null);
        } else {
            wrote = true;
        }
    }

    void forget(OwnStatement statement) {
        statements.remove(statement);
    }

    private void close() {
        if (!closed) {
            closed = true;
            keeper.closed(this);
            end();
        }
    }

    /** Left open by an invocation that has ended, or whose connection home is lost: nothing of it is kept. */
    void abandon() {
        closed = true;
        spoiled = true;
        end();
    }

    private void end() {
        try {
            for (OwnStatement each : List.copyOf(statements)) {
                each.close();
            }
            if (used && !autoCommit) {
                Jdbc.call(Jdbc.CONNECTION, raw, "rollback");
            }
            if (!spoiled) {
                setBack();
                pool.giveBack(raw, openedNs);
                return;
            }
        } catch (Throwable e) {
            // Not as it was: it is thrown away, the next one is opened anew.
        }
        pool.discard(raw);
    }

    private void setBack() throws Throwable {
        if (autoCommit != pool.isAutoCommit()) {
            Jdbc.call(Jdbc.CONNECTION, raw, "setAutoCommit", pool.isAutoCommit());
        }
        for (Map.Entry<String, Object> each : before.entrySet()) {
            Jdbc.call(Jdbc.CONNECTION, raw, each.getKey(), each.getValue());
        }
        Jdbc.call(Jdbc.CONNECTION, raw, "clearWarnings");
    }
}
