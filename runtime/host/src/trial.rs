//! A trial of a bundle: a worker's JVM started from it on this machine, which looks whether it can be a
//! worker at all and loads every class, without a server. It does not run the application's code.

use std::path::PathBuf;
use std::process::Stdio;

use beehive_record::{Jdk, installed_jdks};

use crate::embedded::{RUNTIME, RUNTIME_NAME};
use crate::worker::WorkerCommand;

/// Class that loads the classes of a class path and tells how many.
pub(crate) const TRAINING: &str = "dev.beehive.runtime.worker.Training";
const HEAP_MIB: u32 = 512;

/// What a trial found.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Trial {
    /// `java.vm.version` of the JDK it ran on.
    pub jdk_build: String,
    /// Classes of the bundle and the runtime.
    pub classes: u64,
    /// Those that the JVM loaded. The others extend what only the server has.
    pub loaded: u64,
}

/// Why a bundle cannot be tried, or is none for workers.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrialError {
    /// No JDK of the bundle's build is installed.
    #[error("no JDK {build} is installed here")]
    NoJdk {
        /// `java.vm.version` that a worker must have.
        build: String,
    },
    /// The system refused something.
    #[error("cannot start a worker")]
    System(#[from] std::io::Error),
    /// The JVM ended without having loaded the classes.
    #[error("the worker ended: {said}")]
    Ended {
        /// What it said last.
        said: String,
    },
}

/// Starts a worker's JVM from `class_path`, on the installed JDK of `jdk_build`.
///
/// # Errors
/// See [`TrialError`].
pub fn try_bundle(class_path: &[PathBuf], jdk_build: &str) -> Result<Trial, TrialError> {
    let is_it = |jdk: &Jdk| !jdk.version.is_empty() && jdk_build.starts_with(&jdk.version);
    let jdk = installed_jdks().into_iter().find(is_it);
    let jdk = jdk.ok_or_else(|| TrialError::NoJdk { build: jdk_build.to_owned() })?;
    let place = tempfile::tempdir()?;
    let runtime_jar = place.path().join(RUNTIME_NAME);
    std::fs::write(&runtime_jar, RUNTIME)?;
    let command = WorkerCommand {
        java: jdk.java(),
        runtime_jar,
        class_path: class_path.to_vec(),
        heap_mib: HEAP_MIB,
        main: Some(TRAINING.to_owned()),
        ..WorkerCommand::default()
    };
    let output = command.process().stdin(Stdio::null()).output()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let counts = told.lines().find_map(counts).filter(|_| output.status.success());
    let Some((loaded, classes)) = counts else {
        let words = String::from_utf8_lossy(&output.stderr);
        let said = words.lines().last().unwrap_or("nothing").to_owned();
        return Err(TrialError::Ended { said });
    };
    Ok(Trial { jdk_build: jdk.build.clone(), classes, loaded })
}

/// The numbers of `trained LOADED of CLASSES`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let (loaded, classes) = line.strip_prefix("trained ")?.split_once(" of ")?;
    Some((loaded.parse().ok()?, classes.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_is_tried_on_its_own_jdk_and_on_no_other() {
        let jdk = installed_jdks().into_iter().next().expect("this test needs a JDK");
        let folder = tempfile::tempdir().unwrap();
        let jar = folder.path().join("classes.jar");
        std::fs::write(&jar, RUNTIME).unwrap();
        let trial = try_bundle(&[jar], &jdk.build).unwrap();
        assert!(trial.classes > 100 && trial.loaded == trial.classes, "{trial:?}");
        let error = try_bundle(&[], "1.2.3+4").unwrap_err();
        assert_eq!(error.to_string(), "no JDK 1.2.3+4 is installed here");
    }
}
