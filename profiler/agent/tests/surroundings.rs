//! What happens around user code: contended monitors, threads and who started them, connections and who
//! opened them, first uses of classes, virtual threads.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use beehive_trace::Trace;
use host::{Host, compile, fixtures, java_sources, jdks, label, run};

#[test]
fn monitors_threads_and_connections_of_a_known_program() {
    let classes = compile(&fixtures().join("programs/spin/src"));
    for jdk in jdks() {
        let (output, received) = run(&jdk, Host::new(), classes.path(), &["spin.Main"]);
        let stdout = String::from_utf8_lossy(&output.stdout);
        let port = stdout.lines().find_map(|line| line.strip_prefix("port ")).unwrap();
        check_monitor(&received.trace);
        check_threads(&received.trace);
        check_connections(&received.trace, port);
        assert!(received.trace.losses.is_empty(), "{jdk:?}: {:?}", received.trace.losses);
    }
}

/// 6 threads pass 20 times by each of two ways, each time seen blocked.
fn check_monitor(trace: &Trace) {
    for way in ["spin/Turnstile.enter()V", "spin/Turnstile.enterByBlock()V"] {
        let mut waits = trace.monitors.iter().filter(|m| label(trace, m.method) == way);
        let monitor = waits.next().unwrap_or_else(|| panic!("{way} never waited"));
        assert_eq!(monitor.class_name, "spin.Turnstile");
        assert!(monitor.contended >= 60, "{monitor:?}");
        assert!(monitor.blocked_ns > monitor.contended * 1000, "{monitor:?}");
    }
}

fn check_threads(trace: &Trace) {
    let started = |name: &str| {
        let groups = trace.threads.iter().filter(|group| group.name == name);
        groups.map(|group| (group.started, label(trace, group.starter))).collect::<Vec<_>>()
    };
    let spinning = started("spin-#");
    assert_eq!(spinning.len(), 1, "{spinning:?}");
    assert_eq!(spinning[0].0, 6);
    assert!(spinning[0].1.starts_with("spin/"), "{spinning:?}");
    assert_eq!(started("spin-echo").iter().map(|group| group.0).sum::<u64>(), 1);
}

fn check_connections(trace: &Trace, port: &str) {
    let opened = |method: &str| -> u64 {
        let peer = format!("127.0.0.1:{port}");
        let matching = trace.connections.iter().filter(|c| {
            c.peer.ends_with(&peer) && label(trace, c.method) == method && c.opener == "spin.Dialer"
        });
        matching.map(|connection| connection.count).sum()
    };
    assert_eq!(opened("spin/Dialer.bySocket()J"), 7, "{:?}", trace.connections);
    assert_eq!(opened("spin/Dialer.byChannel()J"), 5, "{:?}", trace.connections);
}

/// Waits for the JVM's own work on classes are told apart from waits for the application's locks, also
/// from those whose objects look alike.
#[test]
fn waits_for_classes_are_none_of_the_applications_locks() {
    let classes = compile(&java_sources("loading"));
    for jdk in jdks() {
        let (output, received) = run(&jdk, Host::new(), classes.path(), &["loading.Main"]);
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done");
        let monitors = &received.trace.monitors;
        let waits = |name: &str| {
            let of_name = monitors.iter().filter(|m| m.class_name == name);
            of_name.map(|m| m.contended).sum::<u64>()
        };
        assert!(waits("(class loading)") >= 3, "{jdk:?}: {monitors:?}");
        assert_eq!(waits("[I"), 3, "{jdk:?}: {monitors:?}");
        // Later HotSpots link classes under a lock that no object stands for.
        if jdk.feature < 21 {
            assert_eq!(waits("(class linking)"), 3, "{jdk:?}: {monitors:?}");
        }
        assert_eq!(waits("java.lang.Object"), 0, "{jdk:?}: {monitors:?}");
    }
}

#[test]
fn virtual_threads_and_first_uses_are_known() {
    let classes = compile(&fixtures().join("programs/counts/src"));
    for jdk in jdks().iter().filter(|jdk| jdk.feature >= 21) {
        let (_, received) = run(jdk, Host::new(), classes.path(), &["counts.Main"]);
        let trace = received.trace;
        let tasks: Vec<_> = trace.threads.iter().filter(|group| group.is_virtual).collect();
        assert_eq!(tasks.len(), 1, "{tasks:?}");
        assert_eq!(tasks[0].started, 5000);
        assert_eq!(label(&trace, tasks[0].starter), "counts/ManyThreads.run()J");
        let used_in = |class: &str| {
            let uses = trace.class_uses.iter();
            let of_class = uses.filter(|u| trace.classes[u.class as usize].name == class);
            of_class.map(|u| label(&trace, u.method)).collect::<Vec<_>>()
        };
        assert_eq!(used_in("counts.Unlucky"), ["counts/Throwing.initUnlucky()J"]);
        assert_eq!(used_in("counts.Main"), ["(outside)"]);
    }
}
