//! What can go wrong between a plan, a price file and a report. Each variant carries the place;
//! the command line turns it into a diagnostic with a remedy.

use std::path::PathBuf;

use thiserror::Error;

/// Failure of a cost report.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file could not be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// A file of the report could not be written; what stood there before is untouched.
    #[error("cannot write {path}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Nothing of a run with offloading is about the plan's roots.
    #[error("the measured run executed none of the plan's roots on a worker; it knows {known}")]
    MeasuredOtherPlan {
        /// Roots it executed, or that there are none.
        known: String,
    },
    /// A price file is not in a form that is understood.
    #[error("{path}:{line}: {reason}")]
    PriceFile {
        /// The price file.
        path: PathBuf,
        /// Line, from 1; 0 if the file has no lines to speak of.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// A price file of a service that no way is billed by.
    #[error("{path} is the price file of `{found}`")]
    PriceService {
        /// The price file.
        path: PathBuf,
        /// Its offer code.
        found: String,
    },
    /// A price file without a single price of the region asked for.
    #[error("{path} has no price for region {wanted}, only for {found}")]
    PriceRegion {
        /// The price file.
        path: PathBuf,
        /// Region of the report.
        wanted: String,
        /// Regions in the file.
        found: String,
    },
    /// An overlay entry that changes nothing, or that cannot be read.
    #[error("{path}: {reason}")]
    Overlay {
        /// The overlay file.
        path: PathBuf,
        /// Which entry and why.
        reason: String,
    },
    /// An arrival file is not what it should be.
    #[error("{path}:{line}: {reason}")]
    Arrivals {
        /// The arrival file.
        path: PathBuf,
        /// Line, from 1.
        line: u64,
        /// What is wrong there.
        reason: String,
    },
    /// The burst reaches beyond the arrivals.
    #[error("the burst lasts {burst_s} s but the arrivals only {arrivals_s} s")]
    BurstTooLong {
        /// Length asked for, s.
        burst_s: f64,
        /// Length of the arrivals, s.
        arrivals_s: f64,
    },
    /// An instance type of which neither size nor price is known.
    #[error("instance type `{name}` is not in the instance table")]
    UnknownInstance {
        /// Type as given.
        name: String,
        /// The nearest known types.
        nearest: Vec<String>,
    },
    /// A setting out of its range.
    #[error("{name} is {value}, it must be {must}")]
    Setting {
        /// The setting as the user names it.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it must be.
        must: String,
    },
    /// The plan holds no request latencies.
    #[error("the plan has no latency of a request")]
    NoLatency,
    /// The plan's figures contradict each other or are not numbers.
    #[error("the plan's {field} is {value}")]
    PlanFigure {
        /// Field of the plan.
        field: &'static str,
        /// Its value.
        value: String,
    },
    /// The goal cannot be judged because a price is unknown.
    #[error("the goal cannot be judged: {way} has {unknown} lines without a price")]
    UnjudgedGoal {
        /// The way.
        way: String,
        /// Unpriced lines.
        unknown: usize,
    },
    /// A file that is not a report of this tool.
    #[error("{path} is not a cost report: {reason}")]
    NotAReport {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A chart could not be drawn.
    #[error("cannot draw the chart `{name}`: {reason}")]
    Chart {
        /// The chart.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// The report could not be turned into its output form.
    #[error("cannot render the report as {format}: {reason}")]
    Render {
        /// The form.
        format: &'static str,
        /// Why.
        reason: String,
    },
}

impl ReportError {
    /// For `map_err` on reading a file.
    pub(crate) fn read(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self + '_ {
        move |source| Self::Read { path: path.to_owned(), source }
    }
}
