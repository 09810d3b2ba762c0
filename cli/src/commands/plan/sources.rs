//! Reads the traces of a plan, light and deep ones in any order, and joins them.

use std::path::{Path, PathBuf};

use beehive_analyzer::join;
use beehive_plan::{SourceTrace, TraceFile};
use beehive_trace::{RunMode, Trace, TraceError, read_trace};
use sha2::{Digest, Sha256};

use crate::diagnostics::{Failure, unreadable_trace};

/// The traces joined.
pub struct Sources {
    /// What to plan with.
    pub trace: Trace,
    /// Where it came from: the first light trace, the others as `more`.
    pub source: SourceTrace,
    /// What joining showed.
    pub notes: Vec<String>,
    /// What was wrong with a file.
    pub damage: Option<String>,
}

/// Reads `paths` once each, for contents and hash; a plan at `output` will name them.
pub fn read_sources(paths: &[PathBuf], output: &Path) -> Result<Sources, Failure> {
    let mut damage = Vec::new();
    let mut files: Vec<(bool, TraceFile)> = Vec::new();
    let mut traces = Vec::new();
    for path in paths {
        let bytes = std::fs::read(path).map_err(|source| {
            unreadable_trace(path, TraceError::Io { action: "read", path: path.clone(), source })
        })?;
        let read = read_trace(&bytes).map_err(|e| unreadable_trace(path, e))?;
        damage.extend(read.damage.map(|damage| damage.to_string()));
        let is_deep = read.trace.runs.iter().any(|run| run.mode == RunMode::Deep);
        let file = TraceFile {
            path: relative(path, output).display().to_string(),
            sha256: format!("{:x}", Sha256::digest(&bytes)),
        };
        files.push((is_deep, file));
        traces.push(read.trace);
    }
    // The first light trace stands first; the order is otherwise the given one.
    files.sort_by_key(|(is_deep, _)| *is_deep);
    let mut files = files.into_iter().map(|(_, file)| file);
    let first = files.next().unwrap_or_default();
    let source = SourceTrace {
        path: first.path,
        sha256: first.sha256,
        runs: Vec::new(),
        more: files.collect(),
    };
    let named = paths.first().map_or(Path::new(""), PathBuf::as_path);
    let joined = join(traces).map_err(|e| unreadable_trace(named, e))?;
    let damage = (!damage.is_empty()).then(|| damage.join("; "));
    Ok(Sources { trace: joined.trace, source, notes: joined.notes, damage })
}

/// The trace's path as seen from the plan's folder, so that both can be moved together.
fn relative(trace: &Path, plan: &Path) -> PathBuf {
    let (Ok(trace_full), Some(Ok(folder))) = (
        trace.canonicalize(),
        plan.parent()
            .map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p }.canonicalize()),
    ) else {
        return trace.to_owned();
    };
    trace_full.strip_prefix(&folder).map_or(trace_full.clone(), Path::to_owned)
}
