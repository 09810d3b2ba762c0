// The state diagram: what is allowed in each state is exactly what docs/protocol.md lists.
package dev.beehive.runtime.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.codec.Side;
import dev.beehive.runtime.protocol.Conversation.State;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ConversationTest {
    /** The shortest conversation that leads into each state. */
    private static List<FrameKind> wayTo(State state) {
        List<FrameKind> way = new ArrayList<>(List.of(FrameKind.HELLO, FrameKind.WELCOME, FrameKind.INVOKE));
        switch (state) {
            case GREETING -> way.clear();
            case WELCOMING -> way.subList(1, 3).clear();
            case IDLE -> way.remove(2);
            case FETCHING -> way.add(FrameKind.FETCH);
            case INITIALISING -> way.add(FrameKind.STATICS);
            case LOADING -> way.add(FrameKind.BYTES);
            case CALLING -> way.add(FrameKind.CALL);
            case LOCKING -> way.add(FrameKind.LOCK);
            case UNWINDING -> way.addAll(List.of(FrameKind.CALL, FrameKind.REFUSED));
            case LOADING_UNWINDING -> way.addAll(List.of(FrameKind.CALL, FrameKind.REFUSED, FrameKind.BYTES));
            case CLOSED -> way.add(FrameKind.FAILED);
            default -> {
            }
        }
        return way;
    }

    private static Side senderOf(FrameKind kind) {
        return kind.isSentBy(Side.SERVER) ? Side.SERVER : Side.WORKER;
    }

    private static Conversation in(State state) throws ProtocolViolation {
        Conversation conversation = new Conversation(Side.SERVER);
        int fromWorker = 0;
        for (FrameKind kind : wayTo(state)) {
            if (senderOf(kind) == Side.SERVER) {
                conversation.send(kind);
            } else {
                conversation.receive(new Frame(kind, fromWorker++, new byte[0]));
            }
        }
        assertEquals(state, conversation.state());
        return conversation;
    }

    /** Each allowed step as `STATE KIND sender STATE`. */
    private static TreeSet<String> allowedSteps() throws ProtocolViolation {
        TreeSet<String> steps = new TreeSet<>();
        for (State state : State.values()) {
            for (FrameKind kind : FrameKind.values()) {
                for (Side side : Side.values()) {
                    Conversation conversation = in(state);
                    if (tries(conversation, kind, side)) {
                        steps.add(state + " " + kind + " " + side + " " + conversation.state());
                    }
                }
            }
        }
        return steps;
    }

    private static boolean tries(Conversation conversation, FrameKind kind, Side side) {
        int received = (int) wayTo(conversation.state()).stream().filter(k -> senderOf(k) == Side.WORKER).count();
        try {
            if (side == Side.SERVER) {
                conversation.send(kind);
                return true;
            }
            return conversation.receive(new Frame(kind, received, new byte[0]));
        } catch (ProtocolViolation e) {
            return false;
        }
    }

    @Test
    void theDocumentListsExactlyTheStepsThatAreAllowed() throws Exception {
        Path document = Path.of("..", "..", "docs", "protocol.md");
        TreeSet<String> documented = new TreeSet<>();
        for (String line : Files.readAllLines(document)) {
            String[] cells = line.split("\\|");
            if (cells.length == 5 && cells[3].trim().matches("SERVER|WORKER")) {
                documented.add(String.join(" ", cells[1].trim(), cells[2].trim(), cells[3].trim(), cells[4].trim()));
            }
        }
        TreeSet<String> allowed = allowedSteps();
        allowed.removeIf(step -> step.contains(" FAILED "));
        assertEquals(String.join("\n", allowed), String.join("\n", documented));
    }

    @Test
    void failedIsAllowedUntilTheEnd() throws Exception {
        for (State state : State.values()) {
            for (Side side : Side.values()) {
                assertEquals(state != State.CLOSED, tries(in(state), FrameKind.FAILED, side));
            }
        }
    }

    @Test
    void repetitionsAreIgnoredAndGapsAreNot() throws Exception {
        Conversation conversation = new Conversation(Side.SERVER);
        Frame hello = new Frame(FrameKind.HELLO, 0, new byte[0]);
        assertTrue(conversation.receive(hello));
        assertFalse(conversation.receive(hello));
        assertEquals(1, conversation.duplicates());
        conversation.send(FrameKind.WELCOME);
        conversation.send(FrameKind.INVOKE);
        Frame tooFar = new Frame(FrameKind.RESULT, 2, new byte[0]);
        assertThrows(ProtocolViolation.class, () -> conversation.receive(tooFar));
    }

    /** The state that a question was asked in comes back, once per PREPARE and with the same monitors. */
    @Test
    void aQuestionWaitsForInitialisers() throws Exception {
        for (State question : List.of(State.FETCHING, State.INITIALISING, State.CALLING, State.LOCKING)) {
            Conversation conversation = in(question);
            conversation.send(FrameKind.PREPARE);
            assertEquals(State.RUNNING, conversation.state());
            Frame result = new Frame(FrameKind.RESULT, 2, new byte[0]);
            assertThrows(ProtocolViolation.class, () -> conversation.receive(result));
            conversation.receive(new Frame(FrameKind.LOCK, 2, new byte[0]));
            conversation.send(FrameKind.LOCKED);
            Frame early = new Frame(FrameKind.PREPARED, 3, new byte[0]);
            assertThrows(ProtocolViolation.class, () -> conversation.receive(early));
            conversation.receive(new Frame(FrameKind.UNLOCK, 3, new byte[0]));
            conversation.receive(new Frame(FrameKind.PREPARED, 4, new byte[0]));
            assertEquals(question, conversation.state());
        }
        Frame unasked = new Frame(FrameKind.PREPARED, 1, new byte[0]);
        Conversation running = in(State.RUNNING);
        assertThrows(ProtocolViolation.class, () -> running.receive(unasked));
    }

    @Test
    void monitorsAreCounted() throws Exception {
        Conversation conversation = in(State.LOCKING);
        conversation.send(FrameKind.LOCKED);
        assertEquals(1, conversation.locks());
        assertThrows(ProtocolViolation.class,
            () -> conversation.receive(new Frame(FrameKind.RESULT, 2, new byte[0])));
        assertTrue(conversation.receive(new Frame(FrameKind.UNLOCK, 2, new byte[0])));
        assertThrows(ProtocolViolation.class,
            () -> conversation.receive(new Frame(FrameKind.UNLOCK, 3, new byte[0])));
    }
}
