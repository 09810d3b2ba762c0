//! Runs against a scripted application: this test program started again, which reads the agent's
//! config and speaks the agent's side of the channel as told by `SCRIPT`. What a real agent does in a
//! real JVM is tested in `jvm.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::exit,
    clippy::indexing_slicing,
    reason = "these are tests, and one of them is a whole application"
)]

#[path = "../../../xtask/src/ports.rs"]
mod ports;
#[path = "session/script.rs"]
mod script;

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use beehive_record::{LoadSpec, profile};
use beehive_record::{
    Phase, ProfileSpec, ProfileSummary, Progress, RecordError, Snapshot, Subject,
};
use beehive_trace::{Ending, Trace, read_trace_file};

/// Remembers what it hears.
#[derive(Default)]
struct Heard {
    warnings: Mutex<Vec<String>>,
    phases: Mutex<Vec<Phase>>,
    last: Mutex<Snapshot>,
}

impl Progress for Heard {
    fn phase(&self, phase: &Phase) {
        self.phases.lock().unwrap().push(phase.clone());
    }
    fn tick(&self, snapshot: &Snapshot) {
        *self.last.lock().unwrap() = *snapshot;
    }
    fn note(&self, _: &str) {}
    fn warning(&self, text: &str) {
        self.warnings.lock().unwrap().push(text.to_owned());
    }
}

struct Run {
    dir: tempfile::TempDir,
    spec: ProfileSpec,
    heard: Heard,
}

impl Run {
    fn of(script: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let program = std::env::current_exe().unwrap();
        let command = vec![
            OsString::from("env"),
            OsString::from(format!("SCRIPT={script}")),
            program.into_os_string(),
            "script::application".into(),
            "--exact".into(),
            "--nocapture".into(),
        ];
        let spec = ProfileSpec::new(Subject::Launch(command), dir.path().join("run.beetrace"));
        Self { dir, spec, heard: Heard::default() }
    }

    /// The same behind a program named `java` in something that looks like a JDK.
    fn of_java(script: &str) -> Self {
        let mut run = Self::of(script);
        let home = run.dir.path().join("jdk");
        std::fs::create_dir_all(home.join("bin")).unwrap();
        std::fs::create_dir_all(home.join("lib/server")).unwrap();
        std::fs::write(home.join("lib/server/libjvm.so"), "").unwrap();
        std::fs::write(home.join("release"), "JAVA_VERSION=\"17.0.1\"\n").unwrap();
        let program = std::env::current_exe().unwrap();
        let text = format!(
            "#!/bin/sh\nexport SCRIPT='{script}' JAVA_TOOL_OPTIONS=\"$1\"\n\
             exec '{}' script::application --exact --nocapture\n",
            program.display()
        );
        let java = home.join("bin/java");
        std::fs::write(&java, text).unwrap();
        std::fs::set_permissions(&java, std::fs::Permissions::from_mode(0o755)).unwrap();
        run.spec.subject = Subject::Launch(vec![java.into_os_string(), "app.Main".into()]);
        run
    }

    fn go(&self) -> Result<ProfileSummary, RecordError> {
        profile(&self.spec, &self.heard)
    }

    fn trace(&self) -> Trace {
        let read = read_trace_file(&self.spec.output).unwrap();
        assert_eq!(read.damage, None);
        read.trace
    }

    /// Files beside the trace.
    fn others(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.dir.path()).unwrap().flatten();
        entries.map(|e| e.path()).filter(|p| *p != self.spec.output).collect()
    }
}

fn is_alive(marker: &Path) -> bool {
    marker.exists()
}

#[test]
fn what_the_agent_sends_is_in_the_trace_with_the_facts_of_the_host() {
    let run = Run::of("count 3");
    let summary = run.go().unwrap();
    assert_eq!((summary.ending, summary.status), (Ending::Exit(3), 3));
    let trace = run.trace();
    let facts = &trace.runs[0];
    assert_eq!((trace.edges[0].count, facts.entries, summary.calls), (15, 15, 15));
    assert_eq!(facts.ending, Ending::Exit(3));
    assert_eq!(facts.jdk_build, "scripted");
    assert!(facts.start_unix_ms > 0 && !facts.cpu_model.is_empty() && !facts.platform.is_empty());
    assert!(facts.cpu_us > 0, "the processor time of the process is known");
    assert_eq!(run.others(), Vec::<PathBuf>::new(), "the recording is gone");
    assert!(summary.losses.is_empty());
}

#[test]
fn a_killed_application_leaves_everything_received() {
    let run = Run::of("killed");
    let summary = run.go().unwrap();
    assert_eq!((summary.ending, summary.status), (Ending::Signal(9), 137));
    assert_eq!(run.trace().edges[0].count, 5);
}

#[test]
fn an_application_that_ends_before_the_agent_reports_is_told_with_its_status() {
    let run = Run::of("silent 4");
    match run.go() {
        Err(RecordError::EndedBeforeAgent { status, .. }) => assert_eq!(status, "status 4"),
        other => panic!("{other:?}"),
    }
    assert!(!run.spec.output.exists());
    assert_eq!(run.others(), Vec::<PathBuf>::new());
}

#[test]
fn an_agent_without_the_token_is_not_listened_to() {
    let run = Run::of("stranger 0");
    assert!(matches!(run.go(), Err(RecordError::EndedBeforeAgent { .. })));
}

#[test]
fn an_agents_problem_is_told_at_once_and_a_bounded_run_is_ended() {
    let mut run = Run::of("problem");
    run.spec.duration = Some(Duration::from_mins(1));
    let began = std::time::Instant::now();
    match run.go() {
        Err(RecordError::AgentProblem { problem, .. }) => assert_eq!(problem, "no such capability"),
        other => panic!("{other:?}"),
    }
    assert!(began.elapsed() < Duration::from_secs(20));
    let warnings = run.heard.warnings.lock().unwrap();
    assert!(warnings.iter().any(|w| w.contains("no such capability")), "{warnings:?}");
}

#[test]
fn an_unbounded_application_outlives_an_agent_that_cannot_record() {
    let run = Run::of("problem_then_work");
    let marker = std::env::temp_dir().join(format!("beehive-worked-{}", std::process::id()));
    assert!(matches!(run.go(), Err(RecordError::AgentProblem { .. })));
    assert!(is_alive(&marker), "the application did its work to the end");
    std::fs::remove_file(marker).unwrap();
}

#[test]
fn the_duration_ends_the_run_and_counts_as_success() {
    let mut run = Run::of("until_signal");
    run.spec.duration = Some(Duration::from_millis(700));
    let summary = run.go().unwrap();
    assert_eq!((summary.ending, summary.status), (Ending::Stopped, 0));
    let facts = &run.trace().runs[0];
    assert!((600..5000).contains(&facts.duration_ms), "{}", facts.duration_ms);
}

#[test]
fn an_application_that_does_not_end_when_asked_is_killed_after_the_grace() {
    let mut run = Run::of("stubborn");
    run.spec.duration = Some(Duration::from_millis(300));
    run.spec.grace = Duration::from_millis(500);
    let summary = run.go().unwrap();
    assert_eq!((summary.ending, summary.status), (Ending::Stopped, 0));
    assert_eq!(run.trace().edges[0].count, 5, "what was flushed before is kept");
    let warnings = run.heard.warnings.lock().unwrap();
    assert!(warnings.iter().any(|w| w.contains("killed")), "{warnings:?}");
}

#[test]
fn an_agent_that_stops_recording_is_told_and_counted() {
    let mut run = Run::of_java("leave");
    run.spec.duration = Some(Duration::from_mins(1));
    let summary = run.go().unwrap();
    assert_eq!(summary.losses["agent.left_early"], 1);
    assert_eq!(run.trace().edges[0].count, 5);
    let duration_ms = summary.runs[0].duration_ms;
    assert!(duration_ms < 1500, "the recording ended when the agent left: {duration_ms}");
    let warnings = run.heard.warnings.lock().unwrap();
    assert!(warnings.iter().any(|w| w.contains("stopped recording")), "{warnings:?}");
}

#[test]
fn a_java_without_an_agent_is_told_after_a_while_and_a_bounded_run_is_ended() {
    let mut run = Run::of_java("mute");
    run.spec.duration = Some(Duration::from_mins(1));
    run.spec.hello_timeout = Duration::from_millis(500);
    assert!(matches!(run.go(), Err(RecordError::AgentSilent { .. })));
}

#[test]
fn a_damaged_frame_ends_that_recording_and_is_counted() {
    let run = Run::of("garbage");
    let summary = run.go().unwrap();
    assert_eq!(summary.losses["channel.bad_frame"], 1);
    assert_eq!(run.trace().edges[0].count, 5);
}

#[test]
fn an_existing_trace_is_replaced_only_by_a_whole_new_one() {
    let run = Run::of("silent 1");
    std::fs::write(&run.spec.output, "precious").unwrap();
    assert!(run.go().is_err());
    assert_eq!(std::fs::read_to_string(&run.spec.output).unwrap(), "precious");
}

#[test]
fn an_unwritable_output_is_told_before_the_application_starts() {
    let mut run = Run::of("mark");
    run.spec.output = run.dir.path().join("no/such/dir/run.beetrace");
    assert!(matches!(run.go(), Err(RecordError::Output { .. })));
    let marker = std::env::temp_dir().join(format!("beehive-started-{}", std::process::id()));
    assert!(!marker.exists());
}

fn load(run: &Run, port: u16, requests: &str) -> LoadSpec {
    let path = run.dir.path().join("requests.http");
    std::fs::write(&path, requests).unwrap();
    let mut spec = LoadSpec::new(path, "100/s".parse().unwrap());
    spec.target = Some(format!("http://127.0.0.1:{port}"));
    spec
}

fn free_port() -> u16 {
    ports::free_port().unwrap()
}

#[test]
fn a_load_is_driven_after_the_warm_up_and_only_then_counted() {
    let port = free_port();
    let mut run = Run::of(&format!("serve {port}"));
    run.spec.duration = Some(Duration::from_secs(1));
    run.spec.interval = Duration::from_millis(100);
    let requests = "### login\n# setup\nPOST /login\n\nx\n### page\n# weight: 3\nGET /page\n\
                    ### missing\nGET /missing\n";
    let mut load = load(&run, port, requests);
    load.warmup = Duration::from_secs(1);
    run.spec.load = Some(load);
    let summary = run.go().unwrap();
    assert_eq!(summary.ending, Ending::Stopped);
    let traffic = &summary.traffic;
    assert_eq!(traffic.sent, 100, "exactly the intended requests of the recorded part");
    let missing = traffic.failed_status[&404];
    assert_eq!(traffic.ok + missing, 100);
    assert!((10..45).contains(&missing), "a quarter by weight: {missing}");
    assert_eq!(traffic.latency.count(), 100);
    assert!((900..1500).contains(&traffic.duration_ms));
    // The scripted agent counts one call a request it served; warm-up and setup must be left out.
    assert_eq!(run.trace().edges[0].count, 100);
    assert!(summary.runs[0].ready_ms > 0);
    assert!(traffic.failed_io.is_empty(), "{:?}", traffic.failed_io);
}

/// Every request stalls for 600 ms: sent one after the other, 50 would take 30 s; at their intended times they take
/// one second, and what is in flight is bounded.
#[test]
fn requests_leave_at_their_intended_times_and_what_is_too_much_is_counted() {
    let port = free_port();
    let mut run = Run::of(&format!("serve {port}"));
    run.spec.duration = Some(Duration::from_secs(1));
    let mut load = load(&run, port, "GET /stall\n");
    load.rate = "50/s".parse().unwrap();
    load.in_flight_max = 20;
    run.spec.load = Some(load);
    let summary = run.go().unwrap();
    let dropped = summary.losses["load.dropped_in_flight_limit"];
    assert_eq!(summary.traffic.sent + dropped, 50);
    // 20 are in flight after 400 ms, and answers free places from 600 ms on.
    assert!((5..=15).contains(&dropped), "{dropped}");
    let fastest = summary.traffic.latency.quantile_ns(0.0).unwrap();
    assert!(fastest > 580_000_000, "{fastest}");
}

#[test]
fn a_target_that_never_answers_is_told_with_where_the_application_listens() {
    let (port, other) = (free_port(), free_port());
    let mut run = Run::of(&format!("serve {port}"));
    let mut load = load(&run, other, "GET /page\n");
    load.ready_time = Duration::from_secs(1);
    run.spec.load = Some(load);
    match run.go() {
        Err(RecordError::NeverReady { listening, .. }) => assert_eq!(listening, [port]),
        result => panic!("{result:?}"),
    }
}

#[test]
fn an_application_that_ends_before_it_answers_ends_the_load() {
    let mut run = Run::of("count 3");
    run.spec.load = Some(load(&run, free_port(), "GET /\n"));
    let summary = run.go().unwrap();
    assert_eq!((summary.status, summary.traffic.sent), (3, 0));
}

#[test]
fn a_failed_setup_ends_the_run_and_names_the_request() {
    let port = free_port();
    let mut run = Run::of(&format!("serve {port}"));
    run.spec.duration = Some(Duration::from_secs(30));
    let mut load = load(&run, port, "### log in\n# setup\nGET /missing\n### page\nGET /page\n");
    load.setup_time = Duration::from_millis(700);
    run.spec.load = Some(load);
    match run.go() {
        Err(RecordError::Setup { name, reason }) => {
            assert_eq!((name.as_str(), reason.as_str()), ("log in", "status 404"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_target_in_use_is_told_before_the_application_starts() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut run = Run::of("until_signal");
    run.spec.load = Some(load(&run, port, "GET /\n"));
    assert!(matches!(run.go(), Err(RecordError::TargetInUse { .. })));
}
