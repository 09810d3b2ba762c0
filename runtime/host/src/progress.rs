//! What a run tells while it goes on. The command line draws it; this crate prints nothing.

use std::time::Duration;

/// Listener of one run. Called from the run's own thread.
pub trait RunProgress {
    /// The run enters a new phase.
    fn phase(&self, phase: &RunPhase);
    /// Counts so far, about five times a second.
    fn tick(&self, snapshot: &RunSnapshot);
    /// A decision or remark a person may want to know.
    fn note(&self, text: &str);
    /// Something went wrong; never to be hidden.
    fn warning(&self, text: &str);
}

/// Phases of a run, in order; those of a load are left out without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunPhase {
    /// The application was started; it does not answer yet at that address.
    WaitingForReady {
        /// `host:port`.
        target: String,
    },
    /// Load is driven that is not counted.
    WarmingUp {
        /// Its length.
        length: Duration,
    },
    /// The application runs; until then if a length was asked for.
    Running {
        /// Its length.
        length: Option<Duration>,
    },
    /// The application was asked to end.
    Stopping,
}

/// Counts of a run so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSnapshot {
    /// Time in this phase.
    pub elapsed: Duration,
    /// How far the gate is open: `off`, `all`, `ratio=0.5`.
    pub gate: String,
    /// Workers connected.
    pub workers: u64,
    /// Of these, idle.
    pub idle: u64,
    /// Invocations that met the open gate and ended in the server.
    pub local: u64,
    /// Invocations that ended on a worker.
    pub offloaded: u64,
    /// Requests sent by the load driver.
    pub requests_sent: u64,
    /// Of these, those answered by an error or not at all.
    pub requests_failed: u64,
}
