//! The fields of `plan.toml`. Units stand last in every name. What the trace could not tell is
//! `None` and listed in [`Candidate::unknown`], never zero.

use serde::{Deserialize, Serialize};

use crate::fallback::{FallbackCounts, NativeCounts};

/// A whole plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "PlanFields", into = "PlanFields")]
pub struct Plan {
    /// Format version of the file.
    pub version: u32,
    /// What a reader should know about the figures: losses, damage, no driven load, … One sentence each.
    pub notes: Vec<String>,
    /// Trace this plan was made from.
    pub trace: SourceTrace,
    /// The application and the JVM it ran on.
    pub app: App,
    /// What the application did while it was recorded.
    pub traffic: TrafficFacts,
    /// Limits a root must keep; a person may edit them and plan again.
    pub budget: Budget,
    /// Costs of an offload the plan reckons with; a person may edit them and plan again.
    pub constants: Constants,
    /// What all roots switched on move together, overlaps counted once.
    pub expected: Expected,
    /// Offloading all of a request as one, beside the methods; `None` without a deep run.
    pub whole_request: Option<WholeRequest>,
    /// Roots chosen and candidates refused, best first.
    pub roots: Roots,
}

/// A plan as it stands in the file: the two lists side by side with the rest. Spelled out because a
/// flattened field would lose the places of errors.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct PlanFields {
    version: u32,
    notes: Vec<String>,
    trace: SourceTrace,
    app: App,
    traffic: TrafficFacts,
    budget: Budget,
    constants: Constants,
    expected: Expected,
    whole_request: Option<WholeRequest>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    root: Vec<Candidate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    refused: Vec<Candidate>,
}

impl From<PlanFields> for Plan {
    fn from(fields: PlanFields) -> Self {
        Self {
            version: fields.version,
            notes: fields.notes,
            trace: fields.trace,
            app: fields.app,
            traffic: fields.traffic,
            budget: fields.budget,
            constants: fields.constants,
            expected: fields.expected,
            whole_request: fields.whole_request,
            roots: Roots { chosen: fields.root, refused: fields.refused },
        }
    }
}

impl From<Plan> for PlanFields {
    fn from(plan: Plan) -> Self {
        Self {
            version: plan.version,
            notes: plan.notes,
            trace: plan.trace,
            app: plan.app,
            traffic: plan.traffic,
            budget: plan.budget,
            constants: plan.constants,
            expected: plan.expected,
            whole_request: plan.whole_request,
            root: plan.roots.chosen,
            refused: plan.roots.refused,
        }
    }
}

impl Plan {
    /// Every method to be offloaded, in either list: a person may switch on a refused one and switch
    /// off a chosen one, so `offload` decides and not the list.
    pub fn offloaded(&self) -> impl Iterator<Item = &Candidate> {
        self.roots.chosen.iter().chain(&self.roots.refused).filter(|c| c.offload)
    }
}

/// What the switched-on roots move together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Expected {
    /// Share of the server's processor time moved away at most, 0..=1, net of the fixed cost and
    /// before calls home; `None` if the server's processor time or a root's is unknown.
    pub load_moved: Option<f64>,
    /// Server processor time saved per request, ms; `None` without requests or clocks.
    pub cpu_ms_saved_per_request: Option<f64>,
}

/// Which trace the plan came from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceTrace {
    /// Path of the trace as given, relative to the plan where possible.
    pub path: String,
    /// SHA-256 of the trace file, hexadecimal.
    pub sha256: String,
    /// Ids of its runs.
    pub runs: Vec<String>,
    /// Further traces planned with: deep ones, and other light ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<TraceFile>,
}

/// A further trace of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TraceFile {
    /// Path as given, relative to the plan where possible.
    pub path: String,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
}

/// Offloading all of a request as one: what a copy of the whole application on a worker would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WholeRequest {
    /// The decision's code and its reason.
    pub decision: Decision,
    /// Share of the server's processor time moved if every request is offloaded, 0..=1.
    pub load_moved: Option<f64>,
    /// Server processor time saved per request before calls home, µs.
    pub cpu_us_saved: Option<f64>,
    /// Returns to the server per request in the steady state.
    pub calls_home: Option<f64>,
    /// Objects of the closure in the heap, bytes.
    pub closure_bytes: Option<f64>,
    /// Share of the requests whose entry has a deep sample, 0..=1.
    pub observed: Option<f64>,
    /// What a reader wants to know, one sentence each.
    pub evidence: Vec<String>,
}

/// The application.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct App {
    /// Jar or main class started.
    pub main: String,
    /// Class path of the recorded run.
    pub class_path: Vec<String>,
    /// `java.vm.version` a worker must have.
    pub jdk_build: String,
    /// Time from launch to the first answer, ms; `None` if not observed.
    pub ready_ms: Option<u64>,
    /// Processors the JVM could use.
    pub cpus: u32,
}

/// What was recorded of the load.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrafficFacts {
    /// Requests: those of the load driver, else entries from outside into methods with a mapping
    /// annotation, else all entries into user code.
    pub requests: u64,
    /// Whether `requests` are HTTP requests of the driver (`true`) or counted entries.
    pub is_driven: bool,
    /// Requests per second over the load; `None` if its length is unknown.
    pub rate_per_s: Option<f64>,
    /// Latency of a request, median, ms.
    pub latency_ms_p50: Option<f64>,
    /// Latency of a request, 99th percentile, ms.
    pub latency_ms_p99: Option<f64>,
    /// Processor time of the server per request, ms.
    pub cpu_ms_per_request: Option<f64>,
}

/// Limits for a root.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// Latency offloads of one root may add to a request, ms.
    pub added_latency_ms: f64,
    /// Largest closure, bytes.
    pub closure_bytes_max: u64,
    /// Least share of the server's processor time a root must move, 0..=1.
    pub load_moved_min: f64,
}

impl Default for Budget {
    /// 5 ms added latency; 6 MB closure, the limit of a synchronous Lambda payload; 1 % of the load.
    fn default() -> Self {
        Self { added_latency_ms: 5.0, closure_bytes_max: 6_000_000, load_moved_min: 0.01 }
    }
}

/// Costs of an offload.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Constants {
    /// Server processor time of one offload without calls home, µs.
    pub offload_cpu_us: f64,
    /// Server processor time of one call home, µs.
    pub call_home_cpu_us: f64,
    /// Latency an offload adds without calls home, µs.
    pub offload_latency_us: f64,
    /// Latency of one call home, µs.
    pub call_home_latency_us: f64,
    /// Where the figures come from: `assumed …` or `measured …`.
    pub source: String,
}

/// The two lists of a plan.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Roots {
    /// Candidates worth offloading, `[[root]]`, best first.
    pub chosen: Vec<Candidate>,
    /// Candidates not chosen, `[[refused]]`, by load.
    pub refused: Vec<Candidate>,
}

/// One candidate for a root method and what was decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Candidate {
    /// `class#name(descriptor)`, dotted class name.
    pub method: String,
    /// Whether `package` and `run` use it. A person may change it; a later plan keeps the change.
    pub offload: bool,
    /// What the planner proposed, so that a person's change of `offload` can be told from its own.
    pub proposed: bool,
    /// Whether `offload` is a person's choice; a later plan then leaves it alone. Set when `offload`
    /// differs from `proposed`; removing the line gives the choice back to the planner.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_hand: bool,
    /// The decision's code and its reason.
    pub decision: Decision,
    /// Free for the person; never touched by a later plan.
    pub note: Option<String>,
    /// Invocations per request; `None` without requests.
    pub calls_per_request: Option<f64>,
    /// Invocations recorded.
    pub invocations: u64,
    /// Latency of an invocation, median, µs.
    pub latency_us_p50: Option<f64>,
    /// Latency of an invocation, 99th percentile, µs.
    pub latency_us_p99: Option<f64>,
    /// Mean latency of an invocation, µs.
    pub latency_us_mean: Option<f64>,
    /// Mean processor time of an invocation on its thread, µs; `None` if not sampled.
    pub cpu_us_mean: Option<f64>,
    /// Invocations whose processor time was sampled.
    pub cpu_samples: u64,
    /// Share of the server's processor time moved away if every invocation is offloaded, 0..=1;
    /// net of the fixed cost.
    pub load_moved: Option<f64>,
    /// Server processor time saved per invocation net of the fixed cost and, after a deep run, of the
    /// calls home it predicts, µs; negative when an offload costs more than it saves.
    pub cpu_us_saved: Option<f64>,
    /// Latency an offload adds to one invocation, µs; with the calls home that a deep run predicts.
    pub added_latency_us: Option<f64>,
    /// Calls home per invocation at which nothing is saved any more or the latency budget is used up.
    pub calls_home_max: Option<u64>,
    /// Fallbacks predicted on a new worker; `None` without a deep run of it.
    pub fallbacks: Option<PredictedFallbacks>,
    /// Returns to the server per execution in the steady state, all kinds; `None` without a deep run.
    pub calls_home: Option<f64>,
    /// Objects of the initial closure; `None` without a deep run.
    pub closure_objects: Option<f64>,
    /// Their size in the server's heap, bytes; `None` without a deep run.
    pub closure_bytes: Option<f64>,
    /// Native calls per execution by category; `None` without a deep run.
    pub natives: Option<NativeCounts>,
    /// User methods reached from it, itself included.
    pub methods_reached: u64,
    /// User methods reached only through it (those it dominates in the call graph), itself included.
    pub methods_only_here: u64,
    /// Why it is a candidate, e.g. `@RestController`, `entry`, `hot`.
    pub found_by: String,
    /// What this trace could not tell: `natives`, `objects`, `locks`, `cpu`, …
    pub unknown: Vec<Unknown>,
    /// What was seen in it or below it that a reader of the decision wants to know, one sentence each.
    pub evidence: Vec<String>,
}

/// Fallbacks of three executions on one new worker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PredictedFallbacks {
    /// The 1st execution.
    pub first: FallbackCounts,
    /// The 2nd.
    pub second: FallbackCounts,
    /// The 10th: the steady state.
    pub tenth: FallbackCounts,
}

/// Why a candidate was chosen or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decision {
    /// Stable code: `OFFLOAD_OK`, `OFFLOAD_TOO_SHORT`, `OFFLOAD_COVERED`, …
    pub code: String,
    /// One sentence with the figures behind it.
    pub reason: String,
    /// The change that would remove the obstacle; `None` when nothing has to change.
    pub change: Option<String>,
    /// Call path from the candidate to the obstacle, outermost first; empty when it is the candidate.
    pub path: Vec<String>,
}

/// Something a light run cannot know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// Native calls by category.
    Natives,
    /// Objects of the closure.
    Objects,
    /// Locks taken.
    Locks,
    /// Processor time.
    Cpu,
    /// Latency: the method had no clock.
    Latency,
    /// Calls home per invocation.
    CallsHome,
}

/// A class named in a plan or a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ClassRef {
    /// Dotted name.
    pub name: String,
    /// Code source URL.
    pub source: String,
}
