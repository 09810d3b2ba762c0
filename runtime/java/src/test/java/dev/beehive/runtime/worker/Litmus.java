// The shared object of the litmus tests: what workers and home read and write at the same time. Written as the rewriting
// would leave it: on a worker a volatile read takes what others have written, a volatile write gives what was written here.
package dev.beehive.runtime.worker;

import dev.beehive.runtime.hook.Barrier;
import dev.beehive.runtime.hook.Gate;
import dev.beehive.runtime.hook.Monitors;
import java.util.concurrent.CyclicBarrier;

/** The root runs one role for some rounds; home runs the others by calling `play`. */
public final class Litmus {
    /** What double-checked locking makes once a round. */
    static final class Made {
        public transient int $bh;
        private int round;
        private int value;

        Made(int round) {
            this.round = round;
            this.value = round;
        }
    }

    public transient int $bh;
    final CyclicBarrier round;
    volatile Made made;
    int times;
    /** Rounds played before this invocation. */
    int before;
    volatile int x;
    volatile int y;
    int data;
    int other;
    int guarded;

    Litmus(int parties) {
        round = new CyclicBarrier(parties);
    }

    /** The root: what the role has read in each round. */
    public int[] play(String role, int rounds) throws Throwable {
        if (Gate.isOpen(1)) {
            Object result = Gate.invoke(1, this, new Object[] {role, rounds});
            if (result != Gate.LOCAL) {
                return (int[]) result;
            }
        }
        Barrier.read(this, $bh);
        int[] read = new int[2 * rounds];
        for (int i = 1; i <= rounds; i++) {
            round.await();
            step(role, before + i, read, 2 * (i - 1));
            round.await();
        }
        return read;
    }

    private void step(String role, int i, int[] read, int at) throws Throwable {
        switch (role) {
            case "message writer" -> {
                data = i;
                writeX(i);
            }
            case "message reader" -> {
                read[at] = readX();
                read[at + 1] = data;
            }
            case "store x load y" -> {
                writeX(i);
                read[at] = readY();
            }
            case "store y load x" -> {
                writeY(i);
                read[at] = readX();
            }
            case "load x store y" -> {
                read[at] = readX();
                writeY(i);
            }
            case "load y store x" -> {
                read[at] = readY();
                writeX(i);
            }
            case "write x" -> writeX(i);
            case "write y" -> writeY(i);
            case "read x y" -> {
                read[at] = readX();
                read[at + 1] = readY();
            }
            case "read y x" -> {
                read[at] = readY();
                read[at + 1] = readX();
            }
            case "neighbour" -> other = i;
            case "count" -> count();
            case "double check" -> read[at] = doubleChecked(i).value;
            default -> throw new IllegalArgumentException(role);
        }
    }

    private void count() {
        if (Till.isServer) {
            synchronized (this) {
                guarded++;
            }
        } else {
            Monitors.enter(this);
            guarded++;
            Monitors.exit(this);
        }
    }

    private Made doubleChecked(int i) throws Throwable {
        Made known = readMade();
        if (known == null || known.round < i) {
            if (Till.isServer) {
                synchronized (this) {
                    make(i);
                }
            } else {
                Monitors.enter(this);
                try {
                    make(i);
                } finally {
                    Monitors.exit(this);
                }
            }
            known = readMade();
        }
        return known;
    }

    private void make(int i) throws Throwable {
        Made known = readMade();
        if (known == null || known.round < i) {
            times++;
            made = new Made(i);
            Barrier.release(this);
        }
    }

    private Made readMade() throws Throwable {
        Barrier.acquire(this);
        Made known = made;
        if (known != null) {
            Barrier.read(known, known.$bh);
        }
        return known;
    }

    private int readX() throws Throwable {
        Barrier.acquire(this);
        return x;
    }

    private int readY() throws Throwable {
        Barrier.acquire(this);
        return y;
    }

    private void writeX(int value) throws Throwable {
        x = value;
        Barrier.release(this);
    }

    private void writeY(int value) throws Throwable {
        y = value;
        Barrier.release(this);
    }
}
