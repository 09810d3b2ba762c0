//! Merging traces: counters add, sets unite. Associative and commutative because it is one fold of
//! all tables, and the fold makes canonical order (property-tested in `tests/laws.rs`).

use std::convert::Infallible;

use crate::chunk::Chunk;
use crate::deep::{Deep, DeepRow, EachTable};
use crate::error::TraceError;
use crate::fold::Fold;
use crate::model::{OUTSIDE, RunFacts, Trace};
use crate::write::chunks_of;

/// The trace of all runs of all `traces`. The order of `traces` does not matter. Where two describe one
/// run differently (one was cut short), the facts that sort last are kept.
///
/// # Errors
/// [`TraceError::DanglingId`] if one of them refers to undefined rows.
pub fn merge(traces: &[Trace]) -> Result<Trace, TraceError> {
    let mut fold = Fold::default();
    let (mut classes, mut methods) = (0u32, 0u32);
    for trace in traces {
        let mut shifted = shift_ids(trace, classes, methods);
        shifted.runs.clear();
        chunks_of(&shifted, classes, methods, &mut |chunk| fold.push(chunk))?;
        classes += trace.classes.len() as u32;
        methods += trace.methods.len() as u32;
    }
    let mut runs: Vec<&RunFacts> = traces.iter().flat_map(|t| &t.runs).collect();
    runs.sort();
    for run in runs {
        fold.push(Chunk::Run(Box::new(run.clone())))?;
    }
    fold.finish()
}

/// A copy whose ids begin at `classes` and `methods`, so that several traces share one numbering.
fn shift_ids(trace: &Trace, classes: u32, methods: u32) -> Trace {
    let method_id = |id: u32| if id == OUTSIDE { id } else { id.saturating_add(methods) };
    let mut t = trace.clone();
    t.methods.iter_mut().for_each(|m| m.class += classes);
    for edge in &mut t.edges {
        edge.caller = method_id(edge.caller);
        edge.callee = method_id(edge.callee);
    }
    t.roots.iter_mut().for_each(|r| r.method = method_id(r.method));
    for row in &mut t.class_uses {
        row.class += classes;
        row.method = method_id(row.method);
    }
    t.threads.iter_mut().for_each(|r| r.starter = method_id(r.starter));
    t.monitors.iter_mut().for_each(|r| r.method = method_id(r.method));
    t.connections.iter_mut().for_each(|r| r.method = method_id(r.method));
    t.generated.iter_mut().for_each(|r| r.class += classes);
    let Ok(()) = t.deep.each_table(&mut ShiftDeep(method_id));
    t
}

/// Changes the method ids of deep rows.
struct ShiftDeep<F>(F);

impl<F: Fn(u32) -> u32> EachTable for ShiftDeep<F> {
    type Error = Infallible;

    fn table<R: DeepRow>(
        &mut self,
        rows: &mut Vec<R>,
        _: fn(Vec<R>) -> Deep,
    ) -> Result<(), Infallible> {
        rows.iter_mut().flat_map(DeepRow::ids).for_each(|id| *id = (self.0)(*id));
        Ok(())
    }
}
