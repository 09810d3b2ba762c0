//! What a person did to a plan, carried over to the next plan of the same application: choices,
//! notes and methods of their own. Data only; comments and layout are `render`'s.

use std::collections::BTreeSet;

use crate::code::OFFLOAD_NOT_IN_TRACE;
use crate::document::{Candidate, Decision, Plan};

/// Whether a person changed or wrote this entry: a choice of their own, a note, or a method the
/// planner did not find.
pub fn is_edited(entry: &Candidate) -> bool {
    is_choice(entry) || entry.note.is_some() || entry.found_by.is_empty()
}

/// Whether `offload` is a person's choice.
fn is_choice(entry: &Candidate) -> bool {
    entry.by_hand || entry.offload != entry.proposed || entry.found_by.is_empty()
}

/// Carries a person's choices and notes from `old` to `plan`. Entries of a person that `plan` lacks,
/// because the trace does not know the method, are kept and noted. Doing it twice changes nothing.
pub fn keep_edits(plan: &mut Plan, old: &Plan) {
    for entry in plan.roots.chosen.iter_mut().chain(&mut plan.roots.refused) {
        if let Some(before) = find(old, &entry.method) {
            keep_entry(entry, before);
        }
    }
    keep_missing(plan, old, is_edited);
}

/// Keeps entries that a person wrote a comment at, although `plan` lacks them.
pub(crate) fn keep_commented(plan: &mut Plan, old: &Plan, is_commented: impl Fn(&str) -> bool) {
    keep_missing(plan, old, |entry| is_commented(&entry.method));
}

fn keep_missing(plan: &mut Plan, old: &Plan, is_kept: impl Fn(&Candidate) -> bool) {
    let mut is_known: BTreeSet<String> = all(plan).map(|c| c.method.clone()).collect();
    let lists = [
        (&old.roots.chosen, &mut plan.roots.chosen),
        (&old.roots.refused, &mut plan.roots.refused),
    ];
    for (old, new) in lists {
        for entry in old.iter().filter(|c| is_kept(c)) {
            if is_known.insert(entry.method.clone()) {
                plan.notes.push(not_in_trace_note(&entry.method));
                new.push(unknown_entry(entry));
            }
        }
    }
}

fn all(plan: &Plan) -> impl Iterator<Item = &Candidate> {
    plan.roots.chosen.iter().chain(&plan.roots.refused)
}

/// The note about a method in the plan that the trace does not hold.
fn not_in_trace_note(method: &str) -> String {
    format!(
        "the plan names {method}, which this trace does not know; it is kept as it is: check the \
         spelling, or record a run that calls it"
    )
}

fn find<'a>(plan: &'a Plan, method: &str) -> Option<&'a Candidate> {
    all(plan).find(|c| c.method == method)
}

fn keep_entry(entry: &mut Candidate, before: &Candidate) {
    if entry.note.is_none() {
        entry.note.clone_from(&before.note);
    }
    if is_choice(before) {
        entry.offload = before.offload;
        entry.by_hand = true;
    }
}

/// An entry of a person's as it stands, its figures gone because nothing vouches for them.
fn unknown_entry(before: &Candidate) -> Candidate {
    Candidate {
        method: before.method.clone(),
        offload: is_choice(before) && before.offload,
        proposed: false,
        by_hand: is_choice(before),
        note: before.note.clone(),
        found_by: if before.found_by.is_empty() {
            "plan".to_owned()
        } else {
            before.found_by.clone()
        },
        decision: Decision {
            code: OFFLOAD_NOT_IN_TRACE.to_owned(),
            reason: "the trace does not know this method, so nothing can be said about it"
                .to_owned(),
            change: Some("check the spelling, or record a run that calls it".to_owned()),
            path: Vec::new(),
        },
        ..Candidate::default()
    }
}
