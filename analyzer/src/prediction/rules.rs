//! What a worker does with objects of known classes, as data: one row a rule, the first that fits
//! counts. The model is that of the offload runtime (docs/prediction.md): JDK objects and application
//! objects travel, what the JVM can name is named, what only the server has is pinned, what the worker
//! can have of its own has an equivalent. Rows are general: libraries, never one application.

use beehive_plan::Handling::{self, ByName, Equivalent, Pinned, ReadCopy, Shipped, WorkersOwn};

/// What a rule looks at.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fits {
    /// The class itself or one of its supertypes has this name.
    Type(&'static str),
    /// The name of the class itself begins so.
    Package(&'static str),
}

/// One rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    pub(crate) fits: Fits,
    pub(crate) handling: Handling,
    pub(crate) why: &'static str,
}

const fn of(fits: Fits, handling: Handling, why: &'static str) -> Rule {
    Rule { fits, handling, why }
}

const OWN: &str = "every JVM has its own";
const NAMED: &str = "mapped by name";
const LOGGER: &str = "a logger of the same name on the worker";
const MEMORY: &str = "a stream over memory travels like any object";
const STREAM: &str = "open at the server";
const LOCK: &str = "a lock is taken at home";
const ATOMIC: &str = "an atomic shared with the server's threads";
const QUEUE: &str = "shared with the server's threads";
const MONITOR: &str = "the JDK locks it inside its own methods";
const CONTAINER: &str = "belongs to the web container";
const CONTEXT: &str = "the bean factory stays at the server";
const CACHE: &str = "a cache of the server's";
const BOUNDED: &str = "a bounded cache: each worker has one of its own";
const MESSAGES: &str = "a connection to a broker stays at the server";

/// The rules for all classes, databases apart.
pub(crate) const RULES: &[Rule] = &[
    // What each JVM has for itself.
    of(Fits::Package("jdk.internal."), WorkersOwn, OWN),
    of(Fits::Package("sun.misc."), WorkersOwn, OWN),
    of(Fits::Package("java.lang.invoke."), WorkersOwn, OWN),
    of(Fits::Package("java.lang.ref.Cleaner"), WorkersOwn, OWN),
    of(Fits::Package("sun.nio.fs."), WorkersOwn, OWN),
    of(Fits::Type("java.lang.invoke.VarHandle"), WorkersOwn, OWN),
    of(Fits::Type("java.lang.invoke.MethodHandle"), WorkersOwn, OWN),
    of(Fits::Type("java.lang.Runtime"), WorkersOwn, OWN),
    of(Fits::Type("java.nio.file.FileSystem"), WorkersOwn, OWN),
    of(Fits::Type("java.security.Provider"), WorkersOwn, OWN),
    of(Fits::Type("java.security.SecureRandom"), Equivalent, "random bytes of the worker's own"),
    of(Fits::Type("java.security.SecureRandomSpi"), Equivalent, "random bytes of the worker's own"),
    // What the JVM can name.
    of(Fits::Type("java.lang.Class"), ByName, NAMED),
    of(Fits::Type("java.lang.ClassLoader"), ByName, NAMED),
    of(Fits::Type("java.lang.Module"), ByName, NAMED),
    of(Fits::Type("java.lang.Enum"), ByName, NAMED),
    of(Fits::Type("java.lang.Thread"), ByName, "the serving thread stands for it"),
    of(Fits::Type("java.lang.reflect.AccessibleObject"), ByName, NAMED),
    of(Fits::Type("java.util.Locale"), ByName, NAMED),
    of(Fits::Type("java.nio.charset.Charset"), ByName, NAMED),
    of(Fits::Type("java.time.ZoneId"), ByName, NAMED),
    of(Fits::Type("java.util.Currency"), ByName, NAMED),
    of(Fits::Type("java.util.regex.Pattern"), ByName, NAMED),
    of(Fits::Type("java.util.logging.Logger"), Equivalent, LOGGER),
    of(Fits::Type("java.util.logging.Level"), ByName, NAMED),
    // Loggers.
    of(Fits::Package("org.slf4j."), Equivalent, LOGGER),
    of(Fits::Package("ch.qos.logback."), Equivalent, LOGGER),
    of(Fits::Package("org.apache.logging."), Equivalent, LOGGER),
    of(Fits::Package("org.apache.log4j."), Equivalent, LOGGER),
    of(Fits::Package("org.apache.commons.logging."), Equivalent, LOGGER),
    of(Fits::Package("org.jboss.logging."), Equivalent, LOGGER),
    of(Fits::Package("java.util.logging."), Equivalent, LOGGER),
    // The web container and what it hands to an application.
    of(Fits::Type("jakarta.servlet.ServletRequest"), Pinned, CONTAINER),
    of(Fits::Type("jakarta.servlet.ServletResponse"), Pinned, CONTAINER),
    of(Fits::Type("jakarta.servlet.ServletContext"), Pinned, CONTAINER),
    of(Fits::Type("jakarta.servlet.http.HttpSession"), Pinned, CONTAINER),
    of(Fits::Type("javax.servlet.ServletRequest"), Pinned, CONTAINER),
    of(Fits::Type("javax.servlet.ServletResponse"), Pinned, CONTAINER),
    of(Fits::Type("javax.servlet.ServletContext"), Pinned, CONTAINER),
    of(Fits::Type("javax.servlet.http.HttpSession"), Pinned, CONTAINER),
    of(Fits::Type("com.sun.net.httpserver.HttpExchange"), Pinned, CONTAINER),
    of(Fits::Package("org.apache.catalina."), Pinned, CONTAINER),
    of(Fits::Package("org.apache.coyote."), Pinned, CONTAINER),
    of(Fits::Package("org.apache.tomcat."), Pinned, CONTAINER),
    of(Fits::Package("org.eclipse.jetty."), Pinned, CONTAINER),
    of(Fits::Package("io.undertow."), Pinned, CONTAINER),
    of(Fits::Package("io.netty."), Pinned, CONTAINER),
    of(Fits::Package("reactor.netty."), Pinned, CONTAINER),
    of(Fits::Package("io.vertx.core."), Pinned, CONTAINER),
    of(Fits::Package("io.vertx.ext.web."), Pinned, CONTAINER),
    of(Fits::Package("sun.net.httpserver."), Pinned, CONTAINER),
    of(Fits::Package("com.sun.net.httpserver."), Pinned, CONTAINER),
    // Streams, files, sockets.
    of(Fits::Type("java.io.ByteArrayInputStream"), Shipped, MEMORY),
    of(Fits::Type("java.io.ByteArrayOutputStream"), Shipped, MEMORY),
    of(Fits::Type("java.io.StringReader"), Shipped, MEMORY),
    of(Fits::Type("java.io.StringWriter"), Shipped, MEMORY),
    of(Fits::Type("java.io.CharArrayReader"), Shipped, MEMORY),
    of(Fits::Type("java.io.CharArrayWriter"), Shipped, MEMORY),
    of(Fits::Type("java.io.InputStream"), Pinned, STREAM),
    of(Fits::Type("java.io.OutputStream"), Pinned, STREAM),
    of(Fits::Type("java.io.Reader"), Pinned, STREAM),
    of(Fits::Type("java.io.Writer"), Pinned, STREAM),
    of(Fits::Type("java.io.RandomAccessFile"), Pinned, STREAM),
    of(Fits::Type("java.io.FileDescriptor"), Pinned, STREAM),
    of(Fits::Type("java.nio.channels.Channel"), Pinned, STREAM),
    of(Fits::Type("java.nio.channels.Selector"), Pinned, STREAM),
    of(Fits::Type("java.net.Socket"), Pinned, STREAM),
    of(Fits::Type("java.net.ServerSocket"), Pinned, STREAM),
    of(Fits::Type("java.net.http.HttpClient"), Pinned, STREAM),
    of(Fits::Type("java.util.zip.ZipFile"), Pinned, STREAM),
    of(Fits::Type("java.util.zip.Deflater"), Pinned, "its stream lies outside the heap"),
    of(Fits::Type("java.util.zip.Inflater"), Pinned, "its stream lies outside the heap"),
    of(Fits::Type("java.lang.Process"), Pinned, "a process of the server's machine"),
    // Caches that their framework bounds by size: an entry may be gone at any time, so workers keep their own.
    of(
        Fits::Type("org.hibernate.internal.util.collections.BoundedConcurrentHashMap"),
        WorkersOwn,
        BOUNDED,
    ),
    of(
        Fits::Package("org.hibernate.internal.util.collections.BoundedConcurrentHashMap"),
        WorkersOwn,
        BOUNDED,
    ),
    of(Fits::Package("org.springframework.util.ConcurrentLruCache"), WorkersOwn, BOUNDED),
    // What threads share.
    of(
        Fits::Type("java.util.concurrent.ConcurrentMap"),
        ReadCopy,
        "read through copies of its entries",
    ),
    of(
        Fits::Package("java.util.concurrent.ConcurrentHashMap"),
        ReadCopy,
        "inside a concurrent map",
    ),
    of(Fits::Type("java.util.concurrent.locks.Lock"), Pinned, LOCK),
    of(Fits::Type("java.util.concurrent.locks.ReadWriteLock"), Pinned, LOCK),
    of(Fits::Type("java.util.concurrent.locks.AbstractOwnableSynchronizer"), Pinned, LOCK),
    of(Fits::Type("java.util.concurrent.locks.StampedLock"), Pinned, LOCK),
    of(Fits::Package("java.util.concurrent.locks."), Pinned, LOCK),
    of(Fits::Type("java.util.concurrent.Semaphore"), Pinned, LOCK),
    of(Fits::Type("java.util.concurrent.CountDownLatch"), Pinned, LOCK),
    of(Fits::Type("java.util.concurrent.CyclicBarrier"), Pinned, LOCK),
    of(Fits::Type("java.util.concurrent.Phaser"), Pinned, LOCK),
    of(Fits::Package("java.util.concurrent.atomic."), Pinned, ATOMIC),
    of(Fits::Type("java.util.concurrent.atomic.AtomicInteger"), Pinned, ATOMIC),
    of(Fits::Type("java.util.concurrent.atomic.AtomicLong"), Pinned, ATOMIC),
    of(Fits::Type("java.util.concurrent.atomic.AtomicReference"), Pinned, ATOMIC),
    of(
        Fits::Type("java.util.concurrent.Executor"),
        Pinned,
        "an executor's threads are the server's",
    ),
    of(Fits::Type("java.util.concurrent.Future"), Pinned, QUEUE),
    of(Fits::Type("java.util.concurrent.BlockingQueue"), Pinned, QUEUE),
    of(Fits::Type("java.util.concurrent.ConcurrentLinkedQueue"), Pinned, QUEUE),
    of(Fits::Type("java.util.concurrent.ConcurrentLinkedDeque"), Pinned, QUEUE),
    of(Fits::Type("java.util.Timer"), Pinned, QUEUE),
    of(Fits::Type("java.util.Vector"), Pinned, MONITOR),
    of(Fits::Type("java.util.Hashtable"), Pinned, MONITOR),
    of(Fits::Type("java.lang.StringBuffer"), Pinned, MONITOR),
    of(Fits::Package("java.util.Collections$Synchronized"), Pinned, MONITOR),
    // Frameworks.
    of(Fits::Type("org.springframework.beans.factory.BeanFactory"), Pinned, CONTEXT),
    of(Fits::Type("jakarta.enterprise.inject.spi.BeanManager"), Pinned, CONTEXT),
    of(Fits::Type("io.micronaut.context.BeanContext"), Pinned, CONTEXT),
    of(Fits::Type("org.springframework.cache.Cache"), Pinned, CACHE),
    of(Fits::Type("com.google.common.cache.Cache"), Pinned, CACHE),
    of(Fits::Package("com.github.benmanes.caffeine.cache."), Pinned, CACHE),
    of(Fits::Package("org.ehcache."), Pinned, CACHE),
    of(Fits::Package("io.micrometer.core."), Pinned, "meters count at the server"),
    of(Fits::Type("jakarta.jms.Connection"), Pinned, MESSAGES),
    of(Fits::Package("org.apache.kafka."), Pinned, MESSAGES),
    of(Fits::Package("com.rabbitmq."), Pinned, MESSAGES),
];

/// Connection pools: a pool of the worker's own stands for the server's.
pub(crate) const POOLS: &[&str] = &[
    "com.zaxxer.hikari.",
    "org.apache.tomcat.jdbc.",
    "org.apache.commons.dbcp2.",
    "com.mchange.v2.",
    "io.agroal.",
    "oracle.ucp.",
];

/// Drivers of databases in other processes.
pub(crate) const DRIVERS: &[&str] = &[
    "org.postgresql.",
    "com.mysql.",
    "org.mariadb.jdbc.",
    "com.microsoft.sqlserver.jdbc.",
    "oracle.jdbc.",
    "oracle.net.",
    "com.ibm.db2.jcc.",
];

/// Databases that run inside the server's process unless they are seen to connect elsewhere.
pub(crate) const IN_PROCESS: &[&str] =
    &["org.h2.", "org.hsqldb.", "org.apache.derby.", "org.sqlite.", "org.duckdb."];

/// The application's ways into what a container or driver keeps, the most special first. Calls are
/// counted by these where the objects behind them are pinned.
pub(crate) const INTERFACES: &[&str] = &[
    "java.sql.CallableStatement",
    "java.sql.PreparedStatement",
    "java.sql.Statement",
    "java.sql.ResultSet",
    "java.sql.Connection",
    "java.sql.DatabaseMetaData",
    "javax.sql.DataSource",
    "jakarta.servlet.http.HttpSession",
    "jakarta.servlet.http.HttpServletRequest",
    "jakarta.servlet.http.HttpServletResponse",
    "jakarta.servlet.ServletRequest",
    "jakarta.servlet.ServletResponse",
    "jakarta.servlet.ServletContext",
    "javax.servlet.http.HttpSession",
    "javax.servlet.http.HttpServletRequest",
    "javax.servlet.http.HttpServletResponse",
    "javax.servlet.ServletRequest",
    "javax.servlet.ServletResponse",
    "javax.servlet.ServletContext",
];

/// Of [`INTERFACES`], the one whose contents come home in one call however many cells are read.
pub(crate) const FETCHED_WHOLE: &str = "java.sql.ResultSet";

/// Frameworks whose volatile fields publish what is made once: a worker reads them as they were at its last sync
/// point, and sends what it writes with the next one. The runtime's list (`offload/Frameworks`).
pub(crate) const PUBLISHING: &[&str] = &[
    "org.hibernate.",
    "org.springframework.",
    "org.apache.catalina.",
    "org.apache.tomcat.",
    "org.apache.coyote.",
    "org.apache.naming.",
    "org.apache.el.",
    "org.apache.jasper.",
    "org.apache.commons.",
    "org.apache.logging.",
    "org.apache.ibatis.",
    "org.mybatis.",
    "com.fasterxml.",
    "org.jboss.",
    "net.bytebuddy.",
    "jakarta.",
    "com.zaxxer.",
    "io.micrometer.",
    "org.slf4j.",
    "ch.qos.logback.",
    "org.antlr.",
];

/// Classes whose static counters only tell things apart: a worker draws numbers in large blocks.
pub(crate) const DRAWING: &[&str] = &[
    "org.hibernate.query.sqm.spi.SqmCreationHelper",
    "org.hibernate.action.internal.DelayedPostInsertIdentifier",
];

/// Native calls that belong to an equivalent when its code ran in the same execution: beginning of the
/// native's name, packages of the equivalent.
pub(crate) const NATIVES_OF_EQUIVALENTS: &[(&str, &[&str], &str)] = &[
    ("java.io.FileOutputStream#write", LOGGERS, "the worker's logger writes its own lines"),
    ("java.io.FileOutputStream#open", LOGGERS, "the worker's logger writes its own lines"),
    ("sun.nio.ch.FileDispatcherImpl#write", LOGGERS, "the worker's logger writes its own lines"),
    (
        "sun.nio.ch.UnixFileDispatcherImpl#write",
        LOGGERS,
        "the worker's logger writes its own lines",
    ),
    (
        "java.io.FileInputStream#read",
        &["sun.security.provider.NativePRNG", "sun.security.provider.SeedGenerator"],
        "random bytes of the worker's own",
    ),
    (
        "java.util.zip.",
        &["java.util.jar.JarFile", "org.springframework.boot.loader."],
        "reads the worker's own jars",
    ),
];

/// Packages of loggers whose code appends to files or the terminal.
const LOGGERS: &[&str] = &[
    "ch.qos.logback.core.",
    "org.apache.logging.log4j.core.",
    "java.util.logging.StreamHandler",
    "java.util.logging.ConsoleHandler",
    "org.apache.log4j.",
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The strings of a set or list of the runtime, in its order.
    fn listed(class: &str, constant: &str) -> Vec<String> {
        let folder =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime/java/src/main/java/dev/beehive");
        let text = std::fs::read_to_string(format!("{folder}/runtime/{class}.java")).unwrap();
        let (_, rest) = text.split_once(&format!("{constant} = ")).unwrap();
        let (list, _) = rest.split_once(';').unwrap();
        list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    }

    #[test]
    fn what_costs_nothing_here_costs_nothing_in_the_runtime() {
        assert_eq!(PUBLISHING, listed("offload/Frameworks", "PACKAGES"));
        assert_eq!(DRAWING, listed("worker/OwnNumbers", "DRAWERS"));
        let mut bounded = listed("worker/OwnCaches", "BOUNDED");
        bounded.extend(listed("worker/OwnCaches", "COMPUTING"));
        for class in bounded {
            let is_its =
                |rule: &&Rule| matches!(rule.fits, Fits::Package(package) if package == class);
            assert_eq!(RULES.iter().find(is_its).unwrap().handling, WorkersOwn, "{class}");
        }
    }
}
