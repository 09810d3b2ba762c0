//! Makes a report: reads the plan's requests, sizes the server, simulates every way under the same
//! seeds, bills and compares. The document it yields is all that renderings know.

mod assemble;
mod document;
mod load;
mod verdict;

use beehive_measured::Measured;
use beehive_plan::Plan;

pub use document::{
    Compared, Cost, FORMAT, FORMAT_VERSION, LatencyFacts, LeftOut, LoadFacts, Point, PriceUsed,
    RatioFacts, Report, ServiceFacts, Source, Verdict, WayReport,
};
pub use load::ArrivalSource;

use crate::ReportError;
use crate::prices::{InstanceTable, PriceBook};
use crate::settings::{Settings, check};

/// What a report is made from.
#[derive(Clone, Debug)]
pub struct Inputs<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its name, for the report.
    pub plan_name: &'a str,
    /// What a run of this plan with offloading measured, which goes over what the plan predicts.
    pub measured: Option<&'a Measured>,
    /// Settings.
    pub settings: &'a Settings,
    /// Arrivals instead of the settings' burst.
    pub arrivals: Option<ArrivalSource>,
    /// Prices.
    pub prices: &'a PriceBook,
    /// Price files and overlays read into them.
    pub price_files: &'a [String],
    /// Instance types.
    pub instances: &'a InstanceTable,
}

/// Makes the report. Pure: the same inputs give the same report, on any number of threads.
///
/// # Errors
/// [`ReportError::Setting`], [`ReportError::NoLatency`], [`ReportError::PlanFigure`],
/// [`ReportError::UnknownInstance`], [`ReportError::BurstTooLong`],
/// [`ReportError::MeasuredOtherPlan`].
pub fn make_report(inputs: &Inputs<'_>) -> Result<Report, ReportError> {
    check(inputs.settings)?;
    let workload =
        crate::workload::from_plan(inputs.plan, inputs.settings.calls_home, inputs.measured)?;
    let load = load::load(inputs, &workload)?;
    assemble::assemble(inputs, workload, &load)
}
