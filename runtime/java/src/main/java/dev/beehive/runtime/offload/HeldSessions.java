// Hibernate sessions that are open before a root begins, as with Spring's open-in-view: they have taken no connection yet,
// so they can go to a worker like any object, take one there, and give it back before they come home: the field of a session
// that holds its connection does not travel. By names, so that nothing depends on the libraries.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.function.Predicate;

/** Asks and tells the application's own classes. */
public final class HeldSessions {
    private static final String MANAGER = "org.springframework.transaction.support.TransactionSynchronizationManager";
    private static final String HOLDER = "org.springframework.orm.jpa.EntityManagerHolder";
    private static final String ENTITY_MANAGER = "jakarta.persistence.EntityManager";
    private static final String SESSION = "org.hibernate.engine.spi.SharedSessionContractImplementor";
    private static final String COORDINATOR = "org.hibernate.engine.jdbc.spi.JdbcCoordinator";
    private static final String CONNECTION = "org.hibernate.resource.jdbc.spi.LogicalConnectionImplementor";
    private static final String HOLDS_CONNECTION = "org.hibernate.resource.jdbc.internal.LogicalConnectionManagedImpl";
    private static final String HELD = "physicalConnection";

    /** Between a session and its DataSource there is little. */
    private static final int FRAMES_MAX = 24;

    private HeldSessions() {
    }

    /** Whether the calling thread is about to take a connection for a session. */
    public static boolean areAsking() {
        return StackWalker.getInstance().walk(frames ->
            frames.limit(FRAMES_MAX).anyMatch(frame -> frame.getClassName().equals(HOLDS_CONNECTION)));
    }

    /** Whether what is bound to a thread is an entity manager of Hibernate's that has no connection. */
    public static boolean isIdle(Object bound) {
        try {
            Object connection = isHolder(bound) ? connectionOf(sessionOf(bound)) : null;
            return connection != null && !isConnected(connection);
        } catch (Throwable e) {
            return false;
        }
    }

    /**
     * Makes the sessions that are bound to this thread give back their connections; they take others when they need them.
     * Not one in the middle of a transaction.
     *
     * @param ofHome what was open before the root began: what it has opened itself is its own business
     */
    public static void disconnect(ClassLoader application, Predicate<Object> ofHome) throws Throwable {
        Class<?> manager = Class.forName(MANAGER, true, application);
        Map<?, ?> bound = (Map<?, ?>) Calls.virtually(manager.getMethod("getResourceMap"), null, new Object[0]);
        for (Object each : bound.values()) {
            Object session = isHolder(each) && ofHome.test(each) ? sessionOf(each) : null;
            if (session != null && !(boolean) call(session, SESSION, "isTransactionInProgress") && isConnected(connectionOf(session))) {
                call(connectionOf(session), CONNECTION, "manualDisconnect");
            }
        }
    }

    private static boolean isHolder(Object bound) {
        return bound != null && bound.getClass().getName().equals(HOLDER);
    }

    private static boolean isConnected(Object connection) throws Throwable {
        return (boolean) call(connection, CONNECTION, "isPhysicallyConnected");
    }

    /** Whether some of these objects are sessions' with such a connection. */
    public static boolean hold(Iterable<?> objects, Predicate<Object> connections) {
        for (Object each : objects) {
            if (holds(each, connections)) {
                return true;
            }
        }
        return false;
    }

    /** Makes sessions forget such connections, which are not to be used any more. */
    public static void letGo(Iterable<?> objects, Predicate<Object> connections) {
        for (Object each : objects) {
            if (holds(each, connections)) {
                Memory.putReference(each, heldBy(each), null);
            }
        }
    }

    private static boolean holds(Object object, Predicate<Object> connections) {
        boolean may = object.getClass().getName().equals(HOLDS_CONNECTION);
        long offset = may ? heldBy(object) : -1;
        Object connection = offset < 0 ? null : Memory.getReference(object, offset);
        return connection != null && connections.test(connection);
    }

    /** The offset of the field; -1 of a version of Hibernate that has none. */
    private static long heldBy(Object object) {
        try {
            return Memory.offsetOf(object.getClass().getDeclaredField(HELD));
        } catch (NoSuchFieldException e) {
            return -1;
        }
    }

    private static Object sessionOf(Object holder) throws Throwable {
        ClassLoader loader = holder.getClass().getClassLoader();
        Object manager = call(holder, HOLDER, "getEntityManager");
        Method unwrap = Class.forName(ENTITY_MANAGER, false, loader).getMethod("unwrap", Class.class);
        Object[] wanted = {Class.forName(SESSION, false, loader)};
        return Calls.virtually(unwrap, manager, wanted);
    }

    private static Object connectionOf(Object session) throws Throwable {
        return call(call(session, SESSION, "getJdbcCoordinator"), COORDINATOR, "getLogicalConnection");
    }

    private static Object call(Object target, String type, String name) throws Throwable {
        ClassLoader loader = target.getClass().getClassLoader();
        return Calls.virtually(Class.forName(type, false, loader).getMethod(name), target, new Object[0]);
    }
}
