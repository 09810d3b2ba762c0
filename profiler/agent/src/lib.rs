//! The light agent: records, inside the application's JVM, which user methods call which, how long
//! the candidate roots take, and what is loaded, started, contended and connected to meanwhile.
//!
//! Owns the probe class, the decision which methods get which probe, and the sending of increments to
//! `record` over the channel of `beehive-trace`. Knows no trace file and prints nothing but one line
//! when it cannot record. The application runs on whatever happens here.

mod agent;
mod attach;
mod channel;
mod class_kind;
mod class_row;
mod code_source;
mod contention;
mod cpu_samples;
mod deep;
mod drained;
mod error;
mod facts;
mod lineage;
mod muting;
mod named_root;
mod note;
mod pending;
mod probe_class;
mod probes;
mod recorder;
mod registry;
mod start;
mod timing;
mod type_bytes;
mod work;

pub use error::AgentError;

beehive_jvm::export_agent!(start::start);
