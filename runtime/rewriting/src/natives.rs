//! Classes that workers have their own of and that are not rewritten there: drivers of databases in other
//! processes hold sockets, so a worker uses its own instead of fetching the server's. Pools and loggers are
//! not among them: they stay at home, the runtime has a pool of its own, and lines belong in the server's
//! log. The one list; the packager writes it into the bundle.

/// Prefixes of class names, dotted.
pub const WORKER_NATIVE: &[&str] = &[
    "com.ibm.db2.",
    "com.microsoft.sqlserver.",
    "com.mysql.",
    "oracle.jdbc.",
    "oracle.net.",
    "org.mariadb.jdbc.",
    "org.postgresql.",
];
