//! `measured.json`: what `beehive run` found out about each root, in the words of the plan's
//! predictions. Owns the data and the file; measures nothing and judges nothing.

mod document;
mod file;
mod report;
mod server;

pub use document::{
    Application, Host, LostWorker, MEASURED_VERSION, Measured, Offloading, PlanRef, Workers,
};
pub use file::{MeasuredError, parse_measured, read_measured, render_measured, write_measured};
pub use report::fallback_report;
pub use server::{CpuSamples, Executions, Fallbacks, MeasuredRoot, ServerMeasured};
