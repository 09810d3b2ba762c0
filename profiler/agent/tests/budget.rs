//! Counting keeps within its budget: tiny methods called all the time lose their probes, their calls are
//! estimated and told as losses; with `exact` every call is counted. Coarse methods get a clock.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use std::collections::BTreeMap;

use beehive_trace::{RootKind, RootStats, Trace};
use host::{Host, compile, edges, java_sources, jdks, label, run};

fn roots(trace: &Trace) -> BTreeMap<String, &RootStats> {
    trace.roots.iter().map(|root| (label(trace, root.method), root)).collect()
}

#[test]
fn hot_calls_are_estimated_unless_exactness_is_asked_for() {
    let classes = compile(&java_sources("hot"));
    for jdk in jdks() {
        for exact in [false, true] {
            let mut host = Host::new();
            host.config.exact = exact;
            host.config.interval_ms = 100;
            let (output, received) = run(&jdk, host, classes.path(), &["hot.Main", "3000"]);
            let stdout = String::from_utf8(output.stdout).unwrap();
            eprintln!("{stdout}");
            let rounds: u64 = stdout.split(' ').next().unwrap().parse().unwrap();
            let edges = edges(&received.trace);
            let calls = |caller: &str, callee: &str| {
                edges[&(format!("hot/Main.{caller}"), format!("hot/Main.{callee}"))]
            };
            let steps = calls("round()I", "step(I)I");
            let odds = calls("step(I)I", "odd(I)I");
            assert_eq!(calls("main([Ljava/lang/String;)V", "round()I"), rounds);
            let coarse = roots(&received.trace);
            let round = &coarse["hot/Main.round()I"];
            assert_eq!(round.kind, RootKind::Coarse, "{jdk:?}");
            assert!(round.latency.count() > 0 && round.cpu_samples > 0, "{round:?}");
            assert!(!coarse.contains_key("hot/Main.step(I)I"), "{jdk:?}: too often for a clock");
            let truth = rounds * 100_000;
            let losses = &received.trace.losses;
            if exact {
                assert_eq!((steps, odds), (truth, truth), "{jdk:?}");
                assert!(losses.is_empty(), "{losses:?}");
                continue;
            }
            for found in [steps, odds] {
                let error = found as f64 / truth as f64 - 1.0;
                assert!(error.abs() < 0.1, "{jdk:?}: {found} against {truth}");
            }
            let counted = received.trace.runs[0].overhead.probe_pairs;
            assert!(counted < steps, "{jdk:?}: {counted} of {steps}, {losses:?}");
            assert!(losses["probe.estimated hot.Main#step(I)I"] > truth / 4, "{losses:?}");
            assert!(losses["probe.estimated hot.Main#odd(I)I"] > truth / 4, "{losses:?}");
        }
    }
}
