//! From a trace to a plan: the graph, the candidates, their figures, the competition, the decisions.
//! Each step is a module of its own; this one only leads the data through them.

use std::collections::{BTreeMap, BTreeSet};

use beehive_plan::{
    Candidate, Expected, FallbackReport, PLAN_VERSION, Plan, RootFallbacks, Roots, keep_edits,
};
use beehive_trace::{SplitRule, Trace, method_mapping};

use crate::candidates;
use crate::components::Components;
use crate::contest::{Contest, Standing};
use crate::deep_verdict::deep_refusals;
use crate::descriptor;
use crate::dominators::Dominators;
use crate::graph::CallGraph;
use crate::hierarchy::Hierarchy;
use crate::load;
use crate::notes::notes;
use crate::obstacle::{Obstacle, obstacles};
use crate::options::Options;
use crate::pattern::MethodPattern;
use crate::prediction;
use crate::proxy;
use crate::reach::reach;
use crate::report;
use crate::rounding::round;
use crate::transaction::{Outer, outer_transactions};
use crate::verdict::{Subject, Terms};

/// A plan with the graph it was made from.
#[derive(Debug)]
pub struct Planned {
    /// The plan.
    pub plan: Plan,
    /// Calls between user methods, proxies taken out.
    pub graph: CallGraph,
    /// Method ids of the plan's candidates, by `Candidate::method`.
    pub method_ids: BTreeMap<String, u32>,
    /// What a deep run says of executing the candidates on a worker; no roots without one.
    pub predicted: FallbackReport,
    /// Named roots of the options that match no user method of the trace.
    pub unmatched_roots: Vec<String>,
}

/// Plans which methods to offload.
///
/// Pure: the same trace and options give the same plan. Never fails: a trace that holds nothing gives
/// a plan without roots.
pub fn make_plan(trace: &Trace, options: &Options<'_>) -> Planned {
    let rule = split_rule(trace, &options.app_packages);
    let hierarchy = Hierarchy::new(trace, rule.as_ref());
    let graph = CallGraph::new(trace.methods.len(), proxy::without_proxies(&hierarchy));
    let predicted = prediction::predict(trace, &graph);
    let study = Study::of(&hierarchy, &graph, options, &predicted);
    let entries = report::one_per_method(study.entries(options));
    let mut plan = Plan {
        version: PLAN_VERSION,
        notes: notes(&hierarchy, options),
        trace: options.source.clone(),
        app: load::app_facts(trace),
        traffic: load::traffic_facts(trace, &hierarchy),
        budget: options.budget(),
        constants: options.constants(),
        expected: Expected::default(),
        whole_request: None,
        roots: Roots::default(),
    };
    plan.trace.runs = trace.runs.iter().map(|r| r.id.clone()).collect();
    let method_ids = entries.iter().map(|(id, entry)| (entry.method.clone(), *id)).collect();
    let candidates: Vec<Candidate> = entries.into_iter().map(|(_, entry)| entry).collect();
    report::file(&mut plan, candidates, study.expected());
    let is_entry = request_entries(&hierarchy);
    plan.whole_request = prediction::whole_request(&graph, &predicted, &is_entry, &plan);
    if let Some(old) = options.old {
        keep_edits(&mut plan, old);
    }
    round(&mut plan);
    let unmatched_roots = unmatched(&hierarchy, &options.named_roots);
    let predicted = prediction::report(trace, &study.predictions(options));
    Planned { plan, graph, method_ids, predicted, unmatched_roots }
}

/// Tells the methods that requests enter by: those with a mapping, or those with a clock when none has.
fn request_entries<'a>(hierarchy: &'a Hierarchy<'a>) -> impl Fn(u32) -> bool + 'a {
    let trace = hierarchy.trace();
    let is_mapped =
        |method: u32| hierarchy.method_annotations(method).any(|a| method_mapping(a).is_some());
    let methods = 0..trace.methods.len() as u32;
    let has_mapping = methods.into_iter().any(is_mapped);
    let clocks: BTreeSet<u32> = trace.roots.iter().map(|row| row.method).collect();
    move |method| if has_mapping { is_mapped(method) } else { clocks.contains(&method) }
}

/// The recorded rule with the user's packages added; `None` leaves the recorded origins alone.
fn split_rule(trace: &Trace, app_packages: &[String]) -> Option<SplitRule> {
    if app_packages.is_empty() {
        return None;
    }
    let mut rule = SplitRule::default();
    for run in &trace.runs {
        rule.app_sources.extend(run.split.app_sources.iter().cloned());
        rule.never.extend(run.split.never.iter().cloned());
    }
    rule.app_packages = app_packages.to_vec();
    // Inside a flat jar the packages named are the user's and all others are libraries.
    rule.flat_packages = app_packages.to_vec();
    Some(rule)
}

/// Everything found out about the candidates.
struct Study<'a> {
    hierarchy: &'a Hierarchy<'a>,
    graph: &'a CallGraph,
    found_by: BTreeMap<u32, String>,
    times: BTreeMap<u32, load::Times>,
    facts: Vec<Facts>,
    obstacles: Vec<Obstacle>,
    predicted: &'a BTreeMap<u32, RootFallbacks>,
    seen: Vec<prediction::Seen>,
    standing: Vec<Standing>,
    requests: u64,
    server_cpu_us: Option<f64>,
    saved_us: Option<f64>,
}

/// Counts of one candidate.
#[derive(Clone, Debug)]
struct Facts {
    method: u32,
    invocations: u64,
    methods_reached: u64,
    methods_only_here: u64,
    /// Numbers of obstacles, and behind them of what samples saw.
    obstacles: Vec<usize>,
    transaction: Option<Outer>,
}

impl<'a> Study<'a> {
    fn of(
        hierarchy: &'a Hierarchy<'a>,
        graph: &'a CallGraph,
        options: &Options<'_>,
        predicted: &'a BTreeMap<u32, RootFallbacks>,
    ) -> Self {
        let trace = hierarchy.trace();
        let patterns = named_patterns(options);
        let found_by = candidates::find(hierarchy, graph, &patterns);
        let times = load::times(hierarchy);
        let components = Components::of_graph(graph);
        let dominators = Dominators::of_graph(graph);
        let obstacles = obstacles(hierarchy, graph);
        let methods: Vec<u32> = found_by.keys().copied().collect();
        let seen = prediction::places(trace, predicted);
        let watched = obstacles.iter().map(|o| o.method).chain(seen.iter().map(|s| s.method));
        let watched: Vec<u32> = watched.collect();
        let is_user = |m: u32| hierarchy.is_user_method(m);
        let reached = reach(graph, &components, &methods, &watched, is_user);
        let only_here = dominators.dominated_sums(|m| u64::from(is_user(m)));
        let transactions = outer_transactions(hierarchy, graph, &components, &methods);
        let rows = methods.iter().zip(reached).zip(transactions);
        let facts = rows.map(|((&method, reached), transaction)| Facts {
            method,
            invocations: load::outer_invocations(graph, &components, method, times.get(&method)),
            methods_reached: reached.methods,
            methods_only_here: only_here[method],
            obstacles: reached.watched,
            transaction,
        });
        let facts = facts.collect();
        let mut study = Self {
            hierarchy,
            graph,
            times,
            facts,
            obstacles,
            predicted,
            seen,
            found_by,
            standing: Vec::new(),
            requests: load::traffic_facts(trace, hierarchy).requests,
            server_cpu_us: load::server_cpu_us(trace),
            saved_us: None,
        };
        let (budget, constants) = (options.budget(), options.constants());
        let terms =
            Terms { budget: &budget, constants: &constants, server_cpu_us: study.server_cpu_us };
        let subjects: Vec<Subject<'_>> = study.facts.iter().map(|f| study.subject(f)).collect();
        let hand = report::hands(hierarchy, &subjects, options.old);
        let contest = Contest { graph, components: &components, dominators: &dominators, terms };
        let outcome = contest.run(hierarchy, &subjects, &hand);
        (study.standing, study.saved_us) = (outcome.standing, outcome.saved_us);
        study
    }

    fn subject(&self, facts: &Facts) -> Subject<'_> {
        let descriptor = self
            .hierarchy
            .trace()
            .methods
            .get(facts.method as usize)
            .map(|m| m.descriptor.as_str());
        let label = |method: u32| self.hierarchy.trace().method_label(method);
        let seen = facts.obstacles.iter().filter_map(|&at| self.obstacles.get(at));
        let known = self.obstacles.len();
        let by_others =
            facts.obstacles.iter().filter_map(|at| self.seen.get(at.checked_sub(known)?));
        Subject {
            method: facts.method,
            invocations: facts.invocations,
            in_a_row: load::calls_in_a_row(
                self.graph,
                facts.method,
                facts.invocations,
                self.requests,
            ),
            times: self.times.get(&facts.method),
            shape: descriptor.and_then(descriptor::obstacle),
            transaction: facts.transaction,
            predicted: self.predicted.get(&facts.method),
            seen_by_others: by_others.map(|seen| (seen, label(seen.method))).collect(),
            obstacles: seen.map(|o| (o, label(o.method))).collect(),
        }
    }

    fn entries(&self, options: &Options<'_>) -> Vec<(u32, Candidate)> {
        let (budget, constants) = (options.budget(), options.constants());
        let terms =
            Terms { budget: &budget, constants: &constants, server_cpu_us: self.server_cpu_us };
        let mut paths = report::Paths::new(self.graph);
        let all = self.facts.iter().zip(&self.standing);
        all.map(|(facts, standing)| {
            let subject = self.subject(facts);
            let mut entry = report::entry(self.hierarchy, &subject, standing, terms, &mut paths);
            entry.found_by = self.found_by.get(&facts.method).cloned().unwrap_or_default();
            entry.evidence.extend(self.given_up(facts.method));
            entry.methods_reached = facts.methods_reached;
            entry.methods_only_here = facts.methods_only_here;
            entry.calls_per_request =
                (self.requests > 0).then(|| facts.invocations as f64 / self.requests as f64);
            (facts.method, entry)
        })
        .collect()
    }

    /// What became of the samples of a method that has no complete one.
    fn given_up(&self, method: u32) -> Option<String> {
        let rows = &self.hierarchy.trace().deep.roots;
        let row = rows.iter().find(|row| row.root == method && row.sampled == 0)?;
        (row.aborted > 0).then(|| {
            format!(
                "all {} samples of it were given up at the limit of time or events, so what it touches is unknown",
                row.aborted
            )
        })
    }

    /// The predictions with the refusals that depend on the terms.
    fn predictions(&self, options: &Options<'_>) -> BTreeMap<u32, RootFallbacks> {
        let (budget, constants) = (options.budget(), options.constants());
        let terms =
            Terms { budget: &budget, constants: &constants, server_cpu_us: self.server_cpu_us };
        let spoken = |id: u32| report::spoken(&self.hierarchy.trace().method_label(id));
        let mut all = self.predicted.clone();
        for facts in &self.facts {
            if let Some(root) = all.get_mut(&facts.method) {
                root.refusals = deep_refusals(&self.subject(facts), terms, &spoken);
            }
        }
        all
    }

    fn expected(&self) -> Expected {
        Expected {
            load_moved: self
                .saved_us
                .zip(self.server_cpu_us)
                .map(|(saved, all)| (saved / all).clamp(-1.0, 1.0)),
            cpu_ms_saved_per_request: self
                .saved_us
                .filter(|_| self.requests > 0)
                .map(|saved| saved / 1e3 / self.requests as f64),
        }
    }
}

fn unmatched(hierarchy: &Hierarchy<'_>, named: &[String]) -> Vec<String> {
    let methods = 0..hierarchy.trace().methods.len() as u32;
    let is_matched = |text: &&String| {
        let pattern = [MethodPattern::new(text)];
        methods.clone().any(|id| candidates::is_named(hierarchy, id, &pattern))
    };
    named.iter().filter(|text| !is_matched(text)).cloned().collect()
}

/// Methods named by option or put into the old plan by hand.
fn named_patterns(options: &Options<'_>) -> Vec<MethodPattern> {
    let by_hand = options.old.into_iter().flat_map(|old| {
        let entries = old.roots.chosen.iter().chain(&old.roots.refused);
        entries.filter(|entry| beehive_plan::is_edited(entry)).map(|entry| entry.method.as_str())
    });
    options.named_roots.iter().map(String::as_str).chain(by_hand).map(MethodPattern::new).collect()
}
