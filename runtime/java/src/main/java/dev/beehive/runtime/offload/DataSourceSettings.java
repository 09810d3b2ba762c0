// Reads at home what a worker needs to open connections like those of a live DataSource: its own words about itself,
// whatever its class. Says nothing of one whose connections an equal could not give: of a database inside this process,
// or of a class of the application's that does more than hand out connections.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.WorkerNative;
import dev.beehive.runtime.memory.Memory;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Properties;

/** Called by a worker at its first need; the answer goes over the admitted connection and is written nowhere. */
public final class DataSourceSettings {
    /** Stands before the code of why there are none. */
    public static final String REFUSED = "refused";
    public static final String PROPERTY = "property.";
    /** Of a class that hands out more than plain connections, or does not say what is needed. */
    public static final String UNKNOWN = "OFFLOAD_DATASOURCE_UNKNOWN";
    /** Of a database that is not known to run in another process. */
    public static final String IN_PROCESS = "OFFLOAD_IN_PROCESS_DATABASE";
    private static final List<String> POOLS = List.of("com.zaxxer.hikari.", "org.apache.tomcat.jdbc.",
        "org.apache.tomcat.dbcp.", "org.apache.commons.dbcp2.", "io.agroal.", "com.mchange.v2.c3p0.", "oracle.ucp.");
    private static final String SPRING = "org.springframework.jdbc.datasource.";

    private final List<String> settings = new ArrayList<>();

    private DataSourceSettings() {
    }

    /** Names and values by turns. */
    public static String[] of(Object dataSource) {
        try {
            return new DataSourceSettings().read(dataSource);
        } catch (Throwable e) {
            // A getter of a pool that is closed, or of another version than any we have seen.
            return new String[] {REFUSED, UNKNOWN};
        }
    }

    private String[] read(Object dataSource) throws Throwable {
        String giver = dataSource.getClass().getMethod("getConnection").getDeclaringClass().getName();
        if (!isPlain(dataSource, giver)) {
            return new String[] {REFUSED, UNKNOWN};
        }
        Object pool = property(dataSource, "poolProperties");
        Object from = pool == null ? dataSource : pool;
        String url = text(first(from, "jdbcUrl", "url", "URL"));
        Object nested = url == null ? property(dataSource, "dataSource") : null;
        if (nested != null) {
            url = text(first(nested, "url", "URL"));
        }
        Object driver = url == null ? null : driverOf(url);
        if (driver == null || !WorkerNative.includes(driver.getClass())) {
            return new String[] {REFUSED, url == null ? UNKNOWN : IN_PROCESS};
        }
        add("url", url);
        add("driver", driver.getClass().getName());
        add("user", orElse(first(from, "username", "userName", "user"), nested, "user"));
        add("password", orElse(first(from, "password"), nested, "password"));
        addDefaults(from);
        addProperties(first(from, "dataSourceProperties", "connectionProperties", "dbProperties"));
        return settings.toArray(String[]::new);
    }

    private static boolean isPlain(Object dataSource, String giver) {
        boolean wraps = giver.startsWith(SPRING) && (first(dataSource, "targetDataSource") != null
            || first(dataSource, "resolvedDataSources") != null || giver.contains("Single"));
        return !wraps && (giver.startsWith(SPRING) || POOLS.stream().anyMatch(giver::startsWith)
            || WorkerNative.prefixes().stream().anyMatch(giver::startsWith));
    }

    private static Object orElse(Object value, Object nested, String name) {
        return value == null && nested != null ? property(nested, name) : value;
    }

    private void addDefaults(Object from) {
        add("autoCommit", first(from, "defaultAutoCommit", "autoCommit"));
        add("readOnly", first(from, "defaultReadOnly", "readOnly"));
        add("isolation", first(from, "transactionIsolation", "defaultTransactionIsolation"));
        add("schema", first(from, "defaultSchema", "schema"));
        add("catalog", first(from, "defaultCatalog", "catalog"));
        Object init = first(from, "connectionInitSql", "connectionInitSqls", "initSQL");
        for (Object each : init instanceof Collection<?> all ? all : java.util.Collections.singletonList(init)) {
            add("init", each);
        }
    }

    private void addProperties(Object properties) {
        if (properties instanceof Properties all) {
            all.stringPropertyNames().forEach(name -> add(PROPERTY + name, all.getProperty(name)));
        }
    }

    private void add(String name, Object value) {
        String text = text(value);
        if (text != null) {
            settings.add(name);
            settings.add(text);
        }
    }

    private static String text(Object value) {
        boolean plain = value instanceof String || value instanceof Boolean || value instanceof Integer;
        return plain && !value.toString().isEmpty() ? value.toString() : null;
    }

    private static Object first(Object from, String... names) {
        for (String name : names) {
            Object value = property(from, name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    /** A property by its getter, else by a field of that name; null when there is neither. */
    private static Object property(Object from, String name) {
        String end = Character.toUpperCase(name.charAt(0)) + name.substring(1);
        for (String getter : List.of("get" + end, "is" + end)) {
            try {
                Method method = from.getClass().getMethod(getter);
                return Calls.virtually(method, from, new Object[0]);
            } catch (NoSuchMethodException e) {
                continue;
            } catch (Throwable e) {
                return null;
            }
        }
        return field(from, name);
    }

    private static Object field(Object from, String name) {
        for (Class<?> c = from.getClass(); c != null; c = c.getSuperclass()) {
            try {
                Field field = c.getDeclaredField(name);
                return field.getType().isPrimitive() ? null : Memory.getReference(from, Memory.offsetOf(field));
            } catch (NoSuchFieldException e) {
                continue;
            }
        }
        return null;
    }

    /** The registered driver for a URL. Not by DriverManager, which shows each caller only its own loader's drivers. */
    private static Object driverOf(String url) throws Throwable {
        Class<?> manager = Class.forName("java.sql.DriverManager", true, ClassLoader.getPlatformClassLoader());
        Field list = manager.getDeclaredField("registeredDrivers");
        for (Object info : (Iterable<?>) Memory.getReference(Memory.staticsOf(list), Memory.offsetOf(list))) {
            Object driver = field(info, "driver");
            Method accepts = driver.getClass().getMethod("acceptsURL", String.class);
            if (Boolean.TRUE.equals(Calls.virtually(accepts, driver, new Object[] {url}))) {
                return driver;
            }
        }
        return null;
    }
}
