//! Reading the files that several verbs take, with the warnings a reader should see.

use std::path::Path;

use beehive_measured::{Measured, MeasuredError, read_measured};
use beehive_plan::PlanError;
use beehive_trace::Trace;

use crate::diagnostics::{Failure, unreadable_plan, unreadable_trace};
use crate::exit::Exit;
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

/// Reads what a run with offloading has measured.
pub fn read_measured_run(path: &Path) -> Result<Measured, Failure> {
    read_measured(path).map_err(|error| unreadable_measured(path, error))
}

fn unreadable_measured(path: &Path, error: MeasuredError) -> Failure {
    let shown = path.display();
    let remake = "make one with: beehive run --plan plan.toml -- java -jar app.jar".to_owned();
    let (code, help) = match &error {
        MeasuredError::Io { .. } => ("bee::measured::io", remake),
        MeasuredError::NewerVersion { .. } => {
            ("bee::measured::version", "upgrade beehive: cargo install --path cli".to_owned())
        }
        _ => ("bee::measured::contents", remake),
    };
    let message = format!("{shown} cannot be used as what a run measured");
    Failure::new(Exit::Input, code, message).because(error).help(help)
}
