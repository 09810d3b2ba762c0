//! Plans the hand-written traces of `fixtures/traces` and holds the plans against the expectations
//! written in the traces' own comments:
//!
//! ```text
//! ; expect CODE class#name(descriptor) "part of the reason"
//! ; absent class#name           no candidate matches the pattern
//! ; evidence class#name(descriptor) "part of it"
//! ; note "part of a note"       ; no notes       ; option root|app-package VALUE       ; option budget-ms NUMBER
//! ```
//! Every candidate must be expected, so that a new one cannot slip in unseen.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly, helpers included")]

use beehive_analyzer::{MethodPattern, Options, Planned, make_plan};
use beehive_plan::{Candidate, Constants};
use beehive_trace::parse_text;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/traces");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|p| p.extension().is_some_and(|e| e == "txt")).collect();
    files.sort();
    assert!(!files.is_empty(), "no traces in {}", folder.display());
    files
}

fn options(text: &str) -> Options<'static> {
    let mut options = Options { constants: Some(costs()), ..Options::default() };
    for line in text.lines().filter_map(|l| l.strip_prefix("; option ")) {
        let (name, value) = line.split_once(' ').unwrap();
        match name {
            "root" => options.named_roots.push(value.to_owned()),
            "app-package" => options.app_packages.push(value.to_owned()),
            "budget-ms" => options.added_latency_ms = Some(value.parse().unwrap()),
            other => panic!("unknown option {other}"),
        }
    }
    options
}

/// The traces' figures lie on both sides of these, whatever is assumed by default.
fn costs() -> Constants {
    Constants {
        offload_cpu_us: 130.0,
        call_home_cpu_us: 17.0,
        offload_latency_us: 200.0,
        call_home_latency_us: 38.0,
        source: "given by the test".to_owned(),
    }
}

fn candidates(planned: &Planned) -> impl Iterator<Item = &Candidate> {
    planned.plan.roots.chosen.iter().chain(&planned.plan.roots.refused)
}

/// The quoted part at the end of a line, and what stands before it.
fn quoted(line: &str) -> (&str, Option<&str>) {
    match line.strip_suffix('"').and_then(|l| l.rsplit_once('"')) {
        Some((head, quoted)) => (head.trim(), Some(quoted)),
        None => (line.trim(), None),
    }
}

fn check(text: &str) -> Vec<String> {
    let trace = parse_text(text).unwrap();
    let planned = make_plan(&trace, &options(text));
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();
    for line in text.lines().filter_map(|l| l.strip_prefix("; expect ")) {
        let (head, reason) = quoted(line);
        let (code, method) = head.split_once(' ').unwrap();
        expected.insert(method);
        match candidates(&planned).find(|c| c.method == method) {
            None => wrong.push(format!("{method}: no candidate")),
            Some(c) if c.decision.code != code => wrong.push(format!("{method}: {:?}", c.decision)),
            Some(c) if !c.decision.reason.contains(reason.unwrap_or("")) => {
                wrong.push(format!("{method}: {}", c.decision.reason));
            }
            Some(c) if (code == "OFFLOAD_OK") != c.offload => wrong.push(format!("{c:?}")),
            Some(_) => {}
        }
    }
    for line in text.lines().filter_map(|l| l.strip_prefix("; evidence ")) {
        let (method, part) = quoted(line);
        let has = |c: &Candidate| c.evidence.iter().any(|e| e.contains(part.unwrap()));
        if !candidates(&planned).any(|c| c.method == method && has(c)) {
            wrong.push(format!("no evidence {line}"));
        }
    }
    for pattern in text.lines().filter_map(|l| l.strip_prefix("; absent ")) {
        let (class, member) = pattern.split_once('#').unwrap();
        let pattern = MethodPattern::new(&format!("{class}#{member}"));
        let is_match = |c: &&Candidate| {
            let (class, member) = c.method.split_once('#').unwrap();
            let (name, descriptor) = member.split_at(member.find('(').unwrap());
            pattern.matches(class, name, descriptor)
        };
        wrong.extend(candidates(&planned).find(is_match).map(|c| format!("present: {}", c.method)));
    }
    for line in text.lines().filter_map(|l| l.strip_prefix("; note ")) {
        let part = quoted(line).1.unwrap();
        if !planned.plan.notes.iter().any(|n| n.contains(part)) {
            wrong.push(format!("no note {part:?} in {:#?}", planned.plan.notes));
        }
    }
    if text.contains("; no notes\n") && !planned.plan.notes.is_empty() {
        wrong.push(format!("notes: {:#?}", planned.plan.notes));
    }
    let unexpected = candidates(&planned).filter(|c| !expected.contains(c.method.as_str()));
    wrong.extend(unexpected.map(|c| format!("not expected: {} {:?}", c.method, c.decision)));
    wrong
}

#[test]
fn the_plans_are_those_expected() {
    let mut report = String::new();
    for path in fixtures() {
        let wrong = check(&std::fs::read_to_string(&path).unwrap());
        for line in wrong {
            writeln!(report, "{}: {line}", path.file_name().unwrap().display()).unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn plans_are_deterministic_and_survive_the_file() {
    for path in fixtures() {
        let text = std::fs::read_to_string(&path).unwrap();
        let trace = parse_text(&text).unwrap();
        let plan = make_plan(&trace, &options(&text)).plan;
        let rendered = beehive_plan::render_plan(&plan, None).unwrap();
        assert_eq!(beehive_plan::parse_plan(&rendered).unwrap(), plan, "{}", path.display());
        let again = make_plan(&trace, &options(&text)).plan;
        assert_eq!(beehive_plan::render_plan(&again, None).unwrap(), rendered);
    }
}
