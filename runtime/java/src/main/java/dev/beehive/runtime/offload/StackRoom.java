// Finds out whether the stack has room for a message before the first byte of one is written: a StackOverflowError in the
// middle would leave the two sides with different numbers, while one before it is the application's own, as at home.
package dev.beehive.runtime.offload;

/** Asked before each request to home. */
final class StackRoom {
    /** Each frame holds six longs: 28 KB at least, however it is compiled. */
    private static final int FRAMES = 600;

    private StackRoom() {
    }

    /** Throws StackOverflowError if there is none. */
    static void check() {
        if (down(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
            throw new AssertionError();
        }
    }

    /** All arguments are needed after the call, so that a frame holds them: one that a JIT makes smaller would prove less. */
    private static long down(int left, long a, long b, long c, long d, long e, long f) {
        return left == 0 ? 1 : down(left - 1, b, c, d, e, f, a) | a << 1 | b << 2 | c << 3 | d << 4 | e << 5 | f << 6;
    }
}
