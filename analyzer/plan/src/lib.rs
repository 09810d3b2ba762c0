//! The plan document: what `beehive plan` writes, a person reads and edits, and `package`,
//! `cost-report` and `run` read. Owns the data and the file; decides nothing (the analyzer does).

pub mod code;
mod document;
mod edits;
mod file;
mod render;

pub use document::{
    App, Budget, Candidate, ClassRef, Constants, Decision, Expected, Plan, Roots, SourceTrace,
    TrafficFacts, Unknown,
};
pub use edits::{is_edited, keep_edits};
pub use file::{PLAN_VERSION, PlanError, parse_plan, read_plan, write_plan};
pub use render::render_plan;
