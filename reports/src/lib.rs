//! What a burst does to latency and to the bill. Owns prices, billing rules, the seeded burst
//! simulation and the rendering of its results; reads a plan, writes a report, sees no JVM.
//! Pure: the same plan, settings and seed give the same bytes.

pub mod arrivals;
mod error;
pub mod money;
pub mod prices;
pub mod simulation;
pub mod workload;

pub use error::ReportError;
