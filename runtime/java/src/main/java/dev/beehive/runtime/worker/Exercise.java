// What a training start does besides loading classes: the life of a worker, once, with a home in the same JVM. So the
// archive also holds what serving an invocation needs of the JDK. Nothing of the application runs.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.codec.Closure;
import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.memory.IterationSalt;
import dev.beehive.runtime.offload.Home;
import dev.beehive.runtime.offload.Jdbc;
import dev.beehive.runtime.offload.LinkLost;
import dev.beehive.runtime.offload.Outcome;
import dev.beehive.runtime.offload.ServerConnection;
import dev.beehive.runtime.offload.SocketLink;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.HostSettings;
import dev.beehive.runtime.protocol.Welcome;
import java.io.IOException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Home is a thread of its own; the worker is the main one. */
final class Exercise {
    private static final int TIMEOUT_MS = 5_000;
    private static final int ROUNDS = 3;
    private static final String LOCAL = "exercised";

    private final ServerSocketChannel socket = ServerSocketChannel.open();
    private int answers;

    private Exercise() throws IOException {
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    }

    /** How many invocations were answered right; fewer than planned if this JVM could not play. */
    static int play() {
        try {
            Exercise exercise = new Exercise();
            Thread home = new Thread(exercise::home, "beehive-home");
            home.setDaemon(true);
            home.start();
            Worker.exercise("127.0.0.1:" + exercise.socket.socket().getLocalPort());
            home.join(TIMEOUT_MS);
            Jdbc.standForAll();
            return exercise.answers;
        } catch (IOException | InterruptedException | RuntimeException | LinkageError e) {
            return 0;
        }
    }

    private void home() {
        Hello hello = Hello.ofThisJvm(variable("BEEHIVE_SECRET"), variable("BEEHIVE_CLASS_PATH_DIGEST"));
        Welcome welcome = new Welcome(1, Limits.STANDARD, IterationSalt.ofThisJvm(), HostSettings.ofThisJvm());
        try (socket) {
            SocketLink link = new SocketLink(socket.accept(), Limits.STANDARD.messageBytes());
            link.setTimeoutMs(TIMEOUT_MS);
            ServerConnection worker = new ServerConnection(link, hello, welcome, Closure.EVERYTHING, new Home() {
            });
            worker.greet();
            Method root = Exercise.class.getDeclaredMethod("root", Map.class, ThreadLocal.class);
            ThreadLocal<String> local = new ThreadLocal<>();
            local.set(LOCAL);
            for (int i = 0; i < ROUNDS; i++) {
                Outcome outcome = worker.invoke(root, null, given(), local);
                boolean right = outcome instanceof Outcome.Returned returned
                    && returned.value() instanceof List<?> list && list.contains(LOCAL);
                answers += right ? 1 : 0;
            }
            worker.close();
        } catch (IOException | LinkLost | ReflectiveOperationException e) {
            // The count tells.
            return;
        }
    }

    private static byte[] variable(String name) {
        String value = System.getenv(name);
        return value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
    }

    /** Objects of the kinds that applications hand to their methods. */
    private static Map<String, Object> given() {
        Map<String, Object> given = new LinkedHashMap<>();
        given.put("numbers", new ArrayList<>(List.of(1, 2L, 3.5, 'x', true)));
        given.put("set", Map.of("a", List.of("b"), "c", List.of()));
        given.put("amount", new BigDecimal("12.50"));
        given.put("time", LocalDateTime.of(2020, 2, 29, 12, 0));
        given.put("texts", new String[] {"one", "zw\u00f6lf"});
        given.put("bytes", new byte[] {1, 2, 3});
        given.put("counts", new ConcurrentHashMap<>(Map.of("k", 1)));
        return given;
    }

    /** The root: on the worker its map of counts and its thread-local are stand-ins. */
    static List<Object> root(Map<String, Object> given, ThreadLocal<String> local) {
        List<Object> all = new ArrayList<>(given.values());
        @SuppressWarnings("unchecked")
        Map<String, Integer> counts = (Map<String, Integer>) given.get("counts");
        counts.put("k", counts.get("k") + 1);
        given.put("more", new HashMap<>(Map.of("sum", counts.get("k"))));
        all.removeIf(each -> each == counts);
        all.add(local.get());
        return all;
    }
}
