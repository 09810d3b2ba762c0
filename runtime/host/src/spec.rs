//! What a run is asked for, and what it gave.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use beehive_measured::{Measured, PlanRef};
use beehive_record::LoadSpec;
use serde::Serialize;

use crate::mode::OffloadMode;

/// What workers are started from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkerFiles {
    /// The worker's class path, in order.
    pub class_path: Vec<PathBuf>,
    /// SHA-256 of the bundle's manifest: both sides of a connection must have the same.
    pub digest: String,
    /// `java.vm.version` that a worker must have; empty if the bundle does not say.
    pub jdk_build: String,
    /// Package prefixes whose classes a worker has for itself.
    pub native_packages: Vec<String>,
    /// CDS archive of exactly this class path, if there is one.
    pub archive: Option<PathBuf>,
}

/// One run.
#[derive(Clone, Debug)]
pub struct RunSpec {
    /// The command that starts the application.
    pub command: Vec<OsString>,
    /// The plan executed; its roots are numbered by their order.
    pub plan: PlanRef,
    /// Class path of the recorded run; empty if the plan does not say.
    pub class_path: Vec<String>,
    /// What workers are started from.
    pub files: WorkerFiles,
    /// How many invocations go to workers.
    pub offload: OffloadMode,
    /// File whose changes are followed: `offload=…`, `workers=…`.
    pub live: Option<PathBuf>,
    /// 99th percentile of root invocations that `auto` is to hold.
    pub latency_goal: Option<Duration>,
    /// Workers to keep.
    pub workers: u32,
    /// Largest heap of a worker, MiB.
    pub worker_heap_mib: u32,
    /// JVM options for workers, behind beehive's own.
    pub worker_options: Vec<String>,
    /// Largest closure, bytes; a larger one runs locally.
    pub closure_bytes_max: u64,
    /// Time a worker may be silent before it is given up.
    pub worker_timeout: Duration,
    /// Load to drive.
    pub load: Option<LoadSpec>,
    /// Time to run, from the application's start, or from the end of the warm-up with a load.
    pub duration: Option<Duration>,
    /// Time the application may take to end when asked, before it is killed.
    pub grace: Duration,
    /// File to write at the end and on SIGUSR1.
    pub output: PathBuf,
    /// Version of beehive, for the file.
    pub beehive_version: String,
}

/// What a run gave.
#[derive(Clone, Debug, Serialize)]
pub struct RunSummary {
    /// The file written.
    pub output: PathBuf,
    /// The application's status to pass on: its own, 128 + signal, or 0 if beehive ended it.
    pub status: u8,
    /// What was measured.
    pub measured: Measured,
}
