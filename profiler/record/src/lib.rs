//! Host side of `beehive profile`: finds the JDK, starts the application with the agent in it or loads
//! the agent into a running JVM, drives load, collects what the agent sends and writes the trace.
//! `run` starts its application and drives its load with the same parts.
//!
//! Prints nothing: a [`Progress`] hears what goes on, a [`RecordError`] tells what failed. Knows of
//! the agent only its bytes and the channel described in `beehive-trace`.

mod attach;
mod command;
mod deep;
mod error;
pub mod host;
mod hostile;
mod java_command;
mod jdk;
mod link;
mod listener;
mod load;
mod outcome;
mod private_dir;
mod profile;
mod progress;
mod recording;
mod session;
mod signals;
mod spec;
mod split;
mod subject;

pub use command::{AgentWay, LaunchPlan};
pub use deep::deep_from;
pub use error::RecordError;
pub use java_command::{JavaCommand, Main};
pub use jdk::{Jdk, OLDEST_JDK, Vm, installed_jdks};
pub use load::{
    DEFAULT_TARGET, Load, LoadCounts, LoadEvent, LoadHandle, LoadResult, LoadSpec, LoadedSubject,
    Rate, RequestTemplate, Surroundings, read_requests,
};
pub use private_dir::{PrivateDir, new_token};
pub use profile::profile;
pub use progress::{Phase, Progress, Snapshot};
pub use signals::{Received, SignalWatch};
pub use spec::{ProfileSpec, ProfileSummary, Subject};
