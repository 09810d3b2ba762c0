// What a worker does at home through stand-ins, and what of it is undone when the worker is lost: with a real database.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.text.BreakIterator;
import java.text.Collator;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalField;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Supplier;
import java.util.stream.BaseStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import ognl.internal.ClassCache;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.samples.beehive.Sample;
import org.springframework.util.ConcurrentReferenceHashMap;

class HomeEffectsTest {
    private final HomeEffects effects = new HomeEffects();
    private final JdbcDataSource pool = new JdbcDataSource();
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void create() throws SQLException {
        pool.setURL("jdbc:h2:mem:" + System.nanoTime() + ";DB_CLOSE_DELAY=-1");
        try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
            statement.execute("create table t (id int)");
            statement.execute("insert into t values (1)");
        }
    }

    private int rows() throws SQLException {
        try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("select count(*) from t")) {
            found.next();
            return found.getInt(1);
        }
    }

    /** A call as Serving makes it; notes whether it was seen. */
    private Object call(Class<?> type, Object target, String name, Object... arguments) throws Throwable {
        for (Method method : type.getMethods()) {
            if (method.getName().equals(name) && Calls.fits(method, target, arguments)) {
                if (effects.isSeen(true, method, target, arguments)) {
                    seen.add(name);
                }
                Object value = Calls.virtually(method, target, arguments);
                effects.called(method, target, arguments, value);
                return value;
            }
        }
        throw new NoSuchMethodException(name);
    }

    private Connection begin() throws Throwable {
        Connection connection = (Connection) call(DataSource.class, pool, "getConnection");
        call(Connection.class, connection, "setAutoCommit", false);
        return connection;
    }

    private void insert(Connection connection) throws Throwable {
        Object statement = call(Connection.class, connection, "prepareStatement", "insert into t values (?)");
        call(PreparedStatement.class, statement, "setInt", 1, 7);
        call(PreparedStatement.class, statement, "executeUpdate");
    }

    @Test
    void aTransactionOfItsOwnIsSeenWhenItIsCommitted() throws Throwable {
        Connection connection = begin();
        insert(connection);
        assertEquals(List.of(), seen);
        call(Connection.class, connection, "commit");
        assertEquals(List.of("commit"), seen);
        assertEquals(2, rows());
    }

    @Test
    void aTransactionOfItsOwnIsTakenBack() throws Throwable {
        Connection connection = begin();
        insert(connection);
        effects.takeBack();
        assertTrue(connection.isClosed());
        assertEquals(1, rows());
        assertEquals(List.of(), seen);
    }

    @Test
    void aTransactionThatOnlyReadsIsNeverSeen() throws Throwable {
        Connection connection = begin();
        Object statement = call(Connection.class, connection, "createStatement");
        Object found = call(Statement.class, statement, "executeQuery", " SELECT id from t");
        assertEquals(true, call(ResultSet.class, found, "next"));
        assertEquals(1, call(ResultSet.class, found, "getInt", 1));
        call(Connection.class, connection, "commit");
        call(Connection.class, connection, "setAutoCommit", true);
        call(Connection.class, connection, "close");
        assertEquals(List.of(), seen);
    }

    @Test
    void aTransactionFromOutsideIsSeenAtItsFirstWrite() throws Throwable {
        try (Connection outer = pool.getConnection()) {
            outer.setAutoCommit(false);
            Object statement = call(Connection.class, outer, "createStatement");
            call(Statement.class, statement, "executeQuery", "select id from t");
            assertEquals(List.of(), seen);
            call(Statement.class, statement, "executeQuery", "select id from t for update");
            assertEquals(List.of("executeQuery"), seen);
            insert(outer);
            assertEquals(List.of("executeQuery", "executeUpdate"), seen);
            effects.takeBack();
            assertFalse(outer.isClosed());
            outer.rollback();
        }
    }

    @Test
    void withoutATransactionAWriteIsSeen() throws Throwable {
        insert((Connection) call(DataSource.class, pool, "getConnection"));
        assertEquals(List.of("executeUpdate"), seen);
    }

    @Test
    void threadLocalsGetTheirValuesBack() throws Throwable {
        ThreadLocal<String> user = new ThreadLocal<>();
        ThreadLocal<String> unset = new ThreadLocal<>();
        user.set("ann");
        call(ThreadLocal.class, user, "set", "bob");
        call(ThreadLocal.class, user, "remove");
        call(ThreadLocal.class, unset, "set", "x");
        effects.takeBack();
        assertEquals("ann", user.get());
        assertNull(unset.get());
        assertEquals(List.of(), seen);
    }

    @Test
    void locksAreReleased() throws Throwable {
        ReentrantLock lock = new ReentrantLock();
        call(Lock.class, lock, "lock");
        call(Lock.class, lock, "tryLock");
        effects.releaseLocks();
        assertFalse(lock.isLocked());
    }

    @Test
    void metersWaitForTheEnd() throws Throwable {
        Counter counter = new SimpleMeterRegistry().counter("c");
        Method increment = Counter.class.getMethod("increment");
        Home home = new Home() { };
        assertFalse(effects.isSeen(true, increment, counter, new Object[0]));
        assertTrue(effects.putsOff(increment, counter, new Object[0], home));
        assertEquals(0, counter.count());
        Method count = Counter.class.getMethod("count");
        assertTrue(effects.isSeen(false, count, counter, new Object[0]), "it must count first");
        assertFalse(effects.putsOff(count, counter, new Object[0], home));
        assertEquals(1, counter.count());
        assertFalse(effects.isSeen(false, count, counter, new Object[0]));
        effects.putsOff(increment, counter, new Object[0], home);
        effects.end(home);
        effects.end(home);
        assertEquals(2, counter.count());
        Method record = Timer.class.getMethod("record", Runnable.class);
        assertTrue(effects.isSeen(true, record, Timer.builder("t").register(new SimpleMeterRegistry()), new Object[1]));
    }

    @Test
    void tasksThatOnlyRunAreStoppedAgain() throws Throwable {
        LongTaskTimer timer = LongTaskTimer.builder("t").register(new SimpleMeterRegistry());
        Object sample = call(LongTaskTimer.class, timer, "start");
        call(LongTaskTimer.Sample.class, call(LongTaskTimer.class, timer, "start"), "stop");
        assertEquals(1, timer.activeTasks());
        assertEquals(List.of(), seen);
        effects.takeBack();
        assertEquals(0, timer.activeTasks());
        assertEquals(-1L, ((LongTaskTimer.Sample) sample).stop());
    }

    @Test
    void stampsAreGivenBack() throws Throwable {
        StampedLock lock = new StampedLock();
        long read = (long) call(StampedLock.class, lock, "readLock");
        call(StampedLock.class, lock, "readLock");
        Method unlock = StampedLock.class.getMethod("unlockRead", long.class);
        assertTrue(effects.releasesOwnLock(unlock, lock, new Object[] {read}));
        call(StampedLock.class, lock, "unlockRead", read);
        assertEquals(1, lock.getReadLockCount());
        effects.releaseLocks();
        assertFalse(lock.isReadLocked());
        long stamp = (long) call(StampedLock.class, lock, "tryOptimisticRead");
        stamp = (long) call(StampedLock.class, lock, "tryConvertToWriteLock", stamp);
        assertTrue(lock.isWriteLocked());
        stamp = (long) call(StampedLock.class, lock, "tryConvertToReadLock", stamp);
        assertEquals(true, call(StampedLock.class, lock, "tryUnlockRead"));
        assertFalse(effects.releasesOwnLock(unlock, lock, new Object[] {stamp}));
        call(StampedLock.class, lock, "writeLock");
        effects.releaseLocks();
        assertFalse(lock.isWriteLocked());
        assertEquals(CallFlags.SYNC, CallKinds.flagsOf(StampedLock.class.getMethod("writeLock")));
        assertEquals(CallFlags.SYNC | CallFlags.EFFECT, CallKinds.flagsOf(unlock));
    }

    /** What the caller of the root holds is not the worker's to give up. */
    @Test
    void onlyLocksThatWereTakenHereMayBeGivenUp() throws Throwable {
        ReentrantLock lock = new ReentrantLock();
        Method unlock = Lock.class.getMethod("unlock");
        lock.lock();
        assertFalse(effects.releasesOwnLock(unlock, lock, new Object[0]));
        call(Lock.class, lock, "lock");
        assertTrue(effects.releasesOwnLock(unlock, lock, new Object[0]));
        call(Lock.class, lock, "unlock");
        assertFalse(effects.releasesOwnLock(unlock, lock, new Object[0]));
        assertTrue(lock.isHeldByCurrentThread());
    }

    @Test
    void whatIsTakenFromAnIteratorIsMissedUnlessItsOnlyUserIsTheInvocation() throws Throwable {
        List<String> list = List.of("a", "b");
        Iterator<?> own = (Iterator<?>) call(Iterable.class, list, "iterator");
        Method next = Iterator.class.getMethod("next");
        assertFalse(effects.isSeen(false, next, own, new Object[0]));
        assertTrue(effects.isSeen(false, next, list.iterator(), new Object[0]));
        assertFalse(effects.isSeen(false, Iterator.class.getMethod("hasNext"), list.iterator(), new Object[0]));
    }

    @Test
    void aQuestionIsOneByItsTypeNotOnlyByItsName() throws Exception {
        assertEquals(CallFlags.SYNC, CallKinds.flagsOf(ConcurrentMap.class.getMethod("get", Object.class)));
        assertEquals(CallFlags.SYNC, CallKinds.flagsOf(AtomicLong.class.getMethod("get")));
        assertEquals(CallFlags.SYNC, CallKinds.flagsOf(TemporalAccessor.class.getMethod("get", TemporalField.class)));
        assertEquals(CallFlags.SYNC, CallKinds.flagsOf(Collator.class.getMethod("compare", String.class, String.class)));
        for (Method takes : List.of(Supplier.class.getMethod("get"), ByteBuffer.class.getMethod("get"),
                BaseStream.class.getMethod("iterator"), Stream.class.getMethod("toArray"),
                BreakIterator.class.getMethod("first"), ResultSet.class.getMethod("last"))) {
            assertEquals(CallFlags.SYNC | CallFlags.EFFECT, CallKinds.flagsOf(takes), takes.toString());
        }
    }

    @Test
    void whatRootsAreInIsTheApplicationWhateverItsName() {
        assertTrue(Frameworks.include(Sample.class));
        Frameworks.addApplication(Sample.class);
        assertFalse(Frameworks.include(Sample.class));
        assertFalse(Frameworks.include("org.springframework.samples.other.Owner", List.of("org.springframework.")));
        assertTrue(Frameworks.include("org.springframework.core.Ordered", List.of("org.springframework.")));
    }

    @Test
    void mapsAreSeenUnlessDoingItAgainIsTheSame() throws Throwable {
        ConcurrentMap<String, String> map = new ConcurrentHashMap<>();
        call(ConcurrentMap.class, map, "putIfAbsent", "k", "v");
        assertEquals(List.of(), seen);
        ConcurrentMap<String, Object> others = new ConcurrentHashMap<>();
        for (Object fixed : List.of(1L, new BigDecimal("1.5"), Optional.of("x"), List.of(1, 2), Thread.State.NEW)) {
            call(ConcurrentMap.class, others, "putIfAbsent", "k", fixed);
        }
        assertEquals(List.of(), seen);
        for (Object changes : List.of(new LongAdder(), new ArrayList<>(), new int[1], Optional.of(new StringBuilder()))) {
            call(ConcurrentMap.class, others, "putIfAbsent", "k", changes);
        }
        assertEquals(List.of("putIfAbsent", "putIfAbsent", "putIfAbsent", "putIfAbsent"), seen);
        seen.clear();
        call(ConcurrentMap.class, map, "put", "k", "w");
        assertEquals(List.of("put"), seen);
    }

    @Test
    void whatAFrameworksMapHasLostIsNotMissed() throws Throwable {
        call(ConcurrentReferenceHashMap.class, new ConcurrentReferenceHashMap<>(), "purgeUnreferencedEntries");
        assertEquals(List.of(), seen);
    }

    @Test
    void whatOgnlKnowsOfAClassStaysAtHomeAndMayBeFoundAgain() throws Throwable {
        ClassCache cache = new ClassCache.ClassCacheImpl();
        call(ClassCache.class, cache, "put", String.class, "known");
        assertEquals("known", call(ClassCache.class, cache, "get", String.class));
        assertEquals(List.of(), seen);
        assertTrue(HomeEffects.canBeLeftOut(ClassCache.class.getMethod("put", Class.class, Object.class), cache));
        assertFalse(HomeEffects.canBeLeftOut(ClassCache.class.getMethod("get", Class.class), cache));
    }
}
