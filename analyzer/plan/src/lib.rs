//! The plan document: what `beehive plan` writes, a person reads and edits, and `package`,
//! `cost-report` and `run` read. Owns the data and the file; decides nothing (the analyzer does).

mod document;
mod file;

pub use document::{
    App, Budget, Candidate, ClassRef, Constants, Decision, Expected, Plan, Roots, SourceTrace,
    TrafficFacts, Unknown,
};
pub use file::{PLAN_VERSION, PlanError, parse_plan, read_plan, render_plan};
