// The message that starts an invocation on the worker: the root with its receiver and arguments, static fields that it has
// needed before, and what has changed since the worker last heard. Written whole or not at all.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.Encoder;
import dev.beehive.runtime.codec.OffloadRefused;
import dev.beehive.runtime.codec.Statics;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Of one invocation. */
final class InvokeMessage {
    private final HomeMessages messages;
    private final CodecSession codec;
    private final Encoder encoder;
    private final Forgetting forgetting;
    private final boolean keepsPersistence;
    private final boolean toldOfUses;
    private final boolean isPreparing;

    /**
     * @param keepsPersistence whether JPA's objects are to stay at home
     * @param toldOfUses whether those that are not there any more are used there only as long as they need no connection
     */
    InvokeMessage(HomeMessages messages, CodecSession codec, Forgetting forgetting, boolean keepsPersistence,
            boolean toldOfUses, boolean isPreparing) {
        this.toldOfUses = toldOfUses;
        this.keepsPersistence = keepsPersistence;
        this.messages = messages;
        this.codec = codec;
        this.encoder = codec.encoder();
        this.forgetting = forgetting;
        this.isPreparing = isPreparing;
    }

    /** @param statics classes whose static fields a new worker need not ask for one by one */
    void write(int flags, Method root, Object receiver, Object[] arguments, Collection<Class<?>> statics)
            throws OffloadRefused {
        codec.beginInvocation();
        messages.begin();
        codec.keepPersistenceAtHome(keepsPersistence, toldOfUses);
        forgetting.write(flags, encoder.writer());
        forgetting.uses(receiver);
        encoder.writer().writeName(forgetting.threadName());
        int known = codec.table().size();
        encoder.writeRoot(root);
        encoder.writeRoot(receiver);
        if (codec.table().size() > known) {
            // A method or a receiver that will come again.
            codec.keep();
        }
        encoder.writeRoots(arguments);
        if (isPreparing) {
            codec.keep();
        }
        writeStatics(statics);
        messages.writeChanges();
        encoder.finish();
    }

    /** What is being prepared may be held by such fields: it comes with none. */
    private void writeStatics(Collection<Class<?>> statics) throws OffloadRefused {
        List<Class<?>> missing = new ArrayList<>();
        if (!statics.isEmpty() && !forgetting.hasStatics(statics)) {
            statics.stream().filter(type -> !codec.knowsStatics(type)).forEach(missing::add);
        }
        encoder.writer().writeUnsigned(missing.size());
        for (Class<?> type : missing) {
            codec.keep();
            encoder.writeRoot(Statics.of(type));
        }
    }

    /** False when something that the worker knows refers to what cannot travel: it would have to be told before any root. */
    boolean canBeTold() {
        try {
            messages.begin();
            messages.writeChanges();
            encoder.finish();
            return true;
        } catch (OffloadRefused e) {
            return e.code() == OffloadRefused.Code.OFFLOAD_INITIALISER;
        } finally {
            messages.takeBack();
        }
    }
}
