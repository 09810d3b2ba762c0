// The answer to BYTES: a class file or another resource of the application's, as the worker may have it.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.MessageReader;
import dev.beehive.runtime.codec.MessageWriter;
import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameKind;

/** Without objects, since it may be asked while another message is read. */
final class ClassFileAnswer {
    private ClassFileAnswer() {
    }

    /** Sends it; a class that home cannot give ends the connection. */
    static void send(Frame question, Home home, Channel channel) throws MalformedMessage, LinkLost {
        try {
            channel.send(FrameKind.CLASS_FILE, to(question, home));
        } catch (UnsupportedOperationException e) {
            throw channel.fail("OFFLOAD_CLASS_MISSING", e.getMessage());
        }
    }

    private static byte[] to(Frame question, Home home) throws MalformedMessage {
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
