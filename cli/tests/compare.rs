//! `plan --compare` and `--fail-on` as a CI job runs them: what an earlier build may be given as, what
//! is printed, the exit code of a broken rule, and that the plan is written all the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails loudly"
)]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use support::{Folder, Run, beehive, fixture, json_of};

/// A folder with an earlier build's trace and a later one's, in which the topic page takes a session.
fn builds() -> Folder {
    let folder = Folder::new("compare");
    let text = std::fs::read_to_string(fixture("traces/spring.txt")).unwrap();
    let new = text.replace("m0 c0 show (J)L", "m0 c0 show (JLjakarta/servlet/http/HttpSession;)L");
    assert_ne!(text, new);
    for (name, text) in [("old", text), ("new", new)] {
        std::fs::write(folder.path(&format!("{name}.txt")), text).unwrap();
        let run = beehive(&[
            "trace",
            "pack",
            &folder.path(&format!("{name}.txt")),
            "-o",
            &folder.path(&format!("{name}.beetrace")),
        ]);
        assert!(run.status.success(), "{}", run.stderr);
    }
    folder
}

/// Plans the later build beside `old`.
fn plan(folder: &Folder, old: &str, more: &[&str]) -> Run {
    let (new, old, out) = (folder.path("new.beetrace"), folder.path(old), folder.path("plan.toml"));
    beehive(&[&["plan", &new, "-o", &out, "--compare", &old], more].concat())
}

#[test]
fn a_trace_a_plan_and_its_json_give_the_same_comparison() {
    let folder = builds();
    let earlier = ["plan", &folder.path("old.beetrace"), "-o", &folder.path("old.toml")];
    let printed = beehive(&[&earlier[..], &["--format", "json"]].concat());
    std::fs::write(folder.path("old.json"), printed.stdout).unwrap();
    let compared = ["old.beetrace", "old.toml", "old.json"].map(|old| {
        let run = plan(&folder, old, &["--format", "json"]);
        assert!(run.status.success(), "{}", run.stderr);
        json_of(&run)["comparison"].clone()
    });
    assert_eq!(compared[0]["totals"], compared[1]["totals"]);
    assert_eq!(compared[1], compared[2]);
    let lost = &compared[0]["roots_lost"][0];
    assert_eq!(lost["method"], "forum.TopicController#show(J)Lforum/TopicView;");
}

#[test]
fn the_table_is_followed_by_what_changed() {
    let folder = builds();
    let run = plan(&folder, "old.beetrace", &[]);
    assert!(run.status.success(), "{}", run.stderr);
    for part in
        ["before", "root lost: TopicController#show", "newly refused: TopicController#show", "?"]
    {
        assert!(run.stdout.contains(part), "{part} in {}", run.stdout);
    }
    assert!(run.stdout.contains("within the noise"), "{}", run.stdout);
}

#[test]
fn a_broken_rule_has_its_own_exit_code_and_the_plan_is_written() {
    let folder = builds();
    let run = plan(&folder, "old.beetrace", &["--fail-on", "roots-1", "--fail-on", "refusals+0"]);
    assert_eq!(run.status.code(), Some(10), "{}", run.stderr);
    assert!(run.stderr.contains("bee::gate::broken"), "{}", run.stderr);
    assert!(run.stdout.contains("roots-1 kept: 1 lost of 2"), "{}", run.stdout);
    assert!(run.stdout.contains("refusals+0 BROKEN: 1 newly refused"), "{}", run.stdout);
    assert!(folder.exists("plan.toml"));
    let kept = plan(&folder, "old.beetrace", &["--fail-on", "roots-1", "--fail-on", "refusals+1"]);
    assert_eq!(kept.status.code(), Some(0), "{}", kept.stderr);
}

#[test]
fn what_light_runs_do_not_know_cannot_be_judged() {
    let folder = builds();
    let run = plan(&folder, "old.beetrace", &["--fail-on", "fallbacks+10%"]);
    assert_eq!(run.status.code(), Some(3), "{}", run.stderr);
    assert!(run.stderr.contains("bee::gate::unknown"), "{}", run.stderr);
}

#[test]
fn comparing_with_the_plan_about_to_be_replaced_compares_with_what_stood_there() {
    let folder = builds();
    let (old, out) = (folder.path("old.beetrace"), folder.path("plan.toml"));
    assert!(beehive(&["plan", &old, "-o", &out]).status.success());
    let run = plan(&folder, "plan.toml", &["--fail-on", "roots-0"]);
    assert_eq!(run.status.code(), Some(10), "{}", run.stderr);
}

#[test]
fn rules_and_files_that_make_no_sense_are_told() {
    let folder = builds();
    for (rule, words) in [
        ("fallbacks", "says no amount"),
        ("cpu+10%", "noise"),
        ("roots+1", "write roots-1"),
        ("closure-bytes+1parsec", "no amount"),
    ] {
        let run = plan(&folder, "old.beetrace", &["--fail-on", rule]);
        assert_eq!(run.status.code(), Some(2), "{rule}: {}", run.stderr);
        assert!(run.stderr.contains(words), "{rule}: {}", run.stderr);
    }
    let alone = beehive(&["plan", &folder.path("new.beetrace"), "--fail-on", "roots-0"]);
    assert_eq!(alone.status.code(), Some(2), "--fail-on without --compare: {}", alone.stderr);
    std::fs::write(folder.path("old.json"), "{\"version\": 1, \"root\": 5}").unwrap();
    std::fs::write(folder.path("other.toml"), "name = \"something else\"\n").unwrap();
    for (old, code) in [
        ("missing", "bee::trace::io"),
        ("old.json", "bee::plan::syntax"),
        ("other.toml", "bee::plan::contents"),
    ] {
        let run = plan(&folder, old, &[]);
        assert_eq!(run.status.code(), Some(3), "{old}: {}", run.stderr);
        assert!(run.stderr.contains(code), "{old}: {}", run.stderr);
    }
    let plan_file = folder.path("old.toml");
    assert!(beehive(&["plan", &folder.path("old.beetrace"), "-o", &plan_file]).status.success());
    let run = plan(&folder, "old.beetrace", &["--compare", &plan_file]);
    assert_eq!(run.status.code(), Some(2), "{}", run.stderr);
    assert!(run.stderr.contains("bee::compare::mixed"), "{}", run.stderr);
}

#[test]
fn a_page_that_cannot_be_written_is_told_and_no_plan_stands_there() {
    let folder = builds();
    let (new, out) = (folder.path("new.beetrace"), folder.path("plan.toml"));
    let run = beehive(&["plan", &new, "-o", &out, "--html", &folder.path("missing/plan.html")]);
    assert_eq!(run.status.code(), Some(9), "{}", run.stderr);
    assert!(!folder.exists("plan.toml"));
    let twice = ["a.html", "b.html"].map(|page| {
        assert!(
            beehive(&["plan", &new, "-o", &out, "--html", &folder.path(page)]).status.success()
        );
        folder.read(page)
    });
    assert_eq!(twice[0], twice[1], "the same trace gives the same bytes");
}
