// The worker's equals of the server's DataSources: which DataSource has one, its connections, and what of them is open.
// A DataSource itself stays a stand-in; only its connections are the worker's own.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.offload.AnsweredHere;
import dev.beehive.runtime.offload.CallFlags;
import dev.beehive.runtime.offload.DataSourceSettings;
import dev.beehive.runtime.offload.DatabaseEffect;
import dev.beehive.runtime.offload.HeldSessions;
import dev.beehive.runtime.offload.JdbcKind;
import dev.beehive.runtime.offload.WorkerConnection;
import java.lang.reflect.Method;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** One per worker; pools outlive connections to home. Used by the serving thread. */
final class WorkerDatabases implements OwnConnection.Keeper, AnsweredHere {
    static final String LEFT_OPEN = "OFFLOAD_CONNECTION_LEFT_OPEN";
    static final String SESSION_HERE = "OFFLOAD_PERSISTENCE_AT_HOME";
    static final String SESSION_STATE = "OFFLOAD_SESSION_STATE";
    private static final Method SETTINGS = method(DataSourceSettings.class, "of", Object.class);
    private static final Method EFFECT = method(DatabaseEffect.class, "commits", Object.class,
        String.class);

    private final Map<List<String>, ConnectionPool> pools = new HashMap<>();
    /** By stand-in; null for a DataSource whose connections stay at home. */
    private final Map<Object, ConnectionPool> byDataSource = new IdentityHashMap<>();
    /** With the stand-in of its DataSource. */
    private final Map<OwnConnection, Object> open = new IdentityHashMap<>();
    /** Stand-ins of the server's connections that this invocation has taken: nobody at home may know of them. */
    private final Set<Object> taken = Collections.newSetFromMap(new IdentityHashMap<>(0));
    private WorkerConnection home;
    private boolean atHome;
    private boolean rehearses;
    private boolean visible;

    private static Method method(Class<?> type, String name, Class<?>... parameters) {
        try {
            return type.getMethod(name, parameters);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /**
     * @param keptAtHome whether this invocation uses the server's connections, because its thread holds one
     * @param isRehearsal whether it ends where it would write
     */
    void begins(boolean keptAtHome, boolean isRehearsal) {
        atHome = keptAtHome;
        rehearses = isRehearsal;
        visible = false;
        taken.clear();
    }

    @Override
    public Object answer(WorkerConnection itsHome, Object pinned, Method method, Object[] arguments) throws Throwable {
        boolean asks = arguments.length == 0 && method.getName().equals("getConnection")
            && JdbcKind.of(pinned) == JdbcKind.DATA_SOURCE;
        if (asks && atHome && HeldSessions.areAsking()) {
            throw itsHome.refuse(SESSION_HERE, "a connection for a session, within a transaction of the calling thread's");
        }
        if (!asks || atHome) {
            return NOT_HERE;
        }
        home = itsHome;
        ConnectionPool pool = byDataSource.containsKey(pinned) ? byDataSource.get(pinned) : learn(pinned);
        if (pool == null) {
            return NOT_HERE;
        }
        OwnConnection connection = pool.take(this);
        open.put(connection, pinned);
        return connection.stand();
    }

    /** Notes which of the server's connections this invocation holds. */
    void called(Object pinned, Method method, Object value) {
        if (value instanceof PinnedStub && JdbcKind.of(value) == JdbcKind.CONNECTION
            && JdbcKind.of(pinned) == JdbcKind.DATA_SOURCE) {
            taken.add(value);
        } else if (method.getName().equals("close")) {
            taken.remove(pinned);
        }
    }

    private ConnectionPool learn(Object dataSource) throws Throwable {
        List<String> settings = List.of((String[]) home.call(0, null, SETTINGS, new Object[] {dataSource}));
        boolean refused = settings.get(0).equals(DataSourceSettings.REFUSED);
        ConnectionPool pool = refused ? null : pools.computeIfAbsent(settings, ConnectionPool::new);
        byDataSource.put(dataSource, pool);
        return pool;
    }

    @Override
    public void becomesVisible(OwnConnection connection, String transaction) throws Throwable {
        if (!visible) {
            home.call(CallFlags.EFFECT, null, EFFECT, open.get(connection), transaction);
            // Whoever commits with an id tells each one: only all of them together tell what became of the invocation.
            visible = transaction == null;
        }
    }

    @Override
    public void writes() {
        home.checkGoesOn();
        if (rehearses) {
            // Rolled back, it may have drawn a number of the database all the same: a rehearsal ends here.
            rehearses = false;
            home.writesDatabase();
        }
    }

    @Override
    public void changesSession(String sql) {
        if (!visible) {
            throw home.refuse(SESSION_STATE, sql.substring(0, Math.min(sql.length(), 40)));
        }
    }

    @Override
    public void closed(OwnConnection connection) {
        open.remove(connection);
    }

    /** Why the result of a root that has just ended must not count; null when nothing is left open. */
    String objection() {
        return open.isEmpty() ? null : LEFT_OPEN;
    }

    /** Whether the invocation holds connections, its own or the server's. */
    boolean areHeld() {
        return !open.isEmpty() || !taken.isEmpty();
    }

    /** Whether some of these objects are sessions with a connection of the server's, which would come home without it. */
    boolean areHeldBy(Iterable<?> objects) {
        return !taken.isEmpty() && HeldSessions.hold(objects, taken::contains);
    }

    /** Only DataSources that are still known can be asked again. */
    void forgetsUnless(Predicate<Object> known) {
        byDataSource.keySet().removeIf(known.negate());
    }

    /** An invocation is unwound: what is open is rolled back, here and at home, and no session is to use it again. */
    void abandons(Iterable<?> shared) {
        Set<Object> held = Collections.newSetFromMap(new IdentityHashMap<>(taken.size()));
        held.addAll(taken);
        open.keySet().forEach(each -> held.add(each.stand()));
        if (!held.isEmpty()) {
            HeldSessions.letGo(shared, held::contains);
        }
        abandons();
    }

    private void abandons() {
        List.copyOf(open.keySet()).forEach(OwnConnection::abandon);
        open.clear();
        taken.clear();
    }

    /** All objects of the connection home are forgotten. */
    void forgets() {
        abandons();
        byDataSource.clear();
    }
}
