//! Offloading all of a request as one, a candidate beside the methods: what rivals do that run a copy of
//! the whole application in a function. Put together from the predictions of the methods that requests
//! enter by; what the framework around them does is not sampled and stays unknown.

use std::collections::{BTreeMap, BTreeSet};

use beehive_plan::{
    Constants, Decision, Plan, Refusal, RefusalWeight, RootFallbacks, WholeRequest, code,
};

use crate::figure::{grouped, time};
use crate::graph::CallGraph;

/// Share of requests whose entry must have been sampled before anything is said.
const OBSERVED_MIN: f64 = 0.5;

/// The candidate; `None` without a deep run. `is_entry` tells the methods that requests enter by.
pub(crate) fn whole_request(
    graph: &CallGraph,
    predicted: &BTreeMap<u32, RootFallbacks>,
    is_entry: &dyn Fn(u32) -> bool,
    plan: &Plan,
) -> Option<WholeRequest> {
    if predicted.is_empty() {
        return None;
    }
    let called = graph.calls_of(graph.entry()).filter(|(method, _)| is_entry(*method));
    let called: Vec<(u32, f64)> = called.map(|(method, count)| (method, count as f64)).collect();
    let entries: Vec<(f64, &RootFallbacks)> = called
        .iter()
        .filter_map(|(method, count)| Some((*count, predicted.get(method)?)))
        .collect();
    let all: f64 = called.iter().map(|(_, count)| count).sum();
    let seen: f64 = entries.iter().map(|(count, _)| count).sum();
    let cpu_us = plan.traffic.cpu_ms_per_request.map(|ms| ms * 1e3);
    let saved = cpu_us.map(|cpu| cpu - plan.constants.offload_cpu_us);
    let mean = |of: &dyn Fn(&RootFallbacks) -> f64| {
        (seen > 0.0)
            .then(|| entries.iter().map(|(count, root)| count * of(root)).sum::<f64>() / seen)
    };
    let whole = WholeRequest {
        decision: Decision::default(),
        load_moved: saved.zip(cpu_us).map(|(saved, cpu)| (saved / cpu).clamp(-1.0, 1.0)),
        cpu_us_saved: saved,
        calls_home: mean(&|root| root.steady().map_or(0.0, |last| last.fallbacks.total())),
        closure_bytes: mean(&|root| root.closure.heap_bytes),
        observed: (all > 0.0).then(|| (seen / all).min(1.0)),
        evidence: evidence(&entries, seen),
    };
    let decision = decision(&whole, &entries, &plan.constants, plan.budget.closure_bytes_max);
    Some(WholeRequest { decision, ..whole })
}

/// Requests stopped by each code, with an example.
fn stopped<'p>(entries: &[(f64, &'p RootFallbacks)]) -> BTreeMap<&'p str, (f64, &'p str)> {
    let mut by_code: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for (count, root) in entries {
        let stops = |refusal: &&Refusal| refusal.weight == RefusalWeight::Refuses;
        let codes: BTreeSet<&str> =
            root.refusals.iter().filter(stops).map(|refusal| refusal.code.as_str()).collect();
        for code in codes {
            by_code.entry(code).or_insert((0.0, &root.method)).0 += count;
        }
    }
    by_code
}

/// One sentence for each code that stops entries, with the share of requests it concerns.
fn evidence(entries: &[(f64, &RootFallbacks)], seen: f64) -> Vec<String> {
    let told = stopped(entries).into_iter().map(|(code, (count, method))| {
        let method = crate::report::spoken(method);
        format!("{code} stops {:.0} % of the requests sampled, e.g. {method}", count / seen * 100.0)
    });
    told.collect()
}

/// The code that stops most requests, with their share.
fn most_common<'p>(entries: &[(f64, &'p RootFallbacks)]) -> Option<(&'p str, f64)> {
    let seen: f64 = entries.iter().map(|(count, _)| count).sum();
    let most =
        stopped(entries).into_iter().max_by(|a, b| a.1.0.total_cmp(&b.1.0).then(b.0.cmp(a.0)));
    most.map(|(code, (count, _))| (code, count / seen))
}

fn decision(
    whole: &WholeRequest,
    entries: &[(f64, &RootFallbacks)],
    constants: &Constants,
    closure_bytes_max: u64,
) -> Decision {
    let (code, reason, change) = judged(whole, entries, constants, closure_bytes_max);
    Decision { code: code.to_owned(), reason, change: Some(change.to_owned()), path: Vec::new() }
}

fn judged<'p>(
    whole: &WholeRequest,
    entries: &[(f64, &'p RootFallbacks)],
    constants: &Constants,
    closure_bytes_max: u64,
) -> (&'p str, String, &'static str) {
    let unseen = "sample what requests enter by: beehive profile --deep --from light.beetrace";
    let Some(saved) = whole.cpu_us_saved else {
        let reason = "the processor time of a request is not known";
        return (code::OFFLOAD_CPU_UNKNOWN, reason.to_owned(), "record a light run with --load");
    };
    let observed = whole.observed.unwrap_or(0.0);
    if observed < OBSERVED_MIN || entries.is_empty() {
        let reason = format!(
            "only {:.0} % of the requests entered by a method that was sampled",
            observed * 100.0
        );
        return (code::OFFLOAD_RARE, reason, unseen);
    }
    let calls = whole.calls_home.unwrap_or(0.0);
    if whole.closure_bytes.unwrap_or(0.0) > closure_bytes_max as f64 {
        let reason = format!(
            "its closures are {} bytes on average, more than {}",
            grouped(whole.closure_bytes.unwrap_or(0.0) as u64),
            grouped(closure_bytes_max)
        );
        return (
            code::OFFLOAD_CLOSURE_TOO_LARGE,
            reason,
            "offload the methods chosen below instead",
        );
    }
    let cost = calls * constants.call_home_cpu_us;
    if cost >= saved {
        let reason = format!(
            "returns to the server {calls:.1} times per request: {} of server processor time against {} \
             that an offload would save",
            time(cost),
            time(saved.max(0.0))
        );
        return (code::OFFLOAD_CHATTY, reason, "offload the methods chosen below instead");
    }
    if let Some((code, share)) = most_common(entries) {
        let reason = format!(
            "{:.0} % of the requests sampled cannot move ({code} stops them); a copy of the application \
             would need what the server alone has",
            share * 100.0
        );
        return (code, reason, "offload the methods chosen below, which can move");
    }
    let reason = format!(
        "would move up to {:.0} % of the server's processor time with {calls:.1} returns per request, if the \
         framework around the methods, which no sample covers, runs on a worker as well",
        whole.load_moved.unwrap_or(0.0) * 100.0
    );
    (
        code::OFFLOAD_OK,
        reason,
        "run a copy of the application behind a load balancer; beehive offloads methods",
    )
}
