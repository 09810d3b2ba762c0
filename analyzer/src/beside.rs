//! Predicted fallbacks beside measured ones: both are in one schema, so this only pairs them, root by
//! root and execution by execution, and names what either side holds to be the cause of a difference.

use std::collections::BTreeSet;
use std::fmt::Write;

use beehive_plan::{FallbackKind, FallbackReport, RootFallbacks};
use serde::Serialize;

/// Causes named for one difference.
const CAUSES_MAX: usize = 3;
/// Fallbacks per execution by which both may differ and still agree.
const AGREES_WITHIN: f64 = 0.5;

/// Predictions beside measurements, by method name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Beside {
    /// Every root that either side knows.
    pub roots: Vec<RootBeside>,
}

/// One root.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RootBeside {
    /// `class#name(descriptor)`.
    pub method: String,
    /// Executions measured on workers.
    pub executed: u64,
    /// The executions that both sides tell of or one of them, with the kinds that are not nought.
    pub rows: Vec<RowBeside>,
    /// Why nothing can be compared, if so.
    pub remark: Option<String>,
}

/// One kind of fallback in one execution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowBeside {
    /// Number of the execution on a new worker; 10 for the steady state.
    pub execution: u32,
    /// Kind of fallback.
    pub kind: FallbackKind,
    /// Fallbacks of one execution; `None` if this side does not tell of it.
    pub predicted: Option<f64>,
    /// Fallbacks of one execution; `None` if this side does not tell of it.
    pub measured: Option<f64>,
    /// Whether both are known and far enough apart to say so.
    pub differs: bool,
    /// What either side holds to be the cause, most frequent first, if they differ.
    pub causes: Vec<String>,
}

/// Pairs what was predicted with what was measured.
pub fn beside(predicted: &FallbackReport, measured: &FallbackReport) -> Beside {
    let names = |report: &FallbackReport| -> BTreeSet<String> {
        report.roots.iter().map(|root| root.method.clone()).collect()
    };
    // A prediction tells of every candidate; only those that were run are compared.
    let roots = names(measured).into_iter().map(|method| {
        let of = |report: &'_ FallbackReport| {
            report.roots.iter().find(|root| root.method == method).cloned()
        };
        root_beside(&method, of(predicted).as_ref(), of(measured).as_ref())
    });
    Beside { roots: roots.collect() }
}

fn root_beside(
    method: &str,
    predicted: Option<&RootFallbacks>,
    measured: Option<&RootFallbacks>,
) -> RootBeside {
    let executed = measured.map_or(0, |root| root.observed.executions);
    let remark = match predicted {
        None => {
            Some("nothing was predicted: plan with a deep trace beside the light one".to_owned())
        }
        Some(_) if executed == 0 => Some("it was never executed on a worker".to_owned()),
        Some(_) => None,
    };
    let numbers: BTreeSet<u32> = [predicted, measured]
        .into_iter()
        .flatten()
        .flat_map(|root| root.executions.iter().map(|execution| execution.number))
        .collect();
    let rows = numbers.into_iter().flat_map(|number| {
        FallbackKind::ALL.into_iter().filter_map(move |kind| row(number, kind, predicted, measured))
    });
    RootBeside { method: method.to_owned(), executed, rows: rows.collect(), remark }
}

fn row(
    execution: u32,
    kind: FallbackKind,
    predicted: Option<&RootFallbacks>,
    measured: Option<&RootFallbacks>,
) -> Option<RowBeside> {
    let count =
        |root: Option<&RootFallbacks>| Some(root?.execution(execution)?.fallbacks.get(kind));
    let (foretold, found) = (count(predicted), count(measured));
    if foretold.unwrap_or_default() <= 0.0 && found.unwrap_or_default() <= 0.0 {
        return None;
    }
    let differs = matches!((foretold, found), (Some(p), Some(m)) if (p - m).abs() > AGREES_WITHIN);
    let causes = if differs { causes(execution, kind, predicted, measured) } else { Vec::new() };
    Some(RowBeside { execution, kind, predicted: foretold, measured: found, differs, causes })
}

fn causes(
    execution: u32,
    kind: FallbackKind,
    predicted: Option<&RootFallbacks>,
    measured: Option<&RootFallbacks>,
) -> Vec<String> {
    let told = |root: Option<&RootFallbacks>, side: &str| -> Vec<String> {
        let causes = root.and_then(|root| root.execution(execution)).map(|e| e.causes.as_slice());
        let of_kind = causes.unwrap_or_default().iter().filter(|cause| cause.kind == kind);
        of_kind
            .take(CAUSES_MAX)
            .map(|cause| format!("{side}: {} ({:.1} times)", cause.what, cause.per_execution))
            .collect()
    };
    let foretold = told(predicted, "predicted");
    foretold.into_iter().chain(told(measured, "measured")).collect()
}

impl Beside {
    /// Lines for a person.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for root in &self.roots {
            // Writing to a string does not fail.
            let _ = writeln!(out, "{}: {} executions on workers", root.method, root.executed);
            if let Some(remark) = &root.remark {
                let _ = writeln!(out, "  {remark}");
            }
            if root.rows.is_empty() && root.remark.is_none() {
                let _ = writeln!(out, "  no fallbacks, predicted and measured");
            }
            for row in &root.rows {
                let _ = writeln!(
                    out,
                    "  {:8} {:7}  predicted {:>6}  measured {:>6}{}",
                    ordinal(row.execution),
                    row.kind.name(),
                    figure(row.predicted),
                    figure(row.measured),
                    if row.differs { "  differs" } else { "" }
                );
                for cause in &row.causes {
                    let _ = writeln!(out, "             {cause}");
                }
            }
        }
        out
    }
}

fn ordinal(execution: u32) -> String {
    match execution {
        1 => "1st".to_owned(),
        2 => "2nd".to_owned(),
        3 => "3rd".to_owned(),
        10 => "steady".to_owned(),
        other => format!("{other}th"),
    }
}

fn figure(value: Option<f64>) -> String {
    value.map_or("?".to_owned(), |value| format!("{value:.1}"))
}

#[cfg(test)]
mod tests {
    use beehive_plan::{Execution, FallbackCause, FallbackCounts, Observed};

    use super::*;

    fn report(object: f64, cause: &str) -> FallbackReport {
        let causes = vec![FallbackCause {
            kind: FallbackKind::Object,
            what: cause.to_owned(),
            per_execution: object,
            ..FallbackCause::default()
        }];
        let fallbacks = FallbackCounts { object, ..FallbackCounts::default() };
        let root = RootFallbacks {
            method: "a.B#c()V".to_owned(),
            observed: Observed { executions: 4, ..Observed::default() },
            executions: vec![Execution { number: 1, fallbacks, causes }],
            ..RootFallbacks::default()
        };
        FallbackReport { roots: vec![root], ..FallbackReport::default() }
    }

    #[test]
    fn a_difference_is_named_with_its_causes_and_agreement_is_not() {
        let far = beside(&report(7.0, "a.B#shop"), &report(2.0, "a.Cart"));
        let row = &far.roots[0].rows[0];
        assert!(row.differs);
        assert_eq!(row.causes, ["predicted: a.B#shop (7.0 times)", "measured: a.Cart (2.0 times)"]);
        let near = beside(&report(2.25, "a.B#shop"), &report(2.0, "a.Cart"));
        assert!(!near.roots[0].rows[0].differs && near.roots[0].rows[0].causes.is_empty());
    }

    #[test]
    fn what_one_side_does_not_tell_is_unknown() {
        let unpredicted = beside(&FallbackReport::default(), &report(2.0, "a.Cart"));
        let root = &unpredicted.roots[0];
        assert_eq!((root.rows[0].predicted, root.rows[0].differs), (None, false));
        assert!(root.remark.as_ref().unwrap().contains("deep trace"));
        assert!(unpredicted.to_text().contains("predicted      ?"), "{}", unpredicted.to_text());
    }
}
