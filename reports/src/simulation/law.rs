//! Laws of durations: what a start-up or a service time is drawn from. Times are nanoseconds.

use rand::{Rng, RngExt};
use rand_distr::{Distribution, Exp1, StandardNormal};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// z of the 99th percentile of a normal law.
pub const Z99: f64 = 2.326_347_874_040_841;

/// A law of durations, ms in the document, nanoseconds when drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "law")]
pub enum Law {
    /// Always the same.
    Fixed {
        /// Duration, ms.
        ms: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean, ms.
        mean_ms: f64,
    },
    /// Log-normal by two percentiles.
    LogNormal {
        /// Median, ms.
        p50_ms: f64,
        /// 99th percentile, ms.
        p99_ms: f64,
    },
    /// Measured quantiles, straight lines between them.
    Quantiles {
        /// Pairs (probability, duration in ms), both rising.
        points: Vec<(f64, f64)>,
    },
}

impl Law {
    /// A fixed duration, ms.
    pub fn fixed(ms: f64) -> Self {
        Self::Fixed { ms }
    }

    /// A log-normal, ms.
    pub fn log_normal(p50_ms: f64, p99_ms: f64) -> Self {
        Self::LogNormal { p50_ms, p99_ms }
    }

    /// Draws a duration, ns.
    pub fn sample(&self, rng: &mut impl Rng) -> u64 {
        let ms = match self {
            Self::Fixed { ms } => *ms,
            Self::Exponential { mean_ms } => mean_ms * exponential(rng),
            Self::LogNormal { p50_ms, p99_ms } => {
                p50_ms * (sigma(*p50_ms, *p99_ms) * normal(rng)).exp()
            }
            Self::Quantiles { points } => interpolate(points, rng.random::<f64>()),
        };
        ns(ms)
    }

    /// Mean duration, ms.
    pub fn mean_ms(&self) -> f64 {
        match self {
            Self::Fixed { ms } => *ms,
            Self::Exponential { mean_ms } => *mean_ms,
            Self::LogNormal { p50_ms, p99_ms } => {
                p50_ms * (sigma(*p50_ms, *p99_ms).powi(2) / 2.0).exp()
            }
            Self::Quantiles { points } => quantiles_mean(points),
        }
    }

    /// What is wrong with the figures, if anything.
    pub fn fault(&self) -> Option<String> {
        let bad = |v: f64| !v.is_finite() || v < 0.0;
        match self {
            Self::Fixed { ms: v } | Self::Exponential { mean_ms: v } => {
                bad(*v).then(|| format!("{v} ms is no duration"))
            }
            Self::LogNormal { p50_ms, p99_ms } => (bad(*p50_ms) || bad(*p99_ms) || p99_ms < p50_ms)
                .then(|| format!("p50 {p50_ms} ms and p99 {p99_ms} ms are no log-normal")),
            Self::Quantiles { points } => {
                let is_rising =
                    points.windows(2).all(|w| matches!(w, [a, b] if a.0 < b.0 && a.1 <= b.1));
                let is_bad = points.is_empty()
                    || !is_rising
                    || points.iter().any(|p| bad(p.1) || !(0.0..=1.0).contains(&p.0));
                is_bad.then(|| "quantiles must rise in probability and duration".to_owned())
            }
        }
    }
}

/// Nanoseconds of `ms`, never negative.
pub fn ns(ms: f64) -> u64 {
    (ms * 1e6).max(0.0) as u64
}

/// Sigma of the log-normal with these percentiles.
pub fn sigma(p50: f64, p99: f64) -> f64 {
    if p50 > 0.0 && p99 > p50 { (p99 / p50).ln() / Z99 } else { 0.0 }
}

/// A draw of the exponential law of mean 1.
pub fn exponential(rng: &mut impl Rng) -> f64 {
    Exp1.sample(rng)
}

/// A draw of the standard normal law.
pub fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn interpolate(points: &[(f64, f64)], u: f64) -> f64 {
    let above = points.partition_point(|p| p.0 < u);
    match (above.checked_sub(1).and_then(|i| points.get(i)), points.get(above)) {
        (Some(low), Some(high)) => low.1 + (high.1 - low.1) * (u - low.0) / (high.0 - low.0),
        (None, Some(only)) | (Some(only), None) => only.1,
        (None, None) => 0.0,
    }
}

fn quantiles_mean(points: &[(f64, f64)]) -> f64 {
    let inner: f64 = points
        .windows(2)
        .map(|w| match w {
            [a, b] => (b.0 - a.0) * (a.1 + b.1) / 2.0,
            _ => 0.0,
        })
        .sum();
    let below = points.first().map_or(0.0, |p| p.0 * p.1);
    let above = points.last().map_or(0.0, |p| (1.0 - p.0) * p.1);
    below + inner + above
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::random::{Stream, stream};

    fn sample_mean_ms(law: &Law) -> f64 {
        let mut rng = stream(7, Stream::StartUp);
        (0..400_000).map(|_| law.sample(&mut rng) as f64 / 1e6).sum::<f64>() / 400_000.0
    }

    #[test]
    fn each_law_has_the_mean_it_says() {
        let points = vec![(0.05, 178.0), (0.5, 206.0), (0.9, 236.0), (0.99, 322.0), (1.0, 720.0)];
        for law in [
            Law::fixed(12.5),
            Law::Exponential { mean_ms: 3.0 },
            Law::log_normal(10.0, 40.0),
            Law::Quantiles { points },
        ] {
            let (mean, sampled) = (law.mean_ms(), sample_mean_ms(&law));
            assert!((sampled / mean - 1.0).abs() < 0.01, "{law:?}: {sampled} for {mean}");
        }
    }

    #[test]
    fn impossible_laws_are_named() {
        assert!(Law::fixed(f64::NAN).fault().is_some());
        assert!(Law::log_normal(5.0, 2.0).fault().is_some());
        assert!(Law::Quantiles { points: vec![(0.5, 2.0), (0.4, 3.0)] }.fault().is_some());
        assert!(Law::log_normal(5.0, 20.0).fault().is_none());
    }
}
