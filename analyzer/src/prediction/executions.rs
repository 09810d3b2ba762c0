//! The 1st, 2nd and 10th execution on one new worker, added up from the causes.

use beehive_plan::{Execution, FallbackCause, FallbackKind};

use super::causes::{Cause, Scene};
use super::closure::unseen_edges;

/// The executions told of.
pub(crate) const NUMBERS: [u32; 3] = [1, 2, 10];

/// Fallbacks per execution below which an unseen reference is not told.
const UNSEEN_MIN: f64 = 1e-3;

/// The executions, each with its causes by count.
pub(crate) fn executions(scene: Scene<'_, '_>, causes: &[Cause]) -> Vec<Execution> {
    NUMBERS.iter().map(|&number| execution(scene, causes, number)).collect()
}

fn execution(scene: Scene<'_, '_>, causes: &[Cause], number: u32) -> Execution {
    let mut execution = Execution { number, ..Execution::default() };
    let stays = |cause: &&Cause| number == 1 || !cause.is_first_only;
    execution.causes = causes.iter().filter(stays).map(|cause| cause.cause.clone()).collect();
    let unseen = unseen_edges(*scene.rows, scene.region, number - 1);
    if let Some(unseen) = unseen.filter(|unseen| *unseen >= UNSEEN_MIN) {
        execution.causes.push(FallbackCause {
            kind: FallbackKind::Object,
            what: "references no sample followed".to_owned(),
            per_execution: unseen,
            why: "estimated from references that only one sample followed".to_owned(),
            path: Vec::new(),
        });
    }
    execution.causes.sort_by(|a, b| {
        let by_count = b.per_execution.total_cmp(&a.per_execution);
        by_count.then_with(|| (a.kind, &a.what).cmp(&(b.kind, &b.what)))
    });
    for cause in &execution.causes {
        *execution.fallbacks.get_mut(cause.kind) += cause.per_execution;
    }
    execution
}
