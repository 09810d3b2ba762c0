//! Log-linear latency histogram: 32 steps an octave, so a value is known within 3.2 %.
//!
//! The probe class counts into the same buckets inside the JVM (`BeeProbe.bucket`), so the two
//! definitions must stay equal; a test of the agent holds them together.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Number of buckets: values of 2^42 ns (73 minutes) and more share the last one.
pub const HISTOGRAM_BUCKETS: usize = 1216;

/// Bucket of a duration in nanoseconds; `0..HISTOGRAM_BUCKETS`.
///
/// Below 32 ns each nanosecond has its own bucket; above, an octave has 32 equal steps.
pub fn bucket_index(value_ns: u64) -> u16 {
    if value_ns < 32 {
        return value_ns as u16;
    }
    let exponent = 63 - u64::from(value_ns.leading_zeros());
    let index = (exponent - 5) * 32 + (value_ns >> (exponent - 5));
    index.min(HISTOGRAM_BUCKETS as u64 - 1) as u16
}

/// Smallest duration in nanoseconds that falls into bucket `index`; for larger ones the end of the
/// last bucket.
pub fn bucket_floor_ns(index: u16) -> u64 {
    let index = u64::from(index).min(HISTOGRAM_BUCKETS as u64);
    if index < 64 {
        return index;
    }
    let shift = index / 32 - 1;
    (32 + index % 32) << shift
}

/// A sparse histogram of durations in nanoseconds, with their exact sum.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Histogram {
    /// Count by bucket index (see [`bucket_index`]); no zero entries.
    pub buckets: BTreeMap<u16, u64>,
    /// Exact sum of all values, ns.
    pub sum_ns: u64,
}

impl Histogram {
    /// Counts one value.
    pub fn record(&mut self, value_ns: u64) {
        *self.buckets.entry(bucket_index(value_ns)).or_default() += 1;
        self.sum_ns = self.sum_ns.saturating_add(value_ns);
    }

    /// Adds `count` values to bucket `index` without touching the sum; used when folding chunks.
    pub fn add_bucket(&mut self, index: u16, count: u64) {
        if count > 0 {
            let index = index.min(HISTOGRAM_BUCKETS as u16 - 1);
            let slot = self.buckets.entry(index).or_default();
            *slot = slot.saturating_add(count);
        }
    }

    /// Number of values.
    pub fn count(&self) -> u64 {
        self.buckets.values().fold(0, |sum: u64, n| sum.saturating_add(*n))
    }

    /// Arithmetic mean in ns, exact; `None` without values.
    pub fn mean_ns(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum_ns as f64 / count as f64)
    }

    /// The `quantile` (0..=1) in ns, as the middle of its bucket; `None` without values.
    pub fn quantile_ns(&self, quantile: f64) -> Option<u64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let rank = ((quantile.clamp(0.0, 1.0) * count as f64).ceil() as u64).max(1);
        let mut seen = 0;
        for (&index, &n) in &self.buckets {
            seen = n.saturating_add(seen);
            if seen >= rank {
                let floor = bucket_floor_ns(index);
                return Some(floor.midpoint(bucket_floor_ns(index.saturating_add(1))));
            }
        }
        None
    }

    /// Puts what was read into canonical form: no empty buckets, none beyond the last.
    pub(crate) fn normalise(&mut self) {
        let is_odd = |(&index, &n): (&u16, &u64)| n == 0 || index as usize >= HISTOGRAM_BUCKETS;
        if self.buckets.iter().any(is_odd) {
            for (index, count) in std::mem::take(&mut self.buckets) {
                self.add_bucket(index, count);
            }
        }
    }

    /// Adds another histogram: the union of both sets of values.
    pub fn add(&mut self, other: &Self) {
        for (&index, &count) in &other.buckets {
            self.add_bucket(index, count);
        }
        self.sum_ns = self.sum_ns.saturating_add(other.sum_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_contiguous_and_invert() {
        for index in 0..HISTOGRAM_BUCKETS as u16 {
            assert_eq!(bucket_index(bucket_floor_ns(index)), index);
            if index > 0 {
                assert_eq!(bucket_index(bucket_floor_ns(index) - 1), index - 1);
            }
        }
        assert_eq!(bucket_index(u64::MAX), HISTOGRAM_BUCKETS as u16 - 1);
    }

    #[test]
    fn quantiles_are_within_a_bucket_of_the_truth() {
        let mut h = Histogram::default();
        (1..=1000u64).for_each(|v| h.record(v * 1000));
        for q in [0.01, 0.5, 0.9, 0.99, 1.0] {
            let truth = q * 1_000_000.0;
            let got = h.quantile_ns(q).unwrap() as f64;
            assert!((got - truth).abs() / truth < 0.035, "{q}: {got} against {truth}");
        }
        assert_eq!(h.count(), 1000);
        assert!((h.mean_ns().unwrap() - 500_500.0).abs() < 1e-6);
    }
}
