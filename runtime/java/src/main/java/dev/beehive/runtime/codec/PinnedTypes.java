// The table of types whose instances never move, because other threads use them under a lock or by atomic
// instructions that the runtime does not see, or because they belong to this host, this request or this connection.
// A worker calls them at home. Names of libraries stand here so that nothing depends on the libraries.
package dev.beehive.runtime.codec;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;

/** Decided by class, once. */
public final class PinnedTypes {
    private static final ClassValue<Boolean> INCLUDED = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return decide(type);
        }
    };
    /** Lucene's, which remembers its threads in a map. */
    private static final String OF_THREAD = "org.apache.lucene.util.CloseableThreadLocal";
    /** The type itself or anything it extends or implements. */
    private static final Set<String> SUPERTYPES = Set.of(
        "java.lang.ThreadLocal", PinnedTypes.OF_THREAD, "java.util.Random", "java.util.Hashtable", "java.util.Vector",
        "java.lang.StringBuffer", "java.io.InputStream", "java.io.OutputStream", "java.io.Reader", "java.io.Writer",
        "java.util.concurrent.locks.Lock", "java.util.concurrent.locks.ReadWriteLock",
        "java.util.concurrent.locks.AbstractOwnableSynchronizer", "java.util.concurrent.Executor",
        "java.util.concurrent.ConcurrentMap", "java.util.concurrent.BlockingQueue", "java.util.concurrent.Future",
        "java.util.logging.Logger", "java.lang.System$Logger", "org.slf4j.Logger", "org.apache.commons.logging.Log",
        "org.apache.logging.log4j.Logger", "org.jboss.logging.BasicLogger",
        "javax.sql.CommonDataSource", "java.sql.Wrapper", "java.sql.Driver", "java.sql.Blob", "java.sql.Clob",
        "java.sql.Array", "java.sql.SQLXML", "javax.naming.Context", "javax.xml.transform.Templates",
        "java.net.http.HttpClient",
        "org.springframework.beans.factory.BeanFactory", "org.springframework.core.env.PropertyResolver",
        "org.springframework.transaction.jta.JtaTransactionManager",
        "org.springframework.util.ConcurrentLruCache", "org.springframework.orm.hibernate5.HibernateTransactionManager", "org.springframework.cache.Cache",
        "org.springframework.cache.CacheManager",
        "io.micrometer.core.instrument.Meter", "io.micrometer.core.instrument.LongTaskTimer$Sample",
        // OGNL's tables by the identity of classes, which is another in each JVM.
        "ognl.internal.ClassCache", "org.apache.ibatis.ognl.internal.ClassCache",
        "jakarta.servlet.ServletRequest", "jakarta.servlet.ServletResponse", "jakarta.servlet.ServletContext",
        "jakarta.servlet.http.HttpSession", "javax.servlet.ServletRequest", "javax.servlet.ServletResponse",
        "javax.servlet.ServletContext", "javax.servlet.http.HttpSession");
    /** JPA: at home with the server's connections, objects like any other with connections of the worker's own. */
    private static final Set<String> PERSISTENCE = Set.of("org.springframework.orm.jpa.JpaTransactionManager",
        "jakarta.persistence.EntityManager", "jakarta.persistence.EntityManagerFactory",
        "jakarta.persistence.Query", "jakarta.persistence.EntityTransaction",
        // Of before Jakarta, which never moves.
        "javax.persistence.EntityManager", "javax.persistence.EntityManagerFactory", "javax.persistence.Query",
        "javax.persistence.EntityTransaction");
    /** Whose implementations of JPA are known to be followed, their proxies included. */
    private static final List<String> PERSISTENCE_KNOWN = List.of("org.hibernate.", "org.springframework.");
    /** Streams in memory, used by one thread, travel like any object. */
    private static final Set<String> EXCEPT = Set.of("java.io.ByteArrayInputStream", "java.io.ByteArrayOutputStream",
        "java.io.StringReader", "java.io.StringWriter", "java.io.CharArrayReader", "java.io.CharArrayWriter");
    /**
     * Used by atomic instructions alone: nobody waits for another, so that two copies can stand for one until the
     * invocation that made it ends. With what is nested in them.
     */
    private static final List<String> LOCK_FREE = List.of("atomic.Atomic", "atomic.LongA", "atomic.DoubleA",
        "atomic.Striped64", "ConcurrentHashMap", "ConcurrentSkipList", "ConcurrentLinked", "CopyOnWriteArray");
    /** Locked for no longer than a call takes, which comes to the same. Pipes are: their ends wait for each other. */
    private static final Set<String> LOCKED_BRIEFLY = Set.of("java.util.Hashtable", "java.util.Vector",
        "java.lang.StringBuffer", "java.util.Random", "java.io.InputStream", "java.io.OutputStream", "java.io.Reader",
        "java.io.Writer");
    private static final String PIPES = "java.io.Piped";
    /** What these are made of, and nobody else sees: it travels with one that a worker has made. */
    private static final Set<String> PARTS = Set.of("Node", "TreeNode", "Index", "CounterCell", "Cell");
    /** Of a walk, which nobody else sees; what is written to it goes into the map. */
    private static final String ENTRY = "java.util.concurrent.ConcurrentHashMap$MapEntry";
    private static final List<String> CONCURRENT_PACKAGES = List.of("java.util.concurrent.");
    private static final String SYNCHRONIZED_VIEWS = "java.util.Collections$Synchronized";

    /** What a worker opens of its own and can give to nobody. */
    private static final Set<String> OPENED = Set.of("java.sql.Wrapper", "java.sql.Blob", "java.sql.Clob",
        "java.sql.Array", "java.sql.SQLXML");

    private PinnedTypes() {
    }

    /** Whether instances hold, or are, an open connection to a database. */
    static boolean isOpened(Class<?> type) {
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (isListed(c, OPENED)) {
                return true;
            }
        }
        return false;
    }

    static boolean include(Class<?> type) {
        return INCLUDED.get(type);
    }

    /** Whether an object is a library's own kind of thread-local: each thread finds what it has put there itself. */
    public static boolean isOfThread(Object object) {
        Class<?> type = object == null ? null : object.getClass();
        while (type != null && !type.getName().equals(OF_THREAD)) {
            type = type.getSuperclass();
        }
        return type != null;
    }

    /** Whether an object that a worker has made may be used there until the invocation ends, and meanwhile here. */
    static boolean isLockFree(Class<?> type) {
        Class<?> c = type;
        while (!ClassOrigin.isJdk(c)) {
            c = c.getSuperclass();
        }
        String name = c.getName();
        for (Class<?> each = c; each != null; each = each.getSuperclass()) {
            if (LOCKED_BRIEFLY.contains(each.getName())) {
                return !name.startsWith(PIPES);
            }
        }
        if (name.startsWith(SYNCHRONIZED_VIEWS)) {
            return true;
        }
        String concurrent = CONCURRENT_PACKAGES.get(0);
        return name.startsWith(concurrent)
            && LOCK_FREE.stream().anyMatch(each -> name.startsWith(each, concurrent.length()));
    }

    /** Whether instances stay at home only where the session says so: see {@link CodecSession#keepPersistenceAtHome}. */
    static boolean isPersistence(Class<?> type) {
        return !include(type) && isPartOfPersistence(type);
    }

    private static boolean isPartOfPersistence(Class<?> type) {
        for (Class<?> c = type; c != null && !type.isInterface(); c = c.getSuperclass()) {
            if (isListed(c, PERSISTENCE)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isForeignPersistence(Class<?> type) {
        boolean known = Proxy.isProxyClass(type) || PERSISTENCE_KNOWN.stream().anyMatch(type.getName()::startsWith);
        return !known && isPartOfPersistence(type);
    }

    /** Whether instances are parts of an object of a lock-free class. */
    static boolean isPartOfLockFree(Class<?> type) {
        boolean nested = ClassOrigin.isJdk(type) && type.getNestHost() != type;
        return nested && PARTS.contains(type.getSimpleName()) && isLockFree(type.getNestHost());
    }

    private static boolean decide(Class<?> type) {
        if (type.getName().equals(ENTRY) || type.isInterface() || Throwable.class.isAssignableFrom(type) || type.isEnum() || isPartOfLockFree(type)) {
            return false;
        }
        if (isForeignPersistence(type)) {
            return true;
        }
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            if (EXCEPT.contains(c.getName())) {
                return false;
            }
            boolean jdk = ClassOrigin.isJdk(c);
            // Values of a driver (its exceptions' details, its own types) travel; what it can serialise holds no socket.
            boolean ofWorker = WorkerNative.includes(c) && !java.io.Serializable.class.isAssignableFrom(type);
            boolean concurrent = jdk && CONCURRENT_PACKAGES.stream().anyMatch(c.getName()::startsWith);
            boolean view = jdk && c.getName().startsWith(SYNCHRONIZED_VIEWS);
            if (concurrent || view || isListed(c, SUPERTYPES) || ofWorker) {
                return true;
            }
        }
        return false;
    }

    private static boolean isListed(Class<?> type, Set<String> names) {
        if (names.contains(type.getName())) {
            return true;
        }
        for (Class<?> each : type.getInterfaces()) {
            if (isListed(each, names)) {
                return true;
            }
        }
        return false;
    }
}
