//! What a run tells while it goes on. The command line draws it; this crate prints nothing.

use std::time::Duration;

/// Listener of one run. Called from the run's own thread.
pub trait Progress {
    /// The run enters a new phase.
    fn phase(&self, phase: &Phase);
    /// Counts so far, about five times a second.
    fn tick(&self, snapshot: &Snapshot);
    /// A decision or remark a person may want to know.
    fn note(&self, text: &str);
    /// Something went wrong or will make the trace worse; never to be hidden.
    fn warning(&self, text: &str);
}

/// Phases of a run, in order; those of a load are left out without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The application was started or attached to; the agent has not reported.
    WaitingForAgent,
    /// The agent records; the application does not answer yet at that address.
    WaitingForReady {
        /// `host:port`.
        target: String,
    },
    /// Load is driven that will not be recorded.
    WarmingUp {
        /// Its length.
        length: Duration,
    },
    /// Recording; until then if a length was asked for.
    Recording {
        /// Its length.
        length: Option<Duration>,
    },
    /// The application was asked to end, or the agent to leave.
    Stopping,
    /// The trace is made and written.
    Writing,
}

/// Counts of a run so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Time in this phase.
    pub elapsed: Duration,
    /// Invocations of user methods from outside.
    pub entries: u64,
    /// Calls of user methods.
    pub calls: u64,
    /// User methods seen.
    pub methods: u64,
    /// Bytes received from the agent.
    pub bytes: u64,
    /// Events lost or left alone.
    pub losses: u64,
    /// Requests sent by the load driver.
    pub requests_sent: u64,
    /// Of these, those answered by an error or not at all.
    pub requests_failed: u64,
    /// Requests not sent because too many were waiting for an answer.
    pub requests_dropped: u64,
}
