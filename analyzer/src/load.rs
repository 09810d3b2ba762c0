//! Figures: what the application did, and what one invocation of a candidate costs the server.
//! Everything comes from the trace's clocks and counts; what has no clock is `None`, never zero.

use std::collections::BTreeMap;

use beehive_plan::{App, Constants, TrafficFacts};
use beehive_trace::{OUTSIDE, RootKind, RootStats, RunFacts, RunMode, Trace, method_mapping};

use crate::components::Components;
use crate::graph::CallGraph;
use crate::hierarchy::Hierarchy;
use crate::proxy;

/// Costs of offloads in beehive's benchmarks, used until they are measured on the user's machine.
pub const ASSUMED_SOURCE: &str = "assumed (beehive's benchmarks)";

/// The assumed constants: 40 µs + 15 µs a call home of server processor time, 130 µs + 33 µs of
/// latency (a worker on the same machine; `docs/measurements.md`, "What an offload costs and saves").
pub fn assumed_constants() -> Constants {
    Constants {
        offload_cpu_us: 40.0,
        call_home_cpu_us: 15.0,
        offload_latency_us: 130.0,
        call_home_latency_us: 33.0,
        source: ASSUMED_SOURCE.to_owned(),
    }
}

/// Times of one candidate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Times {
    pub latency_us_p50: Option<f64>,
    pub latency_us_p99: Option<f64>,
    pub latency_us_mean: Option<f64>,
    /// Mean over the sampled invocations, which are picked at random; not the mean latency times
    /// their share on the processor, because a few long waits would then count as processor time.
    pub cpu_us_mean: Option<f64>,
    /// Share of the sampled invocations' time on the processor, 0..=1.
    pub on_cpu_share: Option<f64>,
    pub cpu_samples: u64,
    pub exceptions: u64,
    /// Timed only as the outermost user method.
    pub is_entry_clock: bool,
    pub timed: u64,
}

impl Times {
    fn of(stats: &RootStats) -> Self {
        let us = |ns: u64| ns as f64 / 1e3;
        let latency_us_mean = stats.latency.mean_ns().map(|ns| ns / 1e3);
        let cpu_us = stats.cpu_ns as f64 / 1e3;
        let cpu_us_mean = (stats.cpu_samples > 0).then(|| cpu_us / stats.cpu_samples as f64);
        let on_cpu_share = (stats.cpu_samples > 0 && stats.cpu_wall_ns > 0)
            .then(|| (stats.cpu_ns as f64 / stats.cpu_wall_ns as f64).min(1.0));
        Self {
            latency_us_p50: stats.latency.quantile_ns(0.5).map(us),
            latency_us_p99: stats.latency.quantile_ns(0.99).map(us),
            latency_us_mean,
            cpu_us_mean: latency_us_mean.zip(cpu_us_mean).map(|(mean, cpu)| cpu.min(mean)),
            on_cpu_share,
            cpu_samples: stats.cpu_samples,
            exceptions: stats.exceptions,
            is_entry_clock: stats.kind == RootKind::Entry,
            timed: stats.latency.count(),
        }
    }
}

/// Times by method; a proxy's clock stands for its target when that has none.
pub(crate) fn times(hierarchy: &Hierarchy<'_>) -> BTreeMap<u32, Times> {
    let trace = hierarchy.trace();
    let mut found: BTreeMap<u32, Times> =
        trace.roots.iter().map(|r| (r.method, Times::of(r))).collect();
    for stats in trace.roots.iter().filter(|r| hierarchy.is_proxy_method(r.method)) {
        if let Some(target) = proxy::target(hierarchy, stats.method) {
            found.entry(target).or_insert_with(|| Times::of(stats));
        }
    }
    found
}

/// Invocations an offload could take: nested ones of a recursion belong to the outermost.
pub(crate) fn outer_invocations(
    graph: &CallGraph,
    components: &Components,
    method: u32,
    times: Option<&Times>,
) -> u64 {
    if let Some(times) = times.filter(|t| t.is_entry_clock && t.timed > 0) {
        return times.timed;
    }
    let own = components.of(method);
    let outer = graph.callers_of(method).filter(|(caller, _)| components.of(*caller) != own);
    match outer.fold(0, |sum: u64, (_, count)| sum.saturating_add(count)) {
        0 => graph.invocations(method),
        count => count,
    }
}

/// Invocations of `method` within one request, or within one invocation of the caller that calls it
/// most, whichever is more; at least 1. Callers that make up less than 1 % of its invocations are
/// left out, and so is the method itself.
pub(crate) fn calls_in_a_row(
    graph: &CallGraph,
    method: u32,
    invocations: u64,
    requests: u64,
) -> f64 {
    let per_request = if requests > 0 { invocations as f64 / requests as f64 } else { 1.0 };
    let callers = graph.callers_of(method).filter(|(caller, count)| {
        *caller != graph.entry() && *caller != method && *count as f64 >= invocations as f64 / 100.0
    });
    let per_call =
        callers.map(|(caller, count)| count as f64 / graph.invocations(caller).max(1) as f64);
    per_call.fold(per_request.max(1.0), f64::max)
}

/// The application and its JVM, from the newest run.
pub(crate) fn app_facts(trace: &Trace) -> App {
    // A deep run's start-up is slowed by its probes.
    let newest = |run: &&RunFacts| (run.mode != RunMode::Deep, run.start_unix_ms);
    let Some(run) = trace.runs.iter().max_by_key(newest) else {
        return App::default();
    };
    App {
        main: run.main.clone(),
        class_path: run.class_path.clone(),
        jdk_build: run.jdk_build.clone(),
        ready_ms: Some(run.ready_ms).filter(|&ms| ms > 0),
        cpus: run.cpus,
    }
}

/// Requests, latencies and processor time of the recorded load.
pub(crate) fn traffic_facts(trace: &Trace, hierarchy: &Hierarchy<'_>) -> TrafficFacts {
    let traffic = &trace.traffic;
    if traffic.sent == 0 {
        return counted_requests(trace, hierarchy);
    }
    let ms = |ns: u64| ns as f64 / 1e6;
    TrafficFacts {
        requests: traffic.sent,
        is_driven: true,
        rate_per_s: per_second(traffic.sent, traffic.duration_ms),
        latency_ms_p50: traffic.latency.quantile_ns(0.5).map(ms),
        latency_ms_p99: traffic.latency.quantile_ns(0.99).map(ms),
        cpu_ms_per_request: (traffic.cpu_us > 0)
            .then(|| traffic.cpu_us as f64 / 1e3 / traffic.sent as f64),
    }
}

/// Without the driver: entries from outside into mapped methods, else all entries.
fn counted_requests(trace: &Trace, hierarchy: &Hierarchy<'_>) -> TrafficFacts {
    let from_outside = trace.edges.iter().filter(|e| e.caller == OUTSIDE);
    let (mut mapped, mut all) = (0u64, 0u64);
    for edge in from_outside {
        all = all.saturating_add(edge.count);
        let method = proxy::target(hierarchy, edge.callee)
            .filter(|_| hierarchy.is_proxy_method(edge.callee));
        let method = method.unwrap_or(edge.callee);
        if hierarchy.method_annotations(method).any(|a| method_mapping(a).is_some()) {
            mapped = mapped.saturating_add(edge.count);
        }
    }
    let requests = if mapped > 0 { mapped } else { all };
    let duration_ms = total(trace.runs.iter().map(|r| r.duration_ms));
    TrafficFacts {
        requests,
        rate_per_s: per_second(requests, duration_ms),
        ..TrafficFacts::default()
    }
}

/// A sum that stops at the largest count.
pub(crate) fn total(counts: impl Iterator<Item = u64>) -> u64 {
    counts.fold(0, u64::saturating_add)
}

fn per_second(count: u64, duration_ms: u64) -> Option<f64> {
    (duration_ms > 0).then(|| count as f64 / (duration_ms as f64 / 1e3))
}

/// Processor time of the server the loads are shares of, µs: that of the driven load, else that of
/// the whole runs, start-up included.
pub(crate) fn server_cpu_us(trace: &Trace) -> Option<f64> {
    let whole = total(trace.runs.iter().map(|r| r.cpu_us));
    let cpu_us = if trace.traffic.cpu_us > 0 { trace.traffic.cpu_us } else { whole };
    (cpu_us > 0).then_some(cpu_us as f64)
}
