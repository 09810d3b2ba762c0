// The whole way in two real JVMs: a server with its gate, and workers that connect to it over a socket.
package dev.beehive.runtime.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.offload.Proven;
import dev.beehive.runtime.server.TestServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class TwoJvmsTest {
    private static TestServer server;
    private final Till till = new Till();

    @BeforeAll
    static void start() throws Exception {
        Till.isServer = true;
        System.setProperty("shop.name", "told");
        server = TestServer.shared();
    }

    /** What others would see of a root is rehearsed first: what fails it fails without harm. */
    private static void rehearse() throws Exception {
        try {
            for (int i = 0; i < Proven.ENDS; i++) {
                for (String mode : List.of("sum", "pinned", "lock")) {
                    new Till().run(mode, 1);
                }
            }
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.withoutWorkers();
    }

    @BeforeEach
    void oneWorker() throws Exception {
        server.offload("all");
        server.awaitIdle(1);
        rehearse();
    }

    private static String onWorker(String value) {
        return value + " on a worker";
    }

    @Test
    void objectsAreFetchedChangedAndSentBack() throws Throwable {
        assertEquals(onWorker("36"), till.run("sum", 10));
        assertEquals(List.of("sum 10"), till.log);
        assertEquals(10, till.total);
        assertEquals(11, till.drawer.coins);
        till.drawer.next.next.coins = 100;
        assertEquals(onWorker("129"), till.run("sum", 2));
        assertEquals(102, till.drawer.next.next.coins);
        server.offload("off");
        assertEquals("129 at home", till.run("sum", 0));
    }

    @Test
    void aDefaultMethodOfAnInterfaceIsARootForAllItsClasses() throws Throwable {
        for (Till.Coat coat : List.of(new Till.Coat(), new Till.WinterCoat(), new Till.Coat())) {
            coat.price = 7;
            assertEquals(onWorker("7 EUR"), coat.label("EUR"));
        }
    }

    /** Nobody compares final fields: a worker would have the empty ones for ever. */
    @Test
    void aRootThatAConstructorCallsRunsAtHome() throws Throwable {
        Till.Tagged tagged = new Till.Tagged(9);
        assertEquals("0 EUR at home", tagged.label);
        assertEquals(onWorker("9 EUR"), tagged.label("EUR"));
    }

    @Test
    void initialisersThatAnAnswerNeedsRunFirst() throws Throwable {
        Till.Rates.factors = new ArrayList<>(List.of(8, 9));
        till.box = new Till.Box(Till.Colour.GREEN);
        server.replaceWorker();
        assertEquals(onWorker("GREEN [shade 8, shade 9]"), till.run("paint", 3));
        // Of this loader's other enums and interfaces a worker lacks some: that is found out once, and costs a worker.
        till.run("sum", 0);
        server.awaitIdle(1);
        assertEquals(onWorker("GREEN [shade 8, shade 9]"), till.run("paint", 4));
        assertEquals(7, till.total);
    }

    @Test
    void anInitialiserThatCannotRunOnAWorkerKeepsAtHomeWhatNeedsItAndNothingElse() throws Throwable {
        Till.Rates.jammed = new ConcurrentHashMap<>(Map.of("file", new java.io.FileOutputStream(java.io.FileDescriptor.out)));
        till.jam = Till.Jam.STUCK;
        // It may be found out beside others, and then alone: either costs a worker, but no invocation.
        for (int i = 0; i < 4; i++) {
            server.awaitIdle(1);
            assertTrue(till.run("sum", 0).endsWith(" at home"));
        }
        assertEquals("once", Till.Rates.jammed.get("begun"));
        till.jam = null;
        for (int i = 0; i < 3; i++) {
            assertEquals(onWorker("6"), till.run("sum", 0));
        }
    }

    @Test
    void whatACacheKeepsIsWholeThoughTheInvocationThatMadeItIsTakenBack() throws Throwable {
        assertEquals("7 at home", till.run("cache", 7));
        assertEquals(List.of("k"), List.copyOf(till.cache.keySet()));
        // The worker's, or the next is home's: either was put there whole.
        assertEquals("7 at home", till.run("cache", 8));
        assertEquals(2, till.registered.size());
    }

    @Test
    void staticFieldsAreHomes() throws Throwable {
        Till.Rates.factors = new ArrayList<>(List.of(1, 2));
        assertEquals(onWorker("[1, 2, 3]"), till.run("statics", 3));
        Till.Rates.factors.add(4);
        assertEquals(onWorker("[1, 2, 3, 4, 5]"), till.run("statics", 5));
        assertEquals(List.of(1, 2, 3, 4, 5), Till.Rates.factors);
    }

    @Test
    void whatBelongsToTheServersThreadsStaysThere() throws Throwable {
        Till.USER.set("ann");
        assertEquals(onWorker("5 0 ann 1"), till.run("pinned", 5));
        till.counts.put("other", 1);
        till.calls.set(40);
        assertEquals(onWorker("12 40 ann 2"), till.run("pinned", 7));
        assertEquals(12, till.counts.get("k"));
        assertEquals(47, till.calls.get());
    }

    @Test
    void threadLocalsAreThoseOfTheCallingThread() throws Throwable {
        Till.USER.set("ann");
        assertEquals(onWorker("annann worker1 null"), till.run("users", 1));
        assertNull(Till.USER.get());
        Till.USER.set("eve");
        assertEquals(onWorker("eveeve worker2 null"), till.run("users", 2));
    }

    @Test
    void aThreadLocalThatIsLeftAsItWasLeavesNothingBehind() throws Throwable {
        Till.SCRATCH.remove();
        for (int i = 0; i < 3; i++) {
            assertEquals(onWorker(String.valueOf(i)), till.run("scratch", i));
        }
        long known = server.knownObjects();
        for (int i = 0; i < 50; i++) {
            assertEquals(onWorker(String.valueOf(i)), till.run("scratch", i));
        }
        assertEquals(known, server.knownObjects());
        assertNull(Till.SCRATCH.get());
        assertEquals(onWorker("-7"), till.run("scratch", -7));
        assertEquals(-7, Till.SCRATCH.get().coins);
        assertEquals(onWorker("8"), till.run("scratch", 8));
        assertNull(Till.SCRATCH.get());
    }

    @Test
    void initialValuesAreMadeWhereTheyAreUsed() throws Throwable {
        Till.CONTEXT.remove();
        Till.CONTEXT.get().add(9);
        assertEquals(onWorker("[9, 1][1][1]"), till.run("context", 1));
        assertEquals(List.of(), Till.CONTEXT.get());
        Till.CONTEXT.remove();
        assertEquals(onWorker("[2][2][2]"), till.run("context", 2));
        long asked = server.count("calls", "java.lang.ThreadLocal#get");
        assertTrue(asked > 0);
        for (int i = 0; i < 10; i++) {
            assertEquals(onWorker("[3][3][3]"), till.run("context", 3));
        }
        assertEquals(asked, server.count("calls", "java.lang.ThreadLocal#get"));
        assertEquals(onWorker("[-4][-4][-4]"), till.run("context", -4));
        assertEquals(List.of(-4), Till.CONTEXT.get());
        assertEquals(onWorker("[-4, 5][5][5]"), till.run("context", 5));
    }

    /** Neither side's buffers can travel, and neither side misses the other's. */
    @Test
    void whatAThreadHoldsSoftlyIsEachSidesOwn() throws Throwable {
        Till.BUFFERS.remove();
        assertEquals(onWorker("1"), till.run("buffer", 1));
        assertNull(Till.BUFFERS.get());
        assertEquals(onWorker("3"), till.run("buffer", 2));
        server.offload("off");
        assertEquals("4 at home", till.run("buffer", 4));
        server.offload("all");
        server.awaitIdle(1);
        assertEquals(onWorker("11"), till.run("buffer", 8));
        server.replaceWorker();
        assertEquals(onWorker("16"), till.run("buffer", 16));
        assertEquals(31, till.total);
    }

    @Test
    void lambdasTravelInBothDirections() throws Throwable {
        assertEquals(onWorker("0"), till.run("lambda", 4));
        assertEquals(10, till.adder.applyAsInt(6));
        assertEquals(onWorker("104"), till.run("lambda", 100));
        server.replaceWorker();
        assertEquals(onWorker("200"), till.run("lambda", 100));
    }

    /** Behind something that others have seen, which a refusal would turn into a failed request. */
    @Test
    void collectionsThatHoldThreadsStayAtHomeAndAreAskedThere() throws Throwable {
        Thread other = new Thread("other");
        till.roster = Roster.full(other);
        String shown = " ann eve 1 third last[ann, eve, zoe]zoe";
        assertEquals(onWorker("0nulltask32" + shown), till.run("roster", 3));
        till.roster.byName.put("kim", 5);
        assertEquals(onWorker("3task3task42" + shown.replace(" eve 1", " eve kim 1").replace("eve, ", "eve, kim, ")),
            till.run("roster", 4));
        assertEquals(Map.of(other, "other", Thread.currentThread(), "task4"), till.roster.tasks);
    }

    @Test
    void threadsAndFuturesAreThoseOfHome() throws Throwable {
        till.errands = new Errands();
        till.errands.begun.complete(40);
        server.offload("all");
        server.awaitIdle(1);
        assertEquals(onWorker("42"), till.run("await", 2));
        assertEquals("10 at home", till.run("send", 2), "nobody knows what comes behind it");
        till.errands.pool.shutdown();
    }

    @Test
    void scopedValuesAreThoseOfTheCaller() throws Throwable {
        Class<?> type;
        try {
            type = Class.forName("java.lang.ScopedValue");
        } catch (ClassNotFoundException e) {
            assertTrue(Runtime.version().feature() < 25, "this JDK should have them");
            return;
        }
        till.scoped = type.getMethod("newInstance").invoke(null);
        Object bound = type.getMethod("where", type, Object.class).invoke(null, till.scoped, "ann");
        String[] seen = new String[1];
        Runnable inside = () -> {
            try {
                seen[0] = till.run("scoped", 0);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        };
        bound.getClass().getMethod("run", Runnable.class).invoke(bound, inside);
        assertEquals(onWorker("ann true"), seen[0]);
        assertEquals(onWorker("nobody false"), till.run("scoped", 0));
    }

    @Test
    void aReferenceToAFinalMethodAsksHome() throws Throwable {
        till.calls.set(7);
        assertEquals(onWorker("7"), till.run("reference", 0));
        till.calls.set(9);
        assertEquals(onWorker("9"), till.run("reference", 0));
    }

    private void fillForWalks() {
        till.counts.putAll(Map.of("k", 1, "l", 2, "m", 3));
        till.queue.addAll(List.of(new Till.Drawer(5, null), new Till.Drawer(6, null)));
        till.names.addAll(List.of("gone4", "gone9", "stays"));
        till.events.addAll(List.of("first", "last"));
    }

    @Test
    void collectionsOfManyThreadsAreWalkedThroughWithoutACallForEachElement() throws Throwable {
        fillForWalks();
        server.offload("off");
        String first = till.run("walk", 4).replace(" at home", "");
        server.offload("all");
        server.awaitIdle(1);
        String next = first.replace("{all=10}10", "{all=14}14").replace("k=5", "k=9");
        assertEquals(onWorker(next), till.run("walk", 4));
        assertEquals(9, till.counts.get("k"));
        long steps = server.count("calls", "java.util.Iterator#next");
        long walks = server.count("calls", "dev.beehive.runtime.offload.Walk#through");
        assertTrue(walks > 0);
        till.queue.peek().coins = 50;
        next = next.replace("{all=14}14", "{all=23}23").replace("k=9", "k=18").replace("5 6", "50 6");
        next = next.replace("]22", "]12");
        assertEquals(onWorker(next), till.run("walk", 9));
        assertEquals(java.util.Set.of("stays"), till.names);
        assertEquals(steps, server.count("calls", "java.util.Iterator#next"));
    }

    @Test
    void anElementThatMayNotBeTheOnlyOneIsRemovedAtHome() throws Throwable {
        fillForWalks();
        String refused = till.run("dequeue", 0);
        assertEquals("left 1 at home", refused);
        assertEquals(6, till.queue.peek().coins);
    }

    /** Its final fields are set when home has it already, and with them what they lead to. */
    @Test
    void anObjectThatOthersHaveBeforeItIsFinishedIsFinishedForThem() throws Throwable {
        till.run("leak", 1);
        for (int i = 2; i < 6; i++) {
            assertEquals(onWorker("wax"), till.run("leak", i));
            assertEquals(i + "waxtrue", till.leaked.get("last").toString());
        }
        assertEquals(onWorker("wax"), till.run("leak", 0));
        assertEquals("0waxfalse", till.leaked.get("last").toString());
    }

    /** A message that were left half done would be the end of the worker, or worse. */
    @Test
    void aStackThatHasNoRoomForAMessageHasOverflownBeforeIt() throws Throwable {
        till.counts.put("depth", 7);
        for (int i = 0; i < 5; i++) {
            // Where is chance: the JVM itself may fail at what it has to do for the first time with so little stack.
            assertEquals("under 7", till.run("dive", 0).replaceFirst(" (at home|on a worker)$", ""));
        }
        assertEquals(0, server.count("rerun", "OFFLOAD_WORKER_LOST"));
        goesOnOnAWorker();
    }

    /** A root that has cost workers rests for a while. */
    private void goesOnOnAWorker() throws Throwable {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (till.run("sum", 0).endsWith(" at home")) {
            assertTrue(System.nanoTime() < end);
            Thread.sleep(10);
        }
    }

    /** The worker has its own copy at first; it goes on with home's, and with all else that it knows. */
    @Test
    void aMapMadeLazilyOnAWorkerIsHomesFromThenOn() throws Throwable {
        server.replaceWorker();
        assertEquals(onWorker("5 truetrue"), till.run("lazy", 5));
        assertTrue(server.knownObjects() > 0, "the worker should not forget everything");
        assertEquals(5, till.lazy.put("k", 7));
        assertEquals(onWorker("10 truetrue"), till.run("lazy", 3));
        assertEquals(10, till.lazy.get("k"));
        assertSame(till.lazy, till.shelves[1]);
        assertSame(till.lazy, ((Till.Shelf) till.shelves[0]).sizes);
        assertSame(till.lazy, till.registry.get("lazy"));
        assertEquals(1, till.registered.size());
        assertSame(till.lazy, till.registered.get(0));
        till.lazy = null;
        assertEquals(onWorker("4 truetrue"), till.run("lazy", 4));
        assertEquals(Map.of("k", 4), till.lazy);
        assertEquals(onWorker("6 truetrue"), till.run("lazy", 2));
    }

    /** Home does not see the worker's field, and forgets what nobody else refers to. */
    @Test
    void whatOnlyAnEnumOnTheWorkerHoldsIsNotForgotten() throws Throwable {
        AtomicInteger seen = new AtomicInteger();
        Till.Rates.seen = seen;
        server.replaceWorker();
        assertEquals(onWorker("0"), till.run("sign", 1));
        Till.Rates.seen = null;
        assertEquals(onWorker("5 truetrue"), till.run("lazy", 5));
        assertEquals(onWorker("1"), till.run("sign", 2));
        assertEquals(3, seen.get());
    }

    /** The message that would have told home of the worker's field was taken back. */
    @Test
    void whatAnEnumHoldsIsToldAgainBehindARefusal() throws Throwable {
        AtomicInteger seen = new AtomicInteger();
        Till.Rates.seen = seen;
        server.replaceWorker();
        String refused = till.run("sign", -1);
        assertTrue(refused.endsWith(" at home"), refused);
        rehearse();
        Till.Rates.seen = null;
        till.shelves = null;
        assertEquals(onWorker("5 truetrue"), till.run("lazy", 5));
        assertEquals(onWorker("0"), till.run("sign", 2));
        assertEquals(2, seen.get());
    }

    @Test
    void exceptionsAreTheApplicationsOwn() {
        IllegalStateException thrown = assertThrows(IllegalStateException.class, () -> till.run("throw", 3));
        assertEquals("asked for 3", thrown.getMessage());
        assertTrue(List.of(thrown.getStackTrace()).toString().contains("Till.run"));
    }

    @Test
    void theWorkerHasTheServersSettings() throws Throwable {
        assertEquals("told" + java.util.Locale.getDefault(), till.run("settings", 0));
        assertTrue(server.offloadedSinceLast() > 0);
    }

    private void assertLeavesSomething(String wanted, String mode, int amount) throws Throwable {
        long before = server.count("not_offloaded", "OFFLOAD_THREADS");
        assertEquals(wanted + " at home", till.run(mode, amount));
        assertEquals(before + 1, server.count("not_offloaded", "OFFLOAD_THREADS"));
    }

    @Test
    void aRootThatStartsAThreadRunsAtHome() throws Throwable {
        assertLeavesSomething("started", "thread", 0);
    }

    @Test
    void aLoopMayBeSplit() throws Throwable {
        assertEquals(onWorker("49995000"), till.run("parallel", 10_000));
        assertEquals(onWorker("499500"), till.run("parallel", 1_000));
    }

    @Test
    void aRootThatLeavesWorkToThePoolRunsAtHome() throws Throwable {
        assertLeavesSomething("left", "pool", 1_000);
    }

    @Test
    void aRootThatStartsAVirtualThreadRunsAtHome() throws Throwable {
        if (Runtime.version().feature() < 21) {
            assertThrows(NoSuchMethodException.class, () -> till.run("virtual", 0));
        } else {
            assertLeavesSomething("started", "virtual", 0);
        }
    }

    @Test
    void aWorkerThatSaysNothingIsGivenUp() throws Throwable {
        assertEquals("slept at home", till.run("sleep", TestServer.TIMEOUT_MS * 2));
        assertEquals(1, till.total);
    }

    @Test
    void aWorkerThatDiesIsReplacedByHome() throws Throwable {
        assertEquals("survived at home", till.run("die", 5));
        assertEquals(5, till.total);
        assertNull(till.counts.get("seen"));
    }

    @Test
    void whatOthersHaveSeenIsNotDoneTwice() {
        Till.USER.set("ann");
        RuntimeException failed = assertThrows(RuntimeException.class, () -> till.run("die", 500));
        assertTrue(failed.getMessage().startsWith("OFFLOAD_WORKER_LOST"), failed.getMessage());
        assertEquals(500, till.counts.get("seen"));
        assertEquals("ann", Till.USER.get(), "this thread's next request must not meet what the lost one has left");
    }

    @Test
    void countsAreExactUnderContention() throws Throwable {
        server.startWorker();
        server.awaitIdle(2);
        int times = 200;
        List<String> results = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Thread thread = new Thread(() -> {
                try {
                    String result = till.run("lock", times);
                    synchronized (results) {
                        results.add(result);
                    }
                } catch (Throwable e) {
                    throw new IllegalStateException(e);
                }
            });
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        }
        assertEquals(3, results.size());
        assertEquals(3 * times, till.shared);
        assertEquals(3, till.calls.get());
        assertFalse(till.lock.isLocked());
        assertTrue(results.contains("counted on a worker"), results.toString());
    }
}
