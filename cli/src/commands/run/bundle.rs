//! The bundle that workers are started from: the one given, if it is of this plan and of the
//! application as it stands now; else one made for this run alone.

use std::path::Path;

use beehive_host::WorkerFiles;
use beehive_packager::{
    MANIFEST_NAME, Platform, Target, make_bundle, read_directory, read_planned_trace, verify,
    write_bundle,
};
use beehive_plan::Plan;
use tempfile::TempDir;

use crate::args::run::RunArgs;
use crate::commands::package::packaging_failure;
use crate::commands::worker_files::worker_files;
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::printer::Printer;

/// A bundle on disk, checked.
pub struct Ready {
    /// What workers are started from.
    pub files: WorkerFiles,
    /// Its roots, sorted.
    pub roots: Vec<String>,
    /// Keeps a bundle that was made for this run; it vanishes with this value.
    _made: Option<TempDir>,
}

/// Checks the bundle given, or makes one.
///
/// # Errors
/// Those of packaging; a bundle of another plan or of another build of the application.
pub fn ready(args: &RunArgs, plan: &Plan, printer: &Printer) -> Result<Ready, Failure> {
    let failed = |error| packaging_failure(error, &args.plan);
    let planned = read_planned_trace(plan, &args.plan, args.trace.as_deref()).map_err(failed)?;
    // The trace holds no hashes of the application's classes. Packages are reproducible, so making the
    // bundle again tells whether a given one is of the classes that the server is about to load.
    let fresh = make_bundle(plan, &planned.trace, Target::Local).map_err(failed)?;
    let Some(given) = &args.bundle else {
        let place = tempfile::Builder::new()
            .prefix("beehive-bundle-")
            .tempdir()
            .map_err(|e| crate::diagnostics::unwritable(&std::env::temp_dir(), e))?;
        let directory = place.path().join("bundle");
        write_bundle(&fresh, &planned.trace, &directory).map_err(failed)?;
        let (files, roots) = worker_files(&directory).map_err(failed)?;
        return Ok(Ready { files, roots, _made: Some(place) });
    };
    let files = read_directory(given).map_err(failed)?;
    verify(given, &files, &Platform::of(&planned.trace)).map_err(failed)?;
    if files.get(MANIFEST_NAME) != fresh.files.get(MANIFEST_NAME) {
        return Err(stale(given, args));
    }
    printer.note(format!("beehive: {} is of this plan and of this build", given.display()));
    let (files, roots) = worker_files(given).map_err(failed)?;
    Ok(Ready { files, roots, _made: None })
}

fn stale(given: &Path, args: &RunArgs) -> Failure {
    let shown = given.display();
    let message = format!("{shown} is of another plan or of another build of the application");
    Failure::new(Exit::Input, "bee::run::stale_bundle", message).help(format!(
        "make it again: beehive package {} -o {shown}; or leave --bundle out",
        args.plan.display()
    ))
}
