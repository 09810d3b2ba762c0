//! The counts and edges of a program whose truth is known are exact: recursion, exceptions,
//! constructors, callbacks, 8 threads at full load, 5,000 virtual threads; also when an AOT cache has
//! loaded and linked all its classes before the agent sees the first.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use host::{Host, Jdk, Received, compile, edges, fixtures, jdks, run};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

#[derive(Deserialize)]
struct Expectation {
    checksum: String,
    method: Vec<Count>,
    edge: Vec<Call>,
}

#[derive(Deserialize)]
struct Count {
    name: String,
    count: u64,
}

#[derive(Deserialize)]
struct Call {
    caller: String,
    callee: String,
    count: u64,
}

#[test]
fn counts_and_edges_are_exact_on_every_jdk() {
    let classes = compile(&fixtures().join("programs/counts/src"));
    for jdk in jdks() {
        let (output, received) = run(&jdk, Host::new(), classes.path(), &["counts.Main"]);
        check(&jdk, &output, &received);
    }
}

#[test]
fn an_aot_cache_hides_nothing() {
    let classes = compile(&fixtures().join("programs/counts/src"));
    let jar = classes.path().join("counts.jar");
    let has_cache = |jdk: &Jdk| jdk.feature >= 24;
    assert!(jdks().iter().any(has_cache), "no JDK with AOT caches");
    for jdk in jdks().into_iter().filter(has_cache) {
        let mut pack = Command::new(jdk.home.join("bin/jar"));
        succeed(
            pack.arg("--create").arg("--file").arg(&jar).arg("-C").arg(classes.path()).arg("."),
        );
        let [settings, cache] =
            ["counts.aotconf", "counts.aot"].map(|name| classes.path().join(name));
        let java = |option: String, mode: &str| {
            let mut java = jdk.java();
            java.args([option, format!("-XX:AOTMode={mode}"), "-Xlog:disable".into()]);
            java.arg("-cp").arg(&jar);
            java
        };
        let recorded = format!("-XX:AOTConfiguration={}", settings.display());
        succeed(java(recorded.clone(), "record").arg("counts.Main"));
        let cached = format!("-XX:AOTCache={}", cache.display());
        succeed(java(recorded, "create").arg(&cached));
        let mut host = Host::new();
        host.config.run.split.app_sources = vec!["counts.jar".into()];
        let option = host.agent_option();
        let received = host.receive();
        // In this mode the JVM does not start without the cache.
        let output = succeed(java(cached, "on").arg(option).arg("counts.Main"));
        check(&jdk, &output, &received.join().unwrap());
    }
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let texts = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{command:?}: {texts:?}");
    output
}

fn check(jdk: &Jdk, output: &Output, received: &Received) {
    let expected = expectation(&fixtures().join("programs/counts"));
    let expected_edges: BTreeMap<(String, String), u64> =
        expected.edge.into_iter().map(|e| ((e.caller, e.callee), e.count)).collect();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(stdout.trim(), expected.checksum, "{jdk:?}: the program computes as without agent");
    let found = edges(&received.trace);
    for (edge, count) in &expected_edges {
        assert_eq!(found.get(edge), Some(count), "{jdk:?}: {edge:?}");
    }
    let unexpected: Vec<_> =
        found.keys().filter(|edge| !expected_edges.contains_key(*edge)).collect();
    assert!(unexpected.is_empty(), "{jdk:?}: {unexpected:#?}");
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for ((_, callee), count) in &found {
        *counts.entry(callee).or_default() += count;
    }
    for method in &expected.method {
        assert_eq!(counts.get(method.name.as_str()), Some(&method.count), "{}", method.name);
    }
    assert_eq!(received.trace.losses, BTreeMap::new(), "{jdk:?}");
}

fn expectation(folder: &Path) -> Expectation {
    let text = std::fs::read_to_string(folder.join("expect.toml")).unwrap();
    toml::from_str(&text).unwrap()
}
