//! What makes a shadow stack drift does not stay: after overflowing stacks and failing constructors the
//! next calls have the right caller again, and the drift is counted. Threads that come and go by the
//! ten thousands leave nothing behind.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use host::{Host, compile, edges, java_sources, jdks, run};

#[test]
fn the_shadow_stack_finds_back_and_short_lived_threads_are_exact() {
    let classes = compile(&java_sources("hostile"));
    for jdk in jdks() {
        let count = 30_000;
        let arguments = ["hostile.Main", &count.to_string()];
        let (output, received) = run(&jdk, Host::new(), classes.path(), &arguments);
        assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "done true");
        let edges = edges(&received.trace);
        let calls = |caller: &str, callee: &str| {
            edges.get(&(caller.to_owned(), callee.to_owned())).copied().unwrap_or(0)
        };
        let threads = if jdk.feature >= 21 { count } else { count / 100 };
        assert_eq!(calls("hostile/Main.tick()V", "hostile/Main.tock()V"), threads, "{jdk:?}");
        assert_eq!(calls("(outside)", "hostile/Main.tick()V"), threads, "{jdk:?}");
        assert_eq!(calls("(outside)", "hostile/Main.after()V"), 1, "{jdk:?}");
        assert_eq!(calls("hostile/Main.after()V", "hostile/Main.calm()V"), 1, "{jdk:?}");
        assert_eq!(calls("hostile/Main.overflow()V", "hostile/Main.deeper(I)I"), 20, "{jdk:?}");
        assert_eq!(calls("(outside)", "hostile/Main.overflow()V"), 1, "{jdk:?}");
        assert_eq!(calls("(outside)", "hostile/Main.constructors()V"), 1, "{jdk:?}");
        // Of 500 constructions 250 fail before super() and 83 inside it.
        let calm = "hostile/Main.calm()V";
        assert_eq!(calls("hostile/Main.constructors()V", calm), 333, "{jdk:?}");
        assert_eq!(calls("hostile/Child.<init>(I)V", calm), 167, "{jdk:?}");
        assert_eq!(calls("hostile/Main.overflow()V", calm), 20, "{jdk:?}");
        let losses = &received.trace.losses;
        assert!(losses.is_empty(), "{jdk:?}: {losses:?}");
    }
}
