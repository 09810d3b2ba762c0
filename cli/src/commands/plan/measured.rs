//! `--measured`: what a run with offloading has measured, laid beside what this plan predicts.

use std::path::Path;

use beehive_analyzer::{Beside, beside};
use beehive_measured::{MeasuredError, read_measured};
use beehive_plan::FallbackReport;

use crate::diagnostics::Failure;
use crate::exit::Exit;

/// Reads the file and pairs it with the predictions.
pub fn laid_beside(path: &Path, predicted: &FallbackReport) -> Result<Beside, Failure> {
    let measured = read_measured(path).map_err(|error| unreadable(path, error))?;
    Ok(beside(predicted, &measured.fallbacks))
}

fn unreadable(path: &Path, error: MeasuredError) -> Failure {
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
