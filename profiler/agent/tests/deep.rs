//! A deep run of a program of which it is known what each root touches (`fixtures/programs/deep`): native
//! calls, objects, fields, statics, locks, shared accesses, handed-over work, connections, files,
//! exceptions, reflection and lambdas are exactly those, for every sampled invocation, on every JDK.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use beehive_trace::{Deep, DeepConfig, DeepRoot, RunMode, Trace};
use host::{Host, Jdk, compile, fixtures, jdks, run};

/// Invocations of each root, and the number of the first that is sampled: by then all is linked.
const ROUNDS: u32 = 240;
const FIRST: u32 = 60;

/// What differs between JDKs, by root: what the program calls does that, not the program.
const JDK_INSIDE: [(&str, &[&str]); 6] = [
    ("Failing", &["static java.lang.Throwable#", "(static) java.lang.Throwable#"]),
    ("Graph", &["java.lang.Class", "java.lang.System#", "java.lang.reflect", "jdk.", "TYPE"]),
    ("Handing", &["java.", "jdk.", "sun."]),
    ("Outside", &["java.", "jdk.", "sun."]),
    ("Shared", &["AtomicReference#VALUE -> "]),
    (
        "Waiting",
        &["field java", "object java", "static java", "(static)", "(call)", "native", "shared"],
    ),
];

#[test]
fn what_the_roots_touch_is_recorded_exactly() {
    let expected = std::fs::read_to_string(fixtures().join("programs/deep/expect.txt")).unwrap();
    let expected: BTreeSet<&str> =
        expected.lines().filter(|line| !line.starts_with(';') && !line.is_empty()).collect();
    let classes = compile(&fixtures().join("programs/deep/src"));
    for jdk in jdks() {
        let (trace, _) = record(&jdk, classes.path());
        let found = lines(&trace);
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        let mut difference = String::new();
        for line in expected.difference(&found) {
            let _ = writeln!(difference, "missing    {line}");
        }
        for line in found.difference(&expected) {
            let _ = writeln!(difference, "unexpected {line}");
        }
        assert!(difference.is_empty(), "JDK {}:\n{difference}", jdk.feature);
    }
}

#[test]
fn samples_and_what_became_of_them_are_counted() {
    let classes = compile(&fixtures().join("programs/deep/src"));
    for jdk in jdks() {
        let (trace, port) = record(&jdk, classes.path());
        assert_eq!(trace.runs[0].mode, RunMode::Deep);
        let handing = root(&trace, "deep.Handing#run()J");
        assert_eq!(handing.handed_over, handing.sampled);
        assert_eq!(root(&trace, "deep.Natives#run()J").handed_over, 0);
        // The task runs on another thread: a sample of its own, never part of the root's.
        assert!(root(&trace, "deep.Handing$Task#run()V").sampled > 0);
        for root in &trace.deep.roots {
            assert_eq!(root.aborted + root.failed + root.nested + root.cold, 0, "{root:?}");
        }
        let connections = &trace.deep.connections;
        let peer = format!("127.0.0.1:{port}");
        assert!(connections.iter().all(|c| c.peer.ends_with(&peer)), "{connections:?}");
        let sampled = root(&trace, "deep.Outside#run()J").sampled;
        let opened = connections.iter().filter(|c| c.opener == "deep.Outside");
        let (opens, sent) = opened.fold((0, 0), |(o, b), c| (o + c.opened, b + c.bytes_out));
        assert_eq!((opens, sent), (sampled, 4 * sampled));
        let kept = connections.iter().filter(|c| c.opener.is_empty());
        let (sent, received) = kept.fold((0, 0), |(o, i), c| (o + c.bytes_out, i + c.bytes_in));
        assert_eq!((sent, received), (10 * sampled, 10 * sampled));
    }
}

fn record(jdk: &Jdk, classes: &std::path::Path) -> (Trace, String) {
    let mut host = Host::new();
    host.config.deep = Some(DeepConfig {
        every_nth: FIRST,
        roots: vec!["deep.*#run".into()],
        ..DeepConfig::default()
    });
    let rounds = ROUNDS.to_string();
    let (output, received) = run(jdk, host, classes, &["deep.Main", &rounds]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(stdout.ends_with("done true\n"), "{stdout}");
    let port = stdout.lines().find_map(|line| line.strip_prefix("port ")).unwrap();
    (received.trace, port.to_owned())
}

fn root(trace: &Trace, label: &str) -> DeepRoot {
    let roots = &trace.deep.roots;
    let found = roots.iter().find(|row| trace.method_label(row.root) == label);
    found.unwrap_or_else(|| panic!("{label} was not sampled")).clone()
}

/// `Graph` for a method of `deep.Graph`; its name, too, unless it is `run`.
fn short(trace: &Trace, method: u32) -> String {
    let label = trace.method_label(method);
    let name = label.split('(').next().unwrap().trim_start_matches("deep.");
    let name = if label.starts_with('(') { "-" } else { name };
    name.strip_suffix("#run").unwrap_or(name).to_owned()
}

/// All rows as text, for one invocation: each counter must be the same in all of them.
fn lines(trace: &Trace) -> Vec<String> {
    let sampled: BTreeMap<u32, u64> =
        trace.deep.roots.iter().map(|row| (row.root, row.sampled)).collect();
    let mut lines = Lines { trace, sampled, done: Vec::new() };
    lines.natives_and_locks(&trace.deep);
    lines.objects(&trace.deep);
    lines.others(&trace.deep);
    lines.done
}

struct Lines<'t> {
    trace: &'t Trace,
    sampled: BTreeMap<u32, u64>,
    done: Vec<String>,
}

impl Lines<'_> {
    /// A row with its counters; `invocations` is the last of them.
    fn row(&mut self, root: u32, key: &str, counters: &[(&str, u64)]) {
        let name = short(self.trace, root);
        let inside = JDK_INSIDE.iter().find(|(root, _)| *root == name);
        let is_inside = inside.is_some_and(|(_, inside)| inside.iter().any(|i| key.contains(i)));
        if name.contains('$') || is_inside {
            return;
        }
        let sampled = self.sampled[&root];
        let mut line = format!("{name} {key}");
        for (counter, value) in counters.iter().filter(|(_, value)| *value > 0) {
            assert_eq!(value % sampled, 0, "{line} {counter} {value} of {sampled}");
            let each = value / sampled;
            if *counter == "invocations" {
                assert_eq!(each, 1, "{line}: not in every invocation");
            } else {
                let _ = write!(line, " {counter} {each}");
            }
        }
        self.done.push(line);
    }

    fn natives_and_locks(&mut self, deep: &Deep) {
        for row in &deep.natives {
            let key = format!("native {} {}", short(self.trace, row.user), row.native);
            self.row(row.root, &key, &[("count", row.count), ("invocations", row.invocations)]);
        }
        for row in &deep.locks {
            let user = short(self.trace, row.user);
            let existing = if row.existing { "existing" } else { "new" };
            let key = format!("lock {user} {:?} {existing} {}", row.kind, row.class_name);
            self.row(row.root, &key, &[("count", row.count), ("invocations", row.invocations)]);
        }
        for row in &deep.shared {
            let key = format!("shared {:?} {} {}", row.kind, row.target, row.call);
            self.row(row.root, &key, &[("count", row.count), ("invocations", row.invocations)]);
        }
        for row in &deep.handovers {
            // A row of the JDK's own classes is kept here.
            let class = row.class_name.trim_start_matches("java.");
            let key = format!("handover {:?} {}", row.kind, class.rsplit('.').next().unwrap());
            self.row(row.root, &key, &[("count", row.count), ("invocations", row.invocations)]);
        }
    }

    fn objects(&mut self, deep: &Deep) {
        for row in &deep.objects {
            let key = format!("object {} -> {}", row.holder, row.target);
            let counters = [
                ("objects", row.objects),
                ("used", row.used),
                ("traversals", row.traversals),
                ("reads", row.reads),
                ("writes", row.writes),
                ("element-reads", row.element_reads),
                ("element-writes", row.element_writes),
                // The size of a thread object is its JDK's business.
                ("bytes", if row.target == "java.lang.Thread" { 0 } else { row.bytes }),
                ("invocations", row.invocations),
            ];
            self.row(row.root, &key, &counters);
        }
        for row in &deep.fields {
            let flags = flags(row.is_final, row.is_volatile);
            let key = format!("field {}{flags}", row.field);
            let counters = [
                ("reads", row.reads),
                ("writes", row.writes),
                ("objects", row.objects),
                ("invocations", row.invocations),
            ];
            self.row(row.root, &key, &counters);
        }
        for row in &deep.statics {
            let key = format!("static {}{}", row.field, flags(row.is_final, row.is_volatile));
            let counters =
                [("reads", row.reads), ("writes", row.writes), ("invocations", row.invocations)];
            self.row(row.root, &key, &counters);
        }
    }

    fn others(&mut self, deep: &Deep) {
        for row in &deep.exceptions {
            let counters = [
                ("created", row.created),
                ("thrown", row.thrown),
                ("invocations", row.invocations),
            ];
            self.row(row.root, &format!("exception {}", row.class_name), &counters);
        }
        for row in &deep.classes {
            let counters = [
                ("calls", row.calls),
                ("created", row.created),
                ("loaded", row.loaded),
                ("invocations", row.invocations),
            ];
            // Call sites with probes are linked in the first sample.
            if !row.hidden && row.class_name.starts_with("deep.") {
                self.row(row.root, &format!("class {}", row.class_name), &counters);
            }
        }
        for row in &deep.host {
            let key = format!("host {:?} {}", row.kind, row.what);
            self.row(row.root, &key, &[("count", row.count), ("invocations", row.invocations)]);
        }
        for row in &deep.reflection {
            let call = row.call.rsplit('.').next().unwrap();
            let key = format!("reflection {call} {}", row.target);
            self.row(row.root, &key, &[("count", row.count), ("invocations", row.invocations)]);
        }
    }
}

fn flags(is_final: bool, is_volatile: bool) -> &'static str {
    match (is_final, is_volatile) {
        (true, _) => " final",
        (_, true) => " volatile",
        _ => "",
    }
}
