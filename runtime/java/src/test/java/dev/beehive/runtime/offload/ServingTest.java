// Single exchanges between the two ends: refusals, exceptions of static initialisers, class files, wrong workers, and
// monitors under real contention.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.beehive.runtime.codec.Limits;
import dev.beehive.runtime.memory.IterationSalt;
import dev.beehive.runtime.protocol.Failure;
import dev.beehive.runtime.protocol.Hello;
import dev.beehive.runtime.protocol.Welcome;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ServingTest {
    private static final Hello HELLO = Hello.ofThisJvm(new byte[] {7}, new byte[] {8});

    /** Roots of these tests; shared state is in it. */
    static final class App {
        int counter;
        Object owner;
        List<Object> seen = new ArrayList<>();

        Object echo(Object value) {
            seen.add(value);
            return value;
        }

        /** What a worker knows of this object. */
        String told(Object value) {
            return counter + " " + seen + " " + ((List<?>) value).get(0);
        }

        Object lambda() {
            int captured = seen.size();
            Supplier<Integer> made = () -> captured;
            return made;
        }

        void count(int times) {
            Port port = Port.CURRENT.get();
            for (int i = 0; i < times; i++) {
                port.lock(this);
                counter++;
                port.unlock(this);
            }
        }

        /** Locks an object of its own, tells home something meanwhile, and says how often home was asked for a lock. */
        Object locksItsOwn(boolean tells) throws Throwable {
            Object own = new int[1];
            Port port = Port.CURRENT.get();
            port.lock(own);
            Object told = port.call(CallFlags.SYNC, null, DESCRIBE, tells ? own : "nothing");
            port.unlock(own);
            return told;
        }

        static String describe(Object told) {
            return told.getClass().getSimpleName();
        }

        /** Writes to the object that home knows, under its monitor, something that cannot be shared. */
        void sharesWhatCannotBe() {
            Port port = Port.CURRENT.get();
            port.lock(this);
            counter++;
            seen.add(new java.util.concurrent.locks.ReentrantLock());
            port.unlock(this);
        }

        /** Shows others what it has made, lets home have a go at it, and goes on using it. */
        int sharesWhatItUses(boolean homeUsesIt) throws Throwable {
            Port port = Port.CURRENT.get();
            AtomicInteger made = new AtomicInteger(1);
            Map<String, Object> map = new ConcurrentHashMap<>(Map.of("made", made));
            port.lock(this);
            counter++;
            seen.add(map);
            port.unlock(this);
            made.incrementAndGet();
            map.put("more", "here");
            if (homeUsesIt) {
                port.call(CallFlags.EFFECT, null, COUNT_AT_HOME, map);
            }
            port.lock(this);
            counter++;
            port.unlock(this);
            return made.get();
        }

        /** The same, but goes on with what home has made of it. */
        String readsWhatHomeHasPut() throws Throwable {
            Port port = Port.CURRENT.get();
            Map<String, Object> map = new ConcurrentHashMap<>();
            port.lock(this);
            seen.add(map);
            port.unlock(this);
            port.call(CallFlags.EFFECT, null, PUT_AT_HOME, map);
            port.lock(this);
            port.unlock(this);
            String got = map.get("home") + " " + map.size();
            map.put("worker", got);
            return got;
        }

        static void putAtHome(Map<String, Object> map) {
            map.put("home", List.of("made", "there"));
        }

        Object sharesThenGivesWhatCannotTravel() {
            Port port = Port.CURRENT.get();
            port.lock(this);
            counter++;
            port.unlock(this);
            return lambda();
        }

        /** Is the owner of something, as home sees while it is asked, and nobody's afterwards. */
        boolean owns() throws Throwable {
            Port port = Port.CURRENT.get();
            owner = Thread.currentThread();
            Object told = port.call(CallFlags.SYNC, this, IS_MINE);
            boolean mine = owner == Thread.currentThread();
            owner = null;
            return mine && (boolean) told;
        }

        boolean isMine() {
            return owner == Thread.currentThread();
        }

        static void countAtHome(Map<String, Object> map) {
            ((AtomicInteger) map.get("made")).addAndGet(10);
        }

        String statics() throws Throwable {
            WorkerConnection home = ((Port.OnWorker) Port.CURRENT.get()).connection();
            home.statics(Fine.class);
            try {
                home.statics(Bad.class);
                return "no exception";
            } catch (ExceptionInInitializerError e) {
                return "thrown: " + e.getCause().getMessage();
            }
        }

        /** Is refused something by home, and needs a class to handle that. */
        void needsAClassWhileUnwound() throws Throwable {
            WorkerConnection home = ((Port.OnWorker) Port.CURRENT.get()).connection();
            try {
                home.call(CallFlags.EFFECT, null, COUNT_AT_HOME, new ConcurrentHashMap<>());
            } catch (WorkerLost e) {
                FOUND.add(home.hasResources() ? home.resource("made/AtRunTime.class") : null);
                throw e;
            }
        }

        byte[] classFile(String name) {
            return ((Port.OnWorker) Port.CURRENT.get()).connection().resource(name);
        }
    }

    static final class Fine {
        static int value = 4;
    }

    static final class Bad {
        static int value = fail();

        private static int fail() {
            throw new IllegalStateException("bad initialiser");
        }
    }

    /** What a worker of this JVM got. */
    private static final List<byte[]> FOUND = new ArrayList<>();
    private static final Method DESCRIBE = atHome("describe", Object.class);
    private static final Method IS_MINE = atHome("isMine");
    private static final Method PUT_AT_HOME = atHome("putAtHome", Map.class);
    private static final Method COUNT_AT_HOME = atHome("countAtHome", Map.class);

    private static Method atHome(String name, Class<?>... parameters) {
        try {
            Method method = App.class.getDeclaredMethod(name, parameters);
            method.setAccessible(true);
            return method;
        } catch (NoSuchMethodException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final List<Runnable> closers = new ArrayList<>();

    @AfterEach
    void close() {
        closers.forEach(Runnable::run);
    }

    private ServerConnection connect(Hello worker, List<Throwable> ends) throws LinkLost {
        SimulatedWire wire = new SimulatedWire(SimulatedWire.PERFECT);
        Welcome welcome = new Welcome(3, Limits.STANDARD, IterationSalt.ofThisJvm());
        ServerConnection connection = new ServerConnection(wire.server(), HELLO, welcome,
            object -> true, new Home() {
                @Override
                public byte[] resource(String path) {
                    return path.equals("made/AtRunTime.class") ? new byte[] {1, 2} : null;
                }
            });
        Thread thread = new Thread(() -> {
            WorkerConnection end = new WorkerConnection(wire.worker(), worker, App.class.getClassLoader());
            Port.CURRENT.set(new Port.OnWorker(end));
            try {
                end.greet();
                end.run();
            } catch (LinkLost e) {
                ends.add(e);
            }
        });
        thread.start();
        closers.add(() -> join(connection, thread));
        connection.greet();
        return connection;
    }

    private static void join(ServerConnection connection, Thread thread) {
        connection.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private ServerConnection connect() throws LinkLost {
        return connect(HELLO, new ArrayList<>());
    }

    private static Method root(String name, Class<?>... parameters) throws NoSuchMethodException {
        Method method = App.class.getDeclaredMethod(name, parameters);
        method.setAccessible(true);
        return method;
    }

    @Test
    void anArgumentThatCannotTravelKeepsTheConnection() throws Exception {
        ServerConnection connection = connect();
        App app = new App();
        Outcome refused = connection.invoke(root("echo", Object.class), app, Thread.currentThread());
        assertEquals("OFFLOAD_HOST_RESOURCE", assertInstanceOf(Outcome.RunLocally.class, refused).code());
        assertEquals(new Outcome.Returned("x"), connection.invoke(root("echo", Object.class), app, "x"));
        assertEquals(List.of("x"), app.seen);
    }

    /** Of everything that an INVOKE tells: classes, objects, changes; what is forgotten goes on being known or not. */
    @Test
    void anInvocationThatCouldNotTravelIsAsIfItHadNotBeen() throws Exception {
        ServerConnection connection = connect();
        App app = new App();
        Method echo = root("echo", Object.class);
        Object first = new StringBuilder("first");
        connection.invoke(echo, app, first);
        connection.invoke(echo, app, "second");
        int known = connection.knownObjects();
        for (int i = 0; i < 3; i++) {
            app.counter = 7 + i;
            app.seen.add("third" + i);
            Object[] refused = {new Fine(), new Object[] {app, Thread.currentThread()}};
            assertInstanceOf(Outcome.RunLocally.class, connection.invoke(echo, app, (Object) refused));
            assertEquals(known, connection.knownObjects());
        }
        assertTrue(connection.isOpen());
        Traffic traffic = new Traffic();
        Object answer = List.of("a list", new Fine());
        Outcome outcome = connection.invoke(traffic, null, root("told", Object.class), app, new Object[] {answer});
        assertEquals(new Outcome.Returned("9 [first, second, third0, third1, third2] a list"), outcome);
        assertSame(first, app.seen.get(0));
        assertEquals(0, traffic.objects);
    }

    @Test
    void aResultThatCannotTravelRunsLocally() throws Exception {
        ServerConnection connection = connect();
        App app = new App();
        Outcome outcome = connection.invoke(root("lambda"), app);
        Outcome.RunLocally locally = assertInstanceOf(Outcome.RunLocally.class, outcome);
        assertEquals("OFFLOAD_HIDDEN_CLASS", locally.code());
        assertTrue(locally.text().contains("root0"), locally.text());
        assertTrue(connection.isOpen());
        assertEquals(new Outcome.Returned("x"), connection.invoke(root("echo", Object.class), app, "x"));
    }

    @Test
    void theWorkersThreadStandsForTheCallingOne() throws Exception {
        ServerConnection connection = connect();
        App app = new App();
        assertEquals(new Outcome.Returned(true), connection.invoke(root("owns"), app));
        Outcome[] other = new Outcome[1];
        Method root = root("owns");
        Thread caller = new Thread(() -> other[0] = connection.invoke(root, app));
        caller.start();
        caller.join();
        assertEquals(new Outcome.Returned(true), other[0]);
        assertTrue(connection.isOpen());
        app.owner = Thread.currentThread();
        assertInstanceOf(Outcome.RunLocally.class, connection.invoke(root("owns"), app));
    }

    @Test
    void aMonitorOfTheWorkersOwnComesHomeOnlyWithItsObject() throws Exception {
        ServerConnection connection = connect();
        Traffic traffic = new Traffic();
        Method root = root("locksItsOwn", boolean.class);
        assertEquals(new Outcome.Returned("String"), connection.invoke(traffic, null, root, new App(), new Object[] {false}));
        assertEquals(0, traffic.locks);
        assertEquals(new Outcome.Returned("int[]"), connection.invoke(traffic, null, root, new App(), new Object[] {true}));
        assertEquals(1, traffic.locks);
    }

    @Test
    void whatCannotBeSharedIsTakenBackBeforeTheMonitorIsReleased() throws Exception {
        App app = new App();
        Outcome outcome = connect().invoke(root("sharesWhatCannotBe"), app);
        Outcome.RunLocally locally = assertInstanceOf(Outcome.RunLocally.class, outcome);
        assertEquals("OFFLOAD_CONCURRENT_ESCAPE", locally.code());
        assertTrue(locally.text().contains("ReentrantLock"), locally.text());
        assertEquals(0, app.counter);
        assertEquals(List.of(), app.seen);
    }

    @Test
    void whatIsUsedByAtomicInstructionsIsSharedUntilTheEnd() throws Exception {
        App app = new App();
        ServerConnection connection = connect();
        Method root = root("sharesWhatItUses", boolean.class);
        assertEquals(new Outcome.Returned(2), connection.invoke(root, app, false));
        Map<?, ?> map = (Map<?, ?>) app.seen.get(0);
        assertEquals("here", map.get("more"));
        assertEquals(2, ((AtomicInteger) map.get("made")).get());
        assertEquals(2, app.counter);
    }

    @Test
    void whatHomeChangesInItIsSeenAtTheNextSyncPoint() throws Exception {
        App app = new App();
        Outcome outcome = connect().invoke(root("readsWhatHomeHasPut"), app);
        assertEquals(new Outcome.Returned("[made, there] 1"), outcome);
        Map<?, ?> map = (Map<?, ?>) app.seen.get(0);
        assertEquals(List.of("made", "there"), map.get("home"));
        assertEquals("[made, there] 1", map.get("worker"));
    }

    /** Neither side's change may be lost without a word; home keeps what it has done. */
    @Test
    void whatBothSidesHaveChangedFails() throws Exception {
        App app = new App();
        Outcome outcome = connect().invoke(root("sharesWhatItUses", boolean.class), app, true);
        Outcome.Failed failed = assertInstanceOf(Outcome.Failed.class, outcome);
        assertEquals("OFFLOAD_CONCURRENT_ESCAPE", failed.code());
        Map<?, ?> map = (Map<?, ?>) app.seen.get(0);
        assertEquals(11, ((AtomicInteger) map.get("made")).get());
        assertEquals(1, app.counter);
        assertNull(map.get("more"));
    }

    private static Outcome rehearse(ServerConnection connection, Method root, Object receiver, Object... arguments) {
        return connection.invoke(new Traffic(), new Proven(), root, receiver, arguments);
    }

    /** What would fail once it has been seen, fails before. */
    @Test
    void aRehearsalIsSeenByNobody() throws Exception {
        App app = new App();
        Method root = root("sharesWhatItUses", boolean.class);
        assertEquals(new Outcome.RunLocally(Outcome.RunLocally.REHEARSED, "to its end"), rehearse(connect(), root, app, false));
        Outcome upTo = rehearse(connect(), root, app, true);
        Outcome.RunLocally locally = assertInstanceOf(Outcome.RunLocally.class, upTo);
        assertEquals(Outcome.RunLocally.UNPROVEN, locally.code());
        assertTrue(locally.text().contains("countAtHome"), locally.text());
        Outcome refused = rehearse(connect(), root("sharesThenGivesWhatCannotTravel"), app);
        assertEquals("OFFLOAD_HIDDEN_CLASS", assertInstanceOf(Outcome.RunLocally.class, refused).code());
        assertEquals(0, app.counter);
        assertEquals(List.of(), app.seen);
        assertInstanceOf(Outcome.Failed.class, connect().invoke(root("sharesThenGivesWhatCannotTravel"), app));
    }

    /** A class that is not given then would count as missing for ever. */
    @Test
    void classesAreGivenWhileARootIsUnwound() throws Exception {
        FOUND.clear();
        ServerConnection connection = connect();
        Method root = root("needsAClassWhileUnwound");
        Outcome cut = connection.invoke(new Traffic(), new Proven(), root, new App(), new Object[0]);
        assertEquals(Outcome.RunLocally.UNPROVEN, assertInstanceOf(Outcome.RunLocally.class, cut).code());
        assertEquals(1, FOUND.size());
        assertArrayEquals(new byte[] {1, 2}, FOUND.get(0));
        assertEquals(new Outcome.Returned("x"), connection.invoke(root("echo", Object.class), new App(), "x"));
    }

    /** What has been rehearsed to its end is done for real; what is new is rehearsed, however often the root has run. */
    @Test
    void eachKindOfEffectIsRehearsedSomeTimes() throws Exception {
        App app = new App();
        Proven proven = new Proven();
        Method root = root("sharesWhatItUses", boolean.class);
        ServerConnection connection = connect();
        for (int i = 0; i < Proven.ENDS; i++) {
            Outcome ended = connection.invoke(new Traffic(), proven, root, app, new Object[] {false});
            assertEquals(new Outcome.RunLocally(Outcome.RunLocally.REHEARSED, "to its end"), ended);
        }
        assertEquals(0, app.counter);
        Outcome second = connect().invoke(new Traffic(), proven, root, app, new Object[] {false});
        assertInstanceOf(Outcome.Returned.class, second, second.toString());
        assertEquals(2, app.counter);
        Method calls = root("readsWhatHomeHasPut");
        Outcome other = connect().invoke(new Traffic(), new Proven(), calls, new App(), new Object[0]);
        assertEquals(Outcome.RunLocally.UNPROVEN, assertInstanceOf(Outcome.RunLocally.class, other).code(), other.toString());
        assertEquals(2, app.counter);
    }

    /** What has come to its end on one way may be refused on another. */
    @Test
    void aRefusalBehindARehearsalHasTheNextOnesRehearsedAgain() {
        Proven proven = new Proven();
        for (int i = 0; i < Proven.ENDS; i++) {
            assertTrue(proven.isLearning());
            assertFalse(proven.holds("a"));
            proven.addAll(List.of("a", "a"));
        }
        assertFalse(proven.isLearning());
        assertTrue(proven.holds("a"));
        new Rehearsal(proven).met("OFFLOAD_INITIALISER");
        assertTrue(proven.holds("a"));
        new Rehearsal(proven).met("OFFLOAD_HIDDEN_CLASS");
        assertFalse(proven.holds("a"));
        Rehearsal shadow = new Rehearsal(proven);
        shadow.pass("a");
        shadow.met("OFFLOAD_HIDDEN_CLASS");
        for (int i = 0; i < Proven.ENDS; i++) {
            proven.addAll(List.of("a"));
        }
        assertFalse(proven.holds("a"), "one was refused behind it");
    }

    /** A rehearsal goes as far as the first write; what comes before that is known afterwards. */
    @Test
    void aRootThatWritesIntoADatabaseIsRehearsedUpToThere() {
        Proven proven = new Proven();
        for (int i = 0; i < Proven.ENDS; i++) {
            assertFalse(proven.writes());
            assertFalse(proven.holds("a"));
            assertTrue(proven.isLearning());
            proven.addWriting(List.of("a"));
        }
        assertTrue(proven.writes());
        assertTrue(proven.holds("a"));
        assertFalse(proven.holds("b"));
        assertFalse(proven.isLearning());
        new Rehearsal(proven).met("OFFLOAD_HIDDEN_CLASS");
        assertTrue(proven.writes());
        assertFalse(proven.holds("a"));
    }

    @Test
    void aRehearsalThatNobodyCouldHaveSeenCounts() throws Exception {
        App app = new App();
        assertEquals(new Outcome.Returned("x"), rehearse(connect(), root("echo", Object.class), app, "x"));
        assertEquals(List.of("x"), app.seen);
    }

    @Test
    void staticInitialisersRunAtHome() throws Exception {
        Outcome outcome = connect().invoke(root("statics"), new App());
        assertEquals(new Outcome.Returned("thrown: bad initialiser"), outcome);
    }

    @Test
    void classFilesComeFromHome() throws Exception {
        ServerConnection connection = connect();
        Outcome some = connection.invoke(root("classFile", String.class), new App(), "made/AtRunTime.class");
        assertArrayEquals(new byte[] {1, 2}, (byte[]) assertInstanceOf(Outcome.Returned.class, some).value());
        Outcome none = connection.invoke(root("classFile", String.class), new App(), "made/Elsewhere.class");
        assertNull(assertInstanceOf(Outcome.Returned.class, none).value());
    }

    @Test
    void aWorkerOfAnotherKindIsRefusedAndToldWhy() {
        List<Throwable> ends = new ArrayList<>();
        Hello other = Hello.ofThisJvm(HELLO.secret(), new byte[] {0});
        LinkLost lost = assertThrows(LinkLost.class, () -> connect(other, ends));
        assertEquals(Failure.WORKER_MISMATCH, lost.code());
        close();
        assertEquals(Failure.WORKER_MISMATCH, ((LinkLost) ends.get(0)).code());
        Hello stranger = Hello.ofThisJvm(new byte[] {0}, HELLO.classPath());
        assertEquals(Failure.NOT_ADMITTED, assertThrows(LinkLost.class, () -> connect(stranger, ends)).code());
    }

    @Test
    void countsUnderContentionAreExact() throws Exception {
        int times = 500;
        App app = new App();
        List<Thread> threads = new ArrayList<>();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            ServerConnection connection = connect();
            threads.add(new Thread(() -> {
                try {
                    Outcome outcome = connection.invoke(root("count", int.class), app, times);
                    synchronized (outcomes) {
                        outcomes.add(outcome);
                    }
                } catch (NoSuchMethodException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        threads.add(new Thread(() -> {
            for (int i = 0; i < times; i++) {
                synchronized (app) {
                    app.counter++;
                }
            }
        }));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(List.of(new Outcome.Returned(null), new Outcome.Returned(null)), outcomes);
        assertEquals(3 * times, app.counter);
    }
}
