//! What a plan is made with besides the trace.

use beehive_plan::{Budget, Constants, Plan, SourceTrace};

/// Options of a plan. The default plans with the trace alone.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// Where the trace came from, to be told in the plan.
    pub source: SourceTrace,
    /// Latency an offload may add to an invocation, ms; else that of the old plan, else 5.
    pub added_latency_ms: Option<f64>,
    /// Largest closure, bytes; else that of the old plan, else 6 MB.
    pub closure_bytes_max: Option<u64>,
    /// Costs of an offload measured on this machine; else those of the old plan, else assumed ones.
    pub constants: Option<Constants>,
    /// Methods to make candidates whatever they are (see [`crate::MethodPattern`]).
    pub named_roots: Vec<String>,
    /// Packages that are the user's wherever they come from; in a flat jar all others are not.
    pub app_packages: Vec<String>,
    /// The plan made before, whose edits are kept.
    pub old: Option<&'a Plan>,
    /// What was wrong with the trace file, to be told in the plan.
    pub damage: Option<String>,
    /// What joining the traces showed (see [`crate::join`]), to be told in the plan.
    pub notes: Vec<String>,
}

impl Options<'_> {
    pub(crate) fn budget(&self) -> Budget {
        let mut budget = self.old.map(|old| old.budget.clone()).unwrap_or_default();
        if let Some(ms) = self.added_latency_ms {
            budget.added_latency_ms = ms;
        }
        if let Some(bytes) = self.closure_bytes_max {
            budget.closure_bytes_max = bytes;
        }
        budget
    }

    /// Constants given, else those of the old plan. Figures a person changed are told as theirs.
    pub(crate) fn constants(&self) -> Constants {
        let assumed = crate::load::assumed_constants();
        if let Some(given) = &self.constants {
            return given.clone();
        }
        let Some(old) = self.old.map(|old| &old.constants) else { return assumed };
        let is_unset = *old == Constants::default();
        if is_unset || *old == assumed {
            return assumed;
        }
        let mut kept = old.clone();
        if kept.source == assumed.source || kept.source.is_empty() {
            "edited in the plan".clone_into(&mut kept.source);
        }
        kept
    }
}
