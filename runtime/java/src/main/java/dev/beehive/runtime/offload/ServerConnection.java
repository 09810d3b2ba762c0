// The server's end of a connection to one worker: greets it, hands it invocations one at a time.
// Serving an invocation is the work of Serving, on the thread that called the root.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.Closure;
import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.codec.Preparation;
import dev.beehive.runtime.codec.Side;
import dev.beehive.runtime.protocol.Failure;
import dev.beehive.runtime.protocol.FrameKind;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.Welcome;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Thrown away when an outcome says that the link is lost: see {@link #isOpen()}. */
public final class ServerConnection {
    /** Each finds at least one enum more; after that many the root runs at home this time. */
    private static final int PREPARATIONS_MAX = 50;
    private static final Method INITIALISE = initialise();

    private final Channel channel;
    private final Closure closure;
    private final Home home;
    private final AgreedReads agreed = new AgreedReads();
    private final Forgetting forgetting;
    private CodecSession codec;
    private ClassLoader application;
    private volatile int worker;
    private final Hello expected;
    private final Welcome welcome;

    /**
     * @param expected what a worker must be; its secret is this run's
     * @param closure what to send with an invocation
     */
    public ServerConnection(Link link, Hello expected, Welcome welcome, Closure closure, Home home) {
        this(link, expected, welcome, closure, home, Forgetting.BY_HALF);
    }

    /** @param growth as Forgetting.BY_HALF */
    ServerConnection(Link link, Hello expected, Welcome welcome, Closure closure, Home home,
            IntUnaryOperator growth) {
        this.forgetting = new Forgetting(agreed, growth);
        this.channel = new Channel(link, Side.SERVER);
        this.closure = closure;
        this.home = home;
        this.expected = expected;
        this.welcome = welcome;
    }

    public boolean isOpen() {
        return channel.isOpen();
    }

    /** Waits for the worker's HELLO and answers it. A worker of another build is refused with WORKER_MISMATCH. */
    public void greet() throws LinkLost {
        Hello hello;
        try {
            hello = Hello.decode(channel.receive().payload());
        } catch (MalformedMessage e) {
            throw channel.fail(Failure.PROTOCOL, e.getMessage());
        }
        if (hello.version() == expected.version() && !expected.admits(hello)) {
            throw channel.fail(Failure.NOT_ADMITTED, "the secret is not this run's");
        }
        Optional<String> mismatch = expected.mismatch(hello);
        if (mismatch.isPresent()) {
            throw channel.fail(Failure.WORKER_MISMATCH, mismatch.get());
        }
        worker = hello.worker();
        channel.send(FrameKind.WELCOME, welcome.encode());
    }

    /** The number that the worker has given in its HELLO; 0 for none. */
    public int worker() {
        return worker;
    }

    /** Runs a root on the worker; serves what it asks for, on this thread, until it ends. */
    public Outcome invoke(Method root, Object receiver, Object... arguments) {
        return invoke(new Traffic(), null, root, receiver, arguments);
    }

    /**
     * The same, counting what the worker asks for. The application of the first root is the worker's from then on.
     *
     * @param proven what the root may be seen to do, anything else being rehearsed; null: anything
     */
    public Outcome invoke(Traffic traffic, Proven proven, Method root, Object receiver, Object[] arguments) {
        ClassLoader loader = root.getDeclaringClass().getClassLoader();
        if (codec == null) {
            application = home.applicationOf(loader);
            codec = CodecSession.comparing(Side.SERVER, welcome.seed(), application, closure, welcome.limits());
        }
        if (application != loader) {
            return new Outcome.RunLocally(OffloadRefused.Code.OFFLOAD_LOADER.name(), root.getDeclaringClass().getName());
        }
        Outcome outcome = null;
        for (int left = PREPARATIONS_MAX; left > 0 && (outcome == null || isUnprepared(outcome)); left--) {
            Outcome prepared = prepare();
            outcome = prepared == null ? serving(traffic).rehearsing(proven).invoke(root, receiver, arguments) : prepared;
        }
        return outcome;
    }

    private boolean isUnprepared(Outcome outcome) {
        return channel.isOpen() && outcome instanceof Outcome.RunLocally locally
            && locally.code().equals(OffloadRefused.Code.OFFLOAD_INITIALISER.name()) && !codec.preparation().needed().isEmpty();
    }

    /** Has the worker initialise what it must not while it reads; why not, if that fails: no root has begun then. */
    private Outcome prepare() {
        for (List<Class<?>> run : codec.preparation().missing()) {
            Object types = run.toArray(Class<?>[]::new);
            codec.preparation().begins(run);
            Outcome outcome = serving(new Traffic()).prepare(INITIALISE, new Object[] {types});
            if (outcome instanceof Outcome.RunLocally locally) {
                return notPrepared(run, locally.code(), locally.text());
            }
            if (outcome instanceof Outcome.Failed failed) {
                return notPrepared(run, failed.code(), failed.text());
            }
            if (outcome instanceof Outcome.Threw threw) {
                return notPrepared(run, "", threw.exception().toString());
            }
        }
        return null;
    }

    private static Outcome notPrepared(List<Class<?>> run, String code, String text) {
        boolean vanished = LinkLost.isLoss(code);
        Preparation.failed(run, vanished, text);
        String which = run.get(0).getName() + (run.size() > 1 ? " and " + (run.size() - 1) + " more: " : ": ");
        return new Outcome.RunLocally(vanished ? code : OffloadRefused.Code.OFFLOAD_INITIALISER.name(), which + text);
    }

    private Serving serving(Traffic traffic) {
        return new Serving(channel, codec, home, closure, forgetting, agreed, traffic);
    }

    private static Method initialise() {
        try {
            return Preparation.class.getMethod("initialise", Class[].class);
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Objects that both sides know. */
    public int knownObjects() {
        return codec == null ? 0 : codec.table().size();
    }

    /** Ends the connection. */
    public void close() {
        channel.close();
    }
}
