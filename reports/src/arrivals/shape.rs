//! Poisson arrivals of a rate that is constant or changes in a straight line per segment: steps,
//! ramps and plain bursts. Exact by inverting the integrated rate, so no candidate is thrown away.

use std::sync::Arc;

use rand_pcg::Pcg64Mcg;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::simulation::law::exponential;

/// A stretch of time with a rate that runs straight from one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// Length, s.
    pub seconds: f64,
    /// Rate at its start, requests/s.
    pub from_per_s: f64,
    /// Rate at its end, requests/s.
    pub to_per_s: f64,
}

impl Segment {
    /// A constant rate.
    pub fn constant(seconds: f64, rate_per_s: f64) -> Self {
        Self { seconds, from_per_s: rate_per_s, to_per_s: rate_per_s }
    }

    /// Expected arrivals.
    pub fn expected(&self) -> f64 {
        self.seconds * (self.from_per_s + self.to_per_s) / 2.0
    }
}

/// Base load, a burst with an optional ramp up and down inside it, and base load again.
pub fn segments_of(
    base_per_s: f64,
    burst_per_s: f64,
    [before_s, burst_s, after_s, ramp_s]: [f64; 4],
) -> Vec<Segment> {
    let ramp_s = ramp_s.min(burst_s / 2.0);
    let ramp = |from, to| Segment { seconds: ramp_s, from_per_s: from, to_per_s: to };
    [
        Segment::constant(before_s, base_per_s),
        ramp(base_per_s, burst_per_s),
        Segment::constant(burst_s - 2.0 * ramp_s, burst_per_s),
        ramp(burst_per_s, base_per_s),
        Segment::constant(after_s, base_per_s),
    ]
    .into_iter()
    .filter(|s| s.seconds > 0.0)
    .collect()
}

/// See [`super::ArrivalStream::Rates`].
#[derive(Debug)]
pub struct RateStream {
    segments: Arc<[Segment]>,
    rng: Pcg64Mcg,
    index: usize,
    started_s: f64,
    within_s: f64,
}

impl RateStream {
    pub(super) fn new(segments: Arc<[Segment]>, rng: Pcg64Mcg) -> Self {
        Self { segments, rng, index: 0, started_s: 0.0, within_s: 0.0 }
    }
}

impl Iterator for RateStream {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        let mut wanted = exponential(&mut self.rng);
        loop {
            let segment = self.segments.get(self.index)?;
            match advance(segment, self.within_s, wanted) {
                Ok(within_s) => {
                    self.within_s = within_s;
                    return Some(((self.started_s + within_s) * 1e9) as u64);
                }
                Err(left) => {
                    wanted = left;
                    self.started_s += segment.seconds;
                    self.within_s = 0.0;
                    self.index += 1;
                }
            }
        }
    }
}

/// Where in the segment `wanted` expected arrivals after `from_s` are reached, or how many are
/// still wanted at its end.
fn advance(segment: &Segment, from_s: f64, wanted: f64) -> Result<f64, f64> {
    let slope = (segment.to_per_s - segment.from_per_s) / segment.seconds;
    let rate = segment.from_per_s + slope * from_s;
    let left_s = segment.seconds - from_s;
    let available = left_s * (rate + slope * left_s / 2.0);
    if wanted >= available {
        return Err(wanted - available);
    }
    if slope.abs() < 1e-12 {
        return Ok(from_s + wanted / rate);
    }
    // rate·t + slope·t²/2 = wanted, the root that is stable for either sign of the slope.
    let root = (rate * rate + 2.0 * slope * wanted).max(0.0).sqrt();
    Ok(from_s + 2.0 * wanted / (rate + root))
}

#[cfg(test)]
mod tests {
    use super::super::Arrivals;
    use super::*;

    fn count(segments: Vec<Segment>, from_s: f64, to_s: f64) -> f64 {
        let arrivals = Arrivals::Rates(segments.into());
        let range = (from_s * 1e9) as u64..(to_s * 1e9) as u64;
        let seeds = 40;
        let total: usize =
            (0..seeds).map(|s| arrivals.stream(s).filter(|t| range.contains(t)).count()).sum();
        total as f64 / seeds as f64
    }

    #[test]
    fn a_burst_has_its_rates_in_its_places() {
        let segments = || segments_of(50.0, 200.0, [60.0, 120.0, 60.0, 0.0]);
        for (from, to, rate) in [(0.0, 60.0, 50.0), (60.0, 180.0, 200.0), (180.0, 240.0, 50.0)] {
            let mean = count(segments(), from, to);
            let expected = rate * (to - from);
            assert!((mean / expected - 1.0).abs() < 0.015, "{mean} for {expected}");
        }
    }

    #[test]
    fn a_ramp_follows_its_line() {
        let ramp = || vec![Segment { seconds: 100.0, from_per_s: 10.0, to_per_s: 110.0 }];
        assert!((count(ramp(), 0.0, 100.0) / 6000.0 - 1.0).abs() < 0.01);
        assert!((count(ramp(), 0.0, 50.0) / 1750.0 - 1.0).abs() < 0.02);
    }

    #[test]
    fn the_same_seed_gives_the_same_instants_and_another_seed_others() {
        let arrivals = Arrivals::Rates(vec![Segment::constant(10.0, 100.0)].into());
        let run = |seed| arrivals.stream(seed).collect::<Vec<_>>();
        assert_eq!(run(3), run(3));
        assert_ne!(run(3), run(4));
        assert!(run(3).windows(2).all(|w| w[0] <= w[1]));
    }
}
