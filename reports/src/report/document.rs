//! The report as data: what `report.json` holds and every rendering shows. Units stand last in the
//! names; money is a decimal string, statistics are numbers.

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::billing::CostLine;
use crate::prices::{Mark, Meter};
use crate::results::{Crossing, Curve, Estimate, RatioDefinition};
use crate::settings::{Goal, Settings};
use crate::sweep::Sweep;
use crate::ways::WayId;
use crate::workload::Workload;

/// Name of the format, first field of the file.
pub const FORMAT: &str = "beehive-cost-report";

/// Version of the format.
pub const FORMAT_VERSION: u32 = 1;

/// A cost report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Always `beehive-cost-report`.
    pub format: String,
    /// Version of the format.
    pub version: u32,
    /// Where the figures come from.
    pub source: Source,
    /// The load and the server it meets.
    pub load: LoadFacts,
    /// The goal for latency in the burst.
    pub goal: Goal,
    /// The ways, in the order asked for.
    pub ways: Vec<WayReport>,
    /// Ways that could not be simulated, and why.
    pub left_out: Vec<LeftOut>,
    /// The cheapest way that meets the goal, and how the others compare.
    pub verdict: Option<Verdict>,
    /// Cost against burst ratio.
    pub ratio: RatioFacts,
    /// Sweeps, if any were asked for.
    #[serde(default)]
    pub sweeps: Vec<Sweep>,
    /// What a reader should know: assumptions, surprises, silences of the plan.
    pub notes: Vec<String>,
    /// What no line of this report charges.
    pub not_priced: Vec<String>,
    /// Prices used, each with date and source.
    pub prices: Vec<PriceUsed>,
    /// What requests cost, as read from the plan.
    pub workload: Workload,
    /// All settings.
    pub settings: Settings,
}

/// Where the figures come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The plan, as named on the command line.
    pub plan: String,
    /// SHA-256 of the trace the plan was made from; empty if unknown.
    pub trace_sha256: String,
    /// The application.
    pub app: String,
    /// Where the arrivals come from.
    pub arrivals: String,
    /// Random generator.
    pub generator: String,
    /// Seeds, first and count.
    pub seeds: [u64; 2],
    /// Price files and overlays, over the built-in table.
    pub price_files: Vec<String>,
}

/// The load and the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadFacts {
    /// Whether there is one burst in a calm window; else the whole window counts as burst.
    pub has_single_burst: bool,
    /// Requests a second outside the burst; the mean without a single burst.
    pub base_per_s: f64,
    /// Requests a second in the burst; the highest over ten seconds without a single burst.
    pub burst_per_s: f64,
    /// Start of the burst, s.
    pub burst_from_s: f64,
    /// Length of the burst, s.
    pub burst_s: f64,
    /// Length of the window, s.
    pub window_s: f64,
    /// The server's instance type.
    pub server: String,
    /// How many.
    pub servers: u32,
    /// vCPUs in all.
    pub server_vcpus: f64,
    /// Share of them busy at base load.
    pub base_use: f64,
    /// Share of them the burst would keep busy.
    pub burst_use: f64,
    /// What the server costs over the window; the same in every way, on no bill here.
    pub server_cost: Option<Decimal>,
    /// Requests simulated, all ways and seeds.
    pub requests_simulated: u64,
}

/// One way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WayReport {
    /// The way.
    pub way: WayId,
    /// Its name for people.
    pub title: String,
    /// What it adds to the server.
    pub adds: String,
    /// The bill for the window, beside the server's.
    pub cost: Cost,
    /// Latency in the burst.
    pub latency: LatencyFacts,
    /// How the requests fared.
    pub service: ServiceFacts,
    /// Second by second, all seeds together.
    pub timeline: Vec<Point>,
}

/// A bill with its interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cost {
    /// Dollars, mean over the seeds; `None` if a line has no price.
    pub total: Option<Decimal>,
    /// Dollars of the priced lines.
    pub known: Decimal,
    /// The same, with its interval.
    pub estimate: Estimate,
    /// Lines without a price.
    pub unpriced: usize,
    /// Dollars per million requests of the burst, mean.
    pub per_million_requests: f64,
    /// The lines.
    pub lines: Vec<CostLine>,
}

/// Latency of the burst's requests, from their intended start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyFacts {
    /// Median, ms; `None` if none was answered in some seed.
    pub p50_ms: Option<Estimate>,
    /// 95th percentile, ms.
    pub p95_ms: Option<Estimate>,
    /// 99th percentile, ms.
    pub p99_ms: Option<Estimate>,
    /// Share of the burst's requests within the goal's time; lost ones are not.
    pub within_goal: Estimate,
    /// Whether that share is the goal's or more.
    pub is_met: bool,
    /// Time from the burst's start until the goal held again for good, s; 0 if it always held.
    pub recovered_after_s: Option<f64>,
}

/// How the requests fared; means over the seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceFacts {
    /// Requests counted.
    pub requests: f64,
    /// Share refused, given up or unfinished.
    pub lost_share: f64,
    /// Share offloaded.
    pub offloaded_share: f64,
    /// Share of wished offloads that stayed home for want of a worker.
    pub kept_home_share: f64,
    /// Calls the platform refused.
    pub refused: f64,
    /// Machines started, or standing.
    pub machines: f64,
    /// Workers started.
    pub workers_started: f64,
    /// Most workers at once.
    pub workers_max: f64,
    /// Mean time from asking for a machine or worker to its first request, s.
    pub start_s: Option<f64>,
    /// Time machines ran throttled for want of credits, s.
    pub throttled_s: f64,
}

/// A second of the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Point {
    /// Start, s.
    pub t_s: f64,
    /// Arrivals a second.
    pub requests_per_s: f64,
    /// Median latency, ms; `None` without answers.
    pub p50_ms: Option<f64>,
    /// 95th percentile, ms.
    pub p95_ms: Option<f64>,
    /// 99th percentile, ms.
    pub p99_ms: Option<f64>,
    /// Share offloaded.
    pub offloaded_share: f64,
    /// Requests lost a second.
    pub lost_per_s: f64,
    /// Machines beside the server.
    pub machines: f64,
    /// Workers alive.
    pub workers: f64,
}

/// A way that was asked for and could not be simulated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// The way.
    pub way: WayId,
    /// Why.
    pub reason: String,
}

/// Which way to take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// The cheapest way that meets the goal.
    pub way: WayId,
    /// Ways that meet it too, dearer.
    pub others: Vec<Compared>,
    /// Ways that do not.
    pub missed: Vec<WayId>,
}

/// A way beside the cheapest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compared {
    /// The way.
    pub way: WayId,
    /// Dollars more, seed by seed.
    pub difference: Estimate,
    /// How many times the cost; `None` if the cheapest is free.
    pub ratio: Option<Estimate>,
}

/// Cost against burst ratio.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RatioFacts {
    /// What the ratio is.
    pub definition: RatioDefinition,
    /// A line a way.
    pub curves: Vec<Curve>,
    /// Where they cross.
    pub crossings: Vec<Crossing>,
}

/// A price as used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PriceUsed {
    /// Service and meter.
    pub meter: Meter,
    /// Dollars per unit.
    pub usd: Decimal,
    /// Unit.
    pub unit: String,
    /// Day it was read.
    pub dated: String,
    /// Where.
    pub source: String,
    /// How sure; `None` if unknown.
    pub mark: Option<Mark>,
}

impl Report {
    /// The report of `way`.
    pub fn way(&self, way: WayId) -> Option<&WayReport> {
        self.ways.iter().find(|w| w.way == way)
    }

    /// Lines without a price, over all ways.
    pub fn unpriced(&self) -> usize {
        self.ways.iter().map(|w| w.cost.unpriced).sum()
    }
}
