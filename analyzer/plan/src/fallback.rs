//! What executing roots on a worker asks of the server: the one vocabulary and schema for what `plan`
//! predicts from a deep run and what `run` measures, so that both can be laid side by side. Data only;
//! filled by the analyzer (predicted) or the runtime's host (measured), read by reports and pages.
//!
//! All figures are means per execution of the root unless a name says otherwise. What is not known is
//! `None` or an empty list together with a remark, never zero. Class names are dotted; lists are sorted
//! by weight, then by name.

use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// Format version of a [`FallbackReport`].
pub const FALLBACKS_VERSION: u32 = 1;

/// In place of a method: all of a request, offloaded as one.
pub const WHOLE_REQUEST: &str = "(whole request)";

/// The fallbacks of all roots of one application: `plan`'s prediction file, `run`'s measured file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FallbackReport {
    /// [`FALLBACKS_VERSION`].
    pub version: u32,
    /// Whether the figures are predicted or measured.
    pub basis: Basis,
    /// `java.vm.version` of the recorded or running server.
    pub jdk_build: String,
    /// The roots, by method name.
    pub roots: Vec<RootFallbacks>,
}

/// Where figures come from.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The model of the worker run over a deep trace.
    #[default]
    Predicted,
    /// Counted while executing on workers.
    Measured,
}

/// The six ways of returning to the server.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum FallbackKind {
    /// Bytes of a class the worker's jars do not hold.
    #[default]
    Class,
    /// Contents of an object that was not in the closure.
    Object,
    /// Static fields of a class, which is initialised at home.
    Statics,
    /// A native call that must run at home.
    Native,
    /// A call of a pinned object.
    Call,
    /// A lock that is taken at home.
    Lock,
}

impl FallbackKind {
    /// All, in the order of tables.
    pub const ALL: [Self; 6] =
        [Self::Class, Self::Object, Self::Statics, Self::Native, Self::Call, Self::Lock];

    /// The word used in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Object => "object",
            Self::Statics => "statics",
            Self::Native => "native",
            Self::Call => "call",
            Self::Lock => "lock",
        }
    }
}

/// Fallbacks of one execution by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FallbackCounts {
    /// Class bytes asked for.
    pub class: f64,
    /// Objects asked for.
    pub object: f64,
    /// Static fields asked for, one a class.
    pub statics: f64,
    /// Native calls executed at home.
    pub native: f64,
    /// Calls of pinned objects.
    pub call: f64,
    /// Locks taken at home.
    pub lock: f64,
}

impl FallbackCounts {
    /// Those of one kind.
    pub const fn get(&self, kind: FallbackKind) -> f64 {
        match kind {
            FallbackKind::Class => self.class,
            FallbackKind::Object => self.object,
            FallbackKind::Statics => self.statics,
            FallbackKind::Native => self.native,
            FallbackKind::Call => self.call,
            FallbackKind::Lock => self.lock,
        }
    }

    /// Those of one kind, to be changed.
    pub const fn get_mut(&mut self, kind: FallbackKind) -> &mut f64 {
        match kind {
            FallbackKind::Class => &mut self.class,
            FallbackKind::Object => &mut self.object,
            FallbackKind::Statics => &mut self.statics,
            FallbackKind::Native => &mut self.native,
            FallbackKind::Call => &mut self.call,
            FallbackKind::Lock => &mut self.lock,
        }
    }

    /// Of all kinds: the returns to the server.
    pub fn total(&self) -> f64 {
        FallbackKind::ALL.iter().map(|&kind| self.get(kind)).sum()
    }
}

/// One root.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RootFallbacks {
    /// `class#name(descriptor)`, or [`WHOLE_REQUEST`].
    pub method: String,
    /// What the figures rest on.
    pub observed: Observed,
    /// The executions told of, ascending: the 1st, 2nd and 10th on one new worker.
    pub executions: Vec<Execution>,
    /// What is shipped with the first execution.
    pub closure: InitialClosure,
    /// Share of the root's processor time in code that stays at the server (a database inside it, the
    /// container), 0..=1; estimated from the methods entered.
    pub home_share: f64,
    /// Native calls by category.
    pub native_counts: NativeCounts,
    /// Native calls one by one.
    pub natives: Vec<NativeUse>,
    /// Locks taken.
    pub locks: Vec<LockUse>,
    /// Connections used.
    pub connections: Vec<ConnectionUse>,
    /// What stops the root or deserves a warning, most serious first.
    pub refusals: Vec<Refusal>,
    /// What a reader should know about the figures, one sentence each.
    pub remarks: Vec<String>,
}

impl RootFallbacks {
    /// The `number`th execution, if it is told of.
    pub fn execution(&self, number: u32) -> Option<&Execution> {
        self.executions.iter().find(|execution| execution.number == number)
    }

    /// The last execution told of: the steady state.
    pub fn steady(&self) -> Option<&Execution> {
        self.executions.last()
    }
}

/// Invocations that figures rest on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observed {
    /// Sampled (predicted) or executed on workers (measured) to the end.
    pub executions: u64,
    /// Of these, ended by an exception.
    pub failed: u64,
    /// Of these, with a class loaded in them: more work than usual.
    pub cold: u64,
    /// Of these, with work handed to other threads, which is not in the figures.
    pub handed_over: u64,
    /// Given up at a limit; in no figure.
    pub aborted: u64,
    /// Whose turn it was while another one was sampled; in no figure.
    pub skipped: u64,
}

/// One execution on a worker.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Execution {
    /// Its number on a new worker, from 1.
    pub number: u32,
    /// Fallbacks by kind.
    pub fallbacks: FallbackCounts,
    /// What causes them, by count; adds up to `fallbacks`.
    pub causes: Vec<FallbackCause>,
}

/// One cause of fallbacks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FallbackCause {
    /// Kind of fallback.
    pub kind: FallbackKind,
    /// The class, `class#field`, `class#method` or native method that is asked for.
    pub what: String,
    /// Fallbacks per execution.
    pub per_execution: f64,
    /// Why it is not on the worker, one clause.
    pub why: String,
    /// How the root comes to it: calls (`class#method`) or fields (`class#field`), outermost first.
    pub path: Vec<String>,
}

/// What the first execution is sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InitialClosure {
    /// Objects with their contents.
    pub objects: f64,
    /// Their size in the server's heap, bytes: an estimate of the message, which is usually smaller.
    pub heap_bytes: f64,
    /// Bytes on the wire; measured only.
    pub wire_bytes: Option<f64>,
    /// By class of the objects sent.
    pub classes: Vec<ClosurePart>,
    /// By the reference along which objects were reached first, those that are not sent included.
    pub edges: Vec<ClosureEdge>,
}

/// Objects of one class in the closure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClosurePart {
    /// Class of the objects.
    pub class_name: String,
    /// Objects.
    pub objects: f64,
    /// Bytes in the heap.
    pub heap_bytes: f64,
}

/// Objects reached along one kind of reference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClosureEdge {
    /// `(this)`, `(argument 1)`…, `class#field`, `(static) class#field`, `[] class[]`, `(thread local)`,
    /// `(captured) class#method`, `(call) class#method`.
    pub holder: String,
    /// Class of the objects reached.
    pub target: String,
    /// What becomes of them on a worker.
    pub handling: Handling,
    /// Objects reached along this edge first.
    pub objects: f64,
    /// Of these, in the closure.
    pub sent: f64,
    /// Bytes in the heap of those sent.
    pub heap_bytes: f64,
    /// Share of executions that went along this edge, 0..=1.
    pub share: f64,
    /// Fields from the root to the holder, outermost first; the holder and the target are not in it.
    pub path: Vec<String>,
}

/// What becomes of an object on a worker.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Handling {
    /// Sent with its contents when used, else a shell.
    #[default]
    Shipped,
    /// The worker's equal of the same name: classes, enum constants, locales, reflective members, loggers.
    ByName,
    /// Never moves: every call of it comes home.
    Pinned,
    /// A concurrent map: reads come home once a key, writes always.
    ReadCopy,
    /// A resource of the worker's own stands for it: a pool for a `DataSource`, a logger for a logger.
    Equivalent,
    /// Belongs to the JVM or to a library that each side has for itself.
    WorkersOwn,
    /// Cannot be on a worker in any way.
    Refused,
}

impl Handling {
    /// All, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::Shipped,
        Self::ByName,
        Self::Equivalent,
        Self::WorkersOwn,
        Self::ReadCopy,
        Self::Pinned,
        Self::Refused,
    ];

    /// The words used in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::ByName => "by name",
            Self::Pinned => "pinned",
            Self::ReadCopy => "read copies",
            Self::Equivalent => "equivalent",
            Self::WorkersOwn => "worker's own",
            Self::Refused => "refused",
        }
    }
}

/// Categories of native methods; the words are those of `beehive natives`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum NativeCategory {
    /// Objects of the heap only.
    PureHeap,
    /// State outside the heap that must travel or be named.
    HiddenState,
    /// Sockets and name resolution.
    Network,
    /// Only its arguments and what every JVM has alike.
    Stateless,
    /// Files, processes, threads, the machine.
    Host,
    /// Nobody knows.
    #[default]
    Unknown,
}

impl NativeCategory {
    /// All, in the order of tables.
    pub const ALL: [Self; 6] = [
        Self::PureHeap,
        Self::HiddenState,
        Self::Network,
        Self::Stateless,
        Self::Host,
        Self::Unknown,
    ];

    /// The word used in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PureHeap => "pure-heap",
            Self::HiddenState => "hidden-state",
            Self::Network => "network",
            Self::Stateless => "stateless",
            Self::Host => "host",
            Self::Unknown => "unknown",
        }
    }
}

/// Native calls of one execution by category.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct NativeCounts {
    /// Objects of the heap only.
    pub pure_heap: f64,
    /// State outside the heap.
    pub hidden_state: f64,
    /// Sockets and name resolution.
    pub network: f64,
    /// Nothing but arguments.
    pub stateless: f64,
    /// The machine.
    pub host: f64,
    /// Nobody knows.
    pub unknown: f64,
}

impl NativeCounts {
    /// Those of one category.
    pub const fn get(&self, category: NativeCategory) -> f64 {
        match category {
            NativeCategory::PureHeap => self.pure_heap,
            NativeCategory::HiddenState => self.hidden_state,
            NativeCategory::Network => self.network,
            NativeCategory::Stateless => self.stateless,
            NativeCategory::Host => self.host,
            NativeCategory::Unknown => self.unknown,
        }
    }

    /// Those of one category, to be changed.
    pub const fn get_mut(&mut self, category: NativeCategory) -> &mut f64 {
        match category {
            NativeCategory::PureHeap => &mut self.pure_heap,
            NativeCategory::HiddenState => &mut self.hidden_state,
            NativeCategory::Network => &mut self.network,
            NativeCategory::Stateless => &mut self.stateless,
            NativeCategory::Host => &mut self.host,
            NativeCategory::Unknown => &mut self.unknown,
        }
    }

    /// Of all categories.
    pub fn total(&self) -> f64 {
        NativeCategory::ALL.iter().map(|&category| self.get(category)).sum()
    }
}

/// Calls of one native method.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NativeUse {
    /// `class#name(descriptor)` of the native method.
    pub native: String,
    /// Its category.
    pub category: NativeCategory,
    /// What becomes of the call on a worker.
    pub fate: NativeFate,
    /// Innermost user method, empty if there is none.
    pub user: String,
    /// Calls.
    pub count: f64,
    /// Share of executions with such a call, 0..=1.
    pub share: f64,
    /// Why it has its fate, one clause.
    pub why: String,
}

/// What becomes of a native call on a worker.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum NativeFate {
    /// Runs there as it is.
    #[default]
    Runs,
    /// Runs there after its hidden state came along with the closure.
    RunsWithState,
    /// Comes home.
    ComesHome,
    /// Goes through the proxy or a connection of the worker's own.
    Proxied,
    /// Keeps the root from being offloaded.
    Refused,
}

/// Locks of one class taken in one user method.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LockUse {
    /// Class of the lock object.
    pub class_name: String,
    /// `monitor`, `method`, `static_method`, `juc` or `wait`.
    pub kind: String,
    /// Innermost user method, empty if there is none.
    pub user: String,
    /// Times taken.
    pub count: f64,
    /// Of these, taken at home.
    pub at_home: f64,
    /// Why at home or not, one clause.
    pub why: String,
}

/// A connection used by the root.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ConnectionUse {
    /// Peer as `host/address:port`.
    pub peer: String,
    /// Nearest class outside the JDK when it was opened; empty if not known.
    pub opener: String,
    /// Innermost user method, empty if there is none.
    pub user: String,
    /// What stands for it on a worker.
    pub handling: Handling,
    /// Connections opened.
    pub opened: f64,
    /// Bytes read.
    pub bytes_in: f64,
    /// Bytes written.
    pub bytes_out: f64,
}
