//! Host side of `beehive run`: starts the application with the offload agent in it, keeps a pool of
//! local workers, moves the gate with the load, collects what was measured.
//!
//! ```text
//! command ─ launch ─▶ server JVM ── control socket ──▶ session ── offload … ──▶ gate
//! bundle  ─ pool ───▶ worker JVMs ─ protocol ─▶ server JVM        └─ conclude ─▶ measured.json
//! ```
//!
//! Prints nothing: a [`RunProgress`] hears what goes on. Starting, load and signals are those of
//! `beehive-record`; which classes a worker gets is the packager's; what travels is the runtime jar's.

mod archive;
mod config;
mod control;
mod controller;
mod embedded;
mod ending;
mod error;
mod learning;
mod live;
mod message;
mod mode;
mod pool;
mod progress;
mod recent;
mod run;
mod self_test;
mod session;
mod slot;
mod spec;
mod told;
mod trial;
mod walks;
mod worker;

pub use error::RunError;
pub use mode::OffloadMode;
pub use progress::{RunPhase, RunProgress, RunSnapshot};
pub use run::run;
pub use spec::{RunSpec, RunSummary, WorkerFiles};
pub use trial::{Trial, TrialError, try_bundle};
pub use worker::WorkerCommand;
