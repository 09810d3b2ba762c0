// The end of a worker's class path: what the bundle lacks is asked for at home. A missing class must not look like one
// that does not exist, for applications decide by that.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.memory.TrustedLookup;
import dev.beehive.runtime.memory.UnsupportedJvm;
import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLConnection;
import java.net.URLStreamHandler;

/** One entry `beehive://home/` behind the jars of the system class loader. */
final class HomeClassPath extends URLStreamHandler {
    private final WorkerSession session;

    private HomeClassPath(WorkerSession session) {
        this.session = session;
    }

    @SuppressWarnings("deprecation")
    static void append(WorkerSession session) {
        try {
            URL home = new URL("beehive", "home", -1, "/", new HomeClassPath(session));
            ClassLoader system = ClassLoader.getSystemClassLoader();
            Field field = Class.forName("jdk.internal.loader.BuiltinClassLoader").getDeclaredField("ucp");
            Object path = Memory.getReference(system, Memory.offsetOf(field));
            TrustedLookup.in(path.getClass())
                .findVirtual(path.getClass(), "addURL", MethodType.methodType(void.class, URL.class))
                .invoke(path, home);
        } catch (MalformedURLException e) {
            throw new IllegalStateException(e);
        } catch (Throwable e) {
            throw new UnsupportedJvm("the system class loader's path cannot be extended: " + e);
        }
    }

    @Override
    protected URLConnection openConnection(URL url) throws IOException {
        return new FromHome(url);
    }

    private final class FromHome extends URLConnection {
        private byte[] bytes;

        FromHome(URL url) {
            super(url);
        }

        @Override
        public void connect() throws IOException {
            if (bytes != null) {
                return;
            }
            String path = java.net.URLDecoder.decode(url.getPath().substring(1).replace("+", "%2B"), "UTF-8");
            bytes = session.resource(path);
            if (bytes == null) {
                throw new FileNotFoundException(url.toString());
            }
            connected = true;
        }

        @Override
        public int getContentLength() {
            return bytes == null ? -1 : bytes.length;
        }

        @Override
        public InputStream getInputStream() throws IOException {
            connect();
            return new ByteArrayInputStream(bytes);
        }
    }
}
