//! The limits of a deep run: a sample that runs or sleeps too long is given up and counted, the next one
//! goes on; five thousand virtual threads that all enter a root, and park in it, run to their end.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use beehive_trace::{DeepConfig, DeepRoot, Trace};
use host::{Host, compile, java_sources, jdks, run};

fn config(roots: &[&str]) -> DeepConfig {
    DeepConfig {
        every_nth: 1,
        sample_ms_max: 200,
        sample_events_max: 2_000_000,
        roots: roots.iter().map(|root| (*root).to_owned()).collect(),
        ..DeepConfig::default()
    }
}

fn root(trace: &Trace, label: &str) -> DeepRoot {
    let roots = &trace.deep.roots;
    let found = roots.iter().find(|row| trace.method_label(row.root) == label);
    found.unwrap_or_else(|| panic!("no row of {label}: {roots:?}")).clone()
}

#[test]
fn samples_that_do_not_end_are_given_up() {
    let classes = compile(&java_sources("limits"));
    for jdk in jdks() {
        let mut host = Host::new();
        host.config.deep =
            Some(config(&["limits.Main#busy", "limits.Main#asleep", "limits.Main#quick"]));
        let (output, received) = run(&jdk, host, classes.path(), &["limits.Main"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done 3");
        let trace = received.trace;
        let busy = root(&trace, "limits.Main#busy([J)J");
        assert_eq!((busy.sampled, busy.aborted), (0, 1), "{jdk:?}: by events");
        let asleep = root(&trace, "limits.Main#asleep()V");
        assert_eq!((asleep.sampled, asleep.aborted), (0, 1), "{jdk:?}: by time, no probe ran");
        // Begun on another thread while the other was asleep, and after it.
        let quick = root(&trace, "limits.Main#quick([J)J");
        assert!(quick.sampled > 0 && quick.aborted == 0, "{jdk:?}: {quick:?}");
        assert!(trace.deep.fields.iter().all(|row| row.root == quick.root), "rows of lost samples");
    }
}

#[test]
fn a_sample_that_meets_too_many_objects_lets_go_of_them() {
    let classes = compile(&java_sources("limits"));
    for jdk in jdks() {
        let mut host = Host::new();
        let roots = config(&["limits.Crowd#meet"]);
        let limits = DeepConfig { sample_ms_max: 60_000, sample_events_max: 100_000_000, ..roots };
        host.config.deep = Some(limits);
        let (output, received) = run(&jdk, host, classes.path(), &["-Xmx256m", "limits.Crowd"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done 1200010");
        let meet = root(&received.trace, "limits.Crowd#meet(I)I");
        assert_eq!((meet.sampled, meet.aborted), (1, 1), "{jdk:?}: {meet:?}");
    }
}

#[test]
fn five_thousand_virtual_threads_enter_a_root_and_park() {
    let newest = jdks().pop().unwrap();
    let classes = compile(&java_sources("limits"));
    let mut host = Host::new();
    host.config.deep = Some(config(&["limits.Many#visit"]));
    let (output, received) = run(&newest, host, classes.path(), &["limits.Many", "5000"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done 5000 threads, sum 12502500");
    let visit = root(&received.trace, "limits.Many#visit(I)V");
    assert!(visit.sampled > 0, "{visit:?}");
    assert!(visit.sampled + visit.aborted + visit.skipped <= 5000, "{visit:?}");
    let visits: u64 = {
        let counts = received.trace.invocation_counts();
        counts[visit.root as usize]
    };
    assert_eq!(visits, 5000, "the light run's counts are exact in a deep run, too");
}
