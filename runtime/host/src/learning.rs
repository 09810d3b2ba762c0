//! What workers had to ask the server for becomes part of what later workers start with: the server writes
//! the class files into a jar, and a CDS archive is made of bundle, jar and the JDK's classes that the first
//! workers have loaded. No bundle could hold all of them: which class an interface stands for is the
//! application's configuration, and classes made at run time are made anew by each start.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::archive::Training;
use crate::worker::WorkerCommand;

/// Time without a new question after which there is enough to learn from.
const QUIET: Duration = Duration::from_secs(2);
/// Times it is done in one run: each costs some seconds of a processor.
const TIMES: u32 = 3;
/// Questions that are not worth the effort.
const FEW: u64 = 20;

/// What is being learned in one run.
#[derive(Debug)]
pub(crate) struct Learning {
    /// Private directory of the run.
    place: PathBuf,
    /// What the first workers start from.
    class_path: Vec<PathBuf>,
    /// Class files that workers have asked for, as last told.
    asked: u64,
    since: Instant,
    /// How many of them workers start with.
    held: u64,
    times: u32,
    /// What later workers start from, while its archive is made.
    next: Option<(WorkerCommand, Training)>,
}

impl Learning {
    /// In a run whose private directory is `place`, with this class path of the first workers.
    pub(crate) fn new(place: &Path, class_path: &[PathBuf]) -> Self {
        Self {
            place: place.to_owned(),
            class_path: class_path.to_owned(),
            asked: 0,
            since: Instant::now(),
            held: 0,
            times: 0,
            next: None,
        }
    }

    /// Where the first workers write which classes they load; each puts its process into the name.
    pub(crate) fn class_log(place: &Path) -> PathBuf {
        place.join("loaded-%p.log")
    }

    /// The server has counted what was asked for.
    pub(crate) fn on_asked(&mut self, asked: u64, now: Instant) {
        if asked != self.asked {
            self.asked = asked;
            self.since = now;
        }
    }

    /// The jar that the server is to write now.
    pub(crate) fn wish(&mut self, now: Instant) -> Option<PathBuf> {
        let is_new = self.asked >= self.held + FEW && now - self.since >= QUIET;
        if !is_new || self.next.is_some() || self.times == TIMES {
            return None;
        }
        self.times += 1;
        self.held = self.asked;
        Some(self.place.join(format!("asked-{}.jar", self.times)))
    }

    /// The server has written a jar for workers that are started by `command` now.
    pub(crate) fn on_written(&mut self, jar: &Path, now: &WorkerCommand) -> std::io::Result<()> {
        let archive = jar.with_extension("jsa");
        let mut command = WorkerCommand { class_log: None, ..now.clone() };
        command.class_path = self.class_path.iter().cloned().chain([jar.to_owned()]).collect();
        let training = Training::start(&command, &archive, &self.logs())?;
        command.archive = Some(archive);
        self.next = Some((command, training));
        Ok(())
    }

    /// What the first workers have written about the classes they have loaded.
    fn logs(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.place).into_iter().flatten().flatten();
        let mut logs: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
        logs.sort();
        logs
    }

    /// What workers are started from now on, once it is there.
    pub(crate) fn take(&mut self) -> Option<(WorkerCommand, u64)> {
        let (command, _) = self.next.take_if(|(_, training)| training.is_over())?;
        let is_made = command.archive.as_ref().is_some_and(|archive| archive.is_file());
        // Without an archive the jar alone would change little.
        is_made.then_some((command, self.held))
    }
}

#[cfg(test)]
mod tests {
    use beehive_record::installed_jdks;

    use super::*;
    use crate::embedded::RUNTIME;

    #[test]
    fn a_jar_is_asked_for_when_enough_was_asked_and_nothing_more_comes() {
        let (mut learning, now) = (Learning::new("run".as_ref(), &[]), Instant::now());
        learning.on_asked(FEW - 1, now);
        assert_eq!(learning.wish(now + QUIET), None);
        learning.on_asked(FEW, now);
        assert_eq!(learning.wish(now), None);
        assert_eq!(learning.wish(now + QUIET), Some("run/asked-1.jar".into()));
        assert_eq!(learning.wish(now + QUIET), None, "it holds them");
        for time in 2..=TIMES {
            learning.on_asked(u64::from(time) * FEW, now);
            assert!(learning.wish(now + QUIET).is_some());
        }
        learning.on_asked(1_000, now);
        assert_eq!(learning.wish(now + QUIET), None, "it has been done often enough");
    }

    #[test]
    fn later_workers_start_with_the_jar_and_with_what_the_first_have_loaded() {
        for jdk in installed_jdks() {
            let folder = tempfile::tempdir().unwrap();
            let place = |name: &str| folder.path().join(name);
            std::fs::write(place("runtime.jar"), RUNTIME).unwrap();
            std::fs::write(place("asked-1.jar"), crate::embedded::SELF_TEST).unwrap();
            std::fs::write(place("loaded-7.log"), "java.sql.DriverManager source: jrt:/java.sql\n")
                .unwrap();
            let first = WorkerCommand {
                java: jdk.java(),
                runtime_jar: place("runtime.jar"),
                class_log: Some(Learning::class_log(folder.path())),
                heap_mib: 64,
                ..WorkerCommand::default()
            };
            let mut learning = Learning::new(folder.path(), &[]);
            learning.on_written(&place("asked-1.jar"), &first).unwrap();
            let (mut later, _) = loop {
                std::thread::sleep(Duration::from_millis(50));
                if let Some(taken) = learning.take() {
                    break taken;
                }
            };
            assert_eq!(later.class_path, [place("asked-1.jar")]);
            later.main = Some(crate::trial::TRAINING.to_owned());
            later.options = vec!["-Xlog:class+load".to_owned()];
            let output = later.process_with_arguments(&[place("loaded-7.log")]).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            for name in ["java.sql.DriverManager", "dev.beehive.selftest.SelfTest"] {
                let line = text.lines().find(|line| line.contains(&format!("{name} source:")));
                let line = line.unwrap_or_default();
                assert!(line.ends_with("(top)"), "JDK {}: {name}: {line}", jdk.version);
            }
        }
    }
}
