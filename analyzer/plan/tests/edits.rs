//! What a person does to `plan.toml` survives the next plan: choices, notes, methods of their own,
//! comments, unknown keys, order. And a plan that was not touched is written anew byte for byte.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use beehive_plan::{
    Candidate, Decision, PLAN_VERSION, Plan, PlanError, Unknown, code, parse_plan, read_plan,
    render_plan, write_plan,
};
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

fn candidate(name: &str, is_chosen: bool) -> Candidate {
    Candidate {
        method: format!("app.Web#{name}()V"),
        offload: is_chosen,
        proposed: is_chosen,
        decision: Decision {
            code: if is_chosen { code::OFFLOAD_OK } else { code::OFFLOAD_TOO_SHORT }.to_owned(),
            reason: "because \"of\" 100 %".to_owned(),
            change: Some("a change".to_owned()),
            path: vec!["a#b()V".to_owned(), "c#d()V".to_owned()],
        },
        latency_us_mean: Some(12.5),
        found_by: "@GetMapping".to_owned(),
        unknown: vec![Unknown::Natives, Unknown::CallsHome],
        ..Candidate::default()
    }
}

fn plan(chosen: &[&str], refused: &[&str]) -> Plan {
    let mut plan = Plan { version: PLAN_VERSION, ..Plan::default() };
    plan.app.main = String::from("app.jar");
    plan.constants.source = String::from("assumed");
    plan.roots.chosen = chosen.iter().map(|name| candidate(name, true)).collect();
    plan.roots.refused = refused.iter().map(|name| candidate(name, false)).collect();
    plan
}

fn text(plan: &Plan) -> String {
    render_plan(plan, None).unwrap()
}

/// The plan made again over an edited text.
fn again(new: &Plan, edited: &str) -> (String, Plan) {
    let text = render_plan(new, Some(edited)).unwrap();
    let plan = parse_plan(&text).unwrap();
    (text, plan)
}

fn methods(list: &[Candidate]) -> Vec<&str> {
    list.iter().map(|c| c.method.split(['#', '(']).nth(1).unwrap()).collect()
}

#[test]
fn a_plan_reads_back() {
    let mut plan = plan(&["a"], &["b"]);
    plan.notes = vec!["note \"x\"".to_owned(), "n".repeat(90)];
    plan.roots.chosen[0].note = Some("mine".to_owned());
    assert_eq!(parse_plan(&text(&plan)).unwrap(), plan);
}

#[test]
fn an_untouched_plan_is_written_anew_byte_for_byte() {
    let plan = plan(&["a", "b"], &["c"]);
    let first = text(&plan);
    assert_eq!(again(&plan, &first).0, first);
}

#[test]
fn the_text_explains_how_to_edit_it() {
    let text = text(&plan(&["a"], &[]));
    assert!(text.starts_with('#'));
    for word in ["offload", "note", "[budget]", "by_hand", "docs/verdicts.md"] {
        assert!(text.split("\nversion").next().unwrap().contains(word), "{word}");
    }
}

#[test]
fn a_changed_choice_is_kept_and_marked() {
    let edited = text(&plan(&["a"], &["b"])).replacen("offload = true", "offload = false", 1);
    let (text, kept) = again(&plan(&["a"], &["b"]), &edited);
    let entry = &kept.roots.chosen[0];
    assert!(!entry.offload && entry.proposed && entry.by_hand);
    // Also when the planner comes to think the same, and when it changes its mind once more.
    let (text, kept) = again(&plan(&[], &["a", "b"]), &text);
    let entry = kept.roots.refused.iter().find(|c| c.method.contains("#a")).unwrap();
    assert!(!entry.offload && !entry.proposed && entry.by_hand);
    let (text, kept) = again(&plan(&["a"], &["b"]), &text);
    assert!(!kept.roots.chosen[0].offload);
    // Removing the mark and the difference gives the choice back.
    let freed =
        text.replace("by_hand = true\n", "").replacen("offload = false", "offload = true", 1);
    let (_, kept) = again(&plan(&[], &["a", "b"]), &freed);
    assert!(kept.roots.refused.iter().all(|c| !c.offload && !c.by_hand));
}

#[test]
fn a_switched_on_refusal_is_among_the_offloaded() {
    let edited = text(&plan(&["a"], &["b"]));
    let at = edited.find("[[refused]]").unwrap();
    let edited =
        edited[..at].to_owned() + &edited[at..].replacen("offload = false", "offload = true", 1);
    let (_, kept) = again(&plan(&["a"], &["b"]), &edited);
    assert_eq!(kept.offloaded().count(), 2);
}

#[test]
fn notes_comments_and_unknown_keys_stay() {
    let edited = text(&plan(&["a", "b"], &["c"]))
        .replace("method = \"app.Web#b()V\"", "# asked the team\nmethod = \"app.Web#b()V\" # slow one\nnote = \"see #12\"\nowner = \"ann\"")
        .replace("\n[budget]\n", "\n# agreed in May\n[budget]\nreviewed = true\n")
        + "# the end\n";
    let (text, kept) = again(&plan(&["b", "a"], &["c"]), &edited);
    for part in [
        "# asked the team\n",
        "# slow one\n",
        "owner = \"ann\"",
        "# agreed in May\n[budget]",
        "reviewed = true",
    ] {
        assert_eq!(text.matches(part).count(), 1, "{part} in\n{text}");
    }
    assert!(text.ends_with("# the end\n"));
    let b = kept.roots.chosen.iter().find(|c| c.method.contains("#b")).unwrap();
    assert_eq!(b.note.as_deref(), Some("see #12"));
    // The comments go with the method when it changes lists.
    let (text, _) = again(&plan(&["a"], &["b", "c"]), &text);
    let refused = &text[text.find("[[refused]]").unwrap()..];
    assert!(
        refused.contains("# asked the team\n") && refused.contains("owner = \"ann\""),
        "{text}"
    );
}

#[test]
fn figures_are_new_even_where_the_person_edited() {
    let edited = text(&plan(&["a"], &[])).replacen("offload = true", "offload = false", 1);
    let mut newer = plan(&["a"], &[]);
    newer.roots.chosen[0].latency_us_mean = Some(99.0);
    newer.roots.chosen[0].decision.change = None;
    let (text, kept) = again(&newer, &edited);
    assert_eq!(kept.roots.chosen[0].latency_us_mean, Some(99.0));
    assert!(!text.contains("a change"), "what is gone stays gone: {text}");
}

#[test]
fn a_root_with_only_a_method_is_to_be_offloaded() {
    let edited = text(&plan(&["a"], &[])) + "\n[[root]]\nmethod = \"own.Class#method()V\"\n";
    let own = &parse_plan(&edited).unwrap().roots.chosen[1];
    assert!(own.offload);
    // The trace does not know it: kept, with a note.
    let (text, kept) = again(&plan(&["a"], &[]), &edited);
    let own = kept.roots.chosen.iter().find(|c| c.method.starts_with("own.")).unwrap();
    assert!(own.offload && own.by_hand);
    assert_eq!(own.decision.code, code::OFFLOAD_NOT_IN_TRACE);
    assert_eq!(kept.notes.iter().filter(|n| n.contains("own.Class#method()V")).count(), 1);
    // And again, without piling up.
    let (_, kept) = again(&plan(&["a"], &[]), &text);
    assert_eq!(kept.roots.chosen.len(), 2);
    assert_eq!(kept.notes.len(), 1);
}

#[test]
fn untouched_entries_of_methods_that_are_gone_go_too() {
    let first = text(&plan(&["a", "gone"], &["c"]));
    let (_, kept) = again(&plan(&["a"], &["c"]), &first);
    assert_eq!(methods(&kept.roots.chosen), ["a"]);
    // A comment makes them the person's.
    let commented =
        first.replace("method = \"app.Web#gone()V\"", "# mine\nmethod = \"app.Web#gone()V\"");
    let (text, kept) = again(&plan(&["a"], &["c"]), &commented);
    assert_eq!(methods(&kept.roots.chosen), ["a", "gone"]);
    assert!(text.contains("# mine\n"));
}

#[test]
fn known_entries_keep_their_order_and_new_ones_their_rank() {
    let first = text(&plan(&["a", "b", "c"], &[]));
    let (_, kept) = again(&plan(&["c", "new", "a", "b"], &[]), &first);
    assert_eq!(methods(&kept.roots.chosen), ["a", "new", "b", "c"]);
}

#[test]
fn bad_plans_are_told_apart() {
    let parse = |text: &str| parse_plan(text).unwrap_err();
    assert!(matches!(parse("version = 99"), PlanError::NewerVersion { found: 99, .. }));
    assert!(matches!(parse("[budget]\nadded_latency_ms = 1.0"), PlanError::NoVersion));
    for figure in ["-1.0", "nan", "inf"] {
        let text = format!("version = 1\n[constants]\noffload_cpu_us = {figure}\n");
        let error = parse(&text);
        assert!(error.to_string().contains("constants.offload_cpu_us"), "{error}");
    }
    assert!(matches!(
        parse("version = 1\n[budget]\nload_moved_min = 2.0"),
        PlanError::BadFigure { .. }
    ));
    match parse("version = 1\n[[root]]\noffload = \"yes\"\n") {
        PlanError::Syntax { span: Some(span), .. } => assert!(span.start >= 21, "{span:?}"),
        other => unreachable!("{other:?}"),
    }
    assert!(matches!(
        render_plan(&plan(&[], &[]), Some("not toml [")),
        Err(PlanError::Syntax { .. })
    ));
}

#[test]
fn a_plan_that_cannot_be_written_leaves_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.toml");
    write_plan(&path, &text(&plan(&["a"], &[]))).unwrap();
    assert_eq!(read_plan(&path).unwrap(), plan(&["a"], &[]));
    std::fs::create_dir(folder.path().join("plan.toml.part")).unwrap();
    assert!(matches!(write_plan(&path, "new"), Err(PlanError::Io { action: "write", .. })));
    assert_eq!(read_plan(&path).unwrap(), plan(&["a"], &[]));
}

/// A person at work: for each method of the old plan what they do.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Nothing,
    Flip,
    Note,
    Comment,
}

fn edit(text: &str, method: &str, edit: Edit) -> String {
    let line = format!("method = \"app.Web#{method}()V\"\n");
    let at = text.find(&line).unwrap();
    let (before, after) = text.split_at(at);
    match edit {
        Edit::Nothing => text.to_owned(),
        Edit::Note => format!(
            "{before}{}",
            after.replacen(&line, &format!("{line}note = \"n-{method}\"\n"), 1)
        ),
        Edit::Comment => format!("{before}# c-{method}\n{after}"),
        Edit::Flip => {
            let is_on = after[line.len()..].starts_with("offload = true");
            let (old, new) = (format!("offload = {is_on}"), format!("offload = {}", !is_on));
            format!("{before}{}", after.replacen(&old, &new, 1))
        }
    }
}

fn edits() -> impl Strategy<Value = Vec<(u8, Edit)>> {
    let edit =
        prop_oneof![Just(Edit::Nothing), Just(Edit::Flip), Just(Edit::Note), Just(Edit::Comment)];
    vec((0u8..8, edit), 0..6)
}

fn named(ids: &std::collections::BTreeSet<u8>) -> Vec<String> {
    ids.iter().map(|id| format!("m{id}")).collect()
}

fn split(ids: &std::collections::BTreeSet<u8>, chosen: u8) -> Plan {
    let names = named(ids);
    let (on, off): (Vec<&str>, Vec<&str>) = names
        .iter()
        .map(String::as_str)
        .partition(|name| chosen >> name[1..].parse::<u8>().unwrap() & 1 == 1);
    plan(&on, &off)
}

proptest! {
    #[test]
    fn edits_survive_any_next_plan(
        old in btree_set(0u8..8, 1..8),
        new in btree_set(0u8..8, 0..8),
        chosen in any::<(u8, u8)>(),
        edits in edits(),
    ) {
        let mut edited = text(&split(&old, chosen.0));
        let edits: Vec<(String, Edit)> = edits.into_iter()
            .filter(|(id, _)| old.contains(id))
            .map(|(id, edit)| (format!("m{id}"), edit))
            .collect::<std::collections::BTreeMap<_, _>>().into_iter().collect();
        for (method, what) in &edits {
            edited = edit(&edited, method, *what);
        }
        let wanted = parse_plan(&edited).unwrap();
        let (text, kept) = again(&split(&new, chosen.1), &edited);
        let find = |plan: &Plan, method: &str| {
            let label = format!("app.Web#{method}()V");
            let all = plan.roots.chosen.iter().chain(&plan.roots.refused);
            all.filter(|c| c.method == label).cloned().collect::<Vec<_>>()
        };
        for (method, what) in &edits {
            let before = find(&wanted, method).remove(0);
            let found = find(&kept, method);
            match what {
                Edit::Nothing => {}
                Edit::Flip => prop_assert_eq!(found[0].offload, before.offload),
                Edit::Note => prop_assert_eq!(found[0].note.clone(), Some(format!("n-{method}"))),
                Edit::Comment => {
                    let comment = format!("# c-{method}\n");
                    prop_assert_eq!(text.matches(&comment).count(), 1, "{}", text);
                }
            }
            prop_assert!(found.len() <= 1);
        }
        for id in &new {
            prop_assert_eq!(find(&kept, &format!("m{id}")).len(), 1);
        }
        // Once more over its own text: nothing moves.
        prop_assert_eq!(again(&split(&new, chosen.1), &text).0, text);
    }
}
