//! The plan document: what `beehive plan` writes, a person reads and edits, and `package`,
//! `cost-report` and `run` read. Owns the data and the file; decides nothing (the analyzer does).

pub mod code;
mod document;
mod edits;
mod fallback;
mod file;
mod refusal;
mod render;

pub use document::{
    App, Budget, Candidate, ClassRef, Constants, Decision, Expected, Plan, PredictedFallbacks,
    Roots, SourceTrace, TraceFile, TrafficFacts, Unknown, WholeRequest,
};
pub use edits::{is_edited, keep_edits};
pub use fallback::{
    Basis, ClosureEdge, ClosurePart, ConnectionUse, Execution, FALLBACKS_VERSION, FallbackCause,
    FallbackCounts, FallbackKind, FallbackReport, Handling, InitialClosure, LockUse,
    NativeCategory, NativeCounts, NativeFate, NativeUse, Observed, RootFallbacks, WHOLE_REQUEST,
};
pub use file::{PLAN_VERSION, PlanError, parse_plan, read_plan, write_plan};
pub use refusal::{Refusal, RefusalWeight};
pub use render::render_plan;
