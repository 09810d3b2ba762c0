//! Cost against burst ratio. Definition D1, the default: the ratio is the share of time in burst.
//! A way costs `held` an hour always and `burst` more per hour of burst, so its cost is a straight
//! line; two lines cross at r*. The other definitions are sweeps, simulated point by point.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::ways::WayId;

/// What a burst ratio is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RatioDefinition {
    /// Share of time in burst.
    ShareOfTime,
    /// Burst rate over base rate.
    Height,
    /// Length of the burst.
    Length,
}

impl RatioDefinition {
    /// In words, for axes.
    pub fn words(self) -> &'static str {
        match self {
            Self::ShareOfTime => "share of time in burst",
            Self::Height => "burst rate / base rate",
            Self::Length => "length of the burst, s",
        }
    }
}

/// Cost of a way against the share of time in burst: `held + r x burst`, dollars an hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Curve {
    /// The way.
    pub way: WayId,
    /// Paid always, $/h.
    pub held_per_hour: f64,
    /// Paid beside it per hour of burst, $/h.
    pub burst_per_hour: Estimate,
}

impl Curve {
    /// Dollars an hour at ratio `r`.
    pub fn at(&self, r: f64) -> Estimate {
        let e = self.burst_per_hour;
        let cost = |slope: f64| self.held_per_hour + r * slope;
        Estimate { mean: cost(e.mean), low: cost(e.low), high: cost(e.high) }
    }
}

/// The curve of a way whose runs of `window_s` with a burst of `burst_s` cost `totals` in all, of
/// which `held` always.
pub fn curve(
    way: WayId,
    totals: &[f64],
    held: f64,
    [window_s, burst_s]: [f64; 2],
) -> Option<Curve> {
    let per_burst_hour: Vec<_> = totals.iter().map(|t| (t - held) / burst_s * 3600.0).collect();
    let burst_per_hour = Estimate::of(&per_burst_hour)?;
    Some(Curve { way, held_per_hour: held / window_s * 3600.0, burst_per_hour })
}

/// Ratios are told up to here: beyond 1 there is nothing, and JSON has no infinity.
const RATIO_MAX: f64 = 1000.0;

/// Where one way becomes dearer than another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Crossing {
    /// Cheaper below r*.
    pub below: WayId,
    /// Cheaper above r*.
    pub above: WayId,
    /// The ratio, with its interval; beyond 1 means `below` is always cheaper.
    pub ratio: Estimate,
}

/// Crossings between ways that are held and ways that are not.
pub fn crossings(curves: &[Curve]) -> Vec<Crossing> {
    let is_held = |c: &&Curve| c.held_per_hour > 0.0;
    let mut found = Vec::new();
    for faas in curves.iter().filter(|c| c.way.is_beehive() || c.way == WayId::Lambda) {
        for held in curves.iter().filter(is_held).filter(|c| c.way != faas.way) {
            let hold = held.held_per_hour - faas.held_per_hour;
            let extra = |slope: f64, other: f64| {
                // Where bursts may cost no more than with `held`, the two never cross.
                if slope > other { (hold / (slope - other)).min(RATIO_MAX) } else { RATIO_MAX }
            };
            let (a, b) = (faas.burst_per_hour, held.burst_per_hour);
            let ratio = Estimate {
                mean: extra(a.mean, b.mean),
                low: extra(a.high, b.low),
                high: extra(a.low, b.high),
            };
            if hold > 0.0 && ratio.low < RATIO_MAX {
                found.push(Crossing { below: faas.way, above: held.way, ratio });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn held_against_used_cross_at_their_quotient() {
        // A t3a.xlarge held (0.1504/h) against 0.36/h of burst on Lambda: facts of the cost model.
        let burst = |way, slope: [f64; 3]| Curve {
            way,
            held_per_hour: 0.0,
            burst_per_hour: Estimate { mean: slope[1], low: slope[0], high: slope[2] },
        };
        let held = Curve {
            way: WayId::Burstable,
            held_per_hour: 0.1504,
            burst_per_hour: Estimate { mean: 0.0, low: 0.0, high: 0.0 },
        };
        let curves = [held, burst(WayId::BeehiveLambda, [0.345, 0.36, 0.375])];
        let found = crossings(&curves);
        assert_eq!(found.len(), 1);
        let r = found[0].ratio;
        assert!((r.mean - 0.418).abs() < 1e-3 && r.low < r.mean && r.mean < r.high);
        let at = curves[1].at(r.mean).mean;
        assert!((at - held.at(r.mean).mean).abs() < 1e-12);
    }

    #[test]
    fn an_interval_that_may_never_cross_is_open_and_not_negative() {
        let curve = |way, held_per_hour, [low, mean, high]: [f64; 3]| Curve {
            way,
            held_per_hour,
            burst_per_hour: Estimate { mean, low, high },
        };
        let held = curve(WayId::Burstable, 0.15, [0.1, 0.2, 0.3]);
        let used = curve(WayId::Lambda, 0.0, [0.2, 0.5, 0.8]);
        let r = crossings(&[held, used])[0].ratio;
        assert!(r.low > 0.0 && r.low < r.mean && r.mean < r.high, "{r:?}");
        assert!(r.high > 1.0, "{r:?}");
    }

    #[test]
    fn two_ways_that_are_not_held_never_cross() {
        let slope = Estimate { mean: 1.0, low: 0.9, high: 1.1 };
        let curve = |way| Curve { way, held_per_hour: 0.0, burst_per_hour: slope };
        assert!(crossings(&[curve(WayId::Ec2), curve(WayId::BeehiveLambda)]).is_empty());
    }
}
