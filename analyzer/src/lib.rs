//! From a trace to a plan: call graph, user/framework split, candidates, their gain, the choice of
//! roots. Pure and deterministic: no clock, no environment, no output; the CLI reads and writes files.

mod beside;
mod by_id;
mod candidates;
mod compare;
mod components;
mod contest;
mod deep_verdict;
mod descriptor;
mod dominators;
mod figure;
mod graph;
mod hierarchy;
mod join;
mod letters;
mod load;
mod notes;
mod obstacle;
mod options;
mod page;
mod pattern;
mod picture;
mod planner;
mod prediction;
mod proxy;
mod reach;
mod report;
mod rounding;
mod select;
mod sharing;
mod table;
mod transaction;
mod verdict;
mod why;

pub use beside::{Beside, RootBeside, RowBeside, beside};
pub use compare::{
    Allowance, Comparison, CpuChange, Gate, Measure, MethodChange, Pair, Rule, Standing, Total,
    Verdict, compare, judge,
};
pub use graph::CallGraph;
pub use join::{Joined, join};
pub use load::{ASSUMED_SOURCE, assumed_constants};
pub use options::Options;
pub use page::{PageError, plan_page};
pub use pattern::MethodPattern;
pub use picture::{Arrow, MethodBox, Scene, scene};
pub use planner::{Planned, make_plan};
pub use table::{PlanRow, PlanTable, plan_table};
pub use why::{Why, why};
