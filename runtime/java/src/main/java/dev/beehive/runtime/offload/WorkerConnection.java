// The worker's end: introduces itself, runs the roots it is given, asks home for what is missing.
// The barriers of rewritten classes end up in its methods; they run on the thread that runs the root.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.ChangeSet;
import dev.beehive.runtime.codec.Closure;
import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.Decoder;
import dev.beehive.runtime.codec.Encoder;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.MessageReader;
import dev.beehive.runtime.codec.MessageWriter;
import dev.beehive.runtime.codec.ObjectTable;
import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.codec.PinnedStub;
import dev.beehive.runtime.codec.Preparation;
import dev.beehive.runtime.codec.Reach;
import dev.beehive.runtime.codec.Side;
import dev.beehive.runtime.codec.Statics;
import dev.beehive.runtime.codec.UndoLog;
import dev.beehive.runtime.protocol.Failure;
import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameKind;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.Welcome;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Ends with its link; a worker then begins anew with another. */
public final class WorkerConnection {
    private final Channel channel;
    private final Hello hello;
    private final ClassLoader application;
    private final AgreedAnswers agreed = new AgreedAnswers();
    private final Locking locking = new Locking(this);
    private CodecSession codec;
    private Encoder encoder;
    private Decoder decoder;
    /** A message is being read or written: the codec cannot take another one meanwhile. */
    private boolean coding;
    private volatile boolean running;
    private volatile boolean stopping;
    private boolean databasesAtHome;
    private boolean rehearses;
    private boolean isNew;
    /** Initialisers are running: one that is not let end could never run again. */
    private boolean preparing;
    /** Why the invocation is being unwound; null while it is not. */
    private Failure abandoned;
    private WorkerDuties duties = WorkerDuties.NONE;

    public WorkerConnection(Link link, Hello hello, ClassLoader application) {
        this.channel = new Channel(link, Side.WORKER);
        this.hello = hello;
        this.application = application;
    }

    /** Introduces this worker. Returns the terms, which the caller may still have to put into force. */
    public Welcome greet() throws LinkLost {
        channel.send(FrameKind.HELLO, hello.encode());
        try {
            Welcome welcome = Welcome.decode(channel.receive().payload());
            codec = CodecSession.comparing(Side.WORKER, welcome.seed(), application, Closure.EVERYTHING,
                welcome.limits());
            encoder = codec.encoder();
            decoder = codec.decoder();
            return welcome;
        } catch (MalformedMessage e) {
            throw channel.fail(Failure.PROTOCOL, e.getMessage());
        }
    }

    /** Takes no more roots. True when none is running: then the worker may end. From any thread. */
    public boolean stop() {
        stopping = true;
        return !running;
    }

    /** Makes this the end of a worker whose classes are rewritten; after `greet`. */
    public void serveRewrittenClasses(WorkerDuties its) {
        decoder.serveRewrittenClasses(its);
        duties = its;
    }

    /** Runs roots until the link is lost, which is how it always ends. */
    public void run() throws LinkLost {
        while (true) {
            duties.waits();
            Frame frame = channel.receive();
            running = true;
            if (frame.kind() == FrameKind.RESET) {
                codec.reset();
                agreed.clear();
                duties.forgets();
            } else {
                runRoot(frame);
            }
            running = false;
            if (stopping) {
                channel.close();
                throw channel.reason();
            }
        }
    }

    private void runRoot(Frame frame) throws LinkLost {
        try {
            coding = true;
            begin(frame);
            int flags = decoder.reader().readUnsigned();
            databasesAtHome = (flags & Forgetting.DATABASES_AT_HOME) != 0;
            rehearses = (flags & Forgetting.REHEARSAL) != 0;
            isNew = (flags & Forgetting.NEW) != 0;
            if ((flags & Forgetting.LAST_INVOCATION) != 0) {
                codec.forgetInvocation();
                duties.forgetsInvocation();
            }
            if ((flags & Forgetting.UNREACHABLE) != 0) {
                codec.forgetAsTold();
                duties.forgetsUnreachable();
            }
            decoder.beginBehindForgotten();
            codec.beginInvocation();
            String thread = decoder.reader().readName();
            if (!thread.isEmpty()) {
                Thread.currentThread().setName(thread);
            }
            Object root = decoder.readRoot();
            Object receiver = decoder.readRoot();
            Object[] arguments = decoder.readRoots();
            List<Class<?>> statics = readStatics();
            takeChanges();
            statics.forEach(duties::staticsAreHere);
            if (!(root instanceof Method method)) {
                throw new MalformedMessage("an invocation without a method");
            }
            end(method, receiver, arguments);
        } catch (MalformedMessage e) {
            throw channel.fail(Failure.PROTOCOL, e.getMessage());
        } catch (OffloadRefused e) {
            throw channel.fail(e.code().name(), e.getMessage());
        } catch (WorkerLost e) {
            // While a message was read or written, a class was asked for in vain.
            throw channel.reason();
        }
    }

    private List<Class<?>> readStatics() throws MalformedMessage {
        List<Class<?>> types = new ArrayList<>();
        for (int left = decoder.reader().readCount(1); left > 0; left--) {
            if (!(decoder.readRoot() instanceof Statics statics)) {
                throw new MalformedMessage("static fields that are none");
            }
            types.add(statics.type());
        }
        return types;
    }

    private void end(Method root, Object receiver, Object[] arguments) throws LinkLost, MalformedMessage {
        if (!Calls.fits(root, receiver, arguments)) {
            throw channel.fail(Failure.INTERNAL, "root cannot be called: " + root);
        }
        FrameKind kind;
        Object value;
        try {
            coding = false;
            abandoned = null;
            preparing = root.getDeclaringClass() == Preparation.class;
            locking.begins();
            duties.begins(root, databasesAtHome, rehearses, isNew);
            decoder.placeKeys();
            value = Calls.exactly(root, receiver, arguments);
            kind = FrameKind.RESULT;
        } catch (Throwable e) {
            value = e;
            kind = FrameKind.EXC;
        }
        if (!channel.isOpen()) {
            // The application may have caught WorkerLost: its result counts for nothing.
            throw channel.reason();
        }
        boolean isHalfDone = coding && abandoned == null;
        if (isHalfDone || value instanceof VirtualMachineError || value instanceof LinkageError) {
            // Of this JVM, not of the application: home may well manage.
            throw channel.fail("OFFLOAD_WORKER_ERROR", isHalfDone ? "a message was left half done" : value.toString());
        }
        if (abandoned == null) {
            duties.ends(application);
        }
        if (abandoned == null) {
            abandoned = failureOf(duties.objection(), root);
        }
        if (abandoned == null) {
            sendEnd(kind, value, root);
        }
        if (abandoned != null) {
            endAbandoned(root);
        }
    }

    private static Failure failureOf(String objection, Method root) {
        return objection == null ? null : new Failure(objection, "noticed at the end of " + root.getName());
    }

    private void sendEnd(FrameKind kind, Object value, Method root) throws LinkLost {
        coding = true;
        try {
            encoder.begin();
            encoder.writeRoot(value);
            encoder.writeChanges();
            agreed.writeLocals(encoder);
            codec.writeHeld();
            encoder.finish();
        } catch (OffloadRefused e) {
            encoder.takeBack();
            abandoned = new Failure(e.code().name(), e.getMessage());
            return;
        } catch (RuntimeException | Error e) {
            throw halfDone(e);
        }
        abandoned = failureOf(duties.objectionTo(codec.table().objects()), root);
        if (abandoned != null) {
            encoder.takeBack();
            return;
        }
        channel.send(kind, encoder.writer().toByteArray());
        codec.heldWritten();
        agreed.localsWritten();
        agreed.dropFleeting();
    }

    /** What the invocation has changed and home has not, is taken back: the next one finds what both agree on. */
    private void endAbandoned(Method root) throws LinkLost, MalformedMessage {
        Failure why = abandoned;
        duties.abandons(codec.table().objects());
        Failure objection = failureOf(duties.objection(), root);
        if (objection != null) {
            throw channel.fail(objection.code(), objection.text());
        }
        if (!agreed.takeBack()) {
            throw channel.fail(why.code(), why.text());
        }
        codec.restoreAgreed();
        try {
            encoder.begin();
            why.write(encoder.writer());
            codec.writeHeld();
            encoder.finish();
        } catch (OffloadRefused e) {
            throw channel.fail(e.code().name(), e.getMessage());
        }
        channel.send(FrameKind.ABANDONED, encoder.writer().toByteArray());
        codec.heldWritten();
    }

    /** Fills a shell. */
    public void fetch(Object... shells) {
        ask(FrameKind.FETCH, () -> {
            encoder.writer().writeUnsigned(shells.length);
            for (Object shell : shells) {
                encoder.writeRoot(shell);
            }
        }, answer -> {
            for (Object shell : shells) {
                // Initialisers that had to run first may have fetched it.
                if (isShell(shell)) {
                    decoder.readFill(codec.table().idOf(shell));
                }
            }
            decoder.finish();
            return null;
        });
    }

    /** Fills all shells that can be reached from an object. What stays at home ends the invocation. */
    public void fetchAll(Object root) {
        Reach.visit(root, object -> {
            if (object instanceof PinnedStub) {
                throw refuse("OFFLOAD_PINNED_FIELD", "all fields of " + object.getClass().getSuperclass().getName());
            }
            if (isShell(object)) {
                fetch(object);
            }
        });
    }

    /** Whether an object is at home and only stands here. */
    public boolean isShell(Object object) {
        return codec.table().isShell(object);
    }

    /** Whether home knows the object. */
    public boolean isShared(Object object) {
        return codec.table().idOf(object) != ObjectTable.NONE;
    }

    /** Brings the static fields of a class, which is initialised at home. */
    public void statics(Class<?> type) throws Throwable {
        Answered answered = ask(FrameKind.STATICS, () -> encoder.writeRoot(type), answer -> {
            Object value = decoder.readRoot();
            decoder.finish();
            return new Answered(answer.kind(), value, false);
        });
        answered.valueOrThrow();
    }

    /**
     * What the class path lacks here, from home: a class file or another resource; null if home has none. May be asked
     * while another message is being read or written.
     *
     * @param path as in a jar
     */
    public byte[] resource(String path) {
        MessageWriter question = new MessageWriter();
        question.writeName(path);
        try {
            channel.send(FrameKind.BYTES, question.toByteArray());
            byte[] payload = channel.receive().payload();
            MessageReader in = new MessageReader();
            in.reset(payload, 0, payload.length);
            int length = in.readUnsigned() - 1;
            if (length < 0) {
                return null;
            }
            if (length != in.remaining()) {
                throw new MalformedMessage("a resource of " + length + " bytes in " + in.remaining());
            }
            byte[] bytes = new byte[length];
            in.readBytes(bytes, length);
            return bytes;
        } catch (MalformedMessage e) {
            throw new WorkerLost(channel.fail(Failure.PROTOCOL, e.getMessage()));
        } catch (LinkLost e) {
            throw new WorkerLost(e);
        }
    }

    /**
     * Whether {@link #resource} may be used. Also while a root is being unwound: what a handler of exceptions lacks then
     * counts as missing for ever, in this JVM.
     */
    public boolean hasResources() {
        return channel.mayAskForBytes();
    }

    /** Whether home can be asked something now. */
    public boolean mayAsk() {
        return !coding && abandoned == null && isRunning();
    }

    /** Ends the invocation, which then runs at home unless others have seen something of it. */
    public WorkerLost refuse(String code, String text) {
        if (coding || preparing || !channel.isOpen()) {
            return new WorkerLost(channel.fail(code, text));
        }
        return abandon(new Failure(code, text));
    }

    /** From now on home is asked nothing more; the root unwinds. */
    private WorkerLost abandon(Failure why) {
        abandoned = abandoned == null ? why : abandoned;
        return new WorkerLost(new LinkLost(abandoned.code(), abandoned.text()));
    }

    /** Throws when the invocation is being unwound: it must not do anything that lasts. */
    public void checkGoesOn() {
        if (abandoned != null) {
            throw abandon(abandoned);
        }
    }

    /** Answers that need not be asked for. */
    public AgreedAnswers agreed() {
        return agreed;
    }

    /** Whether the connection is waiting for a root, or running one. */
    public boolean isRunning() {
        return channel.isOpen() && channel.isRunning();
    }

    /** Calls a method at home, the way that CallKinds says. */
    public Object call(Object target, Method method, Object[] arguments) throws Throwable {
        return call(CallKinds.flagsOf(method), target, method, arguments);
    }

    /** The same for a call of which others see nothing that they would not see anyway. */
    public Object callWithoutEffect(Object target, Method method, Object[] arguments) throws Throwable {
        return call(CallKinds.flagsOf(method) & ~CallFlags.EFFECT, target, method, arguments);
    }

    /** Takes what has changed at home. */
    public void acquire() throws Throwable {
        call(CallFlags.SYNC, null, SyncPoint.PASS);
    }

    /** Gives home what has changed here. */
    public void release() throws Throwable {
        call(CallFlags.SYNC | CallFlags.EFFECT, null, SyncPoint.PASS);
    }

    /** Tells home of the first write into a database; it may end the invocation. */
    public void writesDatabase() {
        try {
            call(0, null, DatabaseEffect.WRITES);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** Calls a method at home. Flags are those of CallFlags. */
    public Object call(int flags, Object target, Method method, Object... arguments) throws Throwable {
        boolean sync = (flags & CallFlags.SYNC) != 0;
        locking.beforeCall(target, arguments, () -> sync && encoder.hasChanges());
        Answered answered = ask(FrameKind.CALL, () -> {
            encoder.writer().writeUnsigned(flags);
            encoder.writeRoot(method);
            encoder.writeRoot(target);
            encoder.writeRoots(arguments);
            if (sync) {
                encoder.writeChanges();
            }
        }, answer -> {
            Object value = decoder.readRoot();
            boolean keeps = decoder.reader().readUnsigned() != 0;
            if (sync) {
                takeChanges();
            } else {
                decoder.finish();
            }
            return new Answered(answer.kind(), value, keeps);
        });
        Object value = answered.valueOrThrow();
        if (answered.keeps()) {
            agreed.agree(method, target, arguments, value);
        }
        return value;
    }

    /** Takes a monitor: that of an object which home knows is taken there, and brings what had changed there. */
    public void lock(Object monitor) {
        locking.lock(monitor);
    }

    /** Whether a monitor is taken, of an object that home does not know. */
    public boolean isHeldOnlyHere(Object monitor) {
        return locking.isOnlyHere(monitor);
    }

    /** Releases the monitor taken last, after what has changed here has been sent. */
    public void unlock(Object monitor) {
        if (channel.isOpen() && abandoned == null) {
            // Otherwise compilers, which guard the release of a monitor by itself, would release for ever.
            locking.unlock(monitor);
        }
    }

    void lockAtHome(Object monitor) {
        ask(FrameKind.LOCK, () -> encoder.writeRoot(monitor), answer -> {
            takeChanges();
            return null;
        });
    }

    void unlockAtHome() {
        try {
            coding = true;
            write(() -> encoder.writeChanges());
            channel.send(FrameKind.UNLOCK, encoder.writer().toByteArray());
            coding = false;
        } catch (LinkLost e) {
            throw new WorkerLost(e);
        }
    }

    boolean canTravel(Object object) {
        try {
            encoder.begin();
            encoder.writeRoot(object);
            encoder.finish();
            return true;
        } catch (OffloadRefused e) {
            return false;
        } finally {
            encoder.takeBack();
        }
    }

    /** Writes a message; what cannot travel ends the invocation. */
    private void write(Question message) {
        try {
            encoder.begin();
            message.write();
            encoder.finish();
            locking.checkMessage();
        } catch (OffloadRefused e) {
            encoder.takeBack();
            coding = false;
            throw refuse(e.code().name(), e.getMessage());
        } catch (RuntimeException | Error e) {
            throw halfDone(e);
        }
    }

    /** Memory or stack has run out inside a message: what it has numbered is not what home has, whatever the root makes of it. */
    private WorkerLost halfDone(Throwable e) {
        return e instanceof WorkerLost lost ? lost : new WorkerLost(channel.fail("OFFLOAD_WORKER_ERROR", e.toString()));
    }

    private interface Question {
        void write() throws OffloadRefused;
    }

    private interface Answer<T> {
        T read(Frame answer) throws MalformedMessage, OffloadRefused;
    }

    private record Answered(FrameKind kind, Object value, boolean keeps) {
        Object valueOrThrow() throws Throwable {
            if (kind == FrameKind.THREW && value instanceof Throwable exception) {
                throw exception;
            }
            return value;
        }
    }

    private <T> T ask(FrameKind kind, Question question, Answer<T> answer) {
        if (coding) {
            // Code of the application has been run by the codec, and has met something that is not here.
            throw refuse("OFFLOAD_REENTRANT_REQUEST", kind + " while another message is read or written");
        }
        checkGoesOn();
        StackRoom.check();
        coding = true;
        write(question);
        try {
            channel.send(kind, encoder.writer().toByteArray());
            Frame frame = channel.receive();
            while (frame.kind() == FrameKind.PREPARE) {
                prepare(frame);
                frame = channel.receive();
            }
            if (frame.kind() == FrameKind.REFUSED) {
                Failure why = Failure.decode(frame.payload());
                coding = false;
                throw abandon(why);
            }
            begin(frame);
            T read = answer.read(frame);
            coding = false;
            decoder.placeKeys();
            return read;
        } catch (MalformedMessage e) {
            throw new WorkerLost(channel.fail(Failure.PROTOCOL, e.getMessage()));
        } catch (OffloadRefused e) {
            throw new WorkerLost(channel.fail(e.code().name(), e.getMessage()));
        } catch (LinkLost e) {
            throw new WorkerLost(e);
        } catch (RuntimeException | Error e) {
            throw halfDone(e);
        }
    }

    /** Runs initialisers that the answer needs; what they ask home comes between. */
    private void prepare(Frame frame) throws MalformedMessage, OffloadRefused, LinkLost {
        begin(frame);
        Object[] types = decoder.readRoots();
        decoder.finish();
        if (!Stream.of(types).allMatch(Class.class::isInstance)) {
            throw new MalformedMessage("an initialiser of something that is no class");
        }
        coding = false;
        boolean before = preparing;
        preparing = true;
        Preparation.initialise(Stream.of(types).toArray(Class<?>[]::new));
        preparing = before;
        coding = true;
        encoder.begin();
        codec.writeHeld();
        encoder.finish();
        channel.send(FrameKind.PREPARED, encoder.writer().toByteArray());
        codec.heldWritten();
    }

    private void begin(Frame frame) throws MalformedMessage {
        decoder.begin(frame.payload(), 0, frame.payload().length);
    }

    private void takeChanges() throws MalformedMessage, OffloadRefused {
        ChangeSet changes = decoder.readChanges();
        Runnable answers = agreed.readChanges(decoder);
        decoder.finish();
        changes.apply(new UndoLog());
        answers.run();
    }
}
