// Asks at the gate whether the calling thread already holds a database connection, an EntityManager or the like, or is in
// a transaction: a connection of a worker's own would not see what that transaction has written. Knows Spring's
// book-keeping, which all of Spring's ways to a database (JDBC, JPA, MyBatis, jOOQ) share; asked once an invocation, in
// constant time. What an invocation that has failed leaves bound to its thread, the next request would use.
package dev.beehive.runtime.server;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/** For one application loader. */
final class HeldDatabase {
    /** Of an application that has no book-keeping known here. */
    static final HeldDatabase NONE = new HeldDatabase(null, null, null, null, null);
    static final String CODE = "OFFLOAD_TX_OUTSIDE_ROOT";
    private static final String SPRING = "org.springframework.transaction.support.TransactionSynchronizationManager";
    private static final String HOLDER = "org.springframework.transaction.support.ResourceHolder";

    private final MethodHandle isActive;
    private final MethodHandle resources;
    private final MethodHandle bind;
    private final MethodHandle unbind;
    private final Class<?> holder;
    /** When it was asked for the last time. */
    private Map<?, ?> bound = Map.of();

    private HeldDatabase(MethodHandle isActive, MethodHandle resources, MethodHandle bind, MethodHandle unbind, Class<?> holder) {
        this.holder = holder;
        this.isActive = isActive;
        this.resources = resources;
        this.bind = bind;
        this.unbind = unbind;
    }

    static HeldDatabase of(ClassLoader application) {
        try {
            Class<?> manager = Class.forName(SPRING, true, application);
            MethodHandles.Lookup lookup = TrustedLookup.in(manager);
            return new HeldDatabase(
                lookup.findStatic(manager, "isActualTransactionActive", MethodType.methodType(boolean.class)),
                lookup.findStatic(manager, "getResourceMap", MethodType.methodType(Map.class)),
                lookup.findStatic(manager, "bindResource", MethodType.methodType(void.class, Object.class, Object.class)),
                lookup.findStatic(manager, "unbindResourceIfPossible", MethodType.methodType(Object.class, Object.class)),
                Class.forName(HOLDER, false, application));
        } catch (ReflectiveOperationException | LinkageError e) {
            return NONE;
        }
    }

    /** Whether the application has book-keeping that is known here. */
    boolean isKnown() {
        return isActive != null;
    }

    /**
     * The code, or null when the thread holds nothing. In doubt it does.
     *
     * @param idle whether something that is bound to the thread holds no connection
     */
    String reason(Predicate<Object> idle) {
        if (isActive == null) {
            return null;
        }
        try {
            bound = bound();
            boolean active = (boolean) isActive.invokeExact();
            return active || holdsResource(bound, idle) ? CODE : null;
        } catch (Throwable e) {
            return CODE;
        }
    }

    private Map<?, ?> bound() throws Throwable {
        Map<?, ?> now = (Map<?, ?>) resources.invokeExact();
        return now.isEmpty() ? Map.of() : new HashMap<>(now);
    }

    /** Binds to the calling thread what was bound when it was asked for the last time, and nothing else. */
    void restore() {
        if (isActive == null) {
            return;
        }
        try {
            Map<?, ?> now = bound();
            for (Object key : now.keySet()) {
                if (now.get(key) != bound.get(key)) {
                    unbind.invoke(key);
                }
            }
            for (Map.Entry<?, ?> each : bound.entrySet()) {
                if (now.get(each.getKey()) != each.getValue()) {
                    bind.invoke(each.getKey(), each.getValue());
                }
            }
        } catch (Throwable e) {
            // The request fails all the same; the next one is told by the framework itself what is bound.
            return;
        }
    }

    /** Connections of JDBC, entity managers of JPA (open in view), sessions of MyBatis: all have a holder. */
    private boolean holdsResource(Map<?, ?> bound, Predicate<Object> idle) {
        for (Object each : bound.values()) {
            if (holder.isInstance(each) && !idle.test(each)) {
                return true;
            }
        }
        return false;
    }
}
