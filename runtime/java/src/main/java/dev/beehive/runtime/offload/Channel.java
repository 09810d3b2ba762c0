// A link whose frames follow the protocol: numbers what is sent, drops what came twice, ends the connection at the
// first frame that has no place.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.MalformedMessage;
import dev.beehive.runtime.codec.Side;
import dev.beehive.runtime.protocol.Conversation;
import dev.beehive.runtime.protocol.Failure;
import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameKind;
import dev.beehive.runtime.protocol.ProtocolViolation;

/** One end. Whatever goes wrong, it is over: every later use throws LinkLost. */
final class Channel {
    private final Link link;
    private final Conversation conversation;
    private LinkLost reason;

    Channel(Link link, Side side) {
        this.link = link;
        this.conversation = new Conversation(side);
    }

    /** Why it is over. */
    LinkLost reason() {
        return reason == null ? new LinkLost(LinkLost.CLOSED, "closed here") : reason;
    }

    boolean isOpen() {
        return conversation.state() != Conversation.State.CLOSED;
    }

    boolean isRunning() {
        return conversation.state() == Conversation.State.RUNNING;
    }

    /** Whether a class file may be asked for: while a root runs, and while it unwinds. */
    boolean mayAskForBytes() {
        return conversation.allows(FrameKind.BYTES);
    }

    /** Whether the other side waits for an answer that may be refused. */
    boolean mayRefuse() {
        return conversation.allows(FrameKind.REFUSED);
    }

    void send(FrameKind kind, byte[] payload) throws LinkLost {
        try {
            link.send(new Frame(kind, conversation.send(kind), payload));
        } catch (ProtocolViolation violation) {
            throw end(Failure.PROTOCOL, violation.getMessage());
        } catch (LinkLost lost) {
            throw end(lost);
        }
    }

    /** The next frame that is new and in its place; FAILED ends the connection with the reason it gives. */
    Frame receive() throws LinkLost {
        try {
            Frame frame = link.receive();
            while (!conversation.receive(frame)) {
                frame = link.receive();
            }
            if (frame.kind() == FrameKind.FAILED) {
                Failure failure = Failure.decode(frame.payload());
                throw end(failure.code(), failure.text());
            }
            return frame;
        } catch (ProtocolViolation | MalformedMessage violation) {
            throw end(Failure.PROTOCOL, violation.getMessage());
        } catch (LinkLost lost) {
            throw end(lost);
        }
    }

    /** Tells the other side why this one cannot go on, and ends the connection. */
    LinkLost fail(String code, String text) {
        try {
            if (isOpen()) {
                link.send(new Frame(FrameKind.FAILED, conversation.send(FrameKind.FAILED),
                    new Failure(code, text).encode()));
            }
        } catch (LinkLost | ProtocolViolation e) {
            // It will learn from the closed link that it is over; the reason is only for its log.
            close();
        }
        return end(code, text);
    }

    void close() {
        conversation.close();
        link.close();
    }

    private LinkLost end(String code, String text) {
        return end(new LinkLost(code, text));
    }

    private LinkLost end(LinkLost lost) {
        close();
        if (reason == null) {
            reason = lost;
        }
        return reason;
    }
}
