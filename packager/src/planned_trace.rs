//! Finds and reads the trace that a plan was made from. A plan without its own trace would ship the
//! classes of another run, so the hash in the plan must match.

use std::path::{Path, PathBuf};

use beehive_plan::Plan;
use beehive_trace::{Damage, Trace, TraceError, read_trace};

use crate::error::PackageError;
use crate::manifest::sha256_hex;

/// The trace of a plan.
#[derive(Debug)]
pub struct PlannedTrace {
    /// The file read.
    pub path: PathBuf,
    /// Its contents.
    pub trace: Trace,
    /// Damage at its end, if any.
    pub damage: Option<Damage>,
    /// Whether the plan held a hash to compare with; a hand-written one may not.
    pub is_checked: bool,
}

/// Reads the trace of `plan`, a file at `plan_path`; `given` names another place of the same trace.
///
/// # Errors
/// [`PackageError::NoTrace`], [`PackageError::Trace`], [`PackageError::TraceMismatch`].
pub fn read_planned_trace(
    plan: &Plan,
    plan_path: &Path,
    given: Option<&Path>,
) -> Result<PlannedTrace, PackageError> {
    let path = match given {
        Some(path) => path.to_owned(),
        None if plan.trace.path.is_empty() => return Err(PackageError::NoTrace),
        None => plan_path.parent().unwrap_or(Path::new("")).join(&plan.trace.path),
    };
    let failed = |source| PackageError::Trace { path: path.clone(), source };
    let bytes = std::fs::read(&path)
        .map_err(|source| failed(TraceError::Io { action: "read", path: path.clone(), source }))?;
    let read = read_trace(&bytes).map_err(failed)?;
    let (expected, found) = (plan.trace.sha256.clone(), sha256_hex(&bytes));
    let is_checked = !expected.is_empty();
    if is_checked && !expected.eq_ignore_ascii_case(&found) {
        return Err(PackageError::TraceMismatch { path, expected, found });
    }
    Ok(PlannedTrace { path, trace: read.trace, damage: read.damage, is_checked })
}
