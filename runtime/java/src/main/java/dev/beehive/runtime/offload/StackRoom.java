// Finds out whether the stack has room for a message before the first byte of one is written: a StackOverflowError in the
// middle would leave the two sides with different numbers, while one before it is the application's own, as at home.
package dev.beehive.runtime.offload;

/** Asked before each request to home. */
final class StackRoom {
    /** At least 24 KiB of compiled frames, four times that of interpreted ones; a microsecond or two. */
    private static final int FRAMES = 1_000;

    private StackRoom() {
    }

    /** Throws StackOverflowError if there is none. */
    static void check() {
        if (down(FRAMES) != FRAMES) {
            throw new AssertionError();
        }
    }

    private static int down(int left) {
        return left == 0 ? 0 : 1 + down(left - 1);
    }
}
