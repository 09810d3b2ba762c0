//! A light and a deep run of forum, planned together as a user does: each method that was written for
//! one verdict gets that verdict (fixtures/apps/forum/VERDICTS.md), on every JDK found.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails loudly"
)]

mod support;

use std::fmt::Write;

use serde_json::Value;
use support::{Folder, Jdk, beehive, fixture, free_port, jdks, json_of};

/// Methods and the code each was written for.
const REFUSED: [(&str, &str); 8] = [
    ("topic.TopicReader#read", "OFFLOAD_CHATTY"),
    ("verdict.ReadingHistory#visit", "OFFLOAD_CHATTY"),
    ("verdict.ViewCounter#recordAll", "OFFLOAD_CHATTY"),
    ("verdict.TopicImport#read", "OFFLOAD_CHATTY"),
    ("verdict.RelatedTopics#closest", "OFFLOAD_CLOSURE_TOO_LARGE"),
    ("verdict.ObjectAudit#describe", "OFFLOAD_REFLECTION"),
    ("verdict.AttachmentStore#packed", "OFFLOAD_HOST_RESOURCE"),
    ("verdict.ParallelSearch#count", "OFFLOAD_THREADS"),
];
/// Methods under a transaction that another one begins.
const INSIDE_TRANSACTION: [&str; 2] = ["topic.TopicStore#comments", "topic.TopicStore#topic"];
/// Methods that nothing stops.
const PURE: [&str; 3] =
    ["topic.TopicPage#render", "captcha.PngEncoder#encode", "account.PasswordCheck#matches"];

#[test]
fn forum_gets_the_verdicts_it_was_written_for() {
    let runs: Vec<(Jdk, Folder)> = std::thread::scope(|scope| {
        // Side by side: most of a light run waits for its load.
        let start = |jdk: Jdk| scope.spawn(move || with_light_run(jdk));
        let started: Vec<_> = jdks().into_iter().map(start).collect();
        started.into_iter().map(|run| run.join().unwrap()).collect()
    });
    // One after the other: two deep runs on one machine sample too little of each.
    for (jdk, out) in &runs {
        judge(jdk, out);
    }
}

fn with_light_run(jdk: Jdk) -> (Jdk, Folder) {
    let out = Folder::new(&format!("verdicts-{}", jdk.feature));
    record(&jdk, &out, "light", &["--rate", "40/s", "--duration", "14s"]);
    (jdk, out)
}

fn judge(jdk: &Jdk, out: &Folder) {
    // Every invocation is sampled until a root has three; then the ones inside it get their turn.
    let from = out.path("light");
    let sampling = ["--deep", "--from", &from, "--every", "1", "--samples", "3"];
    record(jdk, out, "deep", &[&sampling[..], &["--rate", "20/s", "--duration", "40s"]].concat());
    let (light, deep) = (out.path("light"), out.path("deep"));
    let plan = beehive(&["plan", &light, &deep, "-o", &out.path("plan.toml"), "--format", "json"]);
    assert!(plan.status.success(), "{}", plan.stderr);
    let plan = json_of(&plan);
    let wrong = wrong_verdicts(&plan);
    assert!(wrong.is_empty(), "JDK {}:\n{wrong}", jdk.feature);
    assert!(out.exists("plan.predicted.json"));
    assert!(out.read("plan.toml").contains("fallbacks.tenth = {"));
    let whole = plan["whole_request"]["decision"]["code"].as_str().unwrap();
    assert!(whole.starts_with("OFFLOAD_"), "{whole}");

    let why = beehive(&["plan", &light, &deep, "--why", "ViewCounter#recordAll"]);
    let told = ["(lock", "dev.beehive.forum.verdict.ViewCounter", "10th", "Initial closure"];
    assert!(told.iter().all(|part| why.stdout.contains(part)), "{}", why.stdout);

    let alone = beehive(&["plan", &deep, "-o", &out.path("deep.toml")]);
    assert_eq!(alone.status.code(), Some(4), "{}", alone.stderr);
    assert!(alone.stderr.contains("deep runs only"), "{}", alone.stderr);
}

/// Forum's requests, each kind as often as the others: the rare ones are what is to be judged.
fn even_load(out: &Folder) -> String {
    let text = std::fs::read_to_string(fixture("apps/forum/requests.http")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("# weight")).collect();
    let path = out.path("even.http");
    std::fs::write(&path, lines.join("\n")).unwrap();
    path
}

fn record(jdk: &Jdk, out: &Folder, name: &str, options: &[&str]) {
    let port = free_port();
    let (load, jar) = (even_load(out), fixture("apps/forum/target/forum.jar"));
    let (target, output) = (format!("http://127.0.0.1:{port}"), out.path(name));
    let (java, at) = (jdk.java(), format!("--server.port={port}"));
    let head = ["profile", "--load", &load, "--target", &target, "-o", &output];
    let command = ["--", &java, "-jar", &jar, &at];
    let run = beehive(&[&head[..], options, &command[..]].concat());
    assert!(run.status.success(), "JDK {} {name}: {}\n{}", jdk.feature, run.stderr, run.stdout);
}

fn find<'p>(list: &'p Value, method: &str) -> Option<&'p Value> {
    let name = format!("dev.beehive.forum.{method}(");
    list.as_array()?.iter().find(|row| row["method"].as_str().is_some_and(|m| m.starts_with(&name)))
}

fn wrong_verdicts(plan: &Value) -> String {
    let mut wrong = String::new();
    let entry = |method: &str| {
        let found = find(&plan["root"], method).or_else(|| find(&plan["refused"], method));
        found.unwrap_or_else(|| panic!("{method} is no candidate")).clone()
    };
    let inside = INSIDE_TRANSACTION.map(|method| (method, "OFFLOAD_TX_OUTSIDE_ROOT"));
    for (method, code) in REFUSED.into_iter().chain(inside) {
        let decision = &entry(method)["decision"];
        let is_told = ["reason", "change"].iter().all(|part| decision[part].as_str().is_some());
        if decision["code"] != code || !is_told {
            writeln!(wrong, "{method}: {code} was expected, not {decision}").unwrap();
        }
    }
    for method in PURE {
        let root = find(&plan["predicted"]["roots"], method);
        let root = root.unwrap_or_else(|| panic!("{method} was not sampled"));
        let refusals = root["refusals"].as_array().unwrap();
        let warm = &root["executions"][1]["fallbacks"];
        let calls: f64 = warm.as_object().unwrap().values().map(|n| n.as_f64().unwrap()).sum();
        if !refusals.is_empty() || calls >= 1.0 {
            writeln!(wrong, "{method} should have nothing against it: {refusals:?}, {warm}")
                .unwrap();
        }
    }
    for method in ["topic.TopicPage#render", "account.PasswordCheck#matches"] {
        let code = &entry(method)["decision"]["code"];
        if code != "OFFLOAD_OK" && code != "OFFLOAD_COVERED" {
            writeln!(wrong, "{method} should be worth it: {}", entry(method)["decision"]).unwrap();
        }
    }
    wrong
}
