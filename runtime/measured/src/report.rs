//! Measured counts in the schema of predictions, so that both can be laid side by side. Arithmetic
//! only: sums over workers become means per execution.

use beehive_plan::{
    Basis, Execution, FALLBACKS_VERSION, FallbackCause, FallbackKind, FallbackReport,
    InitialClosure, Observed, RootFallbacks,
};

use crate::server::{Executions, MeasuredRoot, ServerMeasured};

/// Number under which the third and later executions stand, as the steady state does in predictions.
const STEADY: u32 = 10;

/// What the server counted, as a report.
pub fn fallback_report(server: &ServerMeasured, jdk_build: &str) -> FallbackReport {
    FallbackReport {
        version: FALLBACKS_VERSION,
        basis: Basis::Measured,
        jdk_build: jdk_build.to_owned(),
        roots: server.roots.iter().map(root).collect(),
    }
}

fn root(measured: &MeasuredRoot) -> RootFallbacks {
    let parts = [(1, measured.first), (2, measured.second), (STEADY, measured.steady)];
    let executions: Vec<Execution> =
        parts.into_iter().filter_map(|(number, part)| execution(number, part, measured)).collect();
    let sum = parts.iter().map(|(_, part)| part.executions).sum();
    let mut remarks = Vec::new();
    if measured.steady.executions > 0 {
        remarks.push(format!(
            "execution {STEADY} stands for the third and later ones: {} of them",
            measured.steady.executions
        ));
    }
    RootFallbacks {
        method: measured.method.clone(),
        observed: Observed { executions: sum, failed: measured.failed, ..Observed::default() },
        executions,
        closure: InitialClosure {
            wire_bytes: (sum > 0).then(|| measured.bytes_out as f64 / sum as f64),
            ..InitialClosure::default()
        },
        remarks,
        ..RootFallbacks::default()
    }
}

fn execution(number: u32, part: Executions, measured: &MeasuredRoot) -> Option<Execution> {
    let fallbacks = part.mean()?;
    // Causes are counted over all executions, so they can be told of the steady state only when the
    // others are few beside it.
    let causes = if number == STEADY { causes(part, measured) } else { Vec::new() };
    Some(Execution { number, fallbacks, causes })
}

fn causes(part: Executions, measured: &MeasuredRoot) -> Vec<FallbackCause> {
    let all = measured.first.executions + measured.second.executions + part.executions;
    let of = |kind, counts: &std::collections::BTreeMap<String, u64>| -> Vec<FallbackCause> {
        let mut found: Vec<FallbackCause> = counts
            .iter()
            .map(|(what, count)| FallbackCause {
                kind,
                what: what.clone(),
                per_execution: *count as f64 / all as f64,
                why: "counted over all executions".to_owned(),
                path: Vec::new(),
            })
            .collect();
        found.sort_by(|a, b| b.per_execution.total_cmp(&a.per_execution).then(a.what.cmp(&b.what)));
        found
    };
    let calls = of(FallbackKind::Call, &measured.calls);
    calls.into_iter().chain(of(FallbackKind::Object, &measured.objects)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::Fallbacks;

    #[test]
    fn sums_over_workers_become_means_and_the_unexecuted_stays_unknown() {
        let first = Executions {
            executions: 2,
            fallbacks: Fallbacks { object: 6, ..Fallbacks::default() },
        };
        let measured = MeasuredRoot { method: "a.B#c()V".into(), first, ..MeasuredRoot::default() };
        let server = ServerMeasured { roots: vec![measured], ..ServerMeasured::default() };
        let report = fallback_report(&server, "17.0.15+6");
        let root = &report.roots[0];
        assert_eq!((report.basis, root.observed.executions), (Basis::Measured, 2));
        assert!((root.execution(1).unwrap().fallbacks.object - 3.0).abs() < 1e-9);
        assert!(root.execution(2).is_none() && root.execution(STEADY).is_none());
    }
}
