//! What is kept of a run: latencies by the second of arrival, sums for the laws of queueing, and
//! counts. Memory depends on the window, never on the number of requests; everything adds up in
//! any order, so threads do not show.

use hdrhistogram::Histogram;

/// Longest latency told apart, µs (an hour).
const LATENCY_US_MAX: u64 = 3_600_000_000;

/// Latencies in µs, to 1 %.
#[derive(Clone, Debug)]
pub struct Latencies(Option<Histogram<u32>>);

impl Default for Latencies {
    fn default() -> Self {
        // `None` would only come of impossible bounds; nothing is counted then.
        Self(Histogram::new_with_bounds(1, LATENCY_US_MAX, 2).ok())
    }
}

impl Latencies {
    /// Counts one latency.
    pub fn record(&mut self, latency_ns: u64) {
        if let Some(histogram) = &mut self.0 {
            histogram.saturating_record((latency_ns / 1000).max(1));
        }
    }

    /// Adds another's counts.
    pub fn add(&mut self, other: &Self) {
        if let (Some(mine), Some(theirs)) = (&mut self.0, &other.0) {
            // Equal bounds: cannot fail.
            let _ = mine.add(theirs);
        }
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.0.as_ref().map_or(0, Histogram::len)
    }

    /// How many were not above `ms`.
    pub fn count_within(&self, ms: f64) -> u64 {
        self.0.as_ref().map_or(0, |h| h.count_between(0, (ms * 1e3) as u64))
    }

    /// The latency not exceeded by share `q`, ms; `None` if nothing was counted.
    pub fn quantile_ms(&self, q: f64) -> Option<f64> {
        let histogram = self.0.as_ref().filter(|h| !h.is_empty())?;
        Some(histogram.value_at_quantile(q) as f64 / 1e3)
    }
}

/// One bucket of the timeline, summed over seeds.
#[derive(Clone, Debug, Default)]
pub struct Bucket {
    /// Latencies of the requests that arrived in it.
    pub latencies: Latencies,
    /// Requests that arrived.
    pub arrived: u64,
    /// Of them offloaded.
    pub offloaded: u64,
    /// Of them refused or given up.
    pub dropped: u64,
    /// Machines in service beside the server, at its start.
    pub machines: u64,
    /// Workers alive at its start.
    pub workers: u64,
}

/// The timeline of one way, summed over seeds.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    /// Buckets in order.
    pub buckets: Vec<Bucket>,
}

impl Timeline {
    /// `count` empty buckets.
    pub fn new(count: usize) -> Self {
        Self { buckets: vec![Bucket::default(); count] }
    }

    /// Adds another timeline of the same length.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            mine.latencies.add(&theirs.latencies);
            mine.arrived += theirs.arrived;
            mine.offloaded += theirs.offloaded;
            mine.dropped += theirs.dropped;
            mine.machines += theirs.machines;
            mine.workers += theirs.workers;
        }
    }

    /// The bucket of an instant.
    pub(super) fn at(&mut self, ns: u64, bucket_ns: u64) -> Option<&mut Bucket> {
        self.buckets.get_mut((ns / bucket_ns) as usize)
    }
}
