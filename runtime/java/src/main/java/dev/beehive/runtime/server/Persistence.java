// Asks whether the application's JPA can do its work on a worker: Hibernate's, which all factories of the application are
// registered with. What a second-level cache of theirs keeps would be true on one side only, so such factories stay at
// home with all that they make.
package dev.beehive.runtime.server;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.offload.Calls;
import dev.beehive.runtime.offload.JdbcKind;
import java.lang.reflect.Field;
import java.util.Map;

/** For one application loader; asked once an invocation, looks again when a factory has come or gone. */
final class Persistence {
    /** Of an application without Hibernate. */
    static final Persistence NONE = new Persistence(Map.of(), false);
    static final String CACHED = "OFFLOAD_PERSISTENCE_CACHE";
    /** An operator may keep it at home. */
    private static final boolean MAY_MOVE = !"false".equals(System.getProperty("beehive.moves.jpa"));
    private static final String REGISTRY = "org.hibernate.internal.SessionFactoryRegistry";

    private final Map<?, ?> factories;
    private final boolean isKnown;
    private int looked;
    private String reason;
    private boolean asks;

    /** @param isKnown whether this version of Hibernate is */
    private Persistence(Map<?, ?> factories, boolean isKnown) {
        this.factories = factories;
        this.isKnown = isKnown;
    }

    static Persistence of(ClassLoader application) {
        try {
            Class<?> registry = Class.forName(REGISTRY, true, application);
            Object instance = read(registry.getDeclaredField("INSTANCE"), null);
            Map<?, ?> factories = (Map<?, ?>) read(registry.getDeclaredField("sessionFactoryMap"), instance);
            // Its objects have been followed since version 6; before, JPA had another name.
            Class.forName("jakarta.persistence.EntityManager", false, application);
            return new Persistence(factories, true);
        } catch (ReflectiveOperationException | LinkageError e) {
            return NONE;
        }
    }

    private static Object read(Field field, Object holder) {
        return Memory.getReference(holder == null ? Memory.staticsOf(field) : holder, Memory.offsetOf(field));
    }

    /** Whether there are factories, and nothing speaks against moving them. */
    boolean moves() {
        return MAY_MOVE && isKnown && !factories.isEmpty() && reason() == null;
    }

    /** Whether each factory has its connections from a DataSource, as with Spring. */
    boolean asksDataSources() {
        return moves() && asks;
    }

    /** The code of why the databases of such an application are used at home; null when they need not be. */
    String reason() {
        int size = factories.size();
        if (size != looked) {
            reason = look();
            asks = reason == null && factories.values().stream().allMatch(Persistence::asksDataSource);
            looked = size;
        }
        return reason;
    }

    private String look() {
        try {
            for (Object factory : factories.values()) {
                Object options = call(factory, "getSessionFactoryOptions");
                if (Boolean.TRUE.equals(call(options, "isSecondLevelCacheEnabled"))
                    || Boolean.TRUE.equals(call(options, "isQueryCacheEnabled"))) {
                    return CACHED;
                }
            }
            return null;
        } catch (Throwable e) {
            return CACHED;
        }
    }

    private static boolean asksDataSource(Object factory) {
        try {
            Map<?, ?> properties = (Map<?, ?>) call(factory, "getProperties");
            return properties.values().stream().anyMatch(each -> JdbcKind.of(each) == JdbcKind.DATA_SOURCE);
        } catch (Throwable e) {
            return false;
        }
    }

    private static Object call(Object target, String question) throws Throwable {
        return Calls.virtually(target.getClass().getMethod(question), target, new Object[0]);
    }
}
