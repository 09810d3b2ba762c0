// What the Java memory model forbids does not happen between home and workers, nor between two workers. Racy outcomes that
// it allows are not looked at. `-Dbeehive.litmus.rounds=100000` for a long run.
package dev.beehive.runtime.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.server.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(3_600)
class LitmusTest {
    private static final int ROUNDS = Integer.getInteger("beehive.litmus.rounds", 500);
    /** Each invocation knows what it has met until its end: as many as an application may have. */
    private static final int ROUNDS_OF_INVOCATION = 5_000;
    private static final int WORKERS = 2;
    private static final ExecutorService THREADS = Executors.newCachedThreadPool();
    private static TestServer server;

    @BeforeAll
    static void start() throws Exception {
        Till.isServer = true;
        server = TestServer.shared();
        server.offload("all");
        server.startWorker();
        server.startWorker();
    }

    @AfterAll
    static void stop() throws Exception {
        server.withoutWorkers();
        THREADS.shutdown();
    }

    /** Plays the roles at the same time, the first of them on workers; what each has read. */
    private static List<int[]> play(Litmus litmus, int onWorkers, String... roles) throws Exception {
        List<int[]> read = new ArrayList<>();
        for (int i = 0; i < roles.length; i++) {
            read.add(new int[2 * ROUNDS]);
        }
        for (litmus.before = 0; litmus.before < ROUNDS; litmus.before += ROUNDS_OF_INVOCATION) {
            int rounds = Math.min(ROUNDS_OF_INVOCATION, ROUNDS - litmus.before);
            List<Future<int[]>> running = begin(litmus, onWorkers, rounds, roles);
            for (int i = 0; i < roles.length; i++) {
                int[] part = running.get(i).get(1, TimeUnit.HOURS);
                System.arraycopy(part, 0, read.get(i), 2 * litmus.before, part.length);
            }
        }
        return read;
    }

    private static List<Future<int[]>> begin(Litmus litmus, int onWorkers, int rounds, String... roles) throws Exception {
        server.offload("all");
        server.awaitIdle(WORKERS);
        List<Future<int[]>> running = new ArrayList<>();
        for (int i = 0; i < roles.length; i++) {
            String role = roles[i];
            int before = i < onWorkers ? server.idle() : 0;
            running.add(THREADS.submit(() -> {
                try {
                    return litmus.play(role, rounds);
                } catch (Throwable e) {
                    throw new IllegalStateException(e);
                }
            }));
            if (i < onWorkers) {
                while (server.idle() == before) {
                    LockSupport.parkNanos(100_000);
                }
            }
            if (i + 1 == onWorkers) {
                server.offload("off");
            }
        }
        return running;
    }

    private static void assertMessagePassed(int[] read) {
        for (int i = 0; i < ROUNDS; i++) {
            assertTrue(read[2 * i + 1] >= read[2 * i], "round " + i + ": flag before data");
        }
    }

    @Test
    void messagesFromHomeToAWorker() throws Exception {
        assertMessagePassed(play(new Litmus(2), 1, "message reader", "message writer").get(0));
    }

    @Test
    void messagesFromAWorkerToHome() throws Exception {
        assertMessagePassed(play(new Litmus(2), 1, "message writer", "message reader").get(1));
    }

    @Test
    void messagesFromWorkerToWorker() throws Exception {
        assertMessagePassed(play(new Litmus(2), 2, "message writer", "message reader").get(1));
    }

    @Test
    void storesAreSeenBeforeLaterLoads() throws Exception {
        for (int onWorkers = 1; onWorkers <= WORKERS; onWorkers++) {
            List<int[]> read = play(new Litmus(2), onWorkers, "store x load y", "store y load x");
            for (int i = 0; i < ROUNDS; i++) {
                boolean neither = read.get(0)[2 * i] <= i && read.get(1)[2 * i] <= i;
                assertTrue(!neither, "round " + i + ", " + onWorkers + " on workers");
            }
        }
    }

    @Test
    void loadsDoNotSeeLaterStores() throws Exception {
        List<int[]> read = play(new Litmus(2), 1, "load x store y", "load y store x");
        for (int i = 0; i < ROUNDS; i++) {
            assertTrue(read.get(0)[2 * i] <= i || read.get(1)[2 * i] <= i, "round " + i);
        }
    }

    @Test
    void readersAgreeOnTheOrderOfIndependentWrites() throws Exception {
        List<int[]> read = play(new Litmus(4), 2, "read x y", "read y x", "write x", "write y");
        for (int i = 0; i < ROUNDS; i++) {
            boolean firstSawXBeforeY = read.get(0)[2 * i] == i + 1 && read.get(0)[2 * i + 1] == i;
            boolean secondSawYBeforeX = read.get(1)[2 * i] == i + 1 && read.get(1)[2 * i + 1] == i;
            assertTrue(!(firstSawXBeforeY && secondSawYBeforeX), "round " + i);
        }
    }

    @Test
    void doubleCheckedLockingMakesOnceAndShowsItWhole() throws Exception {
        Litmus litmus = new Litmus(3);
        for (int[] read : play(litmus, 2, "double check", "double check", "double check")) {
            for (int i = 0; i < ROUNDS; i++) {
                assertEquals(i + 1, read[2 * i], "round " + i);
            }
        }
        assertEquals(ROUNDS, litmus.times);
    }

    @Test
    void countersUnderALockAreExactAndNeighboursAreKept() throws Exception {
        Litmus litmus = new Litmus(4);
        play(litmus, 2, "count", "count", "count", "neighbour");
        assertEquals(3 * ROUNDS, litmus.guarded);
        assertEquals(ROUNDS, litmus.other);
    }
}
