// One invocation, seen from home: sends it, answers the worker's requests on the calling thread, takes the result.
// Because it is the calling thread, thread-locals, transactions, re-entrancy and monitors are right by themselves: a
// monitor is held by serving inside `synchronized`, so it is released however the invocation ends.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.ChangeSet;
import dev.beehive.runtime.codec.Closure;
import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.Decoder;
import dev.beehive.runtime.codec.Encoder;
import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.codec.Preparation;
import dev.beehive.runtime.codec.Statics;
import dev.beehive.runtime.codec.UndoLog;
import dev.beehive.runtime.memory.Memory;
import dev.beehive.runtime.protocol.Failure;
import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameKind;
import java.lang.reflect.Method;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Used once. */
final class Serving {
    private static final int CALLS_MAX = 500;

    private final Channel channel;
    private final Encoder encoder;
    private final Decoder decoder;
    private final CodecSession codec;
    private final Home home;
    private final UndoLog undo = new UndoLog();
    /** What others cannot have seen of the worker's changes. */
    private final List<ChangeSet> taken = new ArrayList<>(0);
    /** Others can have seen what the worker did: it can no longer be taken back. */
    private boolean seen;
    private Rehearsal rehearsal = new Rehearsal(null);
    /** What others could see first, for a person. */
    private String seenIn;
    /** The invocation has written into a database: taken back, it would have drawn numbers all the same. */
    private boolean written;
    /** The worker says so before it writes over a connection of its own. */
    private boolean told;
    private boolean isPreparing;
    private final HomeEffects effects = new HomeEffects();
    /** The monitors that are held, by the names that {@link Proven} has for their release, the latest first. */
    private final Deque<String> monitors = new ArrayDeque<>(0);
    private final Closure closure;
    private final Forgetting forgetting;
    private final Traffic traffic;
    private final AgreedReads agreed;
    private final HomeMessages messages;

    Serving(Channel channel, CodecSession codec, Home home, Closure closure, Forgetting forgetting, AgreedReads agreed,
            Traffic traffic) {
        this.agreed = agreed;
        this.forgetting = forgetting;
        this.channel = channel;
        this.codec = codec;
        this.closure = closure;
        this.traffic = traffic;
        this.encoder = codec.encoder();
        this.decoder = codec.decoder();
        this.home = home;
        messages = new HomeMessages(codec, agreed, object -> rehearsal.standInFor(object));
    }

    Outcome invoke(Method root, Object receiver, Object[] arguments) {
        Outcome refused = encode(root, receiver, arguments);
        if (refused != null) {
            return refused;
        }
        try {
            channel.send(FrameKind.INVOKE, encoder.writer().toByteArray());
            forgetting.sent();
            return serve();
        } catch (LinkLost lost) {
            return lost(lost);
        } catch (Abandoned abandoned) {
            return abandoned(abandoned);
        } catch (RuntimeException | Error e) {
            return lost(channel.fail(Failure.INTERNAL, e.toString()));
        }
    }

    /** Why the invocation cannot be told; null when its message is complete. */
    private Outcome encode(Method root, Object receiver, Object[] arguments) {
        traffic.databasesAtHome = home.heldDatabase();
        boolean keepsPersistence = traffic.databasesAtHome != null || !home.movesPersistence();
        // Asked once: other threads learn meanwhile.
        int flags = (traffic.databasesAtHome == null ? 0 : Forgetting.DATABASES_AT_HOME) | rehearsal.flags();
        told = (flags & Forgetting.REHEARSAL) != 0;
        InvokeMessage invoke = new InvokeMessage(messages, codec, forgetting, keepsPersistence, home.hearsOfSessions(), isPreparing);
        try {
            invoke.write(flags, root, receiver, arguments, isPreparing ? List.of() : closure.statics());
            return null;
        } catch (OffloadRefused e) {
            messages.takeBack();
            forgetting.notSent();
            if (!invoke.canBeTold()) {
                forgetAll();
            }
            return new Outcome.RunLocally(e.code().name(), e.getMessage());
        } catch (RuntimeException | Error e) {
            // Wherever that was: what the message has noted may be incomplete.
            forgetAll();
            return new Outcome.RunLocally(Failure.INTERNAL, e.toString());
        }
    }

    /** Where the invocation would be seen to do something new, it becomes a shadow: what is met there does no harm. */
    Serving rehearsing(Proven proven) {
        rehearsal = new Rehearsal(proven);
        return this;
    }

    /** An invocation of the runtime's own, of which everything is kept. */
    Outcome prepare(Method root, Object[] arguments) {
        isPreparing = true;
        return invoke(root, null, arguments);
    }

    private Outcome rehearsed() {
        giveUp();
        effects.releaseLocks();
        forgetUndone();
        rehearsal.succeeds();
        return new Outcome.RunLocally(Outcome.RunLocally.REHEARSED, "to its end");
    }

    private Outcome lost(LinkLost lost) {
        giveUp();
        // Last: whoever gets a lock now must not see what was about to be taken back.
        effects.releaseLocks();
        return notDone(lost.code(), lost.getMessage());
    }

    private Outcome notDone(String code, String text) {
        if (code.equals(Outcome.RunLocally.REHEARSED)) {
            rehearsal.endsAtWrite();
        }
        rehearsal.met(code);
        if (written && !seen && !LinkLost.isLoss(code)) {
            rehearsal.drawsInVain();
        }
        if (!seen) {
            return new Outcome.RunLocally(code, text);
        }
        home.unbind();
        return new Outcome.Failed(code, text + ", after " + seenIn);
    }

    /** The worker has taken back what it had not sent yet. */
    private Outcome abandoned(Abandoned abandoned) {
        giveUp();
        effects.releaseLocks();
        forgetUndone();
        return notDone(abandoned.why().code(), abandoned.why().text());
    }

    /** The worker goes on with what it has told of its changes, and will hear that they are not here. */
    private void forgetUndone() {
        boolean isKnown = !isPreparing;
        for (ChangeSet each : taken) {
            isKnown &= each.note();
        }
        if (isKnown) {
            forgetWhatIsOver();
        } else {
            decoder.takeEscaped();
            forgetAll();
        }
    }

    /** Refuses the worker an answer. If it can then go on, waits until it has unwound the root. */
    private LinkLost refuse(String code, String text) throws LinkLost {
        if (isPreparing || !channel.mayRefuse()) {
            return channel.fail(code, text);
        }
        Failure why = new Failure(code, text);
        channel.send(FrameKind.REFUSED, why.encode());
        Frame frame = channel.receive();
        try {
            while (frame.kind() == FrameKind.BYTES) {
                classFile(frame);
                frame = channel.receive();
            }
            takeAbandoned(frame);
        } catch (MalformedMessage e) {
            return channel.fail(Failure.PROTOCOL, e.getMessage());
        }
        throw new Abandoned(why);
    }

    private Failure takeAbandoned(Frame frame) throws MalformedMessage {
        begin(frame);
        Failure why = Failure.read(decoder.reader());
        takeHeld();
        return why;
    }

    /** What only the worker refers to, which therefore must not be forgotten, is the last that it tells. */
    private void takeHeld() throws MalformedMessage {
        if (forgetting.holds(decoder.readAllKnown())) {
            codec.keep();
        }
        decoder.finish();
    }

    /**
     * The worker will not clean up any more. Transactions that are still open, connections and thread-locals are this
     * invocation's alone: left behind, the thread's next request would join a transaction that nobody ends. What it has
     * changed since others could last see something is taken back.
     */
    private void giveUp() {
        String committed = seen ? null : effects.seenOfCommits();
        if (committed != null) {
            nowSeen(committed);
        }
        effects.takeBack();
        // What others have seen is not in it any more.
        undo.rollBack();
    }

    /** Answers until the root ends, or until the monitor acquired last is released or initialisers have run (then null). */
    private Outcome serve() throws LinkLost {
        while (true) {
            Frame frame = channel.receive();
            try {
                switch (frame.kind()) {
                    case FETCH -> fetch(frame);
                    case STATICS -> statics(frame);
                    case BYTES -> classFile(frame);
                    case CALL -> call(frame);
                    case LOCK -> lock(frame);
                    case UNLOCK -> {
                        unlock(frame);
                        return null;
                    }
                    case PREPARED -> {
                        begin(frame);
                        takeHeld();
                        return null;
                    }
                    case RESULT -> {
                        Object value = takeEnd(frame);
                        return rehearsal.isShadow() ? rehearsed() : new Outcome.Returned(value);
                    }
                    case ABANDONED -> throw new Abandoned(takeAbandoned(frame));
                    default -> {
                        return threw(frame);
                    }
                }
            } catch (MalformedMessage e) {
                throw channel.fail(Failure.PROTOCOL, e.getMessage());
            } catch (OffloadRefused e) {
                throw refuse(e.code().name(), e.getMessage());
            }
        }
    }

    private Outcome threw(Frame frame) throws MalformedMessage, OffloadRefused {
        if (takeEnd(frame) instanceof Throwable exception) {
            return rehearsal.isShadow() ? rehearsed() : new Outcome.Threw(exception);
        }
        throw new MalformedMessage("an exception that is none");
    }

    private Object takeEnd(Frame frame) throws MalformedMessage, OffloadRefused {
        begin(frame);
        Object value = decoder.readRoot();
        ChangeSet changes = decoder.readChanges();
        WrittenLocals locals = WrittenLocals.read(codec);
        takeHeld();
        rehearsal.make(changes, undo);
        if (rehearsal.isShadow()) {
            taken.add(changes);
            locals.note(agreed);
            return value;
        }
        decoder.placeKeys();
        locals.make(agreed);
        undo.forget();
        effects.end(home);
        forgetWhatIsOver();
        return value;
    }

    private void forgetWhatIsOver() {
        agreed.dropFleeting();
        List<Object> escaped = decoder.takeEscaped();
        // What initialisers have brought is the beginning, not growth.
        boolean due = escaped.isEmpty() ? !isPreparing && forgetting.isDue(codec) : !forgetting.forgets(codec, escaped);
        if (due) {
            forgetAll();
        }
    }

    /** The worker still has its own copy of something that others may use from now on: it must not use it again. */
    private void forgetAll() {
        if (!forgetting.everything(codec)) {
            channel.close();
            return;
        }
        try {
            channel.send(FrameKind.RESET, new byte[0]);
        } catch (LinkLost e) {
            channel.close();
        }
    }

    /** The worker goes on using what it has just shown to others. */
    private void refuseEscape() throws OffloadRefused {
        Object first = Decoder.firstOfOneSide(decoder.escaped());
        if (first != null) {
            String text = "a " + first.getClass().getName() + " made on the worker";
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_CONCURRENT_ESCAPE, text, "");
        }
    }

    private void refuseChatter() throws OffloadRefused {
        if (!seen && traffic.calls + traffic.locks > CALLS_MAX) {
            throw new OffloadRefused(OffloadRefused.Code.OFFLOAD_CHATTY, "more than " + CALLS_MAX + " calls home", "");
        }
    }

    private void begin(Frame frame) throws MalformedMessage {
        decoder.begin(frame.payload(), 0, frame.payload().length);
    }

    /** Reads the changes and the rest of the message, then makes them. True when there were any. */
    private boolean takeChanges() throws MalformedMessage, OffloadRefused {
        ChangeSet changes = decoder.readChanges();
        decoder.finish();
        rehearsal.make(changes, undo);
        decoder.placeKeys();
        if (!changes.isEmpty()) {
            taken.add(changes);
        }
        return !changes.isEmpty();
    }

    private void takeRest(boolean sync) throws MalformedMessage, OffloadRefused {
        if (sync) {
            takeChanges();
        } else {
            decoder.finish();
            decoder.placeKeys();
        }
    }

    private void fetch(Frame frame) throws MalformedMessage, OffloadRefused, LinkLost {
        begin(frame);
        Object[] wanted = decoder.readAllKnown();
        decoder.finish();
        for (Object object : wanted) {
            if (!codec.table().isShell(object)) {
                throw new MalformedMessage("fetch of an object that has been sent");
            }
            if (!isPreparing) {
                closure.missed(object);
            }
            traffic.object(object);
        }
        answer(FrameKind.OBJECTS, () -> {
            for (Object object : wanted) {
                // The initialisers that this answer has waited for may have asked for the same.
                if (codec.table().isShell(object)) {
                    encoder.writeFill(codec.table().idOf(object));
                }
            }
        });
    }

    private void statics(Frame frame) throws MalformedMessage, OffloadRefused, LinkLost {
        traffic.statics++;
        codec.keep();
        begin(frame);
        if (!(decoder.readRoot() instanceof Class<?> type)) {
            throw new MalformedMessage("statics of something that is no class");
        }
        decoder.finish();
        try {
            Memory.initialize(type);
        } catch (LinkageError e) {
            answer(FrameKind.THREW, () -> encoder.writeRoot(e));
            return;
        }
        if (!isPreparing) {
            closure.missedStatics(type);
        }
        answer(FrameKind.OBJECTS, () -> encoder.writeRoot(Statics.of(type)));
    }

    /** Sends an answer, after the initialisers that it turns out to need. */
    private void answer(FrameKind kind, Writing writing) throws OffloadRefused, LinkLost {
        while (true) {
            try {
                messages.begin();
                writing.into(encoder);
                channel.send(kind, encoder.writer().toByteArray());
                return;
            } catch (OffloadRefused e) {
                List<List<Class<?>>> missing = codec.preparation().needed();
                messages.takeBack();
                if (seen && encoder.keepsOut(e)) {
                    // The request would fail, though mostly nobody looks at what cannot travel.
                    continue;
                }
                if (e.code() != OffloadRefused.Code.OFFLOAD_INITIALISER || missing.isEmpty()) {
                    throw e;
                }
                for (List<Class<?>> run : missing) {
                    prepareFirst(run);
                }
            }
        }
    }

    /** Has the worker run initialisers while it waits for an answer, and serves what they ask. */
    private void prepareFirst(List<Class<?>> run) throws OffloadRefused, LinkLost {
        boolean before = isPreparing;
        isPreparing = true;
        codec.preparation().begins(run);
        codec.keep();
        messages.begin();
        encoder.writeRoots(run.toArray());
        encoder.finish();
        channel.send(FrameKind.PREPARE, encoder.writer().toByteArray());
        try {
            serve();
        } catch (LinkLost e) {
            Preparation.failed(run, LinkLost.isLoss(e.code()), e.getMessage());
            throw e;
        }
        isPreparing = before;
    }

    /** Asked while the worker reads a message too: the answer holds no objects, so that no numbers are given. */
    private void classFile(Frame frame) throws MalformedMessage, LinkLost {
        traffic.classes++;
        ClassFileAnswer.send(frame, home, channel);
    }

    private void call(Frame frame) throws MalformedMessage, OffloadRefused, LinkLost {
        begin(frame);
        int flags = decoder.reader().readUnsigned();
        boolean sync = (flags & CallFlags.SYNC) != 0;
        if (!(decoder.readRoot() instanceof Method method)) {
            throw new MalformedMessage("call of something that is no method");
        }
        Object target = decoder.readRoot();
        Object[] arguments = decoder.readRoots();
        takeRest(sync);
        if (!Calls.fits(method, target, arguments)) {
            throw new MalformedMessage("call of " + method + " that cannot be made");
        }
        refuseEscape();
        if (seen) {
            RowsAhead.readWhole(method, arguments);
        }
        traffic.call(method);
        refuseChatter();
        boolean isSeen = effects.isSeen((flags & CallFlags.EFFECT) != 0, method, target, arguments);
        Performed performed = rehearsal.hides(flags, method, target) || isHidden(isSeen, method, target, arguments) ? Performed.NOT_MADE : rehearsal.answer(method, target, arguments)
            .orElseGet(() -> Performed.by(home, effects, traffic, method, rehearsal.standInFor(target), rehearsal.argumentsOf(method, arguments)));
        if (SyncPoint.keeps(method) || Walk.brings(method, arguments, performed.value())) {
            codec.keep();
        }
        boolean made = performed.kind() == FrameKind.RETURNED && !rehearsal.isShadow();
        boolean keeps = made && agreed.mayKeep(method, target, arguments, performed.value());
        encoder.called(target, performed.value());
        answerCall(performed, keeps, sync);
        if (keeps) {
            codec.keep();
            agreed.add(method, target, arguments, performed.value());
        }
    }

    /** Notes what others see of a call, or has a shadow do without: true if the call is not made at all. */
    private boolean isHidden(boolean isSeen, Method method, Object target, Object[] arguments) throws LinkLost {
        String name = Overlay.nameOf(method, target);
        boolean writes = effects.writesDatabase() || method.equals(DatabaseEffect.WRITES);
        written |= writes || method.getDeclaringClass() == DatabaseEffect.class;
        if (writes && (!rehearsal.mayWrite() || rehearsal.isShadow())) {
            if (!seen) {
                throw refuse(Outcome.RunLocally.REHEARSED, "up to a write into a database");
            }
            rehearsal.endsAtWrite();
        }
        boolean releases = effects.releasesOwnLock(method, target, arguments);
        if (isSeen && !seen && !releases && rehearsal.isCutBy(method, target)) {
            throw refuse(Outcome.RunLocally.UNPROVEN, "up to " + name);
        }
        boolean enters = HomeEffects.isRepeatable(method, target, arguments);
        if (isSeen || enters && !seen && rehearsal.isNew(name) && rehearsal.covers(method, target)) {
            nowSeen(name);
        }
        if (!rehearsal.isShadow() || !isSeen && !enters || releases) {
            return false;
        }
        if (HomeEffects.canBeLeftOut(method, target)) {
            return true;
        }
        if (!rehearsal.covers(method, target)) {
            rehearsal.cut();
            throw refuse(Outcome.RunLocally.UNPROVEN, "up to " + name);
        }
        return false;
    }

    private void answerCall(Performed performed, boolean keeps, boolean sync) throws OffloadRefused, LinkLost {
        answer(performed.kind(), () -> {
            encoder.writeResult(performed.value(), performed.isFresh());
            encoder.writer().writeUnsigned(keeps ? 1 : 0);
            if (sync) {
                messages.writeChanges();
            }
        });
    }

    private void lock(Frame frame) throws MalformedMessage, OffloadRefused, LinkLost {
        traffic.locks++;
        begin(frame);
        Object monitor = decoder.readRoot();
        decoder.finish();
        refuseChatter();
        if (monitor == null) {
            throw new MalformedMessage("monitor of null");
        }
        monitors.push(monitor instanceof Class<?> type ? "class " + type.getName() : monitor.getClass().getName());
        synchronized (monitor) {
            try {
                answer(FrameKind.LOCKED, messages::writeChanges);
                serve();
            } catch (LinkLost | OffloadRefused | RuntimeException | Error e) {
                // Before the monitor is released: nobody may see what is about to be taken back.
                giveUp();
                throw e;
            }
        }
        monitors.pop();
    }

    private void unlock(Frame frame) throws MalformedMessage, OffloadRefused {
        begin(frame);
        boolean any = takeChanges();
        // While the monitor is still held: nobody has seen what is then taken back.
        refuseEscape();
        if (any) {
            nowSeen("the release of the monitor of " + monitors.getFirst());
        }
    }

    /** Whether this is to be rehearsed first. What a transaction has done is not: numbers that it drew are gone. */
    private boolean isRehearsed(String what) {
        boolean mayHaveWritten = rehearsal.mayWrite() && (written || !told && home.workerHasDatabases());
        return !seen && rehearsal.isNew(what) && !mayHaveWritten;
    }

    private void nowSeen(String what) {
        if (rehearsal.isShadow() || isRehearsed(what)) {
            rehearsal.pass(what);
            undo.rollBack();
            return;
        }
        seenIn = seen ? seenIn : what;
        seen = true;
        undo.forget();
        taken.clear();
    }
}
