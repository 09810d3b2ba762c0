//! Writes what was found out about the candidates into the plan document: figures, decision, reason,
//! evidence, in an order a person reads best. Decides nothing.

use std::collections::BTreeMap;

use beehive_plan::{
    Candidate, Decision, Expected, Plan, PredictedFallbacks, RootFallbacks, Unknown, code,
    is_edited,
};

use crate::contest::{Hand, Standing};
use crate::deep_verdict::{calls_home, deep_refusals};
use crate::figure::time;
use crate::graph::CallGraph;
use crate::hierarchy::Hierarchy;
use crate::load::Times;
use crate::verdict::{CPU_SAMPLES_FEW, Subject, Terms};

/// What a light run leaves open about every method.
const LIGHT_RUN_UNKNOWN: [Unknown; 4] =
    [Unknown::Natives, Unknown::Objects, Unknown::Locks, Unknown::CallsHome];
/// Calls looked at in all searches for call paths together; keeps huge graphs quick.
const PATH_CALLS_MAX: usize = 5_000_000;

/// A person's choices in the old plan, in the order of the subjects.
pub(crate) fn hands(
    hierarchy: &Hierarchy<'_>,
    subjects: &[Subject<'_>],
    old: Option<&Plan>,
) -> Vec<Hand> {
    let entries = old.into_iter().flat_map(|old| old.roots.chosen.iter().chain(&old.roots.refused));
    let by_method: BTreeMap<&str, &Candidate> =
        entries.filter(|c| is_edited(c)).map(|c| (c.method.as_str(), c)).collect();
    let of = |subject: &Subject<'_>| {
        let label = hierarchy.trace().method_label(subject.method);
        match by_method.get(label.as_str()) {
            Some(c) if !c.by_hand && c.offload == c.proposed => Hand::Free,
            Some(c) if c.offload => Hand::On,
            Some(_) => Hand::Off,
            None => Hand::Free,
        }
    };
    subjects.iter().map(of).collect()
}

/// The plan's entry for one candidate.
pub(crate) fn entry(
    hierarchy: &Hierarchy<'_>,
    subject: &Subject<'_>,
    standing: &Standing,
    terms: Terms<'_>,
    paths: &mut Paths<'_>,
) -> Candidate {
    let label = |method: u32| hierarchy.trace().method_label(method);
    let times = subject.times.cloned().unwrap_or_default();
    let is_chosen = matches!(standing, Standing::Chosen { .. });
    let mut unknown =
        if subject.predicted.is_some() { Vec::new() } else { LIGHT_RUN_UNKNOWN.to_vec() };
    unknown.extend(times.cpu_us_mean.is_none().then_some(Unknown::Cpu));
    unknown.extend(times.latency_us_mean.is_none().then_some(Unknown::Latency));
    let mut decision = decision(subject, standing, terms, &|id| spoken(&label(id)));
    if let Standing::Refused(refusal) = standing {
        decision.path.clone_from(&refusal.path);
        if let Some(place) = refusal.place {
            decision.path = paths.find(subject.method, place).into_iter().map(label).collect();
        }
    }
    let evidence = evidence(subject, &times, terms, &decision.code, &label);
    let candidate = Candidate {
        method: label(subject.method),
        offload: is_chosen,
        proposed: is_chosen,
        decision,
        invocations: subject.invocations,
        latency_us_p50: times.latency_us_p50,
        latency_us_p99: times.latency_us_p99,
        latency_us_mean: times.latency_us_mean,
        cpu_us_mean: times.cpu_us_mean,
        cpu_samples: times.cpu_samples,
        load_moved: subject.load_moved(terms),
        cpu_us_saved: subject.saved_us(terms),
        added_latency_us: Some(subject.added_latency_us(terms)),
        calls_home_max: subject.calls_home_max(terms),
        unknown,
        evidence,
        ..Candidate::default()
    };
    match subject.predicted {
        Some(predicted) => with_prediction(candidate, predicted),
        None => candidate,
    }
}

/// The candidate with what a deep run says of it.
fn with_prediction(candidate: Candidate, predicted: &RootFallbacks) -> Candidate {
    let counts = |number| predicted.execution(number).map(|e| e.fallbacks).unwrap_or_default();
    Candidate {
        fallbacks: Some(PredictedFallbacks {
            first: counts(1),
            second: counts(2),
            tenth: counts(10),
        }),
        calls_home: Some(calls_home(predicted)),
        closure_objects: Some(predicted.closure.objects),
        closure_bytes: Some(predicted.closure.heap_bytes),
        natives: Some(predicted.native_counts),
        ..candidate
    }
}

fn evidence(
    subject: &Subject<'_>,
    times: &Times,
    terms: Terms<'_>,
    decided: &str,
    label: &dyn Fn(u32) -> String,
) -> Vec<String> {
    let seen = subject.obstacles.iter().map(|(obstacle, place)| {
        let is_own = obstacle.method == subject.method;
        let told = obstacle.what.told(&if is_own { "it".to_owned() } else { spoken(place) });
        if subject.is_blocked_by(obstacle) { told } else { format!("{told}: no obstacle") }
    });
    let thrown = (times.exceptions > 0).then(|| {
        format!("{} of {} invocations ended by an exception", times.exceptions, times.timed)
    });
    let inner = times.timed.saturating_sub(subject.invocations);
    let recursive = (inner > 0).then(|| {
        format!(
            "recursive: {inner} of {} timed invocations ran inside another one and would move with it; \
             times are means over all, so an outer one takes longer",
            times.timed
        )
    });
    let transaction = subject.transaction.filter(|t| t.share >= 0.01).map(|outer| {
        format!(
            "{:.0} % of its invocations run inside a transaction begun outside it, most by {}: if it uses the \
             database, that one is the better root, because a worker begins transactions of its own",
            outer.share * 100.0,
            spoken(&label(outer.method))
        )
    });
    let few = (1..CPU_SAMPLES_FEW).contains(&times.cpu_samples).then(|| {
        let plural = if times.cpu_samples == 1 { "" } else { "s" };
        format!("its processor time rests on {} sample{plural}: a rough figure", times.cpu_samples)
    });
    let deep = deep_evidence(subject, terms, decided, label);
    seen.chain(deep).chain(few).chain(thrown).chain(recursive).chain(transaction).collect()
}

/// What a deep run saw besides what decided.
fn deep_evidence(
    subject: &Subject<'_>,
    terms: Terms<'_>,
    decided: &str,
    label: &dyn Fn(u32) -> String,
) -> Vec<String> {
    let Some(predicted) = subject.predicted else { return Vec::new() };
    let refusals = deep_refusals(subject, terms, &|id| spoken(&label(id)));
    let others = refusals.iter().filter(|refusal| refusal.code != decided);
    let told = others.map(|refusal| format!("{}: {}", refusal.code, refusal.reason));
    let home = (predicted.home_share >= 0.05).then(|| {
        format!(
            "about {:.0} % of its processor time is in code that stays at the server, by the methods entered",
            predicted.home_share * 100.0
        )
    });
    told.chain(home).chain(predicted.remarks.iter().cloned()).collect()
}

fn decision(
    subject: &Subject<'_>,
    standing: &Standing,
    terms: Terms<'_>,
    label: &dyn Fn(u32) -> String,
) -> Decision {
    let (code, reason, change) = match standing {
        Standing::Refused(refusal) => {
            (refusal.code.as_str(), refusal.reason.clone(), Some(refusal.change.clone()))
        }
        Standing::Chosen { open } => (code::OFFLOAD_OK, worth(subject, terms, *open), None),
        Standing::Covered { by, share } => (
            code::OFFLOAD_COVERED,
            covered(*share, &label(*by)),
            Some("switch that root off to have this one instead".to_owned()),
        ),
        Standing::Outdone { by } => (
            code::OFFLOAD_COVERED,
            format!(
                "the chosen roots inside it, {} above all, move more without it: the rest of it does not pay for its own offloads",
                label(*by)
            ),
            Some("switch this one on and those off if fewer roots are wanted".to_owned()),
        ),
        Standing::SwitchedOff => (
            code::OFFLOAD_SWITCHED_OFF,
            format!("switched off by hand; {}", worth(subject, terms, 1.0)),
            Some("remove its by_hand line to let the planner decide".to_owned()),
        ),
    };
    Decision { code: code.to_owned(), reason, change, path: Vec::new() }
}

fn covered(share: f64, by: &str) -> String {
    if share > 0.995 {
        return format!("all its invocations run inside chosen roots, most in {by}");
    }
    let percent = share * 100.0;
    format!(
        "{percent:.0} % of its invocations run inside chosen roots, most in {by}; the rest is not worth a root of its own"
    )
}

/// A method in a sentence: without its descriptor.
pub(crate) fn spoken(label: &str) -> String {
    label.split('(').next().unwrap_or(label).to_owned()
}

/// What an offload is worth, in one sentence, with what a light run leaves open.
fn worth(subject: &Subject<'_>, terms: Terms<'_>, open: f64) -> String {
    let cpu = subject.times.and_then(|t| t.cpu_us_mean).map_or("?".to_owned(), time);
    let moved = subject.load_moved(terms).map_or(String::new(), |share| {
        format!("moves up to {:.1} % of the server's processor time: ", share * open * 100.0)
    });
    let inside = if open < 0.995 {
        format!(" ({:.0} % of its invocations run inside other chosen roots)", (1.0 - open) * 100.0)
    } else {
        String::new()
    };
    let most = subject.calls_home_max(terms).unwrap_or(0);
    let calls = match subject.predicted {
        Some(predicted) => format!(
            "calls home {:.1} times per invocation once warm, {:.1} times the first time on a worker; it \
             pays up to {most}",
            calls_home(predicted),
            predicted.execution(1).map_or(0.0, |first| first.fallbacks.total())
        ),
        None => format!(
            "pays as long as it calls home at most {most} times per invocation, which a light run does not tell"
        ),
    };
    format!(
        "{moved}{cpu} per invocation against {} for an offload{inside}; {calls}",
        time(terms.constants.offload_cpu_us)
    )
}

/// One entry a method name: a class from several code sources, or changed between merged runs, has
/// methods of one name more than once. The most called one stands for them.
pub(crate) fn one_per_method(entries: Vec<(u32, Candidate)>) -> Vec<(u32, Candidate)> {
    let mut by_name: BTreeMap<String, Vec<(u32, Candidate)>> = BTreeMap::new();
    for (id, entry) in entries {
        by_name.entry(entry.method.clone()).or_default().push((id, entry));
    }
    let strongest = by_name.into_values().filter_map(|copies| {
        let others = copies.len() - 1;
        let mut most = copies.into_iter().rev().max_by_key(|(_, entry)| entry.invocations)?;
        if others > 0 {
            most.1.evidence.push(format!(
                "the trace holds {others} more of this name, from other code sources or builds; the figures are of the one called most"
            ));
        }
        Some(most)
    });
    strongest.collect()
}

/// Sorts the candidates into the plan's lists: chosen roots by load moved, the others by the
/// processor time they hold, unknown last.
pub(crate) fn file(plan: &mut Plan, candidates: Vec<Candidate>, expected: Expected) {
    let (mut chosen, mut refused): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|c| c.proposed);
    chosen.sort_by(|a, b| gain(b).total_cmp(&gain(a)).then_with(|| a.method.cmp(&b.method)));
    refused.sort_by(|a, b| held(b).total_cmp(&held(a)).then_with(|| a.method.cmp(&b.method)));
    (plan.roots.chosen, plan.roots.refused) = (chosen, refused);
    plan.expected = expected;
}

fn gain(c: &Candidate) -> f64 {
    c.cpu_us_saved.unwrap_or(0.0) * c.invocations as f64
}

fn held(c: &Candidate) -> f64 {
    c.cpu_us_mean.map_or(-1.0, |cpu| cpu * c.invocations as f64)
}

/// Finds shortest call paths until its allowance is used up.
pub(crate) struct Paths<'a> {
    graph: &'a CallGraph,
    calls_left: usize,
}

impl<'a> Paths<'a> {
    pub(crate) fn new(graph: &'a CallGraph) -> Self {
        Self { graph, calls_left: PATH_CALLS_MAX }
    }

    /// A shortest call path, both ends included; only the ends when the allowance is used up.
    pub(crate) fn find(&mut self, from: u32, to: u32) -> Vec<u32> {
        let mut came_from = BTreeMap::from([(from, from)]);
        let mut queue = std::collections::VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            if came_from.contains_key(&to) {
                break;
            }
            let callees = self.graph.callees(node);
            self.calls_left = self.calls_left.saturating_sub(callees.len());
            if self.calls_left == 0 {
                return vec![from, to];
            }
            for &callee in callees {
                came_from.entry(callee).or_insert_with(|| {
                    queue.push_back(callee);
                    node
                });
            }
        }
        let mut path = vec![to];
        while let Some(&before) =
            path.last().filter(|&&at| at != from).and_then(|at| came_from.get(at))
        {
            path.push(before);
        }
        path.reverse();
        path
    }
}
