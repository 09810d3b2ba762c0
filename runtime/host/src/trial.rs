//! A trial of a bundle on this machine: a worker's JVM started from it that loads every class, then the
//! self-test. Nothing of the application runs.

use std::process::Stdio;

use beehive_record::{Jdk, installed_jdks};

use crate::embedded::{RUNTIME, RUNTIME_NAME};
use crate::self_test::self_test;
use crate::spec::WorkerFiles;
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
    /// Invocations that an admitted worker answered right in the self-test.
    pub invocations: u64,
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
    /// The installed JDK of the bundle's version is of another build.
    #[error("the bundle is for JDK {bundle}, the one installed here is {found}")]
    OtherBuild {
        /// `java.vm.version` in the manifest.
        bundle: String,
        /// That of the JDK found.
        found: String,
    },
    /// The system refused something.
    #[error("cannot start a worker")]
    System(#[from] std::io::Error),
    /// The worker's JVM ended before its time.
    #[error("the worker ended: {said}")]
    Ended {
        /// What it said last.
        said: String,
    },
    /// The server did not admit the worker, or an invocation could not travel.
    #[error("the worker is refused: {code}: {text}")]
    Refused {
        /// One of the codes of `docs/protocol.md`.
        code: String,
        /// For a person.
        text: String,
    },
    /// What travelled came back wrong, or not at all.
    #[error("the self-test failed: {what}")]
    SelfTest {
        /// What was wrong.
        what: String,
    },
}

/// Starts workers from a bundle's files, on the installed JDK of its build.
///
/// # Errors
/// See [`TrialError`].
pub fn try_bundle(files: &WorkerFiles) -> Result<Trial, TrialError> {
    let is_it = |jdk: &Jdk| !jdk.version.is_empty() && files.jdk_build.starts_with(&jdk.version);
    let jdks: Vec<Jdk> = installed_jdks().into_iter().filter(is_it).collect();
    let exact = jdks.iter().find(|jdk| jdk.build == files.jdk_build);
    let jdk = exact.or(jdks.first());
    let jdk = jdk.ok_or_else(|| TrialError::NoJdk { build: files.jdk_build.clone() })?;
    let worker = WorkerCommand {
        java: jdk.java(),
        class_path: files.class_path.clone(),
        heap_mib: HEAP_MIB,
        ..WorkerCommand::default()
    };
    let (loaded, classes) = load(&worker)?;
    let invocations = self_test(&jdk.java(), worker, files)?;
    Ok(Trial { jdk_build: files.jdk_build.clone(), classes, loaded, invocations })
}

/// Loads every class in a worker's JVM that serves nobody: how many of how many it could.
fn load(worker: &WorkerCommand) -> Result<(u64, u64), TrialError> {
    if let Some(missing) = worker.class_path.iter().find(|jar| !jar.is_file()) {
        return Err(TrialError::Ended { said: format!("{} is missing", missing.display()) });
    }
    let place = tempfile::tempdir()?;
    let runtime_jar = place.path().join(RUNTIME_NAME);
    std::fs::write(&runtime_jar, RUNTIME)?;
    let command = WorkerCommand { runtime_jar, main: Some(TRAINING.to_owned()), ..worker.clone() };
    let output = command.process().stdin(Stdio::null()).output()?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    let counts = told.lines().find_map(counts).filter(|_| output.status.success());
    counts.ok_or_else(|| {
        let words = String::from_utf8_lossy(&output.stderr);
        TrialError::Ended { said: words.lines().last().unwrap_or("nothing").to_owned() }
    })
}

/// The numbers of `trained LOADED of CLASSES`.
fn counts(line: &str) -> Option<(u64, u64)> {
    let (loaded, classes) = line.strip_prefix("trained ")?.split_once(" of ")?;
    Some((loaded.parse().ok()?, classes.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A bundle of one jar whose classes any worker has.
    fn files(folder: &Path, jdk_build: &str) -> WorkerFiles {
        let jar = folder.join("classes.jar");
        std::fs::write(&jar, RUNTIME).unwrap();
        WorkerFiles {
            class_path: vec![jar],
            digest: "abc".to_owned(),
            jdk_build: jdk_build.to_owned(),
            ..WorkerFiles::default()
        }
    }

    #[test]
    fn a_bundle_is_tried_on_its_own_jdk_and_on_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let jdks = installed_jdks();
        assert!(!jdks.is_empty(), "this test needs a JDK");
        for jdk in &jdks {
            let trial = try_bundle(&files(folder.path(), &jdk.build)).unwrap();
            assert!(trial.classes > 100 && trial.loaded == trial.classes, "{trial:?}");
            assert_eq!(trial.invocations, 4);
        }
        let error = try_bundle(&files(folder.path(), "1.2.3+4")).unwrap_err();
        assert_eq!(error.to_string(), "no JDK 1.2.3+4 is installed here");
        let other = format!("{}-of-another-vendor", jdks[0].build);
        let error = try_bundle(&files(folder.path(), &other)).unwrap_err();
        assert!(matches!(error, TrialError::OtherBuild { .. }), "{error}");
        let mut without = files(folder.path(), &jdks[0].build);
        std::fs::remove_file(without.class_path.remove(0)).unwrap();
        without.class_path.push(folder.path().join("classes.jar"));
        assert!(try_bundle(&without).unwrap_err().to_string().contains("is missing"));
    }

    #[test]
    fn a_worker_of_another_jdk_is_not_admitted() {
        let folder = tempfile::tempdir().unwrap();
        let mut jdks = installed_jdks();
        jdks.dedup_by(|a, b| a.build == b.build);
        let [server, other, ..] = jdks.as_slice() else { return };
        let files = files(folder.path(), &server.build);
        let worker = WorkerCommand {
            java: other.java(),
            class_path: files.class_path.clone(),
            heap_mib: 64,
            ..WorkerCommand::default()
        };
        let error = self_test(&server.java(), worker, &files).unwrap_err();
        let is_refused =
            matches!(&error, TrialError::Refused { code, .. } if code == "WORKER_MISMATCH");
        assert!(is_refused, "{error}");
    }
}
