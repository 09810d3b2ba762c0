//! Everything known about one method, folded away until somebody asks: the decision with its path,
//! refusals, evidence, and the tables of a deep run.

use beehive_plan::{
    Candidate, Execution, Handling, NativeFate, Refusal, RefusalWeight, RootFallbacks, Unknown,
};

use super::Entry;
use super::bars::ordinal;
use super::row::{anchor, pill};
use crate::figure::{bytes, count};
use crate::table::short;

/// Rows of each table; the JSON of the plan holds all.
const ROWS_MAX: usize = 12;

/// A method's details.
pub(super) struct Card {
    pub(super) anchor: String,
    pub(super) name: String,
    pub(super) method: String,
    pub(super) code: String,
    pub(super) pill: &'static str,
    pub(super) reason: String,
    pub(super) change: Option<String>,
    pub(super) path: Vec<String>,
    pub(super) refusals: Vec<Told>,
    pub(super) evidence: Vec<String>,
    pub(super) tables: Vec<Table>,
    pub(super) unknown: String,
}

/// A refusal or warning.
pub(super) struct Told {
    pub(super) code: String,
    pub(super) pill: &'static str,
    pub(super) reason: String,
    pub(super) change: String,
    pub(super) path: Vec<String>,
}

/// A table of strings.
pub(super) struct Table {
    pub(super) title: String,
    pub(super) heads: Vec<Cell>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) left_out: usize,
}

/// A cell, with the title of its column for telephones, where a row stands on its own.
pub(super) struct Cell {
    pub(super) head: &'static str,
    pub(super) text: String,
    /// Holds a sentence or a name, not a figure.
    pub(super) is_wordy: bool,
}

impl Table {
    /// `wordy` are the columns that hold words.
    fn of(
        title: impl Into<String>,
        heads: &[&'static str],
        wordy: &[usize],
        rows: Vec<Vec<String>>,
    ) -> Option<Self> {
        let cells = |row: Vec<String>| -> Vec<Cell> {
            let row = row.into_iter().zip(heads).enumerate();
            row.map(|(at, (text, head))| Cell { head, text, is_wordy: wordy.contains(&at) })
                .collect()
        };
        let left_out = rows.len().saturating_sub(ROWS_MAX);
        let rows: Vec<Vec<Cell>> = rows.into_iter().take(ROWS_MAX).map(cells).collect();
        let heads = cells(heads.iter().map(|head| (*head).to_owned()).collect());
        (!rows.is_empty()).then(|| Self { title: title.into(), heads, rows, left_out })
    }
}

/// The details of the candidate at a place of the page.
pub(super) fn card(place: usize, entry: &Entry<'_>) -> Card {
    let Candidate { method, decision, evidence, unknown, .. } = entry.candidate;
    let mut evidence = evidence.clone();
    evidence.extend(entry.predicted.into_iter().flat_map(|p| p.remarks.iter().cloned()));
    let refusals = entry.predicted.map(|p| p.refusals.as_slice()).unwrap_or_default();
    Card {
        anchor: anchor(place),
        name: short(method),
        method: method.clone(),
        code: decision.code.clone(),
        pill: pill(entry.candidate),
        reason: without_stop(&decision.reason),
        change: decision.change.as_deref().map(without_stop),
        path: decision.path.clone(),
        refusals: refusals.iter().filter(|r| r.reason != decision.reason).map(told).collect(),
        evidence,
        tables: entry.predicted.map(tables).unwrap_or_default(),
        unknown: unknown.iter().map(|u| unknown_words(*u)).collect::<Vec<_>>().join(", "),
    }
}

fn without_stop(sentence: &str) -> String {
    sentence.trim_end_matches('.').to_owned()
}

fn told(refusal: &Refusal) -> Told {
    Told {
        code: refusal.code.clone(),
        pill: if refusal.weight == RefusalWeight::Refuses { "no" } else { "" },
        reason: without_stop(&refusal.reason),
        change: without_stop(&refusal.change),
        path: refusal.path.clone(),
    }
}

const fn unknown_words(unknown: Unknown) -> &'static str {
    match unknown {
        Unknown::Natives => "natives",
        Unknown::Objects => "objects of the closure",
        Unknown::Locks => "locks",
        Unknown::Cpu => "processor time",
        Unknown::Latency => "latency",
        Unknown::CallsHome => "calls home",
    }
}

fn tables(predicted: &RootFallbacks) -> Vec<Table> {
    let mut tables: Vec<Table> = predicted.executions.iter().filter_map(causes).collect();
    tables.extend(
        [not_sent(predicted), natives(predicted), locks(predicted), connections(predicted)]
            .into_iter()
            .flatten(),
    );
    tables
}

fn causes(execution: &Execution) -> Option<Table> {
    let row = |cause: &beehive_plan::FallbackCause| {
        let path = cause.path.iter().map(|step| short_step(step)).collect::<Vec<_>>().join(" → ");
        let kind = cause.kind.name().to_owned();
        vec![kind, count(cause.per_execution), cause.what.clone(), cause.why.clone(), path]
    };
    Table::of(
        format!("Fallbacks of the {} execution", ordinal(execution.number)),
        &["Kind", "Times", "What is asked for", "Why", "How it comes to that"],
        &[2, 3, 4],
        execution.causes.iter().map(row).collect(),
    )
}

/// Steps of a path without packages and descriptors.
fn short_step(step: &str) -> String {
    if step.contains('#') && !step.starts_with('(') { short(step) } else { step.to_owned() }
}

fn not_sent(predicted: &RootFallbacks) -> Option<Table> {
    let edges = predicted.closure.edges.iter().filter(|e| e.handling != Handling::Shipped);
    let rows = edges.map(|edge| {
        let handling = edge.handling.name().to_owned();
        vec![edge.target.clone(), handling, count(edge.objects), edge.holder.clone()]
    });
    Table::of(
        "Objects that stay or have an equal on the worker",
        &["Class", "Handling", "Objects", "Reached by"],
        &[1, 3],
        rows.collect(),
    )
}

fn natives(predicted: &RootFallbacks) -> Option<Table> {
    let rows = predicted.natives.iter().map(|native| {
        let fate = match native.fate {
            NativeFate::Runs => "runs there",
            NativeFate::RunsWithState => "runs there with its state",
            NativeFate::ComesHome => "comes home",
            NativeFate::Proxied => "own connection or proxy",
            NativeFate::Refused => "cannot move",
        };
        let category = native.category.name().to_owned();
        let user = short_step(&native.user);
        vec![native.native.clone(), category, count(native.count), fate.to_owned(), user]
    });
    let heads = &["Native method", "Category", "Calls", "On a worker", "Called from"];
    Table::of("Native methods", heads, &[1, 3, 4], rows.collect())
}

fn locks(predicted: &RootFallbacks) -> Option<Table> {
    let rows = predicted.locks.iter().map(|lock| {
        let kind = lock.kind.replace('_', " ");
        let [taken, home] = [lock.count, lock.at_home].map(count);
        vec![lock.class_name.clone(), kind, taken, home, lock.why.clone()]
    });
    let heads = &["Lock object", "Kind", "Taken", "At home", "Why"];
    Table::of("Locks", heads, &[1, 4], rows.collect())
}

fn connections(predicted: &RootFallbacks) -> Option<Table> {
    let rows = predicted.connections.iter().map(|connection| {
        let [read, written] = [connection.bytes_in, connection.bytes_out].map(bytes);
        let handling = connection.handling.name().to_owned();
        vec![
            connection.peer.clone(),
            handling,
            count(connection.opened),
            read,
            written,
            connection.opener.clone(),
        ]
    });
    let heads = &["Peer", "On a worker", "Opened", "Read", "Written", "Opened by"];
    Table::of("Connections", heads, &[1, 5], rows.collect())
}
