// Connections of a worker's own to one database: opened at need, a few kept for the next invocation. Has no threads.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.offload.DataSourceSettings;
import dev.beehive.runtime.offload.Jdbc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

/** For one set of settings; used by the serving thread. */
final class ConnectionPool {
    private static final int IDLE_MAX = 2;
    private static final long AGE_MAX_NS = TimeUnit.MINUTES.toNanos(25);
    /** Idle for longer, a connection is looked at before it is used. */
    private static final long TRUSTED_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int LOOK_SECONDS = 5;

    private record Idle(Object raw, long openedNs, long sinceNs) {
    }

    private final Deque<Idle> idle = new ArrayDeque<>();
    private final List<String> settings;
    private final Properties properties = new Properties();

    ConnectionPool(List<String> settings) {
        this.settings = settings;
        for (int i = 0; i < settings.size(); i += 2) {
            String name = settings.get(i);
            if (name.startsWith(DataSourceSettings.PROPERTY)) {
                properties.setProperty(name.substring(DataSourceSettings.PROPERTY.length()), settings.get(i + 1));
            } else if (name.equals("user") || name.equals("password")) {
                properties.setProperty(name, settings.get(i + 1));
            }
        }
    }

    /** A connection as a fresh one of the server's pool would be. */
    OwnConnection take(OwnConnection.Keeper keeper) throws Throwable {
        for (Idle last = idle.poll(); last != null; last = idle.poll()) {
            long now = System.nanoTime();
            boolean young = now - last.openedNs < AGE_MAX_NS;
            if (young && (now - last.sinceNs < TRUSTED_NS || isAlive(last.raw))) {
                return new OwnConnection(last.raw, last.openedNs, this, keeper);
            }
            discard(last.raw);
        }
        return new OwnConnection(open(), System.nanoTime(), this, keeper);
    }

    private static boolean isAlive(Object raw) {
        try {
            return Boolean.TRUE.equals(Jdbc.call(Jdbc.CONNECTION, raw, "isValid", LOOK_SECONDS));
        } catch (Throwable e) {
            return false;
        }
    }

    private Object open() throws Throwable {
        Object raw = Jdbc.connect(setting("driver"), setting("url"), properties, ClassLoader.getSystemClassLoader());
        try {
            for (String sql : all("init")) {
                Object statement = Jdbc.call(Jdbc.CONNECTION, raw, "createStatement");
                Jdbc.call(Jdbc.STATEMENT, statement, "execute", sql);
                Jdbc.call(Jdbc.STATEMENT, statement, "close");
            }
            setDefaults(raw);
            return raw;
        } catch (Throwable e) {
            discard(raw);
            throw e;
        }
    }

    private void setDefaults(Object raw) throws Throwable {
        if (setting("catalog") != null) {
            Jdbc.call(Jdbc.CONNECTION, raw, "setCatalog", setting("catalog"));
        }
        if (setting("schema") != null) {
            Jdbc.call(Jdbc.CONNECTION, raw, "setSchema", setting("schema"));
        }
        Integer isolation = isolation(setting("isolation"));
        if (isolation != null) {
            Jdbc.call(Jdbc.CONNECTION, raw, "setTransactionIsolation", isolation);
        }
        if ("true".equals(setting("readOnly"))) {
            Jdbc.call(Jdbc.CONNECTION, raw, "setReadOnly", true);
        }
        Jdbc.call(Jdbc.CONNECTION, raw, "setAutoCommit", isAutoCommit());
    }

    /** By number, or by the name of one of Connection's constants; null for the database's own. */
    private static Integer isolation(String text) throws ReflectiveOperationException {
        if (text == null || text.startsWith("-")) {
            return null;
        }
        boolean number = Character.isDigit(text.charAt(0));
        String name = text.startsWith("TRANSACTION_") ? text : "TRANSACTION_" + text;
        return number ? Integer.valueOf(text) : (Integer) Jdbc.CONNECTION.getField(name).get(null);
    }

    /** Whether a transaction has an id by which anyone may ask what became of it. */
    boolean isPostgres() {
        return setting("url").startsWith("jdbc:postgresql:");
    }

    boolean isAutoCommit() {
        return !"false".equals(setting("autoCommit"));
    }

    /** Takes a connection back that is as it was when it was taken. */
    void giveBack(Object raw, long openedNs) {
        if (idle.size() < IDLE_MAX) {
            idle.push(new Idle(raw, openedNs, System.nanoTime()));
        } else {
            discard(raw);
        }
    }

    void discard(Object raw) {
        try {
            Jdbc.call(Jdbc.CONNECTION, raw, "close");
        } catch (Throwable e) {
            // It is gone one way or the other.
            return;
        }
    }

    private String setting(String name) {
        List<String> values = all(name);
        return values.isEmpty() ? null : values.get(0);
    }

    private List<String> all(String name) {
        List<String> values = new ArrayList<>();
        for (int i = 0; i < settings.size(); i += 2) {
            if (settings.get(i).equals(name)) {
                values.add(settings.get(i + 1));
            }
        }
        return values;
    }
}
