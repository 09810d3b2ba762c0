//! The CDS archive of a worker's classes: made by a start of a worker's JVM that loads them and serves
//! nobody, beside the application's start, because it must be of exactly this JDK and these jars. Workers
//! wait for it, as the application needs longer to its first request; but not for ever.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::trial::TRAINING;
use crate::worker::WorkerCommand;

/// Longest time it may take.
const LONGEST: Duration = Duration::from_mins(2);
/// Longest time workers wait for it.
const AWAITED: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(50);

/// An archive being made, or made.
#[derive(Debug)]
pub(crate) struct Training {
    child: Arc<Mutex<Child>>,
    is_over: Arc<AtomicBool>,
    began: Instant,
}

impl Training {
    /// Starts making `archive` for workers that `command` starts. `logs` tell which classes of the JDK are
    /// in it besides.
    pub(crate) fn start(
        command: &WorkerCommand,
        archive: &Path,
        logs: &[PathBuf],
    ) -> std::io::Result<Self> {
        let part = archive.with_extension("part");
        let child = Arc::new(Mutex::new(training(command, &part).args(logs).spawn()?));
        let is_over = Arc::new(AtomicBool::new(false));
        let training = Self {
            child: Arc::clone(&child),
            is_over: Arc::clone(&is_over),
            began: Instant::now(),
        };
        let archive = archive.to_owned();
        std::thread::spawn(move || {
            // Never in its place before it is whole: a worker may start at any moment.
            if ends_well(&child) {
                // If it cannot be moved, workers start without, as before.
                let _ = std::fs::rename(&part, &archive);
            }
            is_over.store(true, Ordering::Release);
        });
        Ok(training)
    }

    /// Whether it has come to its end, good or bad.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Whether a worker should rather wait for the archive.
    pub(crate) fn is_awaited(&self, now: Instant) -> bool {
        !self.is_over() && now - self.began < AWAITED
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended long ago.
        let _ = child.kill();
        let _ = child.wait();
    }
}

/// The process that writes `archive`. It differs from a worker's in what it runs alone: an archive is
/// taken only by a JVM with the same options.
fn training(command: &WorkerCommand, archive: &PathBuf) -> Command {
    let command = WorkerCommand {
        archive: None,
        class_log: None,
        main: Some(TRAINING.to_owned()),
        ..command.clone()
    };
    let mut option = std::ffi::OsString::from("-XX:ArchiveClassesAtExit=");
    option.push(archive);
    let mut process = command.process_with(&[option, "-Xlog:disable".into()]);
    process.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    process
}

fn ends_well(child: &Mutex<Child>) -> bool {
    let began = Instant::now();
    while began.elapsed() < LONGEST {
        let status = child.lock().unwrap_or_else(PoisonError::into_inner).try_wait();
        match status {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(TICK),
            Err(_) => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use beehive_record::installed_jdks;

    use super::*;
    use crate::embedded::RUNTIME;

    #[test]
    fn a_worker_takes_its_classes_from_the_archive_of_a_training_start() {
        for jdk in installed_jdks() {
            let folder = tempfile::tempdir().unwrap();
            let runtime_jar = folder.path().join("runtime.jar");
            std::fs::write(&runtime_jar, RUNTIME).unwrap();
            let archive = folder.path().join("workers.jsa");
            let mut command = WorkerCommand {
                java: jdk.java(),
                class_path: vec![runtime_jar.clone()],
                runtime_jar,
                archive: Some(archive.clone()),
                heap_mib: 64,
                main: Some(TRAINING.to_owned()),
                ..WorkerCommand::default()
            };
            let training = Training::start(&command, &archive, &[]).unwrap();
            while training.is_awaited(Instant::now()) {
                assert!(
                    !training.is_awaited(Instant::now() + AWAITED),
                    "it is not waited for long"
                );
                std::thread::sleep(TICK);
            }
            assert!(archive.is_file(), "JDK {}", jdk.version);
            drop(training);
            let quiet = command.process().output().unwrap();
            let said = String::from_utf8_lossy(&quiet.stdout).into_owned();
            assert!(said.starts_with("trained "), "no place for remarks of the JVM: {said}");
            command.options = vec!["-Xlog:class+load".to_owned()];
            let output = command.process().output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            let shared = text.lines().filter(|line| line.contains("shared objects file (top)"));
            assert!(shared.count() > 50, "JDK {}: {text}", jdk.version);
            assert!(text.contains("trained"), "{text}");
        }
    }

    #[test]
    fn a_training_is_ended_with_its_run() {
        let folder = tempfile::tempdir().unwrap();
        let jdk = installed_jdks().into_iter().next().expect("this test needs a JDK");
        let runtime_jar = folder.path().join("runtime.jar");
        std::fs::write(&runtime_jar, RUNTIME).unwrap();
        let command = WorkerCommand {
            java: jdk.java(),
            runtime_jar,
            heap_mib: 64,
            ..WorkerCommand::default()
        };
        let archive = folder.path().join("workers.jsa");
        drop(Training::start(&command, &archive, &[]).unwrap());
        assert!(!archive.exists());
    }
}
