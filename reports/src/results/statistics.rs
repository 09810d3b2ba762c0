//! Means with 95 % intervals over seeds (Student's t), and of differences pair by pair: the ways
//! meet the same arrivals and requests, so the difference is known better than either.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean and its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// Mean over the seeds.
    pub mean: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// Of values, one a seed; `None` without values or with one that is no number.
    pub fn of(values: &[f64]) -> Option<Self> {
        if values.is_empty() || values.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        if values.len() == 1 {
            return Some(Self { mean, low: mean, high: mean });
        }
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let half = t_95(n - 1.0) * (variance / n).sqrt();
        Some(Self { mean, low: mean - half, high: mean + half })
    }

    /// Of `a - b`, seed by seed.
    pub fn of_difference(a: &[f64], b: &[f64]) -> Option<Self> {
        let differences: Vec<_> = a.iter().zip(b).map(|(a, b)| a - b).collect();
        Self::of(&differences)
    }

    /// Of `a / b`, seed by seed: the mean of the logarithms, so that it reads the same both ways.
    /// `None` if any is not above 0.
    pub fn of_ratio(a: &[f64], b: &[f64]) -> Option<Self> {
        if a.iter().chain(b).any(|v| *v <= 0.0) {
            return None;
        }
        let logs: Vec<_> = a.iter().zip(b).map(|(a, b)| (a / b).ln()).collect();
        let e = Self::of(&logs)?;
        Some(Self { mean: e.mean.exp(), low: e.low.exp(), high: e.high.exp() })
    }
}

/// The 97.5th percentile of Student's t.
fn t_95(freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(1.96, |t| t.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_students() {
        assert!((t_95(29.0) - 2.045).abs() < 1e-3);
        assert!((t_95(1.0) - 12.706).abs() < 1e-2);
        let e = Estimate::of(&[1.0, 2.0, 3.0]).unwrap();
        assert!((e.mean - 2.0).abs() < 1e-12 && (e.high - 2.0 - 4.303 / 3_f64.sqrt()).abs() < 1e-3);
        assert_eq!(Estimate::of(&[]), None);
        assert_eq!(Estimate::of(&[f64::NAN]), None);
    }

    #[test]
    fn pairs_tell_more_than_means() {
        let (a, b) = ([1.0, 5.0, 9.0], [0.9, 4.9, 8.9]);
        let d = Estimate::of_difference(&a, &b).unwrap();
        assert!(d.low > 0.09 && d.high < 0.11);
        let r = Estimate::of_ratio(&[2.0, 4.0], &[1.0, 2.0]).unwrap();
        assert!((r.mean - 2.0).abs() < 1e-12);
        assert_eq!(Estimate::of_ratio(&[0.0], &[1.0]), None);
    }
}
