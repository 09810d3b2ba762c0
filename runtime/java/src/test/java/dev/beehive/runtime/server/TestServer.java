// Starts the server's side in this JVM as the agent would, and workers as `beehive run` would: with this test's classes
// as their class path.
package dev.beehive.runtime.server;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One per test JVM, as in production. */
public final class TestServer {
    /** A root that overflows its stack again and again takes more than a second where other tests run beside it. */
    public static final int TIMEOUT_MS = 8_000;
    private static final long PATIENCE_S = 30;
    private static final String SECRET = "a b%c";

    private static TestServer shared;

    private final List<Process> workers = new ArrayList<>();
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final PrintWriter toServer;
    private final String port;
    private long offloadedBefore;

    private TestServer(SocketChannel control) throws Exception {
        toServer = new PrintWriter(Channels.newWriter(halfOf(control), StandardCharsets.UTF_8), true);
        BufferedReader in = new BufferedReader(Channels.newReader(control, StandardCharsets.UTF_8));
        Thread reader = new Thread(() -> in.lines().forEach(this::take));
        reader.setDaemon(true);
        reader.start();
        String ready = await("ready ");
        Matcher matcher = Pattern.compile("port=(\\d+)").matcher(ready);
        matcher.find();
        port = matcher.group(1);
    }

    private static java.nio.channels.WritableByteChannel halfOf(SocketChannel channel) {
        return new java.nio.channels.WritableByteChannel() {
            @Override
            public int write(java.nio.ByteBuffer bytes) throws IOException {
                return channel.write(bytes);
            }

            @Override
            public boolean isOpen() {
                return channel.isOpen();
            }

            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }

    /** The one of this JVM, with the roots of all tests. */
    public static synchronized TestServer shared() throws Exception {
        if (shared == null) {
            shared = start("dev.beehive.runtime.worker.Till#run(Ljava/lang/String;I)Ljava/lang/String;",
                "dev.beehive.runtime.worker.Litmus#play(Ljava/lang/String;I)[I",
                "dev.beehive.runtime.worker.Till$Priced#label(Ljava/lang/String;)Ljava/lang/String;");
        }
        return shared;
    }

    private static TestServer start(String... roots) throws Exception {
        Path folder = Files.createTempDirectory("beehive");
        Path socket = folder.resolve("control");
        Path conf = folder.resolve("run.conf");
        List<String> lines = new ArrayList<>(List.of("secret=" + RunConf.encode(SECRET), "control=" + socket,
            "class_path_digest=abc", "offload=all", "timeout_ms=" + TIMEOUT_MS));
        for (int i = 0; i < roots.length; i++) {
            lines.add("root." + i + "=" + RunConf.encode(roots[i]));
        }
        Files.write(conf, lines);
        folder.toFile().deleteOnExit();
        socket.toFile().deleteOnExit();
        conf.toFile().deleteOnExit();
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            Server.start(conf.toString());
            return new TestServer(listener.accept());
        }
    }

    private void take(String line) {
        if (line.startsWith("worker lost")) {
            System.out.println(line);
        }
        lines.add(line);
    }

    private String await(String start) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        while (System.nanoTime() < end) {
            String line = lines.poll(1, TimeUnit.SECONDS);
            if (line != null && line.startsWith(start)) {
                return line;
            }
        }
        throw new AssertionError("no line " + start);
    }

    public void startWorker() throws IOException {
        Path tests = Path.of(URI.create(TestServer.class.getProtectionDomain().getCodeSource().getLocation().toString()));
        Path classes = tests.resolveSibling("classes");
        ProcessBuilder builder = new ProcessBuilder(
            System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
            "-Xbootclasspath/a:" + classes, "--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED",
            "-cp", tests.toString(), "dev.beehive.runtime.worker.Worker");
        builder.environment().put("BEEHIVE_CONNECT", "127.0.0.1:" + port);
        builder.environment().put("BEEHIVE_SECRET", SECRET);
        builder.environment().put("BEEHIVE_CLASS_PATH_DIGEST", "abc");
        builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.INHERIT);
        workers.add(builder.start());
    }

    /** Workers that are idle now. */
    public int idle() throws Exception {
        Matcher matcher = Pattern.compile("\"idle\":(\\d+)").matcher(measured());
        matcher.find();
        return Integer.parseInt(matcher.group(1));
    }

    /** Waits until so many workers are idle, starting the first if it is missing. */
    public void awaitIdle(int wanted) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_S);
        lines.clear();
        while (System.nanoTime() < end) {
            workers.removeIf(worker -> !worker.isAlive());
            if (workers.isEmpty()) {
                startWorker();
            }
            Matcher matcher = Pattern.compile("idle=(\\d+)").matcher(await("stats "));
            if (matcher.find() && Integer.parseInt(matcher.group(1)) >= wanted) {
                return;
            }
        }
        throw new AssertionError("no idle worker");
    }

    public void replaceWorker() throws Exception {
        stopWorkers();
        awaitIdle(1);
    }

    public void offload(String wanted) throws Exception {
        toServer.println("offload " + wanted);
        measured();
    }

    /** A number of the only root. */
    public long count(String group, String name) throws Exception {
        Matcher matcher = Pattern.compile("\"" + group + "\":\\{[^}]*\"" + name + "\":(\\d+)").matcher(measured());
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    /** Offloaded invocations since this was last asked, or since the start. */
    public long offloadedSinceLast() throws Exception {
        Matcher matcher = Pattern.compile("\"offloaded\":(\\d+)").matcher(measured());
        matcher.find();
        long now = Long.parseLong(matcher.group(1));
        long since = now - offloadedBefore;
        offloadedBefore = now;
        return since;
    }

    /** Objects that the server and its workers both know. */
    public long knownObjects() throws InterruptedException {
        Matcher matcher = Pattern.compile("\"known_objects\":(\\d+)").matcher(measured());
        matcher.find();
        return Long.parseLong(matcher.group(1));
    }

    private String measured() throws InterruptedException {
        lines.clear();
        toServer.println("measure");
        return await("measured ");
    }

    private void stopWorkers() throws InterruptedException {
        for (Process worker : workers) {
            worker.destroyForcibly().waitFor();
        }
        workers.clear();
    }

    /** Until the next test starts some. */
    public void withoutWorkers() throws Exception {
        toServer.println("offload off");
        stopWorkers();
    }
}
