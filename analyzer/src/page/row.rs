//! Rows of the table of candidates: decision and the figures it turns on, `?` for what is unknown.

use beehive_plan::{Candidate, Plan, code};

use super::{Entry, ROWS_MAX, ROWS_OPEN};
use crate::compare::is_obstacle;
use crate::figure::{bytes, count};
use crate::table::{cpu, short};

/// One candidate.
pub(super) struct Row {
    pub(super) anchor: Option<String>,
    pub(super) name: String,
    pub(super) method: String,
    pub(super) code: String,
    pub(super) pill: &'static str,
    pub(super) per_request: String,
    pub(super) cpu: String,
    pub(super) moved: String,
    pub(super) fallbacks: String,
    pub(super) closure: String,
}

/// The candidates to be seen at once, with the whole request behind them, and those folded away.
/// All of them have details to link to.
pub(super) fn rows(plan: &Plan, entries: &[Entry<'_>]) -> (Vec<Row>, Vec<Row>) {
    let rows = (0..)
        .zip(entries.iter().take(ROWS_MAX))
        .map(|(place, entry)| Row { anchor: Some(anchor(place)), ..row(entry.candidate) });
    let mut rows: Vec<Row> = rows.collect();
    let on = entries.iter().filter(|e| e.candidate.offload).count();
    let folded = rows.split_off(rows.len().min(ROWS_OPEN.max(on)));
    rows.extend(whole_request(plan));
    (rows, folded)
}

/// The name by which a method's details are linked to.
pub(super) fn anchor(place: usize) -> String {
    format!("method-{}", place + 1)
}

/// Green for what is offloaded, red for what cannot be, grey for what does not pay.
pub(super) fn pill(candidate: &Candidate) -> &'static str {
    if candidate.offload {
        return "yes";
    }
    pill_of(&candidate.decision.code)
}

fn pill_of(code: &str) -> &'static str {
    match code {
        code::OFFLOAD_OK => "yes",
        code if is_obstacle(code) => "no",
        _ => "",
    }
}

fn row(candidate: &Candidate) -> Row {
    let known = |value: Option<f64>, shown: fn(f64) -> String| value.map_or("?".into(), shown);
    let fallbacks = candidate.fallbacks.map_or("?".to_owned(), |f| {
        [f.first, f.second, f.tenth].map(|counts| count(counts.total())).join(" · ")
    });
    Row {
        anchor: None,
        name: short(&candidate.method),
        method: candidate.method.clone(),
        code: candidate.decision.code.clone(),
        pill: pill(candidate),
        per_request: known(candidate.calls_per_request, |n| format!("{n:.2}")),
        cpu: cpu(candidate),
        moved: known(candidate.load_moved, share),
        fallbacks,
        closure: known(candidate.closure_bytes, bytes),
    }
}

/// A share of the load; what would cost more than it saves moves nothing.
pub(super) fn share(share: f64) -> String {
    if share > 0.0 { format!("{:.1}\u{202f}%", share * 100.0) } else { "none".to_owned() }
}

/// The request as a whole, offloaded as one: a candidate beside the methods.
fn whole_request(plan: &Plan) -> Option<Row> {
    let whole = plan.whole_request.as_ref()?;
    let known = |value: Option<f64>, shown: fn(f64) -> String| value.map_or("?".into(), shown);
    Some(Row {
        anchor: None,
        name: "The whole request as one, to compare with".to_owned(),
        method: whole.decision.reason.clone(),
        code: whole.decision.code.clone(),
        // Never green: it is a rival's way and not in the plan's roots.
        pill: if is_obstacle(&whole.decision.code) { "no" } else { "" },
        per_request: "1.00".to_owned(),
        cpu: known(plan.traffic.cpu_ms_per_request, |ms| crate::figure::time(ms * 1e3)),
        moved: known(whole.load_moved, share),
        fallbacks: known(whole.calls_home, |n| format!("? · ? · {}", count(n))),
        closure: known(whole.closure_bytes, bytes),
    })
}
