//! Which methods a picture shows: the roots, the strongest refused candidates, and from there the
//! most used callers and callees until the picture is full.

use std::collections::{BTreeMap, VecDeque};

use beehive_plan::Candidate;
use beehive_trace::Trace;

use crate::figure::{grouped, time};
use crate::planner::Planned;
use crate::table::short;

/// Refused candidates shown beside the roots.
const REFUSED_MAX: usize = 8;
/// Callees followed from each method, most called first.
const CALLEES_MAX: usize = 5;
/// Callees without calls of their own followed from each method: most are accessors.
const LEAVES_MAX: usize = 2;
/// Callers followed from each method.
const CALLERS_MAX: usize = 3;

/// A part of the call graph, ready to be laid out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scene {
    /// The methods shown; the first may be everything outside user code.
    pub boxes: Vec<MethodBox>,
    /// Calls between them.
    pub arrows: Vec<Arrow>,
    /// User methods of the trace that are not shown.
    pub left_out: usize,
}

/// One method of a picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodBox {
    /// `Class#name`.
    pub name: String,
    /// Name with package and descriptor, and the decision if there is one.
    pub details: String,
    /// Calls and processor time.
    pub figures: String,
    /// Share of the server's processor time with all it calls, 0..=1, if known.
    pub load: Option<f64>,
    /// To be offloaded.
    pub is_root: bool,
    /// A candidate that is not.
    pub is_refused: bool,
}

/// Calls from one box to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Arrow {
    /// Index of the caller's box.
    pub from: usize,
    /// Index of the callee's box.
    pub to: usize,
    /// Number of calls.
    pub calls: u64,
}

/// The scene around the roots of a plan, `boxes_max` methods at most.
pub fn scene(trace: &Trace, planned: &Planned, boxes_max: usize) -> Scene {
    let roots = &planned.plan.roots;
    let of_id: BTreeMap<u32, &Candidate> = roots
        .chosen
        .iter()
        .chain(&roots.refused)
        .filter_map(|c| Some((*planned.method_ids.get(&c.method)?, c)))
        .collect();
    let on = planned.plan.offloaded();
    let off = roots.refused.iter().filter(|c| !c.offload).take(REFUSED_MAX);
    let seeds = on.chain(off).filter_map(|c| planned.method_ids.get(&c.method).copied());
    let shown = grow(planned, seeds, boxes_max);
    let place: BTreeMap<u32, usize> = shown.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut arrows = Vec::new();
    for (from, &id) in shown.iter().enumerate() {
        let calls = planned.graph.calls_of(id).filter(|(_, calls)| *calls > 0);
        arrows.extend(
            calls.filter_map(|(to, calls)| Some(Arrow { from, to: *place.get(&to)?, calls })),
        );
    }
    let entry = planned.graph.entry();
    let methods = shown.iter().filter(|id| **id != entry).count();
    Scene {
        boxes: shown
            .iter()
            .map(|&id| if id == entry { outside() } else { method_box(trace, planned, id, &of_id) })
            .collect(),
        arrows,
        left_out: planned.graph.method_count() - methods,
    }
}

/// Seeds and what is around them, in breadth; the entry comes along when it calls one of them.
fn grow(planned: &Planned, seeds: impl Iterator<Item = u32>, boxes_max: usize) -> Vec<u32> {
    let graph = &planned.graph;
    let mut shown: Vec<u32> = Vec::new();
    let mut queue: VecDeque<u32> = seeds.collect();
    while let Some(id) = queue.pop_front() {
        if shown.len() >= boxes_max || shown.contains(&id) {
            continue;
        }
        shown.push(id);
        let (leaves, callers): (Vec<_>, Vec<_>) =
            graph.calls_of(id).partition(|(callee, _)| graph.callees(*callee).is_empty());
        queue.extend(strongest(callers.into_iter(), CALLEES_MAX));
        queue.extend(strongest(leaves.into_iter(), LEAVES_MAX));
        let callers = graph.callers_of(id).filter(|(caller, _)| *caller != graph.entry());
        queue.extend(strongest(callers, CALLERS_MAX));
    }
    let is_entered = |id: &u32| graph.callers_of(*id).any(|(c, n)| c == graph.entry() && n > 0);
    if shown.iter().any(is_entered) {
        shown.insert(0, graph.entry());
    }
    shown
}

/// The methods with the most calls of a list.
fn strongest(calls: impl Iterator<Item = (u32, u64)>, most: usize) -> Vec<u32> {
    let mut calls: Vec<(u32, u64)> = calls.collect();
    calls.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    calls.into_iter().take(most).map(|(id, _)| id).collect()
}

fn outside() -> MethodBox {
    MethodBox {
        name: "(outside)".to_owned(),
        details: "everything that is no user method: the framework, the JDK, other threads"
            .to_owned(),
        figures: "requests, start-up, timers".to_owned(),
        ..MethodBox::default()
    }
}

fn method_box(
    trace: &Trace,
    planned: &Planned,
    id: u32,
    candidates: &BTreeMap<u32, &Candidate>,
) -> MethodBox {
    let label = trace.method_label(id);
    let candidate = candidates.get(&id);
    let cpu = candidate.map_or(String::new(), |c| {
        format!(" · {} CPU", c.cpu_us_mean.map_or("?".to_owned(), time))
    });
    let decision = candidate
        .map_or(String::new(), |c| format!("\n{}: {}", c.decision.code, c.decision.reason));
    MethodBox {
        name: short(&label),
        details: format!("{label}{decision}"),
        figures: format!("{} calls{cpu}", grouped(planned.graph.invocations(id))),
        load: candidate.and_then(|c| {
            Some(c.cpu_us_mean? * c.invocations as f64 / crate::load::server_cpu_us(trace)?)
        }),
        is_root: candidate.is_some_and(|c| c.offload),
        is_refused: candidate.is_some_and(|c| !c.offload),
    }
}
