//! What stands at the head and the foot of the page: the verdict in one sentence, four figures, what to do
//! for what is unknown, what everything rests on.

use beehive_plan::{Candidate, Plan, code};

use super::row::share;
use crate::figure::{bytes, count, grouped, time};
use crate::picture::Scene;
use crate::planner::Planned;

/// Calls told in words.
const CALLS_MAX: usize = 12;

/// A figure with its words.
pub(super) struct Fact {
    pub(super) figure: String,
    pub(super) words: String,
    pub(super) is_best: bool,
}

/// Calls from one method of the picture to another.
pub(super) struct Call {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) calls: String,
}

/// The most frequent calls of the picture in words, for screens too narrow for it.
pub(super) fn calls(scene: &Scene) -> Vec<Call> {
    let mut arrows = scene.arrows.clone();
    arrows.sort_by(|a, b| b.calls.cmp(&a.calls).then((a.from, a.to).cmp(&(b.from, b.to))));
    let name = |at: usize| scene.boxes.get(at).map_or(String::new(), |b| b.name.clone());
    let told = arrows.into_iter().take(CALLS_MAX);
    told.map(|a| Call { from: name(a.from), to: name(a.to), calls: grouped(a.calls) }).collect()
}

/// How to learn what is unknown.
pub(super) struct Advice {
    pub(super) words: String,
    pub(super) record: String,
    pub(super) plan: String,
}

/// The verdict in one sentence.
pub(super) fn headline(plan: &Plan) -> String {
    let all = candidates(plan).count();
    let on = plan.offloaded().count();
    let of = format!("{on} of {}", words_of(all, "method"));
    match (on, plan.expected.load_moved) {
        (0, _) => "Nothing is worth offloading in this run".to_owned(),
        (1, Some(moved)) if moved > 0.0 => {
            format!(
                "{of} is worth offloading and moves up to {} of the server’s CPU",
                percent(moved)
            )
        }
        (_, Some(moved)) if moved > 0.0 => {
            format!(
                "{of} are worth offloading and move up to {} of the server’s CPU",
                percent(moved)
            )
        }
        (1, _) => format!("{of} is worth offloading"),
        _ => format!("{of} are worth offloading"),
    }
}

/// What was recorded.
pub(super) fn lead(plan: &Plan) -> String {
    let traffic = &plan.traffic;
    let what = if traffic.is_driven { "request" } else { "entry into user code" };
    let requests = match (traffic.requests, traffic.is_driven) {
        (0, _) => "Recorded without requests".to_owned(),
        (1, _) => format!("Recorded over one {what}"),
        (n, true) => format!("Recorded over {} requests", grouped(n)),
        (n, false) => format!("Recorded over {} entries into user code", grouped(n)),
    };
    let rate = traffic.rate_per_s.map_or(String::new(), |r| format!(" at {} a second", count(r)));
    let jdk = if plan.app.jdk_build.is_empty() {
        String::new()
    } else {
        format!(", on JDK {}", plan.app.jdk_build)
    };
    let latency = match (traffic.latency_ms_p50, traffic.latency_ms_p99) {
        (Some(p50), Some(p99)) => {
            format!(
                " Half of them were answered within {}, 99 % within {}.",
                time(p50 * 1e3),
                time(p99 * 1e3)
            )
        }
        _ => String::new(),
    };
    format!("{requests}{rate}{jdk}.{latency}")
}

pub(super) fn facts(plan: &Plan) -> Vec<Fact> {
    let fact =
        |figure: String, words: &str, is_best| Fact { figure, words: words.to_owned(), is_best };
    let is_any = plan.offloaded().next().is_some();
    let refused =
        candidates(plan).filter(|c| !c.offload && c.decision.code != code::OFFLOAD_COVERED);
    vec![
        fact(
            plan.expected.load_moved.map_or("?".to_owned(), share),
            "of the server’s processor time moved at most, before calls home",
            is_any,
        ),
        fact(
            of_roots(is_any, fallbacks_per_request(plan), count),
            "fallbacks per request of the roots, once a worker is warm",
            is_any,
        ),
        fact(
            of_roots(is_any, largest_closure(plan), bytes),
            "largest initial closure of a root, in the server’s heap",
            false,
        ),
        fact(
            grouped(refused.count() as u64),
            "candidates stay at the server, each with its reason",
            false,
        ),
    ]
}

/// A figure of the roots; a dash when there are none.
fn of_roots(is_any: bool, figure: Option<f64>, shown: fn(f64) -> String) -> String {
    let unknown = if is_any { "?" } else { "–" };
    figure.map_or(unknown.to_owned(), shown)
}

/// Unknown as soon as it is of one of the roots; nothing to tell without roots.
fn fallbacks_per_request(plan: &Plan) -> Option<f64> {
    let each = |c: &Candidate| Some(c.fallbacks?.tenth.total() * c.calls_per_request?);
    plan.offloaded().next()?;
    plan.offloaded().map(each).sum()
}

fn largest_closure(plan: &Plan) -> Option<f64> {
    let each: Option<Vec<f64>> = plan.offloaded().map(|c| c.closure_bytes).collect();
    each?.into_iter().reduce(f64::max)
}

/// Told when a root, or without roots everything, lacks a deep run.
pub(super) fn deep_advice(planned: &Planned) -> Option<Advice> {
    let plan = &planned.plan;
    let is_open = if plan.offloaded().next().is_none() {
        planned.predicted.roots.is_empty()
    } else {
        plan.offloaded().any(|c| c.fallbacks.is_none())
    };
    if !is_open {
        return None;
    }
    let words = if planned.predicted.roots.is_empty() {
        "This plan comes from a light run: objects, natives, locks and fallbacks are unknown. A second, short run tells them:"
    } else {
        "Some roots were not sampled by the deep run: their fallbacks are unknown. A longer one tells them:"
    };
    let trace = if plan.trace.path.is_empty() { "app.beetrace" } else { plan.trace.path.as_str() };
    let command = if plan.app.main.is_empty() { "app.jar" } else { plan.app.main.as_str() };
    let is_jar = std::path::Path::new(command).extension().is_some_and(|e| e == "jar");
    let start = if is_jar { "java -jar" } else { "java" };
    Some(Advice {
        words: words.to_owned(),
        record: format!(
            "beehive profile --deep --from {trace} --load requests.http -o deep.beetrace -- {start} {command}"
        ),
        plan: format!("beehive plan {trace} deep.beetrace --html plan.html"),
    })
}

/// Which recordings the figures come from.
pub(super) fn basis(planned: &Planned) -> String {
    let sampled: u64 = planned.predicted.roots.iter().map(|r| r.observed.executions).sum();
    let roots = words_of(planned.predicted.roots.len(), "method");
    let deep = if sampled == 0 {
        "No deep run: fallbacks, natives and closures are unknown, which is not the same as none."
            .to_owned()
    } else {
        format!(
            "Fallbacks, natives and closures are means over {} sampled invocations of {roots}; methods that were not sampled are unknown.",
            grouped(sampled)
        )
    };
    format!(
        "Calls are counted exactly, latencies are those of every timed invocation, processor times those of sampled ones (~ marks few samples). {deep}"
    )
}

pub(super) fn constants(plan: &Plan) -> Vec<(String, String)> {
    let constants = &plan.constants;
    let row = |words: &str, us: f64| (words.to_owned(), time(us));
    vec![
        row("Server processor time of an offload without calls home", constants.offload_cpu_us),
        row("Server processor time of a call home", constants.call_home_cpu_us),
        row("Latency of an offload without calls home", constants.offload_latency_us),
        row("Latency of a call home", constants.call_home_latency_us),
        row(
            "Latency all offloads of one root may add to a request",
            plan.budget.added_latency_ms * 1e3,
        ),
        ("Largest closure".to_owned(), bytes(plan.budget.closure_bytes_max as f64)),
        ("Where the costs come from".to_owned(), constants.source.clone()),
    ]
}

pub(super) fn footer(plan: &Plan) -> String {
    let hash = plan.trace.sha256.get(..12).map_or(String::new(), |h| format!(" (SHA-256 {h}…)"));
    let paths: Vec<&str> = plan.trace.more.iter().map(|t| t.path.as_str()).collect();
    let more = if paths.is_empty() { String::new() } else { format!(", {}", paths.join(", ")) };
    format!(
        "Made by beehive plan from {}{hash}{more}. The same traces and options give the same page to the byte.",
        if plan.trace.path.is_empty() { "a trace" } else { plan.trace.path.as_str() }
    )
}

fn candidates(plan: &Plan) -> impl Iterator<Item = &Candidate> {
    plan.roots.chosen.iter().chain(&plan.roots.refused)
}

fn percent(share: f64) -> String {
    format!("{:.0}\u{202f}%", share * 100.0)
}

fn words_of(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", grouped(count as u64))
}
