//! Latencies of root invocations since the last look: the difference of two cumulative records.

use beehive_measured::ServerMeasured;
use beehive_trace::Histogram;

/// Follows cumulative records.
#[derive(Debug, Default)]
pub(crate) struct RecentLatency {
    before: Histogram,
    latest: Histogram,
}

impl RecentLatency {
    /// Takes a record.
    pub(crate) fn see(&mut self, measured: &ServerMeasured) {
        let mut sum = Histogram::default();
        for root in &measured.roots {
            let parts = [&root.local_latency, &root.offloaded_latency];
            parts.into_iter().flatten().for_each(|part| sum.add(part));
        }
        self.latest = sum;
    }

    /// 99th percentile of what came since the last call, µs; `None` if nothing did.
    pub(crate) fn take_us_p99(&mut self) -> Option<f64> {
        let mut new = Histogram::default();
        for (&bucket, &count) in &self.latest.buckets {
            let known = self.before.buckets.get(&bucket).copied().unwrap_or_default();
            new.add_bucket(bucket, count.saturating_sub(known));
        }
        self.before = self.latest.clone();
        new.quantile_ns(0.99).map(|ns| ns as f64 / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use beehive_measured::MeasuredRoot;

    use super::*;

    #[test]
    fn only_what_is_new_counts() {
        let mut recent = RecentLatency::default();
        let mut histogram = Histogram::default();
        let mut after = |value_ns| {
            histogram.record(value_ns);
            let local_latency = Some(histogram.clone());
            let root = MeasuredRoot { local_latency, ..MeasuredRoot::default() };
            recent.see(&ServerMeasured { roots: vec![root], ..ServerMeasured::default() });
            recent.take_us_p99()
        };
        let (slow, fast) = (after(9_000_000).unwrap(), after(10_000).unwrap());
        assert!(slow > 8_000.0 && fast < 12.0, "{slow} {fast}");
        assert_eq!(recent.take_us_p99(), None);
    }
}
