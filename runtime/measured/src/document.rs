//! The fields of `measured.json`. Units stand last in every name; what was not measured is `null`.

use std::collections::BTreeMap;

use beehive_plan::FallbackReport;
use beehive_trace::Traffic;
use serde::{Deserialize, Serialize};

use crate::server::ServerMeasured;

/// Format version written by this code.
pub const MEASURED_VERSION: u32 = 1;

/// One run with offloading.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measured {
    /// Format version of the file.
    pub measured_version: u32,
    /// Version of beehive.
    pub beehive_version: String,
    /// The plan that was executed.
    pub plan: PlanRef,
    /// The application and its JVM.
    pub application: Application,
    /// The machine.
    pub host: Host,
    /// Whether and how invocations were offloaded.
    pub offloading: Offloading,
    /// The pool of workers.
    pub workers: Workers,
    /// Load driven by beehive; `None` without.
    pub traffic: Option<Traffic>,
    /// What the server's runtime counted; `None` if it never told.
    pub server: Option<ServerMeasured>,
    /// The same in the schema of predictions, means per execution.
    pub fallbacks: FallbackReport,
    /// What is missing from this record, by reason.
    pub gaps: BTreeMap<String, u64>,
}

/// Which plan and bundle were used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanRef {
    /// Path as given.
    pub path: String,
    /// SHA-256 of the plan, hexadecimal.
    pub sha256: String,
    /// SHA-256 of the bundle's manifest, hexadecimal.
    pub bundle_sha256: String,
    /// Roots switched on, `class#name(descriptor)`.
    pub roots: Vec<String>,
}

/// The application run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Application {
    /// Jar, main class or script started.
    pub main: String,
    /// Runtime version of its JDK.
    pub jdk_build: String,
    /// Time from its start to its end, ms.
    pub duration_ms: u64,
    /// Time from launch to the first answer, ms; `None` without a load.
    pub ready_ms: Option<u64>,
    /// Processor time of its process, µs; `None` if it could not be read.
    pub cpu_us: Option<u64>,
    /// Its own exit status, 128 + signal; 0 if beehive ended it.
    pub status: u8,
}

/// The machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Host {
    /// Operating system and architecture.
    pub platform: String,
    /// Processor model.
    pub cpu_model: String,
    /// Processors that may be used.
    pub cpus: u32,
    /// One-minute load average before the start, hundredths.
    pub load_average_centi: u64,
}

/// Whether and how invocations were offloaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offloading {
    /// As asked for: `off`, `all`, `ratio=0.5` or `auto`; changed while it ran: `off, then all`, the first and
    /// the last.
    pub mode: String,
    /// Time from the application's start to the runtime's first word, ms; `None` if it never came.
    pub ready_ms: Option<u64>,
    /// Why nothing could be offloaded at all, by code; empty when all was well.
    pub disabled: BTreeMap<String, String>,
    /// Times the controller opened the gate further.
    pub steps_up: u64,
    /// Times it closed it further.
    pub steps_down: u64,
}

/// The pool of workers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workers {
    /// Workers to be kept.
    pub asked: u32,
    /// Processes started.
    pub started: u64,
    /// Of these, started anew for one that had ended.
    pub restarted: u64,
    /// Time from launch to the connection admitted, ms, one a worker seen.
    pub ready_ms: Vec<u64>,
    /// Processor time of all of them, µs.
    pub cpu_us: u64,
    /// Classes that workers started later had from the start because earlier ones had asked for them.
    pub learned_classes: u64,
    /// Largest resident memory of one of them, bytes; `None` if none could be read.
    pub resident_bytes_max: Option<u64>,
    /// Workers that ended before they were asked to, the first ones.
    pub lost: Vec<LostWorker>,
    /// All of them, by [`LostWorker::reason`].
    pub lost_by_reason: BTreeMap<String, u64>,
}

/// A worker that ended before it was asked to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LostWorker {
    /// `WORKER_ENDED` by itself or by somebody else; `WORKER_SILENT` in an invocation or
    /// `WORKER_NEVER_JOINED`, and killed for it.
    pub reason: String,
    /// How it ended: `status 3`, `signal 9`.
    pub ending: String,
    /// Last line it wrote on standard error.
    pub last_words: String,
}
