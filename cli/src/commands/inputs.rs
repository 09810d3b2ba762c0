//! Reading the files that several verbs take, with the warnings a reader should see.

use std::path::Path;

use beehive_plan::PlanError;
use beehive_trace::Trace;

use crate::diagnostics::{Failure, unreadable_plan, unreadable_trace};
use crate::printer::Printer;

/// Reads a trace; damage at its end is a warning, what stands before it is used.
pub fn read_trace(path: &Path, printer: &Printer) -> Result<Trace, Failure> {
    let read = beehive_trace::read_trace_file(path).map_err(|e| unreadable_trace(path, e))?;
    if let Some(damage) = read.damage {
        let shown = path.display();
        printer.warning(format!("{shown}: {damage}; everything before it is used"));
    }
    Ok(read.trace)
}

/// Reads a plan's file as it stands, for its hash.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|source| {
        unreadable_plan(path, PlanError::Io { action: "read", path: path.to_owned(), source })
    })
}
