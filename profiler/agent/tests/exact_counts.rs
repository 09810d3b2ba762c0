//! The counts and edges of a program whose truth is known are exact: recursion, exceptions,
//! constructors, callbacks, 8 threads at full load, 5,000 virtual threads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use host::{Host, compile, edges, fixtures, jdks, run};
use serde::Deserialize;
use std::collections::BTreeMap;

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
    let folder = fixtures().join("programs/counts");
    let text = std::fs::read_to_string(folder.join("expect.toml")).unwrap();
    let expected: Expectation = toml::from_str(&text).unwrap();
    let expected_edges: BTreeMap<(String, String), u64> =
        expected.edge.into_iter().map(|e| ((e.caller, e.callee), e.count)).collect();
    let classes = compile(&folder.join("src"));
    for jdk in jdks() {
        let (output, received) = run(&jdk, Host::new(), classes.path(), &["counts.Main"]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert_eq!(
            stdout.trim(),
            expected.checksum,
            "{jdk:?}: the program computes as without agent"
        );
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
}
