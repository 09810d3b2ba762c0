//! Predicts the fallbacks of a root from a deep trace: a model of the worker run over what sampled
//! invocations touched. Rules are data (`rules`), judged per class (`handling`), spread over the
//! references (`region`), and told per root as the plan crate's `RootFallbacks`. Pure.

mod causes;
mod closure;
mod executions;
mod handling;
mod locks;
mod natives;
mod persistence;
mod refusals;
mod region;
mod rows;
mod rules;
mod types;
mod whole;

use std::collections::BTreeMap;

use beehive_plan::{
    Basis, ConnectionUse, FALLBACKS_VERSION, FallbackReport, Handling, Observed, Refusal,
    RefusalWeight, RootFallbacks, code,
};
use beehive_trace::{OUTSIDE, RunMode, Trace};

use crate::graph::CallGraph;
use crate::report::Paths;
use causes::{Cause, Scene, causes};
use handling::{IN_SERVER, Judge};
use locks::lock_uses;
use natives::{NativeTable, native_uses};
use region::Region;
use rows::Rows;
use rules::{DRIVERS, IN_PROCESS, POOLS};

pub(crate) use whole::whole_request;

/// Samples below which figures are rough.
const SAMPLES_FEW: u64 = 10;

/// The predictions for all sampled roots, by method id.
pub(crate) fn predict(trace: &Trace, graph: &CallGraph) -> BTreeMap<u32, RootFallbacks> {
    let judge = Judge::new(trace);
    let table = NativeTable::of_build(jdk_build(trace));
    let label = |id: u32| {
        if id == OUTSIDE { String::new() } else { crate::report::spoken(&trace.method_label(id)) }
    };
    let mut paths = Paths::new(graph);
    let all = Rows::of_trace(trace).map(|rows| {
        let root = rows.root.root;
        let users: Vec<u32> = users(rows);
        let calls: BTreeMap<u32, Vec<String>> = users
            .into_iter()
            .map(|user| (user, paths.find(root, user).into_iter().map(label).collect()))
            .collect();
        let calls_to = |user: u32| calls.get(&user).cloned().unwrap_or_default();
        (root, of_root(trace, rows, &judge, &table, &label, &calls_to))
    });
    all.collect()
}

/// The report of predictions.
pub(crate) fn report(trace: &Trace, predicted: &BTreeMap<u32, RootFallbacks>) -> FallbackReport {
    let mut roots: Vec<RootFallbacks> = predicted.values().cloned().collect();
    roots.sort_by(|a, b| a.method.cmp(&b.method));
    FallbackReport {
        version: FALLBACKS_VERSION,
        basis: Basis::Predicted,
        jdk_build: jdk_build(trace).to_owned(),
        roots,
    }
}

/// A refusal and the user method it was seen in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: u32,
    pub(crate) refusal: Refusal,
}

/// Codes about what a method does, wherever it is called from; the others are about a whole root.
const OF_A_PLACE: [&str; 8] = [
    code::OFFLOAD_THREADS,
    code::OFFLOAD_HOST_RESOURCE,
    code::OFFLOAD_CONNECTION,
    code::OFFLOAD_RAW_CAS,
    code::OFFLOAD_REFLECTION,
    code::OFFLOAD_APP_NATIVE,
    code::OFFLOAD_UNKNOWN_NATIVE,
    code::OFFLOAD_HIDDEN_CLASS,
];

/// What samples saw that concerns every method that reaches it, sampled or not.
pub(crate) fn places(trace: &Trace, predicted: &BTreeMap<u32, RootFallbacks>) -> Vec<Seen> {
    let mut by_name: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for id in 0..trace.methods.len() as u32 {
        by_name.entry(crate::report::spoken(&trace.method_label(id))).or_default().push(id);
    }
    let mut found = Vec::new();
    for (&root, prediction) in predicted {
        let stopping = prediction.refusals.iter().filter(|refusal| {
            refusal.weight == RefusalWeight::Refuses && OF_A_PLACE.contains(&refusal.code.as_str())
        });
        for refusal in stopping {
            let named = refusal.path.last().and_then(|name| by_name.get(name));
            let methods = named.cloned().unwrap_or_else(|| vec![root]);
            found.extend(
                methods.into_iter().map(|method| Seen { method, refusal: refusal.clone() }),
            );
        }
    }
    found
}

/// Build of the JDK that the deep runs had.
fn jdk_build(trace: &Trace) -> &str {
    let deep = trace.runs.iter().filter(|run| run.mode == RunMode::Deep);
    deep.chain(&trace.runs).next().map_or("", |run| run.jdk_build.as_str())
}

/// User methods that rows of a root name.
fn users(rows: Rows<'_>) -> Vec<u32> {
    let all = rows.natives.iter().map(|row| row.user);
    let all = all.chain(rows.locks.iter().map(|row| row.user));
    let all = all.chain(rows.shared.iter().map(|row| row.user));
    let all = all.chain(rows.handovers.iter().map(|row| row.user));
    let all = all.chain(rows.connections.iter().map(|row| row.user));
    let all = all.chain(rows.host.iter().map(|row| row.user));
    let mut all: Vec<u32> =
        all.chain(rows.reflection.iter().map(|row| row.user)).filter(|&id| id != OUTSIDE).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn of_root<'a>(
    trace: &'a Trace,
    rows: Rows<'a>,
    judge: &Judge<'a>,
    table: &NativeTable,
    label: &dyn Fn(u32) -> String,
    calls_to: &dyn Fn(u32) -> Vec<String>,
) -> RootFallbacks {
    let region = Region::of(rows, judge);
    let (natives, native_counts) = native_uses(rows, judge, &region, table, label);
    let locks = lock_uses(rows, judge, &region, label);
    let opener_of = |peer: &str| opener_of(trace, peer);
    let scene = Scene {
        rows: &rows,
        judge,
        region: &region,
        natives: &natives,
        locks: &locks,
        calls_to,
        opener_of: &opener_of,
    };
    let causes = causes(scene);
    let executions = executions::executions(scene, &causes);
    let refusals = refusals::refusals(scene, table);
    RootFallbacks {
        method: trace.method_label(rows.root.root),
        observed: observed(rows),
        executions,
        closure: closure::initial_closure(rows, judge, &region),
        home_share: home_share(rows, judge),
        native_counts,
        refusals,
        connections: connections(trace, rows, label),
        remarks: remarks(rows, &causes),
        natives,
        locks,
    }
}

/// Share of the methods entered that belong to code which stays at the server; those of the JDK are left
/// out, because either side calls them.
fn home_share(rows: Rows<'_>, judge: &Judge<'_>) -> f64 {
    let (mut home, mut all) = (0.0, 0.0);
    for row in rows.classes {
        let is_home = judge.is_home_code(&row.class_name);
        if is_home || !judge.types.is_jdk(&row.class_name) {
            let calls = rows.each(row.calls);
            all += calls;
            home += if is_home { calls } else { 0.0 };
        }
    }
    if all > 0.0 { home / all } else { 0.0 }
}

fn observed(rows: Rows<'_>) -> Observed {
    let root = rows.root;
    Observed {
        executions: root.sampled,
        failed: root.failed,
        cold: root.cold,
        handed_over: root.handed_over,
        aborted: root.aborted,
        skipped: root.skipped,
    }
}

/// Who opened the connection to a peer, in a light run or another sample; empty if nobody knows.
fn opener_of<'a>(trace: &'a Trace, peer: &str) -> &'a str {
    let light = trace.connections.iter().map(|row| (&row.peer, &row.opener));
    let deep = trace.deep.connections.iter().map(|row| (&row.peer, &row.opener));
    let mut known = light.chain(deep).filter(|(_, opener)| !opener.is_empty());
    known.find(|(known, _)| *known == peer).map_or("", |(_, opener)| opener.as_str())
}

/// Peer of connections that the server accepted: every client has a port of its own.
const ACCEPTED: &str = "(accepted by the server)";

fn connections(trace: &Trace, rows: Rows<'_>, label: &dyn Fn(u32) -> String) -> Vec<ConnectionUse> {
    let database = |opener: &str| {
        [POOLS, DRIVERS, IN_PROCESS].concat().iter().any(|package| opener.starts_with(package))
    };
    let mut uses: BTreeMap<(&str, &str, u32), ConnectionUse> = BTreeMap::new();
    for row in rows.connections {
        let opener = if row.opener.is_empty() { opener_of(trace, &row.peer) } else { &row.opener };
        let (peer, handling) = match opener {
            // Its stream stays at the server.
            "" => (ACCEPTED, Handling::Pinned),
            opener if database(opener) => (row.peer.as_str(), Handling::Equivalent),
            _ => (row.peer.as_str(), Handling::Refused),
        };
        let slot = uses.entry((peer, opener, row.user)).or_insert_with(|| ConnectionUse {
            peer: peer.to_owned(),
            opener: opener.to_owned(),
            user: label(row.user),
            handling,
            ..ConnectionUse::default()
        });
        slot.opened += rows.each(row.opened);
        slot.bytes_in += rows.each(row.bytes_in);
        slot.bytes_out += rows.each(row.bytes_out);
    }
    uses.into_values().collect()
}

fn remarks(rows: Rows<'_>, causes: &[Cause]) -> Vec<String> {
    let root = rows.root;
    let mut remarks = Vec::new();
    if root.sampled < SAMPLES_FEW {
        let plural = if root.sampled == 1 { "" } else { "s" };
        remarks.push(format!("rests on {} sample{plural}: rough figures", root.sampled));
    }
    if root.cold == root.sampled {
        remarks.push(
            "every sample loaded classes: what is done once, at first use, cannot be told apart"
                .to_owned(),
        );
    }
    if root.aborted > 0 {
        remarks.push(format!(
            "{} samples were given up at a limit and are in no figure: the longest executions are missing",
            root.aborted
        ));
    }
    if causes.iter().any(|cause| cause.cause.why == IN_SERVER) {
        remarks.push(
            "its database runs inside the server: the processor time of queries stays there"
                .to_owned(),
        );
    }
    if root.failed > 0 {
        remarks.push(format!("{} of {} samples ended by an exception", root.failed, root.sampled));
    }
    remarks
}
