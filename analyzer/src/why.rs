//! Everything a plan knows about one method, for a person: decision, figures, predicted fallbacks with
//! their causes, closure, natives, locks, refusals, callers and callees. Tells, decides nothing.

use std::fmt::Write;

use beehive_plan::{
    Candidate, FallbackKind, Handling, NativeCategory, RefusalWeight, RootFallbacks,
};
use beehive_trace::{OUTSIDE, Trace};
use serde::Serialize;

use crate::figure::{bytes, count, grouped, time};
use crate::pattern::MethodPattern;
use crate::planner::Planned;
use crate::report::spoken;

/// Rows told of a long list.
const ROWS_MAX: usize = 12;

/// What is known of one method.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Why {
    /// `class#name(descriptor)`.
    pub method: String,
    /// Its entry in the plan; `None` if it is no candidate.
    pub candidate: Option<Candidate>,
    /// What a deep run says of it; `None` if it was not sampled.
    pub predicted: Option<RootFallbacks>,
    /// Callers with the number of calls; `(outside)` stands for everything outside user code.
    pub callers: Vec<(String, u64)>,
    /// Methods called with the number of calls.
    pub callees: Vec<(String, u64)>,
}

/// All methods of the trace that `pattern` names.
pub fn why(trace: &Trace, planned: &Planned, pattern: &str) -> Vec<Why> {
    let pattern = MethodPattern::new(pattern);
    let label = |id: u32| {
        if id == planned.graph.entry() || id == OUTSIDE {
            "(outside)".to_owned()
        } else {
            trace.method_label(id)
        }
    };
    let sorted = |mut calls: Vec<(String, u64)>| {
        calls.retain(|(_, count)| *count > 0);
        calls.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        calls
    };
    let plan = &planned.plan;
    let methods = (0..trace.methods.len() as u32).map(|id| (id, trace.method_label(id)));
    let named = methods.filter(|(_, method)| pattern.matches_label(method));
    let told = named.map(|(id, method)| Why {
        candidate: plan
            .roots
            .chosen
            .iter()
            .chain(&plan.roots.refused)
            .find(|c| c.method == method)
            .cloned(),
        predicted: planned.predicted.roots.iter().find(|root| root.method == method).cloned(),
        callers: sorted(
            planned.graph.callers_of(id).map(|(caller, n)| (label(caller), n)).collect(),
        ),
        callees: sorted(planned.graph.calls_of(id).map(|(callee, n)| (label(callee), n)).collect()),
        method,
    });
    told.filter(|why| why.candidate.is_some() || why.predicted.is_some() || !why.callers.is_empty())
        .collect()
}

impl Why {
    /// The whole of it as text.
    pub fn to_text(&self) -> String {
        let mut out = format!("{}\n", self.method);
        match &self.candidate {
            Some(candidate) => decision(&mut out, candidate),
            None => out.push_str("  no candidate: no framework calls it, no clock was on it, and nobody named it (--root)\n"),
        }
        match &self.predicted {
            Some(predicted) => prediction(&mut out, predicted),
            None => out.push_str(
                "\nNatives, objects, locks and calls home are unknown: no deep run sampled it\n  \
                 beehive profile --deep --from light.beetrace … samples the methods that had a clock\n",
            ),
        }
        calls(&mut out, "Called by", &self.callers);
        calls(&mut out, "Calls", &self.callees);
        out
    }
}

fn decision(out: &mut String, candidate: &Candidate) {
    let choice = if candidate.offload { "offload" } else { "do not offload" };
    let hand = if candidate.by_hand { ", by hand" } else { "" };
    let decision = &candidate.decision;
    let _ = writeln!(out, "  {choice}{hand}: {}\n  {}", decision.code, decision.reason);
    path(out, "  seen at", &decision.path);
    if let Some(change) = &decision.change {
        let _ = writeln!(out, "  to change it: {change}");
    }
    let _ = writeln!(out, "\nFigures (of light runs)");
    let or_unknown = |value: Option<f64>| value.map_or("?".to_owned(), time);
    let _ = writeln!(
        out,
        "  found by {}; {} invocations; latency {} (p50 {}, p99 {}); processor {} ({} samples)",
        candidate.found_by,
        grouped(candidate.invocations),
        or_unknown(candidate.latency_us_mean),
        or_unknown(candidate.latency_us_p50),
        or_unknown(candidate.latency_us_p99),
        or_unknown(candidate.cpu_us_mean),
        candidate.cpu_samples
    );
    let moved =
        candidate.load_moved.map_or("?".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let _ = writeln!(
        out,
        "  saves {} per invocation, {moved} of the server's processor time; adds {} of latency; may call home {} times",
        or_unknown(candidate.cpu_us_saved),
        or_unknown(candidate.added_latency_us),
        candidate.calls_home_max.map_or("?".to_owned(), grouped)
    );
    for line in &candidate.evidence {
        let _ = writeln!(out, "  - {line}");
    }
}

fn path(out: &mut String, head: &str, path: &[String]) {
    if !path.is_empty() {
        let _ = writeln!(out, "{head}: {}", path.join(" → "));
    }
}

fn prediction(out: &mut String, root: &RootFallbacks) {
    let observed = root.observed;
    let _ = writeln!(
        out,
        "\nPredicted fallbacks per execution on a new worker ({} samples)",
        grouped(observed.executions)
    );
    let heads = FallbackKind::ALL.map(|kind| format!("{:>9}", kind.name())).concat();
    let _ = writeln!(out, "  {:<6}{heads}{:>9}", "", "all");
    for execution in &root.executions {
        let cells = FallbackKind::ALL
            .map(|kind| format!("{:>9}", count(execution.fallbacks.get(kind))))
            .concat();
        let (number, all) = (ordinal(execution.number), count(execution.fallbacks.total()));
        let _ = writeln!(out, "  {number:<6}{cells}{all:>9}");
    }
    causes(out, root);
    refusals(out, root);
    closure(out, root);
    natives(out, root);
    locks(out, root);
    for row in root.connections.iter().take(ROWS_MAX) {
        let opener = if row.opener.is_empty() { "not known" } else { &row.opener };
        let _ = writeln!(
            out,
            "  connection {} (opened by {opener}): {}; {} in, {} out",
            row.peer,
            row.handling.name(),
            bytes(row.bytes_in),
            bytes(row.bytes_out)
        );
    }
}

fn ordinal(number: u32) -> String {
    match number {
        1 => "1st".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        n => format!("{n}th"),
    }
}

fn causes(out: &mut String, root: &RootFallbacks) {
    let (Some(first), Some(steady)) = (root.executions.first(), root.steady()) else { return };
    let is_lasting =
        |what: &str, kind| steady.causes.iter().any(|c| c.kind == kind && c.what == what);
    for cause in first.causes.iter().take(ROWS_MAX) {
        let when = if is_lasting(&cause.what, cause.kind) { "each time" } else { "first only" };
        let _ = writeln!(
            out,
            "  {:<8}{:>8}  {when:<11}{}: {}",
            cause.kind.name(),
            count(cause.per_execution),
            cause.what,
            cause.why
        );
        path(out, "                              by", &cause.path);
    }
    left_out(out, first.causes.len());
}

fn left_out(out: &mut String, rows: usize) {
    if rows > ROWS_MAX {
        let _ = writeln!(out, "  … and {} more (--format json has all)", rows - ROWS_MAX);
    }
}

fn refusals(out: &mut String, root: &RootFallbacks) {
    if root.refusals.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nSeen by the deep run");
    for refusal in &root.refusals {
        let weight = if refusal.weight == RefusalWeight::Refuses { "refuses" } else { "warns" };
        let _ = writeln!(out, "  {weight} {}: {}", refusal.code, refusal.reason);
        path(out, "    at", &refusal.path);
        let _ = writeln!(out, "    to change it: {}", refusal.change);
    }
}

fn closure(out: &mut String, root: &RootFallbacks) {
    let closure = &root.closure;
    let _ = writeln!(
        out,
        "\nInitial closure: {} objects, {} in the heap",
        count(closure.objects),
        bytes(closure.heap_bytes)
    );
    for edge in closure.edges.iter().filter(|edge| edge.sent > 0.0).take(ROWS_MAX) {
        let _ = writeln!(
            out,
            "  {:>9}  {:>9} objects  {} → {}",
            bytes(edge.heap_bytes),
            count(edge.sent),
            edge.holder,
            edge.target
        );
    }
    let sent = closure.edges.iter().filter(|edge| edge.sent > 0.0).count();
    left_out(out, sent);
    let stays = closure.edges.iter().filter(|edge| {
        matches!(edge.handling, Handling::Pinned | Handling::ReadCopy | Handling::Equivalent)
    });
    for edge in stays.take(ROWS_MAX) {
        let _ = writeln!(out, "  {:<12} {} → {}", edge.handling.name(), edge.holder, edge.target);
    }
}

fn natives(out: &mut String, root: &RootFallbacks) {
    let counts = &root.native_counts;
    let told = NativeCategory::ALL.map(|category| {
        let each = counts.get(category);
        (each > 0.0).then(|| format!("{} {}", count(each), category.name()))
    });
    let told: Vec<String> = told.into_iter().flatten().collect();
    let told = if told.is_empty() { "none".to_owned() } else { told.join(", ") };
    let _ = writeln!(out, "\nNative calls per execution: {told}");
    for native in root.natives.iter().take(ROWS_MAX) {
        let _ = writeln!(
            out,
            "  {:>9}  {:<12} {}{} ({})",
            count(native.count),
            native.category.name(),
            spoken(&native.native),
            if native.user.is_empty() { String::new() } else { format!(" in {}", native.user) },
            native.why
        );
    }
    left_out(out, root.natives.len());
}

fn locks(out: &mut String, root: &RootFallbacks) {
    if root.locks.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nLocks per execution");
    for lock in root.locks.iter().take(ROWS_MAX) {
        let by = if lock.user.is_empty() { String::new() } else { format!(" in {}", lock.user) };
        let _ = writeln!(
            out,
            "  {:>9} taken, {:>6} at home  {} {}{by}: {}",
            count(lock.count),
            count(lock.at_home),
            lock.kind,
            lock.class_name,
            lock.why
        );
    }
    left_out(out, root.locks.len());
}

fn calls(out: &mut String, head: &str, calls: &[(String, u64)]) {
    if calls.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n{head}");
    for (method, number) in calls.iter().take(ROWS_MAX) {
        let _ = writeln!(out, "  {:>12}  {method}", grouped(*number));
    }
    left_out(out, calls.len());
}
