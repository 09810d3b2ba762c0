//! A plan beside the plan of an earlier build: what the new build changed in fallbacks, natives,
//! closures, refusals, roots and processor time. Counts are compared as they are; processor times of two
//! recordings differ by chance and are told apart from it. Reads finished plans; decides nothing.

mod gate;
mod method;
mod rule;
mod text;

use std::collections::{BTreeMap, BTreeSet};

use beehive_plan::{Candidate, Plan, code};
use serde::{Deserialize, Serialize};

pub use gate::{Gate, Verdict, judge};
pub use method::{CpuChange, MethodChange, Pair};
pub use rule::{Allowance, Measure, Rule};

/// What changed from `old` to `new`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Comparison {
    /// Sums over the methods offloaded before or now.
    pub totals: Vec<Total>,
    /// Methods offloaded before or now that both plans know, by fallbacks that came or went.
    pub methods: Vec<MethodChange>,
    /// Offloaded now and not before.
    pub roots_gained: Vec<Standing>,
    /// Offloaded before and not now, with the reason why not.
    pub roots_lost: Vec<Standing>,
    /// Offloaded before and now part of other roots, or the other way round: both choices do the same.
    pub roots_moved: Vec<Standing>,
    /// Refused now and not before.
    pub refusals_new: Vec<Standing>,
    /// Refused before and not now, or gone.
    pub refusals_lifted: Vec<Standing>,
    /// Refused on one side, and on the other not worth it, not judged, or without a deep run where
    /// this one has it.
    pub refusals_unclear: Vec<Standing>,
    /// What a reader should know about the two recordings, one sentence each.
    pub notes: Vec<String>,
    /// How the rules of `--fail-on` stand, in their order.
    pub gates: Vec<Gate>,
}

/// A sum then and now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// What is summed up.
    pub measure: Measure,
    /// The sums; `None` when a plan does not know it of one of the methods.
    #[serde(flatten)]
    pub value: Pair,
}

/// A method whose decision changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Standing {
    /// The method.
    pub method: String,
    /// Code before; `None` if it was no candidate.
    pub code_before: Option<String>,
    /// Code now; `None` if it is no candidate.
    pub code_now: Option<String>,
    /// The reason of the decision now; of the one before when the method is gone.
    pub reason: String,
    /// The change that would remove an obstacle.
    pub change: Option<String>,
}

/// Compares the plan of a new build with that of an old one.
pub fn compare(old: &Plan, new: &Plan) -> Comparison {
    let (then, now) = (candidates(old), candidates(new));
    let methods: BTreeSet<&str> = then.keys().chain(now.keys()).copied().collect();
    let mut comparison = Comparison { notes: notes(old, new), ..Comparison::default() };
    for method in methods {
        let pair = [then.get(method).copied(), now.get(method).copied()];
        comparison.place(standing(method, pair), pair);
        if let [Some(before), Some(after)] = pair
            && (before.offload || after.offload)
        {
            comparison.methods.push(MethodChange::of(before, after));
        }
    }
    comparison
        .methods
        .sort_by(|a, b| b.weight().total_cmp(&a.weight()).then_with(|| a.method.cmp(&b.method)));
    comparison.totals = totals(&comparison, [old, new]);
    comparison
}

/// The candidates of a plan that its trace knows.
fn candidates(plan: &Plan) -> BTreeMap<&str, &Candidate> {
    let all = plan.roots.chosen.iter().chain(&plan.roots.refused);
    let known = all.filter(|c| c.decision.code != code::OFFLOAD_NOT_IN_TRACE);
    known.map(|c| (c.method.as_str(), c)).collect()
}

fn standing(method: &str, [before, now]: [Option<&Candidate>; 2]) -> Standing {
    let decision = now.or(before).map(|c| c.decision.clone()).unwrap_or_default();
    Standing {
        method: method.to_owned(),
        code_before: before.map(|c| c.decision.code.clone()),
        code_now: now.map(|c| c.decision.code.clone()),
        reason: decision.reason,
        change: decision.change,
    }
}

impl Comparison {
    /// Puts a method into the lists it belongs to.
    fn place(&mut self, standing: Standing, [before, now]: [Option<&Candidate>; 2]) {
        let is_on = |c: Option<&Candidate>| c.is_some_and(|c| c.offload);
        let is_covered =
            |c: Option<&Candidate>| c.is_some_and(|c| c.decision.code == code::OFFLOAD_COVERED);
        let is_stopped = |c: Option<&Candidate>| c.is_some_and(is_refusal);
        let is_alike = before.zip(now).is_none_or(|(before, now)| is_seen_alike(before, now));
        match (is_stopped(before), is_stopped(now)) {
            (a, b) if a != b && !is_alike => self.refusals_unclear.push(standing.clone()),
            (false, true) => self.refusals_new.push(standing.clone()),
            (true, false) => self.refusals_lifted.push(standing.clone()),
            _ => {}
        }
        match (is_on(before), is_on(now)) {
            (true, false) if is_covered(now) => self.roots_moved.push(standing),
            (false, true) if is_covered(before) => self.roots_moved.push(standing),
            (true, false) => self.roots_lost.push(standing),
            (false, true) => self.roots_gained.push(standing),
            _ => {}
        }
    }
}

/// Whether a candidate is refused for what it is or does, whatever load and machine.
fn is_refusal(candidate: &Candidate) -> bool {
    let code = candidate.decision.code.as_str();
    !candidate.offload && is_obstacle(code) && code != code::OFFLOAD_CONTENDED
}

/// Whether a code tells what a method is or does. The others weigh its gain.
pub(crate) fn is_obstacle(code: &str) -> bool {
    const WEIGHED: [&str; 9] = [
        code::OFFLOAD_OK,
        code::OFFLOAD_TOO_SHORT,
        code::OFFLOAD_WAITS,
        code::OFFLOAD_COVERED,
        code::OFFLOAD_RARE,
        code::OFFLOAD_OVER_BUDGET,
        code::OFFLOAD_CPU_UNKNOWN,
        code::OFFLOAD_SWITCHED_OFF,
        code::OFFLOAD_NOT_IN_TRACE,
    ];
    !WEIGHED.contains(&code)
}

/// Whether both plans looked at what a method does: one that is too rare, too short or of unknown
/// gain is turned away before that, and what a deep run sees, a light one does not.
fn is_seen_alike(before: &Candidate, now: &Candidate) -> bool {
    let is_judged = |c: &Candidate| {
        let code = c.decision.code.as_str();
        c.offload || code == code::OFFLOAD_COVERED || is_obstacle(code)
    };
    is_judged(before) && is_judged(now) && before.fallbacks.is_some() == now.fallbacks.is_some()
}

fn totals(comparison: &Comparison, plans: [&Plan; 2]) -> Vec<Total> {
    let sum = |of: fn(&MethodChange) -> Pair| Pair::sum(comparison.methods.iter().map(of));
    let [refused, roots] =
        [is_refusal as fn(&Candidate) -> bool, |c: &Candidate| c.offload].map(|is| {
            plans.map(|plan| candidates(plan).into_values().filter(|c| is(c)).count() as f64)
        });
    let value = |measure| match measure {
        Measure::Fallbacks => sum(|m| m.fallbacks_per_request),
        Measure::Natives => sum(|m| m.natives_per_request),
        Measure::ClosureBytes => sum(|m| m.closure_bytes),
        Measure::Refusals => Pair::known(refused),
        Measure::Roots => Pair::known(roots),
    };
    Measure::ALL.map(|measure| Total { measure, value: value(measure) }).to_vec()
}

/// Differences of the recordings that change figures without any change of the application.
fn notes(old: &Plan, new: &Plan) -> Vec<String> {
    let mut notes = Vec::new();
    if old.trace.sha256 == new.trace.sha256 && !old.trace.sha256.is_empty() {
        notes.push("both plans stem from the same recording".to_owned());
    }
    if old.app.jdk_build != new.app.jdk_build {
        let [before, now] = [old, new].map(|p| p.app.jdk_build.as_str());
        notes.push(format!("the JDK is another one: {before} before, {now} now"));
    }
    if old.constants != new.constants || old.budget != new.budget {
        notes.push(
            "budget or costs of an offload are others than before, which changes decisions by itself"
                .to_owned(),
        );
    }
    let rates = [old, new].map(|p| p.traffic.rate_per_s);
    if let [Some(before), Some(now)] = rates
        && (before - now).abs() > 0.1 * before
    {
        notes.push(format!(
            "the load was another one: {before:.1} requests/s before, {now:.1} now; calls and processor \
             time per request change with it"
        ));
    }
    for (which, plan) in [("earlier", old), ("new", new)] {
        if plan.offloaded().any(|c| c.fallbacks.is_none()) {
            notes.push(format!(
                "the {which} plan has roots without a deep run: their fallbacks, natives and closures are unknown"
            ));
        }
    }
    notes
}
