//! Comparing plans of two builds: what counts as lost, moved, newly refused, the same; sums that are
//! unknown as soon as a part is; rules kept and broken; processor times within the noise.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use beehive_analyzer::{Comparison, CpuChange, Measure, Rule, Verdict, compare, judge};
use beehive_plan::{Candidate, FallbackCounts, NativeCounts, Plan, PredictedFallbacks};

/// An offloaded method called twice a request with 3 calls and 1 object home in the steady state.
fn root(name: &str) -> Candidate {
    let steady = FallbackCounts { call: 3.0, object: 1.0, ..FallbackCounts::default() };
    let mut candidate = Candidate {
        method: format!("a.b.{name}#run(I)V"),
        offload: true,
        proposed: true,
        calls_per_request: Some(2.0),
        cpu_us_mean: Some(1000.0),
        cpu_samples: 100,
        fallbacks: Some(PredictedFallbacks { first: steady, second: steady, tenth: steady }),
        closure_bytes: Some(10_000.0),
        natives: Some(NativeCounts { pure_heap: 50.0, network: 1.0, ..NativeCounts::default() }),
        ..Candidate::default()
    };
    "OFFLOAD_OK".clone_into(&mut candidate.decision.code);
    candidate
}

fn refused(name: &str, code: &str) -> Candidate {
    let mut candidate = Candidate { offload: false, proposed: false, ..root(name) };
    code.clone_into(&mut candidate.decision.code);
    candidate.decision.reason = format!("{name} has its reason");
    candidate
}

fn plan(candidates: Vec<Candidate>) -> Plan {
    let mut plan = Plan { version: 1, ..Plan::default() };
    (plan.roots.chosen, plan.roots.refused) = candidates.into_iter().partition(|c| c.offload);
    plan
}

fn total(comparison: &Comparison, measure: Measure) -> (Option<f64>, Option<f64>) {
    let found = comparison.totals.iter().find(|t| t.measure == measure).unwrap();
    (found.value.before, found.value.now)
}

fn verdict(comparison: &Comparison, rule: &str) -> (Verdict, String) {
    let rule: Rule = rule.parse().unwrap();
    let gate = judge(comparison, &[rule]).pop().unwrap();
    (gate.verdict, gate.reason)
}

#[test]
fn the_same_plan_changes_nothing_and_keeps_every_rule() {
    let same = plan(vec![root("A"), refused("B", "OFFLOAD_CHATTY")]);
    let comparison = compare(&same, &same);
    assert_eq!(total(&comparison, Measure::Fallbacks), (Some(8.0), Some(8.0)));
    assert_eq!(total(&comparison, Measure::Natives), (Some(2.0), Some(2.0)), "pure-heap is free");
    assert_eq!(total(&comparison, Measure::Refusals), (Some(1.0), Some(1.0)));
    for rule in ["fallbacks+0", "natives+0%", "closure-bytes+0", "refusals+0", "roots-0"] {
        assert_eq!(verdict(&comparison, rule).0, Verdict::Kept, "{rule}");
    }
    let text = comparison.to_text("old.beetrace");
    assert!(text.contains("fallbacks, natives, closure, calls: the same"), "{text}");
    assert!(text.contains("within the noise"), "{text}");
}

#[test]
fn more_fallbacks_break_the_rule_and_are_named() {
    let old = plan(vec![root("A"), root("B")]);
    let mut worse = root("B");
    worse.fallbacks.as_mut().unwrap().tenth.lock = 2.0;
    let comparison = compare(&old, &plan(vec![root("A"), worse]));
    assert_eq!(total(&comparison, Measure::Fallbacks), (Some(16.0), Some(20.0)));
    assert_eq!(comparison.methods[0].method, "a.b.B#run(I)V", "what changed most stands first");
    let (kept, reason) = verdict(&comparison, "fallbacks+10%");
    assert_eq!(kept, Verdict::Broken);
    assert!(reason.contains("16 before, 20 now; B#run +4"), "{reason}");
    assert_eq!(verdict(&comparison, "fallbacks+4").0, Verdict::Kept);
    assert_eq!(verdict(&comparison, "fallbacks+25%").0, Verdict::Kept);
    assert_eq!(verdict(&comparison, "fallbacks+3").0, Verdict::Broken);
    let text = comparison.to_text("old");
    assert!(
        text.contains("fallbacks per execution: 4 -> 6") && text.contains("lock: 0 -> 2"),
        "{text}"
    );
}

#[test]
fn a_root_that_became_refused_is_lost_and_newly_refused() {
    let old = plan(vec![root("A"), root("B")]);
    let comparison = compare(&old, &plan(vec![root("A"), refused("B", "OFFLOAD_CHATTY")]));
    assert_eq!(comparison.roots_lost.len(), 1);
    assert_eq!(comparison.refusals_new.len(), 1);
    let (kept, reason) = verdict(&comparison, "roots-0");
    assert_eq!(kept, Verdict::Broken);
    assert!(reason.contains("1 lost of 2: B#run (OFFLOAD_CHATTY)"), "{reason}");
    assert_eq!(verdict(&comparison, "roots-1").0, Verdict::Kept);
    assert_eq!(verdict(&comparison, "roots-50%").0, Verdict::Kept);
    assert_eq!(verdict(&comparison, "refusals+0").0, Verdict::Broken);
    assert!(comparison.to_text("old").contains("B has its reason"));
}

#[test]
fn lifting_one_refusal_does_not_pay_for_another() {
    let old = plan(vec![root("A"), refused("B", "OFFLOAD_CHATTY")]);
    let new = plan(vec![refused("A", "OFFLOAD_THREADS"), root("B")]);
    let comparison = compare(&old, &new);
    assert_eq!(total(&comparison, Measure::Refusals), (Some(1.0), Some(1.0)));
    assert_eq!(comparison.refusals_lifted.len(), 1);
    assert_eq!(verdict(&comparison, "refusals+0").0, Verdict::Broken);
}

#[test]
fn a_root_inside_another_one_is_moved_and_not_lost() {
    let old = plan(vec![root("A"), refused("B", "OFFLOAD_COVERED")]);
    let new = plan(vec![refused("A", "OFFLOAD_COVERED"), root("B")]);
    let comparison = compare(&old, &new);
    assert_eq!(comparison.roots_moved.len(), 2);
    assert!(comparison.roots_lost.is_empty() && comparison.roots_gained.is_empty());
    assert_eq!(verdict(&comparison, "roots-0").0, Verdict::Kept);
}

#[test]
fn codes_that_weigh_the_gain_are_no_refusals() {
    let old = plan(vec![root("A")]);
    let comparison = compare(&old, &plan(vec![refused("A", "OFFLOAD_TOO_SHORT")]));
    assert!(comparison.refusals_new.is_empty());
    assert_eq!(comparison.roots_lost.len(), 1);
}

#[test]
fn what_one_side_could_not_see_is_no_change() {
    let rare = compare(
        &plan(vec![refused("A", "OFFLOAD_RARE")]),
        &plan(vec![refused("A", "OFFLOAD_CHATTY")]),
    );
    assert!(rare.refusals_new.is_empty());
    assert_eq!(rare.refusals_unclear.len(), 1);
    let short = plan(vec![refused("A", "OFFLOAD_TOO_SHORT")]);
    let chatty = plan(vec![refused("A", "OFFLOAD_CHATTY")]);
    assert!(compare(&short, &chatty).refusals_new.is_empty(), "the gain is weighed first");
    assert!(compare(&chatty, &short).refusals_lifted.is_empty());
    assert_eq!(compare(&plan(vec![]), &chatty).refusals_new.len(), 1, "a method nobody knew");
    let light = Candidate { fallbacks: None, ..root("A") };
    let deep = compare(&plan(vec![light]), &plan(vec![refused("A", "OFFLOAD_CHATTY")]));
    assert!(deep.refusals_new.is_empty());
    assert!(deep.to_text("old").contains("so not counted: A#run (OFFLOAD_CHATTY)"));
    let busy = compare(&plan(vec![root("A")]), &plan(vec![refused("A", "OFFLOAD_CONTENDED")]));
    assert!(busy.refusals_new.is_empty(), "waiting for a monitor moves with the load");
}

#[test]
fn a_method_that_is_gone_or_new_is_told_and_not_summed() {
    let comparison =
        compare(&plan(vec![root("A"), root("Old")]), &plan(vec![root("A"), root("New")]));
    assert_eq!(comparison.roots_lost[0].code_now, None);
    assert_eq!(comparison.roots_gained[0].code_before, None);
    assert_eq!(comparison.methods.len(), 1);
    assert_eq!(total(&comparison, Measure::Fallbacks), (Some(8.0), Some(8.0)));
    assert!(verdict(&comparison, "roots-0").1.contains("not called any more"));
}

#[test]
fn what_a_light_run_does_not_know_is_unknown_and_cannot_be_judged() {
    let light = Candidate { fallbacks: None, natives: None, closure_bytes: None, ..root("A") };
    let comparison = compare(&plan(vec![root("A"), root("B")]), &plan(vec![light, root("B")]));
    assert_eq!(total(&comparison, Measure::Fallbacks), (Some(16.0), None));
    for rule in ["fallbacks+1000%", "natives+9", "closure-bytes+1MB"] {
        let (kept, reason) = verdict(&comparison, rule);
        assert_eq!(kept, Verdict::Unknown, "{rule}");
        assert!(reason.contains("unknown of A#run"), "{reason}");
    }
    assert_eq!(verdict(&comparison, "roots-0").0, Verdict::Kept, "that one is known");
    let text = comparison.to_text("old");
    assert!(text.contains("fallbacks per execution: 4 -> ?"), "{text}");
    assert!(comparison.notes.iter().any(|n| n.contains("without a deep run")));
}

#[test]
fn processor_times_are_told_apart_from_noise() {
    let with =
        |cpu, samples| Candidate { cpu_us_mean: Some(cpu), cpu_samples: samples, ..root("A") };
    let says = |now| compare(&plan(vec![root("A")]), &plan(vec![now])).methods[0].cpu;
    assert_eq!(says(with(1500.0, 100)), CpuChange::WithinNoise, "± 53 % with 100 samples each");
    assert_eq!(says(with(1600.0, 100)), CpuChange::More);
    assert_eq!(says(with(400.0, 100)), CpuChange::Less);
    assert_eq!(says(with(1900.0, 10)), CpuChange::WithinNoise, "fewer samples, more noise");
    assert_eq!(says(with(5000.0, 3)), CpuChange::FewSamples);
    assert_eq!(says(Candidate { cpu_us_mean: None, ..root("A") }), CpuChange::Unknown);
}

#[test]
fn the_comparison_reads_back_from_its_json_form() {
    let comparison = compare(&plan(vec![root("A")]), &plan(vec![refused("A", "OFFLOAD_CHATTY")]));
    let text = serde_json::to_string(&comparison).unwrap();
    assert!(text.contains(r#""measure":"closure-bytes","before":10000.0"#), "{text}");
    assert_eq!(serde_json::from_str::<Comparison>(&text).unwrap(), comparison);
}
