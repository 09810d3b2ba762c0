// Carries frames between two ends. The only place where time and input/output enter: a socket in production, a seeded
// scheduler in tests.
package dev.beehive.runtime.offload;

import dev.beehive.runtime.protocol.Frame;

/** One connection; used by one thread at a time. */
public interface Link {
    /** Hands a frame over for delivery; returns before it has arrived. */
    void send(Frame frame) throws LinkLost;

    /** Waits for the next frame. */
    Frame receive() throws LinkLost;

    /** Ends the connection; the other end notices. May be called twice. */
    void close();
}
