//! `package --verify`: the bundle as it stands on disk, read again, compared with what packaging gives
//! now, and tried in JVMs of this machine.

use std::path::Path;

use beehive_host::{Trial, try_bundle};
use beehive_packager::{
    Bundle, MANIFEST_NAME, PackageError, PlannedTrace, Platform, read_directory, verify,
};

use crate::commands::worker_files::worker_files;
use crate::diagnostics::Failure;
use crate::exit::Exit;

use super::packaging_failure;

/// Verifies the bundle at `directory`, which is to be `bundle`.
///
/// # Errors
/// Whatever is wrong with it ends with the exit code of verification.
pub fn of(
    directory: &Path,
    bundle: &Bundle,
    planned: &PlannedTrace,
    plan: &Path,
) -> Result<Trial, Failure> {
    let failed = |error| unverified(error, plan);
    let files = read_directory(directory).map_err(failed)?;
    verify(directory, &files, &Platform::of(&planned.trace)).map_err(failed)?;
    if files.get(MANIFEST_NAME) != bundle.files.get(MANIFEST_NAME) {
        let shown = directory.display();
        let message = format!("{shown} is of another plan or of another build of the application");
        return Err(Failure::new(Exit::Verification, "bee::package::stale", message)
            .help(format!("make it again: beehive package {} -o {shown}", plan.display())));
    }
    let (files, _) = worker_files(directory).map_err(failed)?;
    try_bundle(&files).map_err(|error| {
        let message = "no worker can serve from the bundle";
        Failure::new(Exit::Verification, "bee::package::trial", message).because(error).help(
            "the bundle is in place; package on the machine, and with the JDK, that runs the application",
        )
    })
}

/// A bundle that cannot be read does not verify either.
fn unverified(error: PackageError, plan: &Path) -> Failure {
    match error {
        PackageError::Verification { .. } | PackageError::Manifest { .. } => {
            let plan = plan.display();
            Failure::new(
                Exit::Verification,
                "bee::package::verification",
                "the bundle does not verify",
            )
            .because(error)
            .help(format!(
                "it was altered after it was written; make it again: beehive package {plan}"
            ))
        }
        other => packaging_failure(other, plan),
    }
}
