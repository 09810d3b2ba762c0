// Thread-locals that a worker has written, as the end of an invocation brings them: read with the message, set behind it.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.Decoder;
import dev.beehive.runtime.codec.MalformedMessage;

/** Of one message. */
final class WrittenLocals {
    private final ThreadLocal<?>[] locals;
    private final boolean[] kept;
    private final Object[] values;

    private WrittenLocals(int count) {
        locals = new ThreadLocal<?>[count];
        kept = new boolean[count];
        values = new Object[count];
    }

    static WrittenLocals read(CodecSession codec) throws MalformedMessage {
        Decoder decoder = codec.decoder();
        WrittenLocals read = new WrittenLocals(decoder.reader().readCount(1));
        for (int i = 0; i < read.locals.length; i++) {
            if (!(decoder.readRoot() instanceof ThreadLocal<?> local)) {
                throw new MalformedMessage("a thread-local that is none");
            }
            read.locals[i] = local;
            read.kept[i] = decoder.reader().readUnsigned() != 0;
            read.values[i] = decoder.readRoot();
            codec.keepIfNew(local);
            codec.keepIfNew(read.values[i]);
        }
        return read;
    }

    /** Sets those of this thread. */
    void make(AgreedReads agreed) {
        for (int i = 0; i < locals.length; i++) {
            make(locals[i], kept[i], values[i]);
        }
        note(agreed);
    }

    /** The worker has them. */
    void note(AgreedReads agreed) {
        for (int i = 0; i < locals.length; i++) {
            agreed.written(locals[i], values[i]);
        }
    }

    @SuppressWarnings("unchecked")
    private static void make(ThreadLocal<?> local, boolean kept, Object value) {
        if (kept) {
            ((ThreadLocal<Object>) local).set(value);
        } else {
            local.remove();
        }
    }
}
