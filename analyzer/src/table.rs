//! The plan as a table of plain strings for a person: one row a candidate, what to do, how much it
//! moves, why. Laying it out on a screen is the CLI's business.

use beehive_plan::{Candidate, Plan};
use serde::Serialize;

use crate::figure::time;
use crate::verdict::CPU_SAMPLES_FEW;

/// A table and what is to be said below it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlanTable {
    /// Titles of the columns.
    pub titles: Vec<String>,
    /// Rows of as many cells, chosen roots first.
    pub rows: Vec<PlanRow>,
    /// Candidates left out because of `top`.
    pub left_out: usize,
}

/// One candidate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PlanRow {
    /// Whether it is to be offloaded.
    pub is_offloaded: bool,
    /// Cells, one a column; `?` for what is unknown.
    pub cells: Vec<String>,
    /// The decision in one sentence.
    pub why: String,
    /// The change that would remove an obstacle, if there is one.
    pub change: Option<String>,
    /// Whether the decision deserves to be read: the method is offloaded, switched by hand, moves
    /// enough load, or nobody knows how much.
    pub is_notable: bool,
}

const TITLES: [&str; 7] =
    ["offload", "method", "per request", "latency", "CPU", "server CPU moved", "decision"];

/// The table of a plan: all chosen roots and the first refused candidates, `top` rows in all.
pub fn plan_table(plan: &Plan, top: usize) -> PlanTable {
    let (on, off): (Vec<&Candidate>, Vec<&Candidate>) =
        plan.roots.chosen.iter().chain(&plan.roots.refused).partition(|c| c.offload);
    let shown = top.max(on.len());
    let all = on.len() + off.len();
    let rows: Vec<PlanRow> = on.into_iter().chain(off).take(shown).map(|c| row(c, plan)).collect();
    PlanTable { titles: TITLES.map(str::to_owned).to_vec(), left_out: all - rows.len(), rows }
}

fn row(candidate: &Candidate, plan: &Plan) -> PlanRow {
    let choice = match (candidate.offload, candidate.by_hand) {
        (true, false) => "yes",
        (true, true) => "yes, by hand",
        (false, true) => "no, by hand",
        (false, false) => "no",
    };
    let latency = candidate.latency_us_mean.map_or("?".to_owned(), time);
    let tail =
        candidate.latency_us_p99.map_or(String::new(), |p99| format!(" (p99 {})", time(p99)));
    let is_worth_telling = |moved: &f64| *moved > 0.0;
    let moved = match candidate.load_moved {
        None => "?".to_owned(),
        Some(moved) if is_worth_telling(&moved) => format!("{:.1} %", moved * 100.0),
        Some(_) => "none".to_owned(),
    };
    let decision = &candidate.decision;
    PlanRow {
        is_offloaded: candidate.offload,
        cells: vec![
            choice.to_owned(),
            short(&candidate.method),
            candidate.calls_per_request.map_or("?".to_owned(), |n| format!("{n:.2}")),
            format!("{latency}{tail}"),
            cpu(candidate),
            moved,
            decision.code.clone(),
        ],
        why: decision.reason.clone(),
        change: decision.change.clone(),
        is_notable: candidate.offload
            || candidate.by_hand
            || candidate.load_moved.is_none_or(|moved| moved >= plan.budget.load_moved_min),
    }
}

/// Processor time, marked `~` where few samples stand behind it.
pub(crate) fn cpu(candidate: &Candidate) -> String {
    let mark = if candidate.cpu_samples < CPU_SAMPLES_FEW { "~ " } else { "" };
    candidate.cpu_us_mean.map_or("?".to_owned(), |cpu| format!("{mark}{}", time(cpu)))
}

/// `Class#name` without package and descriptor; the plan holds the whole of it.
pub(crate) fn short(method: &str) -> String {
    let (class, member) = method.split_once('#').unwrap_or((method, ""));
    let class = class.rsplit('.').next().unwrap_or(class);
    let name = member.split('(').next().unwrap_or(member);
    if member.is_empty() { class.to_owned() } else { format!("{class}#{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_figures_are_question_marks_and_chosen_roots_are_never_left_out() {
        let named = |name: &str, offload| Candidate {
            method: format!("a.b.C#{name}(I)V"),
            offload,
            ..Candidate::default()
        };
        let mut plan = Plan::default();
        plan.roots.chosen = vec![named("x", true), named("y", true)];
        plan.roots.refused = vec![named("z", false)];
        let table = plan_table(&plan, 1);
        assert_eq!(table.left_out, 1);
        assert_eq!(table.rows[1].cells, ["yes", "C#y", "?", "?", "?", "?", ""]);
        assert_eq!(table.rows[0].cells.len(), table.titles.len());
    }
}
