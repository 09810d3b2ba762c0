// The answer to BYTES: a class file or another resource of the application's, as the worker may have it.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.MessageReader;
import dev.beehive.runtime.codec.MessageWriter;
import dev.beehive.runtime.protocol.Frame;

/** Without objects, since it may be asked while another message is read. */
final class ClassFileAnswer {
    private ClassFileAnswer() {
    }

    /** @throws UnsupportedOperationException if home cannot give it */
    static byte[] to(Frame question, Home home) throws MalformedMessage {
        MessageReader in = new MessageReader();
        in.reset(question.payload(), 0, question.payload().length);
        byte[] bytes = home.resource(in.readName());
        MessageWriter out = new MessageWriter();
        out.writeUnsigned(bytes == null ? 0 : bytes.length + 1);
        if (bytes != null) {
            out.writeBytes(bytes, 0, bytes.length);
        }
        return out.toByteArray();
    }
}
