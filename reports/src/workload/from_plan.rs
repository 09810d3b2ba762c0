//! From a plan to classes of requests. Where the plan is silent an assumption is made, noted, and
//! shown in the report; without latencies there is nothing to go by and the plan is refused.

use beehive_plan::{Candidate, Plan, Unknown};

use super::{OffloadCost, RequestClass, Spread, Workload};
use crate::ReportError;
use crate::simulation::law::sigma;

/// Start of the application when the trace did not see it, ms.
const READY_MS_ASSUMED: f64 = 8_000.0;

/// Reads the requests of `plan`. `calls_home` is the number of calls home an invocation is taken to
/// make, which a light run cannot know.
///
/// # Errors
/// [`ReportError::NoLatency`] without latencies, [`ReportError::PlanFigure`] for a figure that is
/// no time.
pub fn from_plan(plan: &Plan, calls_home: f64) -> Result<Workload, ReportError> {
    let mut notes = Vec::new();
    let latency = Latency::of(plan)?;
    let cpu_ms = server_cpu_ms(plan, &latency, &mut notes)?;
    let roots = chosen_roots(plan, cpu_ms, calls_home, &mut notes);
    let app_ready_ms = plan.app.ready_ms.map_or(READY_MS_ASSUMED, |ms| ms as f64);
    if plan.app.ready_ms.is_none() {
        notes.push(format!(
            "the trace did not see the application start: {READY_MS_ASSUMED} ms assumed"
        ));
    }
    let wait_ms = (latency.mean_ms - cpu_ms).max(0.0);
    let classes = classes(&roots, cpu_ms, wait_ms);
    Ok(Workload { classes, spread: latency.spread(), app_ready_ms, notes })
}

struct Latency {
    mean_ms: f64,
    sigma: f64,
}

impl Latency {
    /// The log-normal through the plan's two percentiles.
    fn of(plan: &Plan) -> Result<Self, ReportError> {
        let traffic = &plan.traffic;
        let (Some(p50), Some(p99)) = (traffic.latency_ms_p50, traffic.latency_ms_p99) else {
            return Err(ReportError::NoLatency);
        };
        check("traffic.latency_ms_p50", p50)?;
        check("traffic.latency_ms_p99", p99)?;
        if p99 < p50 {
            return Err(ReportError::PlanFigure {
                field: "traffic.latency_ms_p99",
                value: format!("{p99}, below the median of {p50}"),
            });
        }
        let sigma = sigma(p50, p99);
        Ok(Self { mean_ms: p50 * (sigma * sigma / 2.0).exp(), sigma })
    }

    fn spread(&self) -> Spread {
        if self.sigma > 0.0 { Spread::LogNormal { sigma: self.sigma } } else { Spread::Equal }
    }
}

fn check(field: &'static str, value: f64) -> Result<(), ReportError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(ReportError::PlanFigure { field, value: format!("{value}, not a time above 0") })
}

fn server_cpu_ms(
    plan: &Plan,
    latency: &Latency,
    notes: &mut Vec<String>,
) -> Result<f64, ReportError> {
    if let Some(cpu_ms) = plan.traffic.cpu_ms_per_request {
        check("traffic.cpu_ms_per_request", cpu_ms)?;
        return Ok(cpu_ms);
    }
    notes.push("the plan has no processor time of a request: its latency is taken for it".into());
    Ok(latency.mean_ms)
}

/// A chosen root with what a request of it costs.
struct Root<'a> {
    candidate: &'a Candidate,
    share: f64,
    cpu_ms: f64,
    saved_ms: f64,
    latency_ms: f64,
    added_ms: f64,
}

fn chosen_roots<'a>(
    plan: &'a Plan,
    cpu_ms: f64,
    calls_home: f64,
    notes: &mut Vec<String>,
) -> Vec<Root<'a>> {
    let mut roots = Vec::new();
    for candidate in plan.offloaded() {
        match root(candidate, plan, cpu_ms, calls_home) {
            Some(root) => roots.push(root),
            None => notes.push(format!(
                "`{}` is left out: the plan does not say how often a request calls it or what it \
                 costs",
                candidate.method
            )),
        }
    }
    let total: f64 = roots.iter().map(|r| r.share).sum();
    if total > 1.0 {
        notes.push(format!(
            "requests call {total:.2} roots on average: the roots' costs are added up per request"
        ));
        for root in &mut roots {
            let calls = root.share;
            root.share = calls / total;
            let per_request = calls / root.share;
            root.cpu_ms *= per_request;
            root.saved_ms *= per_request;
            root.latency_ms *= per_request;
            root.added_ms *= per_request;
        }
    }
    count_overlaps_once(plan, cpu_ms, &mut roots);
    if !roots.is_empty() && plan.offloaded().any(|c| c.unknown.contains(&Unknown::CallsHome)) {
        notes.push(format!(
            "the trace cannot tell how often an invocation calls home: {calls_home} assumed"
        ));
    }
    roots
}

/// Roots below each other save the same work only once: the plan knows how much in all.
fn count_overlaps_once(plan: &Plan, cpu_ms: f64, roots: &mut [Root<'_>]) {
    let saved: f64 = roots.iter().map(|r| r.share * r.saved_ms).sum();
    let Some(moved) = plan.expected.load_moved else { return };
    if saved > moved * cpu_ms && moved > 0.0 {
        for root in roots {
            root.saved_ms *= moved * cpu_ms / saved;
        }
    }
}

fn root<'a>(
    candidate: &'a Candidate,
    plan: &Plan,
    cpu_ms: f64,
    calls_home: f64,
) -> Option<Root<'a>> {
    let share = candidate.calls_per_request.filter(|c| c.is_finite() && *c > 0.0)?;
    let constants = &plan.constants;
    let fixed_ms = constants.offload_cpu_us / 1e3;
    let before_calls_ms = match (candidate.cpu_us_saved, candidate.load_moved) {
        (Some(us), _) => us / 1e3,
        (None, Some(moved)) => moved * cpu_ms / share,
        (None, None) => candidate.cpu_us_mean? / 1e3 - fixed_ms,
    };
    let own_ms = candidate.cpu_us_mean.map_or(before_calls_ms + fixed_ms, |us| us / 1e3);
    let latency_ms = match (candidate.latency_us_mean, candidate.latency_us_p50) {
        (Some(us), _) | (None, Some(us)) => us / 1e3,
        (None, None) => own_ms,
    };
    let added_us = candidate.added_latency_us.unwrap_or(constants.offload_latency_us);
    Some(Root {
        candidate,
        share,
        cpu_ms: own_ms,
        saved_ms: before_calls_ms - calls_home * constants.call_home_cpu_us / 1e3,
        latency_ms: latency_ms.max(own_ms),
        added_ms: (added_us + calls_home * constants.call_home_latency_us) / 1e3,
    })
}

/// One class a root and one for the rest. All share a shell (what a request costs beside its
/// root), sized so that the mean over the classes is the plan's.
fn classes(roots: &[Root<'_>], cpu_ms: f64, wait_ms: f64) -> Vec<RequestClass> {
    let in_roots: f64 = roots.iter().map(|r| r.share * r.cpu_ms).sum();
    // Roots measured dearer than the whole request (other runs, other load) are scaled down.
    let scale = if in_roots > cpu_ms { cpu_ms / in_roots } else { 1.0 };
    let shell_ms = (cpu_ms - in_roots * scale).max(0.0);
    let waits_in_roots: f64 = roots.iter().map(|r| r.share * (r.latency_ms - r.cpu_ms)).sum();
    let wait_scale = if waits_in_roots > wait_ms { wait_ms / waits_in_roots } else { 1.0 };
    let shell_wait_ms = (wait_ms - waits_in_roots * wait_scale).max(0.0);
    let mut classes: Vec<_> = roots
        .iter()
        .map(|root| {
            let (cpu, saved) = (root.cpu_ms * scale, root.saved_ms * scale);
            let root_wait = (root.latency_ms - root.cpu_ms) * wait_scale;
            RequestClass {
                name: root.candidate.method.clone(),
                share: root.share,
                cpu_ms: shell_ms + cpu,
                wait_ms: shell_wait_ms + root_wait,
                offload: Some(OffloadCost {
                    cpu_left_ms: (shell_ms + cpu - saved).max(0.0),
                    wait_left_ms: shell_wait_ms,
                    worker_cpu_ms: cpu,
                    worker_wait_ms: root_wait,
                    added_ms: root.added_ms,
                }),
            }
        })
        .collect();
    let rest = 1.0 - roots.iter().map(|r| r.share).sum::<f64>();
    if rest > 1e-9 || classes.is_empty() {
        classes.push(RequestClass {
            name: "rest".to_owned(),
            share: rest.max(0.0),
            cpu_ms: shell_ms,
            wait_ms: shell_wait_ms,
            offload: None,
        });
    }
    classes
}

#[cfg(test)]
mod tests {
    use beehive_plan::{App, Constants, Roots, TrafficFacts};

    use super::*;

    pub(super) fn plan() -> Plan {
        Plan {
            version: 1,
            app: App { ready_ms: Some(3200), cpus: 2, ..App::default() },
            traffic: TrafficFacts {
                requests: 10_000,
                is_driven: true,
                rate_per_s: Some(50.0),
                latency_ms_p50: Some(40.0),
                latency_ms_p99: Some(120.0),
                cpu_ms_per_request: Some(30.0),
            },
            constants: Constants {
                offload_cpu_us: 130.0,
                call_home_cpu_us: 17.0,
                offload_latency_us: 200.0,
                call_home_latency_us: 38.0,
                source: "assumed".into(),
            },
            roots: Roots {
                chosen: vec![Candidate {
                    method: "a.B#c()".into(),
                    offload: true,
                    calls_per_request: Some(0.5),
                    latency_us_mean: Some(45_000.0),
                    cpu_us_mean: Some(40_000.0),
                    cpu_us_saved: Some(39_700.0),
                    ..Candidate::default()
                }],
                refused: Vec::new(),
            },
            ..Plan::default()
        }
    }

    #[test]
    fn classes_keep_the_plans_means() {
        let workload = from_plan(&plan(), 10.0).unwrap();
        assert!((workload.cpu_ms_mean() - 30.0).abs() < 1e-9);
        let sigma = 3.0_f64.ln() / crate::simulation::law::Z99;
        let mean = 40.0 * (sigma * sigma / 2.0_f64).exp();
        assert!((workload.latency_ms_mean() - mean).abs() < 1e-9);
        assert!((workload.load_moved() - 0.5 * (39.7 - 10.0 * 0.017) / 30.0).abs() < 1e-9);
        assert_eq!(workload.classes.len(), 2);
        let offload = workload.classes[0].offload.unwrap();
        assert!((offload.added_ms - (0.2 + 10.0 * 0.038)).abs() < 1e-9, "ten calls home");
        assert!(workload.notes.is_empty(), "{:?}", workload.notes);
    }

    #[test]
    fn a_plan_without_latencies_or_with_impossible_ones_is_refused() {
        let mut silent = plan();
        silent.traffic.latency_ms_p99 = None;
        assert!(matches!(from_plan(&silent, 1.0), Err(ReportError::NoLatency)));
        let mut odd = plan();
        odd.traffic.latency_ms_p99 = Some(f64::NAN);
        assert!(matches!(from_plan(&odd, 1.0), Err(ReportError::PlanFigure { .. })));
    }

    #[test]
    fn what_is_assumed_is_said() {
        let mut silent = plan();
        silent.traffic.cpu_ms_per_request = None;
        silent.app.ready_ms = None;
        silent.roots.chosen[0].calls_per_request = None;
        let workload = from_plan(&silent, 1.0).unwrap();
        assert_eq!(workload.notes.len(), 3, "{:?}", workload.notes);
        assert!(workload.offloadable_share().abs() < 1e-12);
    }
}
