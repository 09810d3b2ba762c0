// The messages that home writes: each begins with nothing told, and is sent, or taken back with all that it has noted of
// what the worker would know.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.CodecSession;
import dev.beehive.runtime.codec.Encoder;
import dev.beehive.runtime.codec.OffloadRefused;
import java.util.function.UnaryOperator;

/** Of one invocation. */
final class HomeMessages {
    private final CodecSession codec;
    private final Encoder encoder;
    private final AgreedReads agreed;
    private final UnaryOperator<Object> standIns;

    /** @param standIns what a rehearsal has in an object's place */
    HomeMessages(CodecSession codec, AgreedReads agreed, UnaryOperator<Object> standIns) {
        this.codec = codec;
        this.encoder = codec.encoder();
        this.agreed = agreed;
        this.standIns = standIns;
    }

    void begin() {
        encoder.begin();
        agreed.beginMessage();
    }

    void writeChanges() throws OffloadRefused {
        encoder.writeChanges();
        agreed.writeChanges(encoder, codec, standIns);
    }

    /** The worker has not heard of it: it goes on knowing what it knows, and so does this end. */
    void takeBack() {
        encoder.takeBack();
        agreed.takeBack();
    }
}
