//! The decision codes a plan may hold. Each has a heading in `docs/verdicts.md`; a code is never
//! renamed, because scripts and people refer to it.

/// Worth offloading.
pub const OFFLOAD_OK: &str = "OFFLOAD_OK";
/// Its processor time is below the fixed cost of an offload.
pub const OFFLOAD_TOO_SHORT: &str = "OFFLOAD_TOO_SHORT";
/// It mostly waits: little processor time to move.
pub const OFFLOAD_WAITS: &str = "OFFLOAD_WAITS";
/// Its processor time moves with other chosen roots.
pub const OFFLOAD_COVERED: &str = "OFFLOAD_COVERED";
/// Called too seldom to matter or to judge.
pub const OFFLOAD_RARE: &str = "OFFLOAD_RARE";
/// An offload would add more latency than the budget allows.
pub const OFFLOAD_OVER_BUDGET: &str = "OFFLOAD_OVER_BUDGET";
/// Threads wait for a monitor inside it.
pub const OFFLOAD_CONTENDED: &str = "OFFLOAD_CONTENDED";
/// An argument or result is an open stream, a request or a session.
pub const OFFLOAD_STREAM_ARGUMENT: &str = "OFFLOAD_STREAM_ARGUMENT";
/// It starts threads or completes on another one.
pub const OFFLOAD_THREADS: &str = "OFFLOAD_THREADS";
/// It opens connections that a worker has no equal of.
pub const OFFLOAD_CONNECTION: &str = "OFFLOAD_CONNECTION";
/// It opens or uses files, processes or other things of the server's machine.
pub const OFFLOAD_HOST_RESOURCE: &str = "OFFLOAD_HOST_RESOURCE";
/// It changes fields of existing objects by `VarHandle`, field updater or `Unsafe`.
pub const OFFLOAD_RAW_CAS: &str = "OFFLOAD_RAW_CAS";
/// It reads or writes fields of existing objects by reflection.
pub const OFFLOAD_REFLECTION: &str = "OFFLOAD_REFLECTION";
/// It returns to the server too often.
pub const OFFLOAD_CHATTY: &str = "OFFLOAD_CHATTY";
/// It uses objects of hidden classes that a worker cannot make.
pub const OFFLOAD_HIDDEN_CLASS: &str = "OFFLOAD_HIDDEN_CLASS";
/// It uses more existing data than an invocation may carry.
pub const OFFLOAD_CLOSURE_TOO_LARGE: &str = "OFFLOAD_CLOSURE_TOO_LARGE";
/// It uses the database inside a transaction begun outside it.
pub const OFFLOAD_TX_OUTSIDE_ROOT: &str = "OFFLOAD_TX_OUTSIDE_ROOT";
/// It works with an EntityManager that was open before it, or with a JPA that does not move.
pub const OFFLOAD_PERSISTENCE_AT_HOME: &str = "OFFLOAD_PERSISTENCE_AT_HOME";
/// It works with Hibernate, which keeps a second-level or query cache.
pub const OFFLOAD_PERSISTENCE_CACHE: &str = "OFFLOAD_PERSISTENCE_CACHE";
/// It calls natives of a library of the application's.
pub const OFFLOAD_APP_NATIVE: &str = "OFFLOAD_APP_NATIVE";
/// It calls natives of the JDK that nobody has reviewed.
pub const OFFLOAD_UNKNOWN_NATIVE: &str = "OFFLOAD_UNKNOWN_NATIVE";
/// Its classes come from a class loader that a worker has no equal of.
pub const OFFLOAD_LOADER: &str = "OFFLOAD_LOADER";
/// Its processor time was not measured.
pub const OFFLOAD_CPU_UNKNOWN: &str = "OFFLOAD_CPU_UNKNOWN";
/// Switched off by hand in the plan.
pub const OFFLOAD_SWITCHED_OFF: &str = "OFFLOAD_SWITCHED_OFF";
/// The trace does not know the method.
pub const OFFLOAD_NOT_IN_TRACE: &str = "OFFLOAD_NOT_IN_TRACE";

/// Every code.
pub const ALL: &[&str] = &[
    OFFLOAD_OK,
    OFFLOAD_TOO_SHORT,
    OFFLOAD_WAITS,
    OFFLOAD_COVERED,
    OFFLOAD_RARE,
    OFFLOAD_OVER_BUDGET,
    OFFLOAD_CONTENDED,
    OFFLOAD_STREAM_ARGUMENT,
    OFFLOAD_THREADS,
    OFFLOAD_CONNECTION,
    OFFLOAD_HOST_RESOURCE,
    OFFLOAD_RAW_CAS,
    OFFLOAD_REFLECTION,
    OFFLOAD_CHATTY,
    OFFLOAD_HIDDEN_CLASS,
    OFFLOAD_CLOSURE_TOO_LARGE,
    OFFLOAD_TX_OUTSIDE_ROOT,
    OFFLOAD_PERSISTENCE_AT_HOME,
    OFFLOAD_PERSISTENCE_CACHE,
    OFFLOAD_APP_NATIVE,
    OFFLOAD_UNKNOWN_NATIVE,
    OFFLOAD_LOADER,
    OFFLOAD_CPU_UNKNOWN,
    OFFLOAD_SWITCHED_OFF,
    OFFLOAD_NOT_IN_TRACE,
];
