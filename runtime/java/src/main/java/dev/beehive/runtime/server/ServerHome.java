// What the server does for a worker besides objects: calls, class files and resources that the bundle lacks.
package dev.beehive.runtime.server;

import dev.beehive.runtime.offload.HeldSessions;
import dev.beehive.runtime.offload.Home;
import java.io.IOException;
import java.io.InputStream;

/** Of one connection. */
final class ServerHome implements Home {
    private static final String CLASS_SUFFIX = ".class";
    /** An operator may keep open sessions at home. */
    private static final boolean TAKES_SESSIONS = !"false".equals(System.getProperty("beehive.moves.open-sessions"));

    private final AskedClasses asked;
    private final ApplicationLoader loaders;
    private ClassLoader ofRoot;
    private ClassLoader application;
    private HeldDatabase held = HeldDatabase.NONE;
    private Persistence persistence = Persistence.NONE;
    private boolean opensDatabases;

    ServerHome(AskedClasses asked, ApplicationLoader loaders) {
        this.asked = asked;
        this.loaders = loaders;
    }

    /** @param loader of the root's class */
    void begin(ClassLoader loader) {
        if (ofRoot != loader) {
            ofRoot = loader;
            application = loaders.above(loader);
            held = HeldDatabase.of(application);
            persistence = Persistence.of(application);
        }
    }

    @Override
    public ClassLoader applicationOf(ClassLoader rootLoader) {
        return loaders.above(rootLoader);
    }

    @Override
    public String heldDatabase() {
        String reason = held.reason(bound -> TAKES_SESSIONS && persistence.moves() && HeldSessions.isIdle(bound));
        return reason == null ? persistence.reason() : reason;
    }

    @Override
    public void unbind() {
        held.restore();
    }

    @Override
    public void workerOpensDatabase() {
        opensDatabases = true;
    }

    @Override
    public boolean workerHasDatabases() {
        return opensDatabases;
    }

    @Override
    public boolean movesPersistence() {
        // Without Spring's book-keeping nobody knows here of a transaction that a session is in.
        return held.isKnown() && persistence.moves();
    }

    @Override
    public boolean hearsOfSessions() {
        return persistence.asksDataSources();
    }

    @Override
    public byte[] resource(String path) {
        return path.endsWith(CLASS_SUFFIX) ? classFile(path) : otherResource(path);
    }

    private byte[] classFile(String path) {
        String name = path.substring(0, path.length() - CLASS_SUFFIX.length()).replace('/', '.');
        byte[] bytes;
        try {
            bytes = ClassFiles.rewritten(Class.forName(name, false, application));
        } catch (ClassNotFoundException e) {
            return null;
        } catch (LinkageError e) {
            throw new UnsupportedOperationException(name + ": " + e, e);
        }
        if (bytes == null) {
            throw new UnsupportedOperationException(name + " is at home only");
        }
        asked.add(path, bytes);
        return bytes;
    }

    private byte[] otherResource(String path) {
        try (InputStream in = application == null ? ClassLoader.getSystemResourceAsStream(path)
                : application.getResourceAsStream(path)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UnsupportedOperationException(path + ": " + e, e);
        }
    }
}
