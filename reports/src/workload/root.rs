//! What one root costs in the server and on a worker: as a run with offloading measured it, else as the
//! plan predicts it, else as the settings assume. Which of them it was is told with the figures.

use beehive_measured::{Measured, MeasuredRoot};
use beehive_plan::{Candidate, Plan};

/// Samples of processor time on each side from which on their means are used.
const CPU_SAMPLES_MIN: u64 = 10;
/// Timed invocations on each side from which on their medians are used.
const TIMED_MIN: u64 = 10;

/// A chosen root with what a request of it costs.
pub(super) struct Root<'a> {
    pub(super) candidate: &'a Candidate,
    pub(super) share: f64,
    pub(super) cpu_ms: f64,
    pub(super) saved_ms: f64,
    pub(super) latency_ms: f64,
    pub(super) added_ms: f64,
    /// Where the number of calls home comes from.
    pub(super) calls_home: Basis,
    /// Whether the saved time is the difference of two measured ones.
    pub(super) is_saving_measured: bool,
}

/// Where a figure comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// Executed on workers.
    Measured,
    /// From a deep run.
    Predicted,
    /// From the settings.
    Assumed,
}

/// What is known of a root beside the plan's entry.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) plan: &'a Plan,
    /// Processor time of a request, ms.
    pub(super) cpu_ms: f64,
    /// Calls home of an invocation where nobody knows better.
    pub(super) calls_home: f64,
    pub(super) measured: Option<&'a Measured>,
}

/// The record of a root that was executed on workers.
pub(super) fn record<'a>(measured: Option<&'a Measured>, method: &str) -> Option<&'a MeasuredRoot> {
    let roots = &measured?.server.as_ref()?.roots;
    roots.iter().find(|root| root.method == method && root.offloaded > 0)
}

/// The figures of a candidate; `None` when the plan does not say how often a request calls it or
/// what it costs.
pub(super) fn root<'a>(candidate: &'a Candidate, terms: Terms<'_>) -> Option<Root<'a>> {
    let share = candidate.calls_per_request.filter(|c| c.is_finite() && *c > 0.0)?;
    let record = record(terms.measured, &candidate.method);
    let constants = &terms.plan.constants;
    let (calls, calls_home) = calls_home(candidate, record, terms.calls_home);
    let fixed_ms = constants.offload_cpu_us / 1e3;
    let before_calls_ms = match (candidate.cpu_us_saved, candidate.load_moved) {
        (Some(us), _) => us / 1e3,
        (None, Some(moved)) => moved * terms.cpu_ms / share,
        (None, None) => candidate.cpu_us_mean? / 1e3 - fixed_ms,
    };
    let own_ms = candidate.cpu_us_mean.map_or(before_calls_ms + fixed_ms, |us| us / 1e3);
    let latency_ms = match (candidate.latency_us_mean, candidate.latency_us_p50) {
        (Some(us), _) | (None, Some(us)) => us / 1e3,
        (None, None) => own_ms,
    };
    let added_us = candidate.added_latency_us.unwrap_or(constants.offload_latency_us);
    let saving = record.and_then(|record| measured_saving(record, own_ms));
    let reckoned_ms = before_calls_ms - calls * constants.call_home_cpu_us / 1e3;
    let reckoned_added_ms = (added_us + calls * constants.call_home_latency_us) / 1e3;
    Some(Root {
        candidate,
        share,
        cpu_ms: own_ms,
        saved_ms: saving.unwrap_or(reckoned_ms),
        latency_ms: latency_ms.max(own_ms),
        added_ms: record.and_then(measured_added_ms).unwrap_or(reckoned_added_ms),
        calls_home,
        is_saving_measured: saving.is_some(),
    })
}

/// Returns to the server of one execution in the steady state.
fn calls_home(candidate: &Candidate, record: Option<&MeasuredRoot>, assumed: f64) -> (f64, Basis) {
    let is_count = |count: &f64| count.is_finite() && *count >= 0.0;
    let measured = record.and_then(|record| record.steady.mean()).map(|mean| mean.total());
    if let Some(count) = measured.filter(is_count) {
        return (count, Basis::Measured);
    }
    match candidate.calls_home.filter(is_count) {
        Some(count) => (count, Basis::Predicted),
        None => (assumed, Basis::Assumed),
    }
}

/// Processor time of the server saved by one offload, ms: the share that its two means on the machine
/// of the run give, of what an invocation costs in the plan.
fn measured_saving(record: &MeasuredRoot, own_ms: f64) -> Option<f64> {
    let (local, away) = (record.local_cpu?, record.offloaded_cpu?);
    if local.samples.min(away.samples) < CPU_SAMPLES_MIN {
        return None;
    }
    let (local, away) = (local.mean_us()?, away.mean_us()?);
    (local > 0.0).then(|| own_ms * (1.0 - away / local))
}

/// Latency an offload adds, ms: the difference of the medians, because the first invocations of a new
/// worker are slow and the simulation reckons with that by itself.
fn measured_added_ms(record: &MeasuredRoot) -> Option<f64> {
    let (local, away) = (record.local_latency.as_ref()?, record.offloaded_latency.as_ref()?);
    if local.count().min(away.count()) < TIMED_MIN {
        return None;
    }
    let (local, away) = (local.quantile_ns(0.5)?, away.quantile_ns(0.5)?);
    Some(away.saturating_sub(local) as f64 / 1e6)
}
