// Which frame may come next: the state diagram of docs/protocol.md, the same on both sides. No input, no output, no
// time: it is told what is sent and what arrives, and says whether that is allowed.
package dev.beehive.runtime.protocol;

import dev.beehive.runtime.codec.Side;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/** The state of one connection as this side sees it. */
public final class Conversation {
    /** Monitors that one invocation may hold at once. */
    static final int LOCKS_MAX = 1000;
    /** Questions that may wait for initialisers at once, each one's asked by the initialisers of the one before. */
    static final int WAITING_MAX = 100;

    /** What the connection is waiting for. */
    public enum State {
        /** Nothing has been said; the worker begins. */
        GREETING,
        /** The worker has said who it is. */
        WELCOMING,
        /** No invocation. */
        IDLE,
        /** The worker runs a root. */
        RUNNING,
        /** The worker waits for contents. */
        FETCHING,
        /** The worker waits for static fields. */
        INITIALISING,
        /** The worker waits for a class file. */
        LOADING,
        /** The worker waits for the end of a call. */
        CALLING,
        /** The worker waits for a monitor. */
        LOCKING,
        /** The worker unwinds a root that it was refused something. */
        UNWINDING,
        /** Meanwhile it waits for a class file. */
        LOADING_UNWINDING,
        /** Nothing more may be said. */
        CLOSED
    }

    private static final Map<State, Map<FrameKind, State>> NEXT = table();

    /** A question whose answer waits for initialisers, and the monitors that were held when it was asked. */
    private record Waiting(State state, int locks) {
    }

    private final Side side;
    private final Deque<Waiting> waiting = new ArrayDeque<>(0);
    private State state = State.GREETING;
    private int locks;
    private int sent;
    private int received;
    private long duplicates;

    public Conversation(Side side) {
        this.side = side;
    }

    private static Map<State, Map<FrameKind, State>> table() {
        Map<State, Map<FrameKind, State>> next = new EnumMap<>(State.class);
        next.put(State.GREETING, Map.of(FrameKind.HELLO, State.WELCOMING));
        next.put(State.WELCOMING, Map.of(FrameKind.WELCOME, State.IDLE));
        next.put(State.IDLE, Map.of(FrameKind.INVOKE, State.RUNNING, FrameKind.RESET, State.IDLE));
        next.put(State.RUNNING, Map.of(
            FrameKind.FETCH, State.FETCHING, FrameKind.STATICS, State.INITIALISING, FrameKind.BYTES, State.LOADING,
            FrameKind.CALL, State.CALLING, FrameKind.LOCK, State.LOCKING, FrameKind.UNLOCK, State.RUNNING,
            FrameKind.RESULT, State.IDLE, FrameKind.EXC, State.IDLE, FrameKind.ABANDONED, State.IDLE));
        next.put(State.FETCHING, Map.of(FrameKind.OBJECTS, State.RUNNING, FrameKind.PREPARE, State.RUNNING,
            FrameKind.REFUSED, State.UNWINDING));
        next.put(State.INITIALISING, Map.of(FrameKind.OBJECTS, State.RUNNING, FrameKind.THREW, State.RUNNING,
            FrameKind.PREPARE, State.RUNNING, FrameKind.REFUSED, State.UNWINDING));
        next.put(State.LOADING, Map.of(FrameKind.CLASS_FILE, State.RUNNING));
        next.put(State.CALLING, Map.of(FrameKind.RETURNED, State.RUNNING, FrameKind.THREW, State.RUNNING,
            FrameKind.PREPARE, State.RUNNING, FrameKind.REFUSED, State.UNWINDING));
        next.put(State.LOCKING, Map.of(FrameKind.LOCKED, State.RUNNING, FrameKind.PREPARE, State.RUNNING,
            FrameKind.REFUSED, State.UNWINDING));
        next.put(State.UNWINDING, Map.of(FrameKind.BYTES, State.LOADING_UNWINDING, FrameKind.ABANDONED, State.IDLE));
        next.put(State.LOADING_UNWINDING, Map.of(FrameKind.CLASS_FILE, State.UNWINDING));
        next.put(State.CLOSED, Map.of());
        return next;
    }

    public State state() {
        return state;
    }

    /** Whether a frame of this kind may come next, if its sender sends it. */
    public boolean allows(FrameKind kind) {
        return NEXT.get(state).containsKey(kind);
    }

    /** Monitors the invocation holds. */
    public int locks() {
        return locks;
    }

    /** Frames that came twice and were ignored. */
    public long duplicates() {
        return duplicates;
    }

    /** Notes that a frame of this kind is being sent; returns its sequence number. */
    public int send(FrameKind kind) throws ProtocolViolation {
        move(kind, side);
        return sent++;
    }

    /** Notes a frame that has arrived. False when it is a repetition, which is to be ignored. */
    public boolean receive(Frame frame) throws ProtocolViolation {
        int ahead = frame.sequence() - received;
        if (ahead < 0) {
            duplicates++;
            return false;
        }
        if (ahead > 0) {
            throw new ProtocolViolation(ahead + " frames lost before " + frame.kind());
        }
        move(frame.kind(), side == Side.SERVER ? Side.WORKER : Side.SERVER);
        received++;
        return true;
    }

    /** Nothing can be said any more. */
    public void close() {
        state = State.CLOSED;
    }

    private void move(FrameKind kind, Side sender) throws ProtocolViolation {
        State next = kind == FrameKind.FAILED && state != State.CLOSED ? State.CLOSED
            : kind == FrameKind.PREPARED ? afterPreparation() : NEXT.get(state).get(kind);
        if (next == null || !kind.isSentBy(sender)) {
            throw new ProtocolViolation(kind + " from the " + sender + " while " + state);
        }
        countLocks(kind);
        if (kind == FrameKind.PREPARE) {
            waitForInitialisers();
        } else if (kind == FrameKind.PREPARED) {
            waiting.pop();
        }
        state = next;
    }

    /** The question that has waited for the initialisers, which must have released what they had acquired. */
    private State afterPreparation() {
        boolean done = state == State.RUNNING && !waiting.isEmpty() && waiting.peek().locks == locks;
        return done ? waiting.peek().state : null;
    }

    private void waitForInitialisers() throws ProtocolViolation {
        if (waiting.size() == WAITING_MAX) {
            throw new ProtocolViolation("more than " + WAITING_MAX + " questions that wait for initialisers");
        }
        waiting.push(new Waiting(state, locks));
    }

    private void countLocks(FrameKind kind) throws ProtocolViolation {
        boolean ends = kind == FrameKind.RESULT || kind == FrameKind.EXC;
        boolean gone = kind == FrameKind.ABANDONED;
        int before = waiting.isEmpty() ? 0 : waiting.peek().locks;
        if (kind == FrameKind.LOCK && locks == LOCKS_MAX) {
            throw new ProtocolViolation("more than " + LOCKS_MAX + " monitors");
        }
        if (kind == FrameKind.UNLOCK && locks == before || ends && locks > 0) {
            throw new ProtocolViolation(kind + " with " + locks + " monitors held");
        }
        if ((ends || gone) && !waiting.isEmpty()) {
            throw new ProtocolViolation(kind + " while a question waits for initialisers");
        }
        // Whoever holds monitors for an invocation that is abandoned releases them.
        locks = gone ? 0 : locks + (kind == FrameKind.LOCKED ? 1 : kind == FrameKind.UNLOCK ? -1 : 0);
    }
}
