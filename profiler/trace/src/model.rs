//! The data of a trace, independent of its encoding. A [`Trace`] is canonical: tables sorted, ids
//! are row numbers, counters summed. Produced by [`crate::Fold`], read by the analyzer and packager.
//!
//! Class names are dotted (`com.acme.Shop$Cart`), method descriptors are the JVM's. Fields keep
//! their order: the binary form depends on it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::{Deep, Histogram, Origin, SplitRule};

/// Caller id of a call that came from outside all user methods.
pub const OUTSIDE: u32 = u32::MAX;

/// One trace: one run, or several merged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    /// The runs recorded, sorted. Empty only in hand-written traces.
    pub runs: Vec<RunFacts>,
    /// Classes loaded, sorted; a class id is an index here.
    pub classes: Vec<Class>,
    /// User methods, sorted; a method id is an index here.
    pub methods: Vec<Method>,
    /// Calls between user methods, sorted by (caller, callee). Exact counts.
    pub edges: Vec<Edge>,
    /// Methods with a clock, sorted by method.
    pub roots: Vec<RootStats>,
    /// Under which method a class was first used, sorted.
    pub class_uses: Vec<ClassUse>,
    /// Threads started, by name pattern, sorted.
    pub threads: Vec<ThreadGroup>,
    /// Contended monitors, sorted.
    pub monitors: Vec<MonitorStats>,
    /// Connections opened, sorted.
    pub connections: Vec<Connection>,
    /// Bytes of classes made at run time (CGLIB and the like), sorted by class.
    pub generated: Vec<Generated>,
    /// Requests driven by `--load`; all zero when the user drove the load.
    pub traffic: Traffic,
    /// Everything lost or left alone, by reason. A reason is `area.what`, e.g. `rewrite.jump_overflow`.
    pub losses: BTreeMap<String, u64>,
    /// What sampled invocations touched; empty unless the run was a deep one.
    pub deep: Deep,
}

/// Facts of one run and its host.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct RunFacts {
    /// Unique id of the run: start time and process id, hexadecimal.
    pub id: String,
    /// Start of the run, ms since 1970.
    pub start_unix_ms: u64,
    /// Time recorded, ms.
    pub duration_ms: u64,
    /// What was recorded.
    pub mode: RunMode,
    /// Version of beehive.
    pub beehive_version: String,
    /// `java.vm.version`, e.g. `17.0.15+6-Debian-1`: the JDK build a worker must have.
    pub jdk_build: String,
    /// `java.vm.name`.
    pub vm_name: String,
    /// `java.home`.
    pub jdk_home: String,
    /// Jar or main class that was started, as given.
    pub main: String,
    /// Class path of the run, one entry each, absolute where known.
    pub class_path: Vec<String>,
    /// Rule that told user from framework classes.
    pub split: SplitRule,
    /// Operating system and architecture, e.g. `linux x86_64`.
    pub platform: String,
    /// Processor model.
    pub cpu_model: String,
    /// Processors the JVM may use.
    pub cpus: u32,
    /// One-minute load average at the start, in hundredths.
    pub load_average_centi: u64,
    /// Time from launch to the first answered request, ms; 0 if not observed.
    pub ready_ms: u64,
    /// Processor time of the process over the whole run, µs.
    pub cpu_us: u64,
    /// Invocations of user methods from outside all user methods.
    pub entries: u64,
    /// What the agent itself cost.
    pub overhead: Overhead,
    /// How the run ended.
    pub ending: Ending,
}

/// What a run recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunMode {
    /// Times, counts and edges of user methods.
    #[default]
    Light,
    /// The same, loaded into a running JVM: counts begin at the attach.
    Attached,
    /// The same with everything a worker would lack, on sampled invocations. Its times are not used.
    Deep,
}

/// How a recorded run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Not known: the trace stops before the end.
    #[default]
    Unknown,
    /// The application ended by itself with this status.
    Exit(i32),
    /// A signal not sent by beehive ended it.
    Signal(i32),
    /// beehive ended it (`--duration`, Ctrl-C).
    Stopped,
    /// The agent left the running JVM.
    Detached,
}

/// The agent's own cost, measured by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Overhead {
    /// Wall time inside the class-load hook, µs.
    pub class_hook_us: u64,
    /// Processor time of the agent's own thread, µs.
    pub agent_thread_cpu_us: u64,
    /// Classes seen by the hook.
    pub classes_seen: u64,
    /// Classes given probes.
    pub classes_rewritten: u64,
    /// Methods given probes.
    pub methods_rewritten: u64,
    /// Cost of one entry and exit pair in picoseconds, measured in this JVM at the end of the run;
    /// 0 if not measured.
    pub probe_pair_ps: u64,
    /// Entry and exit pairs executed.
    pub probe_pairs: u64,
}

/// A loaded class.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Class {
    /// Dotted name.
    pub name: String,
    /// Code source URL as the JVM gives it; empty for the boot loader.
    pub source: String,
    /// Whose it is, by the run's rule.
    pub origin: Origin,
    /// How it came about.
    pub kind: ClassKind,
    /// Dotted name of the superclass; empty when not recorded.
    pub super_name: String,
    /// Dotted names of the direct interfaces.
    pub interfaces: Vec<String>,
    /// Dotted names of its annotations, sorted, with the known stereotypes and mappings that composed
    /// annotations, superclasses and interfaces bring to it. Recorded for user classes.
    pub annotations: Vec<String>,
}

/// How a class came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassKind {
    /// From a file of its code source.
    #[default]
    Ordinary,
    /// A `java.lang.reflect.Proxy` class.
    JdkProxy,
    /// A subclass made at run time by CGLIB, ByteBuddy, Javassist or the like.
    Subclass,
    /// Made at run time, of unknown make.
    Generated,
}

/// A user method that got a probe.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Method {
    /// Class id.
    pub class: u32,
    /// Name, e.g. `show` or `<init>`.
    pub name: String,
    /// JVM descriptor, e.g. `(I)V`.
    pub descriptor: String,
    /// Access flags of the class file.
    pub access: u16,
    /// Dotted names of its annotations, sorted, with the known mappings of which they are composed and
    /// those of the methods it overrides.
    pub annotations: Vec<String>,
}

/// Calls from one user method to another, JDK and framework frames between them left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edge {
    /// Caller's method id, or [`OUTSIDE`].
    pub caller: u32,
    /// Callee's method id.
    pub callee: u32,
    /// Number of calls.
    pub count: u64,
}

/// A method with a clock.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct RootStats {
    /// Method id.
    pub method: u32,
    /// Why it has a clock.
    pub kind: RootKind,
    /// Latency of every timed invocation.
    pub latency: Histogram,
    /// Invocations whose processor time was sampled. Those of a root that is rare are sampled more densely
    /// than others; they count as many as samples picked with equal chance would tell the same.
    pub cpu_samples: u64,
    /// Processor time of the sampled invocations on their own thread, ns.
    pub cpu_ns: u64,
    /// Latency of the sampled invocations, ns: `cpu_ns / cpu_wall_ns` is the share on the CPU.
    pub cpu_wall_ns: u64,
    /// Invocations that ended by an exception.
    pub exceptions: u64,
}

/// Why a method has a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RootKind {
    /// Timed only while it was the outermost user method of its thread.
    #[default]
    Entry,
    /// An annotation of its class or of itself makes it a candidate: every invocation timed.
    Annotated,
    /// Asked for by the user: every invocation timed.
    Named,
    /// Called so seldom that a clock costs next to nothing: timed from when the run had shown that.
    Coarse,
}

/// First use of a class: it was prepared while `method` was the innermost user method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClassUse {
    /// Class id.
    pub class: u32,
    /// Method id, or [`OUTSIDE`].
    pub method: u32,
}

/// Threads whose names differ only in digits.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct ThreadGroup {
    /// Name with each run of digits replaced by `#`.
    pub name: String,
    /// Virtual threads, not platform threads.
    pub is_virtual: bool,
    /// Method that started them, or [`OUTSIDE`] if no user method or not known.
    pub starter: u32,
    /// Threads started.
    pub started: u64,
}

/// Contention on monitors of one class in one method.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct MonitorStats {
    /// Dotted name of the class of the monitor's object; in parentheses, what the JVM uses it for.
    pub class_name: String,
    /// Innermost user method that waited, or [`OUTSIDE`].
    pub method: u32,
    /// Times a thread had to wait.
    pub contended: u64,
    /// Time waited, ns.
    pub blocked_ns: u64,
}

/// Connections to one peer opened by one piece of code.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Connection {
    /// Peer as `host/address:port` or the JVM's text for other families.
    pub peer: String,
    /// Innermost user method at the time, or [`OUTSIDE`].
    pub method: u32,
    /// Dotted name of the nearest class outside the JDK on the stack.
    pub opener: String,
    /// Connections opened.
    pub count: u64,
}

/// Class file of a class made at run time, as its maker defined it (without probes).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Generated {
    /// Class id.
    pub class: u32,
    /// Class-file bytes.
    pub bytes: Vec<u8>,
}

/// What the load driver sent and got back.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Traffic {
    /// Requests sent.
    pub sent: u64,
    /// Answers with status 200..400.
    pub ok: u64,
    /// Other answers, by status.
    pub failed_status: BTreeMap<u16, u64>,
    /// Requests without an answer, by reason.
    pub failed_io: BTreeMap<String, u64>,
    /// Latency from the intended send time to the last byte.
    pub latency: Histogram,
    /// Length of the load, ms.
    pub duration_ms: u64,
    /// Processor time of the application during the load, µs.
    pub cpu_us: u64,
}

impl Trace {
    /// `class#name(descriptor)` of a method; `(outside)` for [`OUTSIDE`] and unknown ids.
    pub fn method_label(&self, id: u32) -> String {
        let Some(method) = self.methods.get(id as usize) else { return "(outside)".to_owned() };
        let class = self.classes.get(method.class as usize).map_or("?", |c| c.name.as_str());
        format!("{class}#{}{}", method.name, method.descriptor)
    }

    /// Invocations of each method, by method id: the sum over its incoming edges.
    pub fn invocation_counts(&self) -> Vec<u64> {
        let mut counts = vec![0u64; self.methods.len()];
        for edge in &self.edges {
            if let Some(count) = counts.get_mut(edge.callee as usize) {
                *count = count.saturating_add(edge.count);
            }
        }
        counts
    }

    /// Whether nothing was recorded at all.
    pub fn is_empty(&self) -> bool {
        self.edges.is_empty() && self.methods.is_empty() && self.classes.is_empty()
    }
}
