//! Sweeps: the same report at several burst ratios, lengths, heights or memory sizes, points in
//! parallel. Owns which values and what changes with them; each point is a report like any other.

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ReportError;
use crate::report::{Inputs, make_report};
use crate::results::Estimate;
use crate::settings::Settings;
use crate::ways::WayId;

/// What is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SweepKind {
    /// Share of time in burst: the burst stays, the calm around it grows (definition D1).
    BurstRatio,
    /// Length of the burst, s (definition D3).
    BurstLength,
    /// Burst rate over base rate (definition D2).
    BurstHeight,
    /// Memory of a Lambda worker, MB.
    Memory,
}

impl SweepKind {
    /// All kinds.
    pub const ALL: [Self; 4] =
        [Self::BurstRatio, Self::BurstLength, Self::BurstHeight, Self::Memory];

    /// Name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::BurstRatio => "burst-ratio",
            Self::BurstLength => "burst-length",
            Self::BurstHeight => "burst-height",
            Self::Memory => "memory",
        }
    }

    /// The kind of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What stands on the axis.
    pub fn words(self) -> &'static str {
        match self {
            Self::BurstRatio => "burst ratio: share of time in burst",
            Self::BurstLength => "length of the burst, s",
            Self::BurstHeight => "burst rate / base rate",
            Self::Memory => "memory of a Lambda worker, MB",
        }
    }

    /// Whether cost is shown an hour; else for one window.
    pub fn is_hourly(self) -> bool {
        self == Self::BurstRatio
    }

    fn values(self) -> &'static [f64] {
        match self {
            Self::BurstRatio => &[0.05, 0.1, 0.2, 0.4, 0.6, 0.8],
            Self::BurstLength => &[15.0, 30.0, 60.0, 120.0, 300.0, 600.0],
            Self::BurstHeight => &[1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0],
            Self::Memory => &[512.0, 1024.0, 1769.0, 3008.0],
        }
    }

    fn apply(self, value: f64, settings: &mut Settings, base_per_s: f64) {
        let burst = &mut settings.burst;
        match self {
            Self::BurstRatio => {
                let calm_s = burst.seconds / value - burst.seconds;
                burst.before_s = burst.before_s.min(calm_s / 2.0);
                burst.after_s = Some(calm_s - burst.before_s);
                burst.warm_up_s = burst.warm_up_s.min(burst.before_s);
            }
            Self::BurstLength => {
                let after_s = burst.after_s();
                burst.after_s = Some(after_s);
                burst.seconds = value;
            }
            Self::BurstHeight => burst.burst_per_s = Some(value * base_per_s),
            Self::Memory => {
                settings.lambda.memory_mb = value as u32;
                settings.ways.retain(|w| matches!(w, WayId::BeehiveLambda | WayId::Lambda));
            }
        }
    }

    fn check(self, value: f64) -> Result<(), ReportError> {
        let is_good = match self {
            Self::BurstRatio => value > 0.0 && value < 1.0,
            Self::BurstLength => value > 0.0 && value.is_finite(),
            Self::BurstHeight => value >= 1.0 && value.is_finite(),
            Self::Memory => (128.0..=10_240.0).contains(&value),
        };
        if is_good {
            return Ok(());
        }
        Err(ReportError::Setting {
            name: "--sweep",
            value: format!("{}={value}", self.name()),
            must: match self {
                Self::BurstRatio => "within 0..1".to_owned(),
                Self::BurstLength => "above 0".to_owned(),
                Self::BurstHeight => "1 or more".to_owned(),
                Self::Memory => "within 128..10240".to_owned(),
            },
        })
    }
}

/// A finished sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sweep {
    /// What was varied.
    pub kind: SweepKind,
    /// Seeds a point.
    pub seeds: u32,
    /// Points in rising order.
    pub points: Vec<SweepPoint>,
}

/// A point of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepPoint {
    /// Value of what is varied.
    pub value: f64,
    /// Length of the window there, s.
    pub window_s: f64,
    /// The ways there.
    pub ways: Vec<SweepWay>,
}

/// A way at a point of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepWay {
    /// The way.
    pub way: WayId,
    /// Dollars of the window; `None` if a line has no price.
    pub cost: Option<Estimate>,
    /// Dollars an hour.
    pub cost_per_hour: Option<Estimate>,
    /// 99th percentile of latency in the burst, ms.
    pub p99_ms: Option<f64>,
    /// Share of the burst's requests within the goal.
    pub within_goal: f64,
    /// Whether the goal is met.
    pub is_met: bool,
}

/// Most seeds a point; the whole report has all.
const SEEDS_MAX: u32 = 10;

/// Makes the sweep at `values`, or at the kind's own.
///
/// # Errors
/// As [`make_report`]; [`ReportError::Setting`] for a value out of range or with an arrival file.
pub fn make_sweep(
    inputs: &Inputs<'_>,
    kind: SweepKind,
    values: Option<&[f64]>,
    base_per_s: f64,
) -> Result<Sweep, ReportError> {
    if inputs.arrivals.is_some() && kind != SweepKind::Memory {
        return Err(ReportError::Setting {
            name: "--sweep",
            value: kind.name().to_owned(),
            must: "memory when the arrivals come from a file".to_owned(),
        });
    }
    let mut values = values.unwrap_or(kind.values()).to_vec();
    values.iter().try_for_each(|v| kind.check(*v))?;
    values.sort_by(f64::total_cmp);
    values.dedup();
    let seeds = inputs.settings.seeds.min(SEEDS_MAX);
    let points = values
        .into_par_iter()
        .map(|value| point(inputs, kind, value, seeds, base_per_s))
        .collect::<Result<_, _>>()?;
    Ok(Sweep { kind, seeds, points })
}

fn point(
    inputs: &Inputs<'_>,
    kind: SweepKind,
    value: f64,
    seeds: u32,
    base_per_s: f64,
) -> Result<SweepPoint, ReportError> {
    let mut settings = Settings { seeds, ..inputs.settings.clone() };
    kind.apply(value, &mut settings, base_per_s);
    let report = make_report(&Inputs { settings: &settings, ..inputs.clone() })?;
    let window_s = report.load.window_s;
    let per_hour = |e: Estimate| {
        let scale = 3600.0 / window_s;
        Estimate { mean: e.mean * scale, low: e.low * scale, high: e.high * scale }
    };
    let ways = report
        .ways
        .iter()
        .map(|w| {
            let cost = w.cost.total.is_some().then_some(w.cost.estimate);
            SweepWay {
                way: w.way,
                cost,
                cost_per_hour: cost.map(per_hour),
                p99_ms: w.latency.p99_ms.map(|e| e.mean),
                within_goal: w.latency.within_goal.mean,
                is_met: w.latency.is_met,
            }
        })
        .collect();
    Ok(SweepPoint { value, window_s, ways })
}
