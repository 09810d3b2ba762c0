//! What a run is asked for, and what it gave.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use beehive_trace::{DeepConfig, Ending, RunFacts, Traffic};
use serde::Serialize;

use crate::load::LoadSpec;

/// What is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A command to start.
    Launch(Vec<OsString>),
    /// A running JVM, by its process id.
    Attach(u32),
}

/// One run to be recorded.
#[derive(Clone, Debug)]
pub struct ProfileSpec {
    /// What is recorded.
    pub subject: Subject,
    /// The trace to write.
    pub output: PathBuf,
    /// Time to record, from the agent's hello, or from the end of the warm-up with a load. Without it
    /// the run goes on until the application ends or a person ends it.
    pub duration: Option<Duration>,
    /// Load to drive.
    pub load: Option<LoadSpec>,
    /// Package prefixes that are the user's, beside what the layout tells.
    pub app_packages: Vec<String>,
    /// Methods to time: `class#name`, `*` matches any part.
    pub named_roots: Vec<String>,
    /// Count every call whatever it costs, instead of estimating the most frequent ones.
    pub exact: bool,
    /// What a deep run samples; `None` for a light run.
    pub deep: Option<DeepConfig>,
    /// Time between two sets of chunks of the agent.
    pub interval: Duration,
    /// Time an agent may take to report, from the start of a `java` command.
    pub hello_timeout: Duration,
    /// Time the application may take to end when asked, before it is killed.
    pub grace: Duration,
    /// Version of beehive, for the trace.
    pub beehive_version: String,
}

impl ProfileSpec {
    /// A spec with the usual times.
    pub fn new(subject: Subject, output: PathBuf) -> Self {
        Self {
            subject,
            output,
            duration: None,
            load: None,
            app_packages: Vec::new(),
            named_roots: Vec::new(),
            exact: false,
            deep: None,
            interval: Duration::from_secs(1),
            hello_timeout: Duration::from_mins(1),
            grace: Duration::from_secs(30),
            beehive_version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// Whether beehive ends the run by itself, so that the application runs only to be recorded.
    pub(crate) fn is_bounded(&self) -> bool {
        self.duration.is_some()
    }
}

/// What a run gave.
#[derive(Clone, Debug, Serialize)]
pub struct ProfileSummary {
    /// The trace written.
    pub output: PathBuf,
    /// Its size in bytes.
    pub output_bytes: u64,
    /// How the run ended.
    pub ending: Ending,
    /// The application's status to pass on: its own, 128 + signal, or 0 if beehive ended it.
    pub status: u8,
    /// Facts of the run, one a JVM recorded.
    pub runs: Vec<RunFacts>,
    /// User methods seen.
    pub methods: usize,
    /// Classes seen.
    pub classes: usize,
    /// Invocations of user methods from outside.
    pub entries: u64,
    /// Calls of user methods.
    pub calls: u64,
    /// Methods with a clock that were invoked.
    pub timed_methods: usize,
    /// Invocations that a deep run has sampled to their end; `None` of a light run.
    pub sampled: Option<u64>,
    /// Load driven; all zero without.
    pub traffic: Traffic,
    /// Losses by reason.
    pub losses: BTreeMap<String, u64>,
}
