//! Planning again with a plan a person has edited: their choices take part in the competition, their
//! budget and costs are planned with, their methods are looked at.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use beehive_analyzer::{ASSUMED_SOURCE, Options, Planned, assumed_constants, make_plan};
use beehive_plan::{Candidate, Plan, code, parse_plan, render_plan};
use beehive_trace::{Trace, parse_text};

fn trace(name: &str) -> Trace {
    let path = format!("{}/../fixtures/traces/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    parse_text(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn planned(trace: &Trace, old: Option<&Plan>) -> Planned {
    make_plan(trace, &Options { old, ..Options::default() })
}

/// The plan of a trace after a person changed its text.
fn replanned(name: &str, edit: impl Fn(String) -> String) -> Plan {
    let trace = trace(name);
    let first = render_plan(&planned(&trace, None).plan, None).unwrap();
    let edited = edit(first.clone());
    assert_ne!(edited, first, "the edit found its place");
    let old = parse_plan(&edited).unwrap();
    let plan = planned(&trace, Some(&old)).plan;
    let text = render_plan(&plan, Some(&edited)).unwrap();
    parse_plan(&text).unwrap()
}

fn find<'a>(plan: &'a Plan, method: &str) -> &'a Candidate {
    let all = plan.roots.chosen.iter().chain(&plan.roots.refused);
    let found: Vec<&Candidate> = all.filter(|c| c.method.starts_with(method)).collect();
    assert_eq!(found.len(), 1, "{method}");
    found.first().unwrap()
}

fn flip(text: &str, method: &str) -> String {
    let at = text.find(&format!("method = \"{method}")).unwrap();
    let (before, after) = text.split_at(at);
    let line = after.lines().nth(1).unwrap();
    let flipped = if line.ends_with("true") { "offload = false" } else { "offload = true" };
    format!("{before}{}", after.replacen(line, flipped, 1))
}

#[test]
fn switching_a_root_off_lets_the_one_inside_it_win() {
    let plan = replanned("spring", |text| flip(&text, "forum.TopicController#show"));
    let off = find(&plan, "forum.TopicController#show");
    assert_eq!((off.offload, off.decision.code.as_str()), (false, code::OFFLOAD_SWITCHED_OFF));
    assert!(off.by_hand);
    assert!(find(&plan, "forum.TopicService#read").offload);
    let rendered = find(&plan, "forum.Markdown#render");
    assert!(!rendered.decision.reason.contains("inside other chosen"), "{rendered:?}");
}

#[test]
fn switching_a_refused_one_on_covers_what_is_inside_it() {
    let plan = replanned("spring", |text| flip(&text, "forum.AccountController#history"));
    let on = find(&plan, "forum.AccountController#history");
    assert!(on.offload && !on.proposed && on.by_hand);
    assert_eq!(on.decision.code, code::OFFLOAD_STREAM_ARGUMENT, "the warning stays");
    let render = find(&plan, "forum.Markdown#render");
    assert_eq!(render.decision.code, code::OFFLOAD_COVERED, "{render:?}");
    assert!(plan.expected.load_moved > Some(0.4));
}

#[test]
fn an_edited_budget_and_costs_are_planned_with_and_kept() {
    let plan = replanned("spring", |text| {
        text.replace("added_latency_ms = 5.0", "added_latency_ms = 0.1 # SLO of the team")
            .replace("offload_cpu_us = 40.0", "offload_cpu_us = 10.0")
    });
    assert!((plan.budget.added_latency_ms - 0.1).abs() < 1e-9);
    assert_eq!(plan.constants.source, "edited in the plan");
    let show = find(&plan, "forum.TopicController#show");
    assert_eq!(show.decision.code, code::OFFLOAD_OVER_BUDGET);
    assert_eq!(show.cpu_us_saved, Some(8540.0));
    assert!(plan.offloaded().next().is_none());
}

#[test]
fn options_win_over_the_old_plan() {
    let trace = trace("spring");
    let mut old = planned(&trace, None).plan;
    old.budget.added_latency_ms = 0.1;
    let options = Options { added_latency_ms: Some(5.0), old: Some(&old), ..Options::default() };
    let plan = make_plan(&trace, &options).plan;
    assert!((plan.budget.added_latency_ms - 5.0).abs() < 1e-9);
    assert!(plan.offloaded().next().is_some());
}

#[test]
fn untouched_costs_follow_the_assumed_ones() {
    let trace = trace("spring");
    let plan = planned(&trace, None).plan;
    assert_eq!(plan.constants, assumed_constants());
    assert_eq!(plan.constants.source, ASSUMED_SOURCE);
    assert_eq!(planned(&trace, Some(&plan)).plan, plan);
}

#[test]
fn a_method_of_the_persons_own_gets_figures_when_the_trace_knows_it() {
    let own = "\n[[root]]\nmethod = \"forum.Markdown#escape(C)Ljava/lang/String;\"\n";
    let plan = replanned("spring", |text| text + own);
    let entry = find(&plan, "forum.Markdown#escape");
    assert!(entry.offload && entry.by_hand);
    assert_eq!(entry.invocations, 900_000);
    assert_eq!(entry.decision.code, code::OFFLOAD_CPU_UNKNOWN);
    assert_eq!(plan.expected.load_moved, None, "with a root of unknown gain the sum is unknown");
}

#[test]
fn a_method_the_trace_does_not_know_is_kept_and_told() {
    let own = "\n[[root]]\nmethod = \"forum.Gone#away()V\"\n";
    let plan = replanned("spring", |text| text + own);
    assert_eq!(find(&plan, "forum.Gone#away").decision.code, code::OFFLOAD_NOT_IN_TRACE);
    assert_eq!(plan.notes.iter().filter(|n| n.contains("forum.Gone#away()V")).count(), 1);
}

#[test]
fn an_empty_trace_gives_an_empty_plan() {
    let planned = planned(&Trace::default(), None);
    assert_eq!(planned.plan.roots.chosen.len() + planned.plan.roots.refused.len(), 0);
    assert!(planned.plan.notes.iter().any(|n| n.contains("no user method")));
}

#[test]
fn patterns_that_match_nothing_are_told() {
    let trace = trace("plain");
    let named_roots = vec!["Thumbnail#scale".to_owned(), "Nothing#*".to_owned()];
    let planned = make_plan(&trace, &Options { named_roots, ..Options::default() });
    assert_eq!(planned.unmatched_roots, ["Nothing#*"]);
}
