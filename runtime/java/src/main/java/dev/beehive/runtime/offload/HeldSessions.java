// Hibernate sessions that are open before a root begins, as with Spring's open-in-view: they have taken no connection yet,
// so they can go to a worker like any object, take one there, and give it back before they come home. By names, so that
// nothing depends on the libraries.
package dev.beehive.runtime.offload;

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

    private HeldSessions() {
    }

    /** Whether what is bound to a thread is an entity manager of Hibernate's that has no connection. */
    public static boolean isIdle(Object bound) {
        try {
            Object connection = isHolder(bound) ? connectionOf(bound) : null;
            return connection != null && !isConnected(connection);
        } catch (Throwable e) {
            return false;
        }
    }

    /**
     * Makes the sessions that are bound to this thread give back their connections; they take others when they need them.
     *
     * @param ofHome what was open before the root began: what it has opened itself is its own business
     */
    public static void disconnect(ClassLoader application, Predicate<Object> ofHome) throws Throwable {
        Class<?> manager = Class.forName(MANAGER, true, application);
        Map<?, ?> bound = (Map<?, ?>) Calls.virtually(manager.getMethod("getResourceMap"), null, new Object[0]);
        for (Object each : bound.values()) {
            Object connection = isHolder(each) && ofHome.test(each) ? connectionOf(each) : null;
            if (connection != null && isConnected(connection)) {
                call(connection, CONNECTION, "manualDisconnect");
            }
        }
    }

    private static boolean isHolder(Object bound) {
        return bound != null && bound.getClass().getName().equals(HOLDER);
    }

    private static boolean isConnected(Object connection) throws Throwable {
        return (boolean) call(connection, CONNECTION, "isPhysicallyConnected");
    }

    private static Object connectionOf(Object holder) throws Throwable {
        ClassLoader loader = holder.getClass().getClassLoader();
        Object manager = call(holder, HOLDER, "getEntityManager");
        Method unwrap = Class.forName(ENTITY_MANAGER, false, loader).getMethod("unwrap", Class.class);
        Object[] wanted = {Class.forName(SESSION, false, loader)};
        Object session = Calls.virtually(unwrap, manager, wanted);
        return call(call(session, SESSION, "getJdbcCoordinator"), COORDINATOR, "getLogicalConnection");
    }

    private static Object call(Object target, String type, String name) throws Throwable {
        ClassLoader loader = target.getClass().getClassLoader();
        return Calls.virtually(Class.forName(type, false, loader).getMethod(name), target, new Object[0]);
    }
}
