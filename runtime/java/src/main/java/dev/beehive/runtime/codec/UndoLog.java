// How to take back what a worker has changed at home, while nobody else can have seen it.
// The server decides until when that is; from then on the log is forgotten.
package dev.beehive.runtime.codec;

import java.util.ArrayDeque;
import java.util.Deque;

/** Inverse changes, the latest first. */
public final class UndoLog {
    private final Deque<Change> inverses = new ArrayDeque<>();

    void push(Change inverse) {
        inverses.push(inverse);
    }

    public int size() {
        return inverses.size();
    }

    /** Takes everything back. */
    public void rollBack() {
        while (!inverses.isEmpty()) {
            inverses.pop().apply();
        }
    }

    /** Keeps everything: the changes have been seen. */
    public void forget() {
        inverses.clear();
    }
}
