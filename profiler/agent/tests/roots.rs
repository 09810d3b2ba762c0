//! Clocks: every invocation of an annotated or named method is timed, the outermost method of a thread
//! too, and nothing else; buckets are the trace's own; processor time is sampled.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use std::process::Command;

use beehive_trace::{RootKind, RootStats, Trace, bucket_index};
use host::{Host, compile, java_sources, jdks, run};

fn root<'t>(trace: &'t Trace, label: &str) -> &'t RootStats {
    let found = trace.roots.iter().find(|root| trace.method_label(root.method) == label);
    found.unwrap_or_else(|| panic!("{label} has no clock"))
}

#[test]
fn candidates_are_timed_and_others_are_not() {
    let classes = compile(&java_sources("roots"));
    for jdk in jdks() {
        let mut host = Host::new();
        host.config.named_roots = vec!["roots.J*#work".to_owned()];
        let (output, received) = run(&jdk, host, classes.path(), &["roots.Main"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "101");
        let trace = received.trace;
        let labels: Vec<String> =
            trace.roots.iter().map(|root| trace.method_label(root.method)).collect();
        let mut expected = [
            "roots.Job#work(I)I",
            "roots.Main#main([Ljava/lang/String;)V",
            "roots.Shop#burn()J",
            "roots.Shop#nap()V",
            "roots.Shop#order(I)I",
            "roots.Shop#pack(I)I",
        ];
        expected.sort_unstable();
        assert_eq!(labels, expected, "{jdk:?}");
        check_counts(&trace);
        check_times(&trace);
        assert!(trace.losses.is_empty(), "{:?}", trace.losses);
    }
}

/// Candidates by what is not on the class itself; the interfaces and the composed annotations come from
/// a library, the framework's part of the class path.
#[test]
fn composed_annotations_and_mappings_on_interfaces_make_candidates() {
    let classes = compile(&java_sources("mapped"));
    let library = classes.path().join("contract.jar");
    for jdk in jdks() {
        let pack = Command::new(jdk.home.join("bin/jar"))
            .args(["--create", "--file"])
            .arg(&library)
            .args(["-C".as_ref(), classes.path().as_os_str(), "contract".as_ref()])
            .status();
        assert!(pack.unwrap().success());
        let apart = classes.path().join("apart");
        std::fs::rename(classes.path().join("contract"), &apart).unwrap();
        let class_path = format!("{}:{}", classes.path().display(), library.display());
        let (_, received) = run(&jdk, Host::new(), class_path.as_ref(), &["mapped.Main"]);
        std::fs::rename(&apart, classes.path().join("contract")).unwrap();
        let trace = received.trace;
        let annotated = trace.roots.iter().filter(|root| root.kind == RootKind::Annotated);
        let labels: Vec<String> = annotated
            .map(|root| format!("{} {}", trace.method_label(root.method), root.latency.count()))
            .collect();
        let expected = [
            "mapped.Fetching#fetch(I)I 10",
            "mapped.Json#any(I)I 10",
            "mapped.Pets#pet(I)Ljava/lang/String; 10",
            "mapped.Pets#read(Ljava/lang/Integer;)Ljava/lang/Object; 10",
            "mapped.Shelf#size()I 10",
        ];
        assert_eq!(labels, expected, "{jdk:?}");
        let json = trace.classes.iter().find(|class| class.name == "mapped.Json").unwrap();
        let component = "org.springframework.stereotype.Component";
        assert_eq!(json.annotations, ["contract.JsonController", component]);
        assert!(trace.losses.is_empty(), "{:?}", trace.losses);
    }
}

fn check_counts(trace: &Trace) {
    for (label, kind, count, exceptions) in [
        ("roots.Shop#order(I)I", RootKind::Annotated, 1000, 100),
        ("roots.Shop#pack(I)I", RootKind::Annotated, 1000, 100),
        ("roots.Shop#nap()V", RootKind::Annotated, 40, 0),
        ("roots.Job#work(I)I", RootKind::Named, 70, 0),
        ("roots.Main#main([Ljava/lang/String;)V", RootKind::Entry, 1, 0),
    ] {
        let root = root(trace, label);
        assert_eq!((root.kind, root.latency.count()), (kind, count), "{label}");
        assert_eq!(root.exceptions, exceptions, "{label}");
    }
}

fn check_times(trace: &Trace) {
    for label in ["roots.Shop#nap()V", "roots.Shop#burn()J"] {
        let median = root(trace, label).latency.quantile_ns(0.5).unwrap();
        assert!((2_900_000..60_000_000).contains(&median), "{label}: {median} ns");
    }
    let (nap, burn) = (root(trace, "roots.Shop#nap()V"), root(trace, "roots.Shop#burn()J"));
    // Rare roots are sampled at every call, once the agent has started sampling within its first
    // interval.
    for root in [nap, burn] {
        assert!((10..=40).contains(&root.cpu_samples), "{root:?}");
    }
    for root in &trace.roots {
        assert!(root.cpu_ns <= root.cpu_wall_ns + 1_000_000, "{root:?}");
    }
    assert!(nap.cpu_ns < nap.cpu_wall_ns / 2, "asleep: {nap:?}");
    // Other processes may take most of the processor.
    assert!(burn.cpu_ns > burn.cpu_wall_ns / 40, "busy: {burn:?}");
}

#[test]
fn probe_and_trace_have_the_same_buckets() {
    let classes = compile(&java_sources("buckets"));
    let jdk = &jdks()[0];
    let arguments = ["--add-opens", "java.base/java.lang=ALL-UNNAMED", "Buckets"];
    let (output, _) = run(jdk, Host::new(), classes.path(), &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = 0;
    for line in text.lines() {
        let (value, bucket) = line.split_once(' ').unwrap();
        let value: u64 = value.parse().unwrap();
        assert_eq!(bucket_index(value).to_string(), bucket, "{value}");
        lines += 1;
    }
    assert!(lines > 10_000, "{lines}");
}
