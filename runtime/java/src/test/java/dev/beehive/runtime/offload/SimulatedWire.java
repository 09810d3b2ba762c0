// A wire between two ends in one JVM on which every frame has a fate: delivered, lost, delivered twice, delayed,
// broken, or the last thing its sender did. Fates depend on the seed alone; time passes only when both ends wait.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.codec.Side;
import dev.beehive.runtime.protocol.Frame;
import dev.beehive.runtime.protocol.FrameReader;
import dev.beehive.runtime.protocol.ProtocolViolation;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Two ends; each is used by one thread. */
final class SimulatedWire {
    private static final int PAYLOAD_MAX = 1 << 20;

    /** What happens to the n-th frame that a side sends. */
    interface Fates {
        Fate of(Side sender, int n);
    }

    /** A fate. */
    enum Fate {
        DELIVERED, LOST, TWICE, DELAYED, BROKEN,
        /** The sender dies before the frame is on the wire. */
        SENDER_DIES_BEFORE,
        /** The sender dies after it. */
        SENDER_DIES_AFTER
    }

    static final Fates PERFECT = (sender, n) -> Fate.DELIVERED;

    private final Fates fates;
    private final End server = new End(Side.SERVER);
    private final End worker = new End(Side.WORKER);
    private final List<String> log = new ArrayList<>();
    private boolean open = true;

    SimulatedWire(Fates fates) {
        this.fates = fates;
        server.other = worker;
        worker.other = server;
    }

    Link server() {
        return server;
    }

    Link worker() {
        return worker;
    }

    /** Frames in the order in which they were sent, with their fates. */
    synchronized List<String> log() {
        return List.copyOf(log);
    }

    private final class End implements Link {
        private final Side side;
        private final Deque<byte[]> arrived = new ArrayDeque<>();
        private final Deque<byte[]> delayed = new ArrayDeque<>();
        private final FrameReader reader = new FrameReader(PAYLOAD_MAX);
        private End other;
        private boolean waiting;
        private int sent;

        End(Side side) {
            this.side = side;
        }

        @Override
        public void send(Frame frame) throws LinkLost {
            synchronized (SimulatedWire.this) {
                Fate fate = fates.of(side, sent++);
                log.add(side + " " + frame.kind() + " " + fate);
                if (fate == Fate.SENDER_DIES_BEFORE) {
                    cut();
                }
                if (!open) {
                    throw new LinkLost(LinkLost.CLOSED, "simulated");
                }
                put(frame.toByteArray(), fate);
                if (fate == Fate.SENDER_DIES_AFTER) {
                    cut();
                    throw new LinkLost(LinkLost.CLOSED, "simulated");
                }
                SimulatedWire.this.notifyAll();
            }
        }

        private void put(byte[] bytes, Fate fate) {
            switch (fate) {
                case LOST -> {
                    return;
                }
                case DELAYED -> {
                    other.delayed.add(bytes);
                    return;
                }
                case BROKEN -> bytes[bytes.length / 2] ^= 0x11;
                case TWICE -> other.arrived.add(bytes);
                default -> {
                }
            }
            other.arrived.add(bytes);
            other.arrived.addAll(other.delayed);
            other.delayed.clear();
        }

        @Override
        public Frame receive() throws LinkLost {
            synchronized (SimulatedWire.this) {
                while (arrived.isEmpty()) {
                    awaitOne();
                }
                try {
                    return reader.read(ByteBuffer.wrap(arrived.remove()));
                } catch (ProtocolViolation e) {
                    cut();
                    throw new LinkLost(LinkLost.CLOSED, e.getMessage());
                }
            }
        }

        private void awaitOne() throws LinkLost {
            if (!open) {
                throw new LinkLost(LinkLost.CLOSED, "simulated");
            }
            waiting = true;
            if (other.waiting && other.arrived.isEmpty()) {
                timePasses();
            } else {
                waitForOther();
            }
            waiting = false;
        }

        /** Both ends wait: what was delayed arrives; if nothing was, the server loses patience. */
        private void timePasses() {
            boolean more = !delayed.isEmpty() || !other.delayed.isEmpty();
            for (End end : List.of(this, other)) {
                end.arrived.addAll(end.delayed);
                end.delayed.clear();
            }
            if (!more) {
                log.add("time-out");
                cut();
            }
            SimulatedWire.this.notifyAll();
        }

        private void waitForOther() {
            try {
                SimulatedWire.this.wait();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            synchronized (SimulatedWire.this) {
                cut();
            }
        }

        private void cut() {
            open = false;
            SimulatedWire.this.notifyAll();
        }
    }
}
