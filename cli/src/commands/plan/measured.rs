//! `--measured`: what a run with offloading has measured, laid beside what this plan predicts.

use std::path::Path;

use beehive_analyzer::{Beside, beside};
use beehive_plan::FallbackReport;

use crate::commands::inputs::read_measured_run;
use crate::diagnostics::Failure;

/// Reads the file and pairs it with the predictions.
pub fn laid_beside(path: &Path, predicted: &FallbackReport) -> Result<Beside, Failure> {
    let measured = read_measured_run(path)?;
    Ok(beside(predicted, &measured.fallbacks))
}
