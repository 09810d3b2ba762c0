//! Classes that workers have their own of and that are not rewritten there: drivers, connection pools
//! and loggers hold what belongs to one process (sockets, files), so a worker uses its own instead of
//! fetching the server's. The one list; the packager writes it into the bundle.

/// Prefixes of class names, dotted.
pub const WORKER_NATIVE: &[&str] = &[
    // Loggers.
    "ch.qos.logback.",
    "org.apache.commons.logging.",
    "org.apache.juli.",
    "org.apache.log4j.",
    "org.apache.logging.",
    "org.jboss.logging.",
    "org.slf4j.",
    // Connection pools.
    "com.mchange.v2.c3p0.",
    "com.zaxxer.hikari.",
    "org.apache.commons.dbcp2.",
    "org.apache.commons.pool2.",
    "org.apache.tomcat.jdbc.",
    // Drivers of databases in other processes.
    "com.ibm.db2.",
    "com.microsoft.sqlserver.",
    "com.mysql.",
    "oracle.jdbc.",
    "oracle.net.",
    "org.mariadb.jdbc.",
    "org.postgresql.",
];
