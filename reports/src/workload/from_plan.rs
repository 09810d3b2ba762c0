//! From a plan to classes of requests. Where the plan is silent an assumption is made, noted, and
//! shown in the report; without latencies there is nothing to go by and the plan is refused.

use beehive_measured::Measured;
use beehive_plan::Plan;

use super::root::{Basis, Root, Terms, record, root};
use super::{OffloadCost, RequestClass, Spread, Workload};
use crate::ReportError;
use crate::simulation::law::sigma;

/// Start of the application when the trace did not see it, ms.
const READY_MS_ASSUMED: f64 = 8_000.0;

/// Reads the requests of `plan`. `calls_home` is the number of calls home an invocation is taken to
/// make where neither a deep run nor a `measured` one tells.
///
/// # Errors
/// [`ReportError::NoLatency`] without latencies, [`ReportError::PlanFigure`] for a figure that is
/// no time, [`ReportError::MeasuredOtherPlan`] if `measured` knows none of the plan's roots.
pub fn from_plan(
    plan: &Plan,
    calls_home: f64,
    measured: Option<&Measured>,
) -> Result<Workload, ReportError> {
    check_measured(plan, measured)?;
    let mut notes = Vec::new();
    let latency = Latency::of(plan)?;
    let cpu_ms = server_cpu_ms(plan, &latency, &mut notes)?;
    let roots = chosen_roots(Terms { plan, cpu_ms, calls_home, measured }, &mut notes);
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

/// A measured run must be about this plan: one of its roots was executed on a worker.
fn check_measured(plan: &Plan, measured: Option<&Measured>) -> Result<(), ReportError> {
    let Some(measured) = measured else { return Ok(()) };
    if plan.offloaded().any(|c| record(Some(measured), &c.method).is_some()) {
        return Ok(());
    }
    let executed = measured.server.iter().flat_map(|server| &server.roots);
    let known: Vec<&str> =
        executed.filter(|root| root.offloaded > 0).map(|root| root.method.as_str()).collect();
    let known = if known.is_empty() { "no execution at all".to_owned() } else { known.join(", ") };
    Err(ReportError::MeasuredOtherPlan { known })
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

fn chosen_roots<'a>(terms: Terms<'a>, notes: &mut Vec<String>) -> Vec<Root<'a>> {
    let Terms { plan, cpu_ms, .. } = terms;
    let mut roots = Vec::new();
    for candidate in plan.offloaded() {
        match root(candidate, terms) {
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
    told(&roots, terms, notes);
    roots
}

/// What the figures of the roots rest on.
fn told(roots: &[Root<'_>], terms: Terms<'_>, notes: &mut Vec<String>) {
    let of = |basis| roots.iter().filter(move |r| r.calls_home == basis);
    if of(Basis::Assumed).next().is_some() {
        notes.push(format!(
            "the trace cannot tell how often an invocation calls home: {} assumed",
            terms.calls_home
        ));
    }
    let Some(measured) = terms.measured else { return };
    for root in of(Basis::Measured) {
        let saving = if root.is_saving_measured {
            "fallbacks and processor time saved are measured"
        } else {
            "fallbacks are measured, the processor time saved is reckoned (too few samples)"
        };
        let executions =
            record(terms.measured, &root.candidate.method).map_or(0, |record| record.offloaded);
        notes.push(format!(
            "`{}`: {saving} over {executions} executions on workers (offload {})",
            root.candidate.method, measured.offloading.mode
        ));
    }
    for root in roots.iter().filter(|r| r.calls_home != Basis::Measured) {
        notes.push(format!(
            "`{}` was not executed on a worker often enough in the measured run: the plan's figures stand",
            root.candidate.method
        ));
    }
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
    use beehive_measured::{CpuSamples, Executions, Fallbacks, MeasuredRoot, ServerMeasured};
    use beehive_plan::{App, Candidate, Constants, Roots, TrafficFacts};

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

    /// The plan after a deep run.
    fn known(calls_home: f64) -> Plan {
        let mut plan = plan();
        plan.roots.chosen[0].calls_home = Some(calls_home);
        plan
    }

    fn measured(method: &str, samples: u64) -> Measured {
        let cpu = |us: u64| Some(CpuSamples { samples, sum_ns: us * 1000 * samples });
        let fallbacks = Fallbacks { call: 60, ..Fallbacks::default() };
        let root = MeasuredRoot {
            method: method.to_owned(),
            offloaded: 40,
            steady: Executions { executions: 30, fallbacks },
            local_cpu: cpu(50_000),
            offloaded_cpu: cpu(500),
            ..MeasuredRoot::default()
        };
        let server = ServerMeasured { roots: vec![root], ..ServerMeasured::default() };
        Measured { server: Some(server), ..Measured::default() }
    }

    #[test]
    fn what_was_measured_goes_over_what_was_predicted() {
        let run = measured("a.B#c()", 100);
        let workload = from_plan(&known(10.0), 1.0, Some(&run)).unwrap();
        // 1 % of the root's 40 ms stays at the server.
        assert!((workload.load_moved() - 0.5 * 39.6 / 30.0).abs() < 1e-9);
        let offload = workload.classes[0].offload.unwrap();
        assert!((offload.added_ms - (0.2 + 2.0 * 0.038)).abs() < 1e-9, "two calls home");
        assert!(workload.notes[0].contains("measured over 40 executions"), "{:?}", workload.notes);
        let few = from_plan(&known(10.0), 1.0, Some(&measured("a.B#c()", 3))).unwrap();
        assert!((few.load_moved() - 0.5 * (39.7 - 2.0 * 0.017) / 30.0).abs() < 1e-9);
    }

    #[test]
    fn a_run_of_another_plan_is_refused() {
        let error = from_plan(&plan(), 1.0, Some(&measured("x.Y#z()", 100))).unwrap_err();
        assert!(error.to_string().contains("x.Y#z()"), "{error}");
        let none = from_plan(&plan(), 1.0, Some(&Measured::default())).unwrap_err();
        assert!(none.to_string().contains("no execution at all"), "{none}");
    }

    #[test]
    fn classes_keep_the_plans_means() {
        let workload = from_plan(&known(10.0), 1.0, None).unwrap();
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
        assert!(matches!(from_plan(&silent, 1.0, None), Err(ReportError::NoLatency)));
        let mut odd = plan();
        odd.traffic.latency_ms_p99 = Some(f64::NAN);
        assert!(matches!(from_plan(&odd, 1.0, None), Err(ReportError::PlanFigure { .. })));
    }

    #[test]
    fn what_is_assumed_is_said() {
        let mut silent = plan();
        silent.traffic.cpu_ms_per_request = None;
        silent.app.ready_ms = None;
        silent.roots.chosen[0].calls_per_request = None;
        let workload = from_plan(&silent, 1.0, None).unwrap();
        assert_eq!(workload.notes.len(), 3, "{:?}", workload.notes);
        assert!(workload.offloadable_share().abs() < 1e-12);
    }
}
