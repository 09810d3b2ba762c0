// The server's side of a run: started by the agent before the application's main, ends with the JVM. Whatever goes wrong
// here, the application runs on without offload.
package dev.beehive.runtime.server;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.codec.WorkerNative;
import dev.beehive.runtime.hook.Gate;
import dev.beehive.runtime.protocol.Hello;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One per JVM. */
public final class Server implements WorkerWatch {
    private static final int TIMEOUT_MS = 30_000;
    private static final int TICK_MS = 1_000;
    private static final long HEAP_BYTES_PER_MESSAGE_BYTE = 8;

    private final Control control;
    private final RunConf conf;
    private final List<Root> roots = new ArrayList<>();
    private final IdleWorkers workers = new IdleWorkers();
    private final AskedClasses asked = new AskedClasses();
    private final Policy policy = new Policy(roots);

    private Server(RunConf conf) throws IOException {
        this.conf = conf;
        control = Control.connect(conf.text("control", ""));
    }

    /**
     * Starts in the background.
     *
     * @param confPath of run.conf
     */
    public static void start(String confPath) {
        thread("beehive-server", () -> {
            try {
                new Server(RunConf.read(confPath)).runOrSayWhyNot();
            } catch (IOException | RuntimeException e) {
                System.err.println("beehive: OFFLOAD_DISABLED " + e);
            }
        });
    }

    static void thread(String name, Runnable work) {
        Thread thread = new Thread(null, work, name, 0, false);
        thread.setDaemon(true);
        thread.start();
    }

    private void runOrSayWhyNot() {
        try {
            run();
        } catch (IOException | RuntimeException | LinkageError e) {
            control.say("disabled code=OFFLOAD_DISABLED text=" + RunConf.encode(String.valueOf(e)));
        }
    }

    private void run() throws IOException {
        WorkerNative.set(conf.list("worker_native"));
        for (String text : conf.roots()) {
            roots.add(new Root(roots.size(), text));
        }
        int messageBytes = conf.number("limit_bytes", Limits.STANDARD.messageBytes());
        Limits limits = new Limits(messageBytes, HEAP_BYTES_PER_MESSAGE_BYTE * messageBytes, Limits.STANDARD.classes());
        String secret = conf.text("secret", "");
        if (secret.isEmpty()) {
            throw new IllegalArgumentException("run.conf has no secret");
        }
        Hello expected = Hello.ofThisJvm(secret.getBytes(StandardCharsets.UTF_8),
            conf.text("class_path_digest", "").getBytes(StandardCharsets.UTF_8));
        Listener listener = new Listener(expected, limits, conf.number("timeout_ms", TIMEOUT_MS), roots,
            workers, asked, this);
        GateOfRoots keeper = new GateOfRoots(roots, workers, policy, new CpuClock(), this);
        Gate.install(keeper, roots.size());
        policy.set(conf.text("offload", "off"));
        Runtime.getRuntime().addShutdownHook(new Thread(null, this::sayLast, "beehive-end", 0, false));
        control.say("ready port=" + listener.port() + " secret=" + RunConf.encode(secret) + " java_home="
            + RunConf.encode(System.getProperty("java.home")) + " jdk_build="
            + RunConf.encode(System.getProperty("java.vm.version")));
        control.listen(this::obey);
        thread("beehive-tick", this::tick);
        listener.accept();
    }

    private void obey(String line) {
        if (line.startsWith("offload ")) {
            policy.set(line.substring("offload ".length()).trim());
        } else if (line.equals("measure")) {
            control.say("measured " + measured());
        } else if (line.equals("stop")) {
            policy.set("off");
        } else if (line.startsWith("classes ")) {
            writeClasses(line.substring("classes ".length()).trim());
        }
    }

    private void writeClasses(String encoded) {
        try {
            int count = asked.writeTo(Path.of(RunConf.decode(encoded)));
            control.say("classes count=" + count + " path=" + encoded);
        } catch (IOException | InvalidPathException e) {
            control.say("warning text=" + RunConf.encode("no jar of the classes that workers ask for: " + e));
        }
    }

    @Override
    public void joined(int worker) {
        control.say("worker joined number=" + worker);
    }

    @Override
    public void lost(int worker, String code, String text) {
        control.say("worker lost number=" + worker + " code=" + RunConf.encode(code) + " text=" + RunConf.encode(text));
    }

    @Override
    public void stayed(Root root, String code, String text) {
        control.say("stayed root=" + RunConf.encode(root.text) + " code=" + RunConf.encode(code)
            + " text=" + RunConf.encode(text));
    }

    private void tick() {
        while (true) {
            try {
                Thread.sleep(TICK_MS);
            } catch (InterruptedException e) {
                return;
            }
            workers.sweep();
            policy.setGates();
            control.say("stats workers=" + workers.connected() + " idle=" + workers.idle() + sums()
                + " asked=" + asked.count());
        }
    }

    private String sums() {
        long local = 0;
        long offloaded = 0;
        long failed = 0;
        for (Root root : roots) {
            local += root.counters.local.sum();
            offloaded += root.counters.offloaded.sum();
            failed += root.counters.failed.sum();
        }
        return " local=" + local + " offloaded=" + offloaded + " failed=" + failed;
    }

    private String measured() {
        Json json = new Json();
        json.openArray("roots");
        for (Root root : roots) {
            json.open(null).text("method", root.text);
            root.counters.writeTo(json);
            json.close();
        }
        json.close();
        json.text("identity_hash_self_test", "passed").number("connections", workers.ever())
            .number("lost", workers.lost()).number("idle", workers.idle())
            .number("known_objects", workers.knownObjects());
        return json.toString();
    }

    private void sayLast() {
        policy.set("off");
        control.say("measured " + measured());
        control.close();
    }
}
