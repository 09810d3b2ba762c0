// What a worker does with the server's database connections, so that it can be taken back: a transaction that was begun
// by this invocation is rolled back, what it has opened is closed. Until such a transaction is committed nobody else can
// see anything of it; what only reads nobody sees at all.
package dev.beehive.runtime.offload;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Of one invocation; used on its thread. */
final class JdbcCalls {
    private static final Set<String> OF_OWN_CONNECTION = Set.of("setReadOnly", "setTransactionIsolation", "rollback",
        "setSchema", "setCatalog", "setHoldability", "setNetworkTimeout", "setClientInfo", "setSavepoint",
        "releaseSavepoint", "close", "abort");

    private static final class Opened {
        private final Object object;
        /** Of a statement: its connection. */
        private final Object connection;
        private final boolean readsOnly;

        Opened(Object object, Object connection, boolean readsOnly) {
            this.object = object;
            this.connection = connection;
            this.readsOnly = readsOnly;
        }
    }

    private static final class Own {
        private boolean inTransaction;
        private boolean wrote;
    }

    private final List<Opened> opened = new ArrayList<>();
    private final Map<Object, Opened> byObject = new IdentityHashMap<>();
    /** Connections that this invocation has taken from a pool. */
    private final Map<Object, Own> own = new IdentityHashMap<>();

    /** Whether others could see what the call does. Asked before it is made. */
    boolean isSeen(JdbcKind kind, Method method, Object target, Object[] arguments) {
        return switch (kind) {
            case DATA_SOURCE -> isSeenOfDataSource(method, target);
            case CONNECTION -> isSeenOfConnection(method, target, arguments);
            case STATEMENT -> isSeenOfStatement(method, target, arguments);
            case RESULT_SET -> isUpdate(method) && writeIsSeen(connectionOf(target));
            case METADATA -> false;
            case NONE -> true;
        };
    }

    /** A pool gives connections and takes them back; one of the application's own may do anything besides. */
    private static boolean isSeenOfDataSource(Method method, Object target) {
        boolean gives = method.getName().equals("getConnection");
        return gives ? Frameworks.isApplication(target.getClass()) : !isQuestion(method);
    }

    /** Whether something was written in a transaction that is still open, or will be by the call that was asked of last. */
    boolean hasWritten() {
        return own.values().stream().anyMatch(each -> each.wrote);
    }

    private static boolean isQuestion(Method method) {
        String name = method.getName();
        return name.startsWith("get") || name.startsWith("is") || name.equals("unwrap") || name.equals("toString")
            || name.equals("hashCode") || name.equals("equals") || name.equals("nativeSQL");
    }

    private boolean isSeenOfConnection(Method method, Object target, Object[] arguments) {
        String name = method.getName();
        boolean harmless = isQuestion(method) || name.equals("prepareStatement") || name.equals("createStatement")
            || name.equals("prepareCall") || name.equals("clearWarnings");
        Own mine = own.get(target);
        if (harmless || mine == null) {
            return !harmless;
        }
        if (name.equals("setAutoCommit")) {
            boolean commits = Boolean.TRUE.equals(arguments[0]);
            mine.inTransaction = !commits;
            return commits && mine.wrote;
        }
        return name.equals("commit") ? mine.wrote : !OF_OWN_CONNECTION.contains(name);
    }

    private boolean isSeenOfStatement(Method method, Object target, Object[] arguments) {
        String name = method.getName();
        if (!name.startsWith("execute")) {
            return false;
        }
        Opened statement = byObject.get(target);
        boolean hasText = arguments.length > 0 && arguments[0] instanceof String;
        boolean reads = hasText ? SqlText.readsOnly((String) arguments[0]) : statement != null && statement.readsOnly;
        boolean single = name.equals("execute") || name.equals("executeQuery");
        return !(reads && single) && writeIsSeen(statement == null ? null : statement.connection);
    }

    private boolean writeIsSeen(Object connection) {
        Own mine = connection == null ? null : own.get(connection);
        if (mine == null || !mine.inTransaction) {
            return true;
        }
        mine.wrote = true;
        return false;
    }

    private static boolean isUpdate(Method method) {
        String name = method.getName();
        return name.equals("insertRow") || name.equals("updateRow") || name.equals("deleteRow");
    }

    private Object connectionOf(Object resultSet) {
        Opened known = byObject.get(resultSet);
        return known == null ? null : known.connection;
    }

    /** Notes what a call that has returned has opened. */
    void called(JdbcKind kind, Method method, Object target, Object[] arguments, Object value) {
        JdbcKind made = value == target ? JdbcKind.NONE : JdbcKind.of(value);
        if (kind == JdbcKind.DATA_SOURCE && made == JdbcKind.CONNECTION) {
            own.put(value, new Own());
            add(new Opened(value, value, false));
        } else if (kind == JdbcKind.CONNECTION && made == JdbcKind.STATEMENT) {
            boolean reads = arguments.length > 0 && arguments[0] instanceof String sql && SqlText.readsOnly(sql);
            add(new Opened(value, target, reads));
        } else if (kind == JdbcKind.STATEMENT && made == JdbcKind.RESULT_SET) {
            add(new Opened(value, connectionOf(target), false));
        } else if (method.getName().equals("close")) {
            Opened closed = byObject.remove(target);
            opened.remove(closed);
            own.remove(target);
        }
    }

    private void add(Opened more) {
        opened.add(more);
        byObject.put(more.object, more);
    }

    /** Rolls back and closes what is still open, the latest first. */
    void takeBack() {
        for (int i = opened.size() - 1; i >= 0; i--) {
            Object object = opened.get(i).object;
            try {
                Own mine = own.get(object);
                if (mine != null && mine.inTransaction) {
                    Calls.virtually(rollbackOf(object), object, new Object[0]);
                }
                ((AutoCloseable) object).close();
            } catch (Throwable e) {
                // The pool or the driver finds a broken connection itself; the local run takes another.
                continue;
            }
        }
        opened.clear();
    }

    private static Method rollbackOf(Object connection) throws NoSuchMethodException {
        return connection.getClass().getMethod("rollback");
    }
}
