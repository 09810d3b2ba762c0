//! Classes made at run time: proxies are rows with their interfaces and no probes, calls through them
//! are edges; bytes of classes without a file are kept as their maker made them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use beehive_trace::{Class, ClassKind, Origin, Trace};
use host::{Host, compile, edges, java_sources, jdks, run};

fn class<'t>(trace: &'t Trace, end: &str) -> (u32, &'t Class) {
    let found = (0..).zip(&trace.classes).find(|(_, class)| class.name.contains(end));
    found.unwrap_or_else(|| panic!("no class {end}"))
}

#[test]
fn proxies_and_classes_without_a_source_are_told_apart() {
    let classes = compile(&java_sources("generated"));
    let made = std::fs::read(classes.path().join("made/Copy.class")).unwrap();
    for jdk in jdks() {
        for is_ours in [false, true] {
            let mut host = Host::new();
            if is_ours {
                host.config.run.split.app_packages = vec!["made".to_owned()];
            }
            let (output, received) = run(&jdk, host, classes.path(), &["gen.Main"]);
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "45");
            let trace = received.trace;
            let (_, proxy) = class(&trace, "$Proxy");
            assert_eq!((proxy.kind, proxy.origin), (ClassKind::JdkProxy, Origin::Framework));
            assert_eq!(proxy.interfaces, ["gen.Greeter"]);
            let (copy_id, copy) = class(&trace, "made.Copy");
            assert_eq!((copy.kind, copy.source.as_str()), (ClassKind::Generated, ""));
            let kept = trace.generated.iter().find(|kept| kept.class == copy_id).unwrap();
            assert!(kept.bytes == made, "{jdk:?}: the bytes are those of its maker");
            let edges = edges(&trace);
            let calls = |caller: &str, callee: &str| {
                edges.get(&(caller.to_owned(), callee.to_owned())).copied().unwrap_or(0)
            };
            let lambda = edges.keys().find(|(_, callee)| callee.contains("lambda$main$")).unwrap();
            assert_eq!(calls(&lambda.1, "gen/Main.greet(I)I"), 10, "{jdk:?}: through the proxy");
            let steps = if is_ours { 5 } else { 0 };
            assert_eq!(calls("made/Copy.run()V", "made/Copy.step()V"), steps, "{jdk:?}");
        }
    }
}
