//! Runs with the real agent in real JVMs, on every JDK found: counts, endings, scripts, attaching. The
//! agent's own exactness is the agent's test; here it is what the recorder makes of it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "these are tests"
)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

use beehive_record::{Jdk, Phase, ProfileSpec, ProfileSummary, Progress, RecordError, Snapshot};
use beehive_record::{Subject, installed_jdks, profile};
use beehive_trace::{Ending, RunMode, Trace, read_trace_file};

#[derive(Default)]
struct Warnings(Mutex<Vec<String>>);

impl Progress for Warnings {
    fn phase(&self, _: &Phase) {}
    fn tick(&self, _: &Snapshot) {}
    fn note(&self, _: &str) {}
    fn warning(&self, text: &str) {
        self.0.lock().unwrap().push(text.to_owned());
    }
}

/// The JDKs ≥ 17, one a feature release.
fn jdks() -> Vec<Jdk> {
    let mut jdks = installed_jdks();
    jdks.retain(|jdk| jdk.check().is_ok() && jdk.home.join("bin/javac").is_file());
    jdks.sort_by_key(|jdk| jdk.feature);
    jdks.dedup_by_key(|jdk| jdk.feature);
    assert!(!jdks.is_empty(), "no JDK of version 17 or newer: install one or set JAVA_HOME");
    println!("on JDKs {:?}", jdks.iter().map(|jdk| &jdk.version).collect::<Vec<_>>());
    jdks
}

/// A folder with the compiled program, for one JDK.
struct Lab {
    dir: tempfile::TempDir,
    jdk: Jdk,
}

impl Lab {
    fn each(test: impl Fn(&Self)) {
        for jdk in jdks() {
            let dir = tempfile::tempdir().unwrap();
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java/Steps.java");
            let mut javac = Command::new(jdk.home.join("bin/javac"));
            let compiled = javac.arg("-d").arg(dir.path()).arg(source).status().unwrap();
            assert!(compiled.success());
            test(&Self { dir, jdk });
        }
    }

    fn java(&self, arguments: &str) -> Vec<OsString> {
        let mut command =
            vec![self.jdk.java().into_os_string(), "-cp".into(), self.dir.path().into()];
        command.extend(arguments.split(' ').map(OsString::from));
        command
    }

    fn output(&self) -> PathBuf {
        self.dir.path().join("run.beetrace")
    }

    fn spec(&self, subject: Subject) -> ProfileSpec {
        let mut spec = ProfileSpec::new(subject, self.output());
        spec.exact = true;
        spec
    }

    fn record(&self, arguments: &str) -> Result<ProfileSummary, RecordError> {
        profile(&self.spec(Subject::Launch(self.java(arguments))), &Warnings::default())
    }

    fn trace(&self) -> Trace {
        read_trace_file(&self.output()).unwrap().trace
    }

    /// Calls of `Steps.step` in the trace.
    fn steps(&self) -> u64 {
        let trace = self.trace();
        let id = trace.methods.iter().position(|method| method.name == "step").unwrap();
        trace.invocation_counts()[id]
    }

    /// The program without an agent, ready to be attached to.
    fn start(&self, options: &[&str]) -> Running {
        let command = self.java("Steps 1 forever");
        let mut java = Command::new(&command[0]);
        java.args(options).args(&command[1..]).stderr(Stdio::null());
        let child = java.spawn().unwrap();
        // Long enough to have its signal handlers: asked before, it would be refused.
        std::thread::sleep(Duration::from_secs(2));
        Running(child)
    }
}

/// Ends a process once that many calls have come.
struct KillAt {
    calls: u64,
    victim: Mutex<Option<Running>>,
}

impl Progress for KillAt {
    fn phase(&self, _: &Phase) {}
    fn tick(&self, snapshot: &Snapshot) {
        if snapshot.calls >= self.calls {
            drop(self.victim.lock().unwrap().take());
        }
    }
    fn note(&self, _: &str) {}
    fn warning(&self, _: &str) {}
}

/// A process that is ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

#[test]
fn counts_and_status_of_a_program_that_ends_by_itself() {
    Lab::each(|lab| {
        let summary = lab.record("Steps 100000 exit 7").unwrap();
        assert_eq!((summary.ending, summary.status), (Ending::Exit(7), 7));
        assert_eq!(lab.steps(), 100_000);
        let trace = lab.trace();
        let run = &trace.runs[0];
        assert_eq!(run.mode, RunMode::Light);
        assert!(run.jdk_build.starts_with(&lab.jdk.version), "{}", run.jdk_build);
        assert_eq!(run.main, "Steps");
        assert!(run.cpu_us > 10_000 && run.cpus > 0, "{run:?}");
    });
}

#[test]
fn a_killed_jvm_leaves_what_it_had_sent() {
    Lab::each(|lab| {
        let summary = lab.record("Steps 100000 kill 2500").unwrap();
        assert_eq!((summary.ending, summary.status), (Ending::Signal(9), 137));
        assert_eq!(lab.steps(), 100_000);
    });
}

#[test]
fn the_duration_ends_the_jvm_in_order() {
    Lab::each(|lab| {
        let mut spec = lab.spec(Subject::Launch(lab.java("Steps 1000 forever")));
        spec.duration = Some(Duration::from_secs(2));
        let warnings = Warnings::default();
        let summary = profile(&spec, &warnings).unwrap();
        assert_eq!((summary.ending, summary.status), (Ending::Stopped, 0));
        assert!(lab.steps() > 1050, "{}", lab.steps());
        assert!(warnings.0.lock().unwrap().is_empty(), "{:?}", warnings.0);
    });
}

#[test]
fn a_jvm_that_cannot_start_is_told() {
    Lab::each(|lab| match lab.record("-XX:+NoSuchOption Steps 1 exit 0") {
        Err(RecordError::EndedBeforeAgent { status, .. }) => assert_eq!(status, "status 1"),
        other => panic!("{other:?}"),
    });
}

#[test]
fn a_missing_main_class_is_a_run_without_user_methods() {
    Lab::each(|lab| {
        let summary = lab.record("NoSuchMain").unwrap();
        assert_eq!((summary.status, summary.methods), (1, 0));
    });
}

#[test]
fn all_jvms_of_a_script_are_recorded() {
    Lab::each(|lab| {
        let script = format!(
            "'{0}' -cp '{1}' Steps 1000 exit 0; '{0}' -version; '{0}' -cp '{1}' Steps 500 exit 3",
            lab.jdk.java().display(),
            lab.dir.path().display()
        );
        let command = ["sh", "-c", &script].map(OsString::from).to_vec();
        let summary = profile(&lab.spec(Subject::Launch(command)), &Warnings::default()).unwrap();
        assert_eq!(summary.status, 3);
        assert_eq!(summary.runs.len(), 2, "the JVM without user code is left out");
        assert_eq!(lab.steps(), 1500);
        let left = std::fs::read_dir(lab.dir.path()).unwrap().flatten();
        let left: Vec<_> =
            left.filter(|e| e.file_name().to_string_lossy().contains("recording")).collect();
        assert!(left.is_empty(), "{left:?}");
    });
}

#[test]
fn a_running_jvm_is_attached_to_and_left_running() {
    Lab::each(|lab| {
        let mut running = lab.start(&[]);
        for _ in 0..2 {
            let mut spec = lab.spec(Subject::Attach(running.0.id()));
            spec.duration = Some(Duration::from_secs(2));
            let summary = profile(&spec, &Warnings::default()).unwrap();
            assert_eq!((summary.ending, summary.status), (Ending::Detached, 0));
            assert!((100..2500).contains(&lab.steps()), "{}", lab.steps());
            let trace = lab.trace();
            assert_eq!(
                (trace.runs[0].mode, trace.runs[0].main.as_str()),
                (RunMode::Attached, "Steps")
            );
            assert_eq!(running.0.try_wait().unwrap(), None, "it runs on");
        }
    });
}

#[test]
fn a_jvm_that_ends_while_attached_to_leaves_what_it_had_sent() {
    Lab::each(|lab| {
        let running = lab.start(&[]);
        let pid = running.0.id();
        let killer = KillAt { calls: 100, victim: Mutex::new(Some(running)) };
        let summary = profile(&lab.spec(Subject::Attach(pid)), &killer).unwrap();
        assert_eq!((summary.ending, summary.status), (Ending::Unknown, 0));
        assert!(lab.steps() >= 100, "{}", lab.steps());
    });
}

#[test]
fn what_cannot_be_attached_to_is_refused_with_the_reason() {
    let refusal = |lab: &Lab, pid| {
        profile(&lab.spec(Subject::Attach(pid)), &Warnings::default()).unwrap_err()
    };
    Lab::each(|lab| {
        let closed = lab.start(&["-XX:+DisableAttachMechanism"]);
        let error = refusal(lab, closed.0.id());
        assert!(matches!(error, RecordError::HostileFlag { .. }), "{error}");
        let deaf = lab.start(&["-Xrs"]);
        assert!(refusal(lab, deaf.0.id()).to_string().contains("SIGQUIT"));
        assert!(refusal(lab, std::process::id()).to_string().contains("no JVM"));
        let error = refusal(lab, 4_190_000);
        assert!(matches!(error, RecordError::NoProcess { .. }), "{error}");
        assert!(!lab.output().exists());
    });
}
