//! What a burst does to latency and to the bill. Owns prices, billing rules, the seeded burst
//! simulation and the rendering of its results; reads a plan, writes a report, sees no JVM.
//! Pure: the same plan, settings and seed give the same bytes.

pub mod arrivals;
pub mod billing;
pub mod compare;
mod error;
pub mod goals;
pub mod money;
pub mod output;
pub mod preset;
pub mod prices;
pub mod render;
mod report;
pub mod results;
pub mod settings;
pub mod simulation;
pub mod sweep;
pub mod ways;
pub mod workload;

pub use error::ReportError;
pub use report::{
    ArrivalSource, Compared, Cost, FORMAT, FORMAT_VERSION, Inputs, LatencyFacts, LeftOut,
    LoadFacts, Point, PriceUsed, RatioFacts, Report, ServiceFacts, Source, Verdict, WayReport,
    make_report,
};
