//! What was seen inside methods that an offload cannot carry: threads started, connections opened,
//! monitors waited for. Each is tied to the method it was seen in; whether a candidate reaches that
//! method is `reach`'s business, what follows from it `verdict`'s.

use beehive_trace::{Connection, MonitorStats, OUTSIDE, ThreadGroup};

use crate::graph::CallGraph;
use crate::hierarchy::Hierarchy;
use crate::proxy;

/// Packages of database drivers and pools: a worker opens such connections itself (its equivalent of
/// the server's DataSource), so they do not hold a root back.
const DATABASE: &[&str] = &[
    "com.zaxxer.hikari.",
    "org.apache.tomcat.jdbc.",
    "org.apache.commons.dbcp2.",
    "com.mchange.v2.",
    "io.agroal.",
    "org.postgresql.",
    "com.mysql.",
    "org.mariadb.jdbc.",
    "com.microsoft.sqlserver.jdbc.",
    "oracle.jdbc.",
    "oracle.net.",
    "com.ibm.db2.jcc.",
    "org.h2.",
];

/// Name patterns (digits replaced by `#`) of threads that belong to a driver, a pool or the JDK and
/// are started once by whoever comes first.
const SERVICE_THREADS: &[&str] = &[
    "HikariPool-#",
    "PostgreSQL-JDBC-",
    "mysql-cj-",
    "MVStore ",
    "H# ",
    "Cleaner-#",
    "Common-Cleaner",
    "Reference Handler",
    "process reaper",
    "Keep-Alive-",
    "Java#D",
    "AWT-",
];

/// Something seen in a method.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Obstacle {
    /// Method it was seen in.
    pub(crate) method: u32,
    /// What it is.
    pub(crate) what: What,
    /// Whether it is of a kind that keeps a candidate that reaches it from being offloaded; else it is
    /// only told. A monitor is weighed against each candidate (`verdict`).
    pub(crate) is_serious: bool,
}

/// Kinds of obstacles with the facts to be told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum What {
    /// Threads started.
    Threads(ThreadGroup),
    /// Connections opened.
    Connection(Connection),
    /// Monitors waited for, with the share of the method's invocations that waited.
    Monitor(MonitorStats, Option<f64>),
}

/// Beginnings of the names of what is waited for while a class is loaded; the JVM's own have no class.
const CLASS_LOADING: [&str; 5] = [
    "(",
    "org.springframework.boot.loader.",
    "java.util.jar.",
    "java.util.zip.ZipFile",
    "jdk.internal.loader.",
];

/// All obstacles of the trace that are tied to a user method, in the trace's order.
pub(crate) fn obstacles(hierarchy: &Hierarchy<'_>, graph: &CallGraph) -> Vec<Obstacle> {
    let trace = hierarchy.trace();
    let threads = trace
        .threads
        .iter()
        .map(|t| (t.starter, is_application_thread(t), What::Threads(t.clone())));
    let connections = trace.connections.iter().map(|c| {
        let is_database = DATABASE.iter().any(|package| c.opener.starts_with(package));
        (c.method, !is_database, What::Connection(c.clone()))
    });
    // Waits for classes, of the JVM or of whoever reads them from jars, end with the start-up, and stay out.
    let loads = |m: &MonitorStats| CLASS_LOADING.iter().any(|name| m.class_name.starts_with(name));
    let of_objects = trace.monitors.iter().filter(|m| !loads(m));
    let monitors = of_objects.map(|m| {
        let calls = graph.invocations(m.method);
        let share = (calls > 0).then(|| m.contended as f64 / calls as f64);
        (m.method, true, What::Monitor(m.clone(), share))
    });
    let all = threads.chain(connections).chain(monitors);
    let found = all.filter(|(id, _, what)| *id != OUTSIDE && what.count() > 0);
    found
        .map(|(id, is_serious, what)| {
            let behind = hierarchy.is_proxy_method(id).then(|| proxy::target(hierarchy, id));
            Obstacle { method: behind.flatten().unwrap_or(id), what, is_serious }
        })
        .collect()
}

fn is_application_thread(threads: &ThreadGroup) -> bool {
    !SERVICE_THREADS.iter().any(|name| threads.name.starts_with(name))
}

impl What {
    /// How often it was seen.
    fn count(&self) -> u64 {
        match self {
            Self::Threads(threads) => threads.started,
            Self::Connection(connection) => connection.count,
            Self::Monitor(monitor, _) => monitor.contended,
        }
    }

    /// One clause about what was seen, `place` being the method's label or "it".
    pub(crate) fn told(&self, place: &str) -> String {
        match self {
            Self::Threads(t) => {
                let kind = if t.is_virtual { "virtual threads" } else { "threads" };
                format!("{place} started {} {kind} named `{}`", t.started, t.name)
            }
            Self::Connection(c) => {
                format!("{place} opened {} connections to {} by {}", c.count, c.peer, c.opener)
            }
            Self::Monitor(m, share) => {
                let ms = m.blocked_ns as f64 / 1e6;
                let share = share
                    .map_or(String::new(), |s| format!(" ({:.2} % of its invocations)", s * 100.0));
                format!(
                    "{place} waited {} times for a monitor of {}{share}, {ms:.1} ms in all",
                    m.contended, m.class_name
                )
            }
        }
    }
}
