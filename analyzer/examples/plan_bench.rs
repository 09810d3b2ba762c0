//! Time and memory of a plan on large synthetic traces, reading the file included:
//! `cargo run --release -p beehive-analyzer --example plan_bench [-- METHODS…]`.
//!
//! The traces come from a seeded generator: methods in classes of twenty, ten calls each, most to
//! methods near by, some far away, some back (recursion); one class in a hundred is a proxy. Annotated
//! roots with a clock are one method in a thousand, so that their number grows with the trace, and
//! then a thousand at every size: the analysis walks all calls once for each group of candidates. Each
//! trace is planned in a process of its own, whose peak memory the kernel tells.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a measurement for developers")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use beehive_analyzer::{Options, make_plan};
use beehive_trace::{
    Class, ClassKind, Edge, Fold, Histogram, Method, MonitorStats, OUTSIDE, Origin, RootKind,
    RootStats, RunFacts, ThreadGroup, Trace, Traffic, read_trace_file, write_trace_file,
};

const CALLS_PER_METHOD: u32 = 10;
const METHODS_PER_CLASS: u32 = 20;
/// Methods to one root, where roots grow with the trace.
const ROOT_EVERY: u32 = 1000;
/// Roots, where their number stays.
const ROOTS: u32 = 1000;
const PROXY_CLASS_EVERY: u32 = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [flag, path] = arguments.as_slice()
        && flag == "--measure"
    {
        return measure(Path::new(path));
    }
    let given: Vec<u32> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if given.is_empty() { vec![100_000, 300_000, 1_000_000] } else { given };
    println!(
        "methods    calls       file MB  read s  plan s  total s  CPU s   µs CPU/call  peak MB  candidates  roots"
    );
    let growing = sizes.iter().map(|methods| (*methods, ROOT_EVERY));
    let steady = sizes.iter().map(|methods| (*methods, (methods / ROOTS).max(1)));
    for (methods, root_every) in growing.chain(steady) {
        let path = std::env::temp_dir().join(format!("beehive-plan-bench-{methods}.beetrace"));
        write_trace_file(&path, &synthetic(methods, root_every)).expect("the trace can be written");
        run_apart(&path);
        std::fs::remove_file(&path).expect("the trace can be removed");
    }
}

fn run_apart(path: &PathBuf) {
    let program = std::env::current_exe().expect("this program has a path");
    let status = Command::new(program).arg("--measure").arg(path).status();
    assert!(status.expect("this program can be started").success());
}

fn measure(path: &Path) {
    let start = Instant::now();
    let trace = read_trace_file(path).expect("the trace can be read").trace;
    let read_s = start.elapsed().as_secs_f64();
    let planned = make_plan(&trace, &Options::default());
    let text = beehive_plan::render_plan(&planned.plan, None).expect("the plan can be written");
    let total_s = start.elapsed().as_secs_f64();
    assert!(!text.is_empty());
    let roots = &planned.plan.roots;
    println!(
        "{:<10} {:<11} {:<8.1} {:<7.2} {:<7.2} {:<8.2} {:<7.2} {:<12.3} {:<8.0} {:<11} {}",
        trace.methods.len(),
        trace.edges.len(),
        std::fs::metadata(path).map_or(0, |m| m.len()) as f64 / 1e6,
        read_s,
        total_s - read_s,
        total_s,
        cpu_s(),
        cpu_s() * 1e6 / trace.edges.len() as f64,
        peak_mb(),
        roots.chosen.len() + roots.refused.len(),
        roots.chosen.len(),
    );
}

/// Processor time of this process so far, s: what stays the same on a busy machine.
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells processor time");
    let fields = stat.rsplit(')').next().map(|f| f.split_whitespace().skip(11));
    let ticks: f64 =
        fields.into_iter().flatten().take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// Peak resident memory of this process, MB (10^6 bytes).
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells memory");
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let kib = line.and_then(|l| l.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.expect("the peak is told") * 1024.0 / 1e6
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same trace for the same size everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u32) -> u32 {
        (self.next() % u64::from(limit.max(1))) as u32
    }
}

/// A trace of `methods`, every `root_every`-th of them a root.
fn synthetic(methods: u32, root_every: u32) -> Trace {
    let mut random = Random(42);
    let classes: Vec<Class> = (0..methods.div_ceil(METHODS_PER_CLASS)).map(class).collect();
    let rows: Vec<Method> =
        (0..methods).map(|id| method(id, id.is_multiple_of(root_every))).collect();
    let mut edges = Vec::with_capacity((methods * CALLS_PER_METHOD) as usize);
    for caller in 0..methods {
        if is_proxy(caller / METHODS_PER_CLASS) {
            let target = caller - METHODS_PER_CLASS;
            edges.push(Edge { caller, callee: target, count: 1000 });
            continue;
        }
        for _ in 0..CALLS_PER_METHOD {
            let callee = callee(&mut random, caller, methods);
            edges.push(Edge { caller, callee, count: 1 + u64::from(random.below(5000)) });
        }
        if caller.is_multiple_of(root_every) {
            edges.push(Edge { caller: OUTSIDE, callee: caller, count: 1000 });
        }
    }
    let roots = (0..methods).step_by(root_every as usize).map(|m| root(&mut random, m)).collect();
    let mut fold = Fold::default();
    let mut push = |chunk| fold.push(chunk).expect("the rows are in order");
    push(beehive_trace::Chunk::Run(Box::new(run())));
    push(beehive_trace::Chunk::Classes { first: 0, rows: classes });
    push(beehive_trace::Chunk::Methods { first: 0, rows });
    push(beehive_trace::Chunk::Edges(edges));
    push(beehive_trace::Chunk::Roots(roots));
    push(beehive_trace::Chunk::Threads(vec![ThreadGroup {
        name: "pool-#".into(),
        starter: 0,
        started: 40,
        ..ThreadGroup::default()
    }]));
    push(beehive_trace::Chunk::Monitors(vec![MonitorStats {
        class_name: "app.Lock".into(),
        method: methods / 3,
        contended: 5000,
        blocked_ns: 10_000_000,
    }]));
    push(beehive_trace::Chunk::Traffic(Traffic {
        sent: u64::from(methods / root_every) * 1000,
        cpu_us: 600_000_000,
        ..Traffic::default()
    }));
    fold.finish().expect("all ids are defined")
}

/// Mostly near by, sometimes far ahead, seldom back.
fn callee(random: &mut Random, caller: u32, methods: u32) -> u32 {
    match random.below(100) {
        0 => caller.saturating_sub(random.below(200)),
        1..20 => caller + 1 + random.below(methods),
        _ => caller + 1 + random.below(500),
    }
    .min(methods - 1 - random.below(50).min(methods - 1))
}

/// A proxy stands behind the class it is made for, and so do its methods.
fn is_proxy(class: u32) -> bool {
    class % PROXY_CLASS_EVERY == 1
}

fn class(id: u32) -> Class {
    let is_proxy = is_proxy(id);
    // Fixed width keeps names in the order of ids, so that the file needs no renumbering.
    let name = |id: u32| format!("com.example.shop.module{:03}.Service{id:07}", id % 1000);
    Class {
        name: format!("c{id:07}.{}", name(id)),
        source: "jar:nested:/srv/app.jar/!BOOT-INF/classes/!/".into(),
        origin: Origin::User,
        kind: if is_proxy { ClassKind::Subclass } else { ClassKind::Ordinary },
        super_name: if is_proxy {
            format!("c{:07}.{}", id - 1, name(id - 1))
        } else {
            String::new()
        },
        ..Class::default()
    }
}

fn method(id: u32, is_root: bool) -> Method {
    let mapping = "org.springframework.web.bind.annotation.GetMapping".to_owned();
    Method {
        class: id / METHODS_PER_CLASS,
        name: format!("handle{:02}", id % METHODS_PER_CLASS),
        descriptor: "(JLjava/lang/String;)Lcom/example/shop/Answer;".into(),
        access: 1,
        annotations: if is_root { vec![mapping] } else { Vec::new() },
    }
}

fn root(random: &mut Random, method: u32) -> RootStats {
    let mean_ns = 50_000 + u64::from(random.below(8_000_000));
    let mut latency = Histogram::default();
    for _ in 0..1000 {
        latency.record(mean_ns / 2 + u64::from(random.below(mean_ns as u32)));
    }
    RootStats {
        method,
        kind: RootKind::Annotated,
        latency,
        cpu_samples: 60,
        cpu_ns: 60 * mean_ns * u64::from(10 + random.below(90)) / 100,
        cpu_wall_ns: 60 * mean_ns,
        exceptions: 0,
    }
}

fn run() -> RunFacts {
    RunFacts { id: "1".into(), cpu_us: 700_000_000, ..RunFacts::default() }
}
