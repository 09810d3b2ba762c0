//! `beehive profile` from outside, as a user types it: what the application keeps (streams, environment,
//! status, signals), and each refusal with its code, exit status and the command that helps.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "these are tests"
)]

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use beehive_record::{Jdk, installed_jdks};
use beehive_trace::{Ending, read_trace_file};

/// A folder to run in, with the compiled program.
struct Place {
    dir: tempfile::TempDir,
    jdk: Jdk,
}

impl Place {
    fn new() -> Self {
        let is_fit = |jdk: &Jdk| jdk.check().is_ok() && jdk.home.join("bin/javac").is_file();
        let jdk = installed_jdks().into_iter().find(is_fit);
        let jdk = jdk.expect("no JDK of version 17 or newer: install one or set JAVA_HOME");
        let dir = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/profile/Echo.java");
        let mut javac = Command::new(jdk.home.join("bin/javac"));
        assert!(javac.arg("-d").arg(dir.path()).arg(source).status().unwrap().success());
        Self { dir, jdk }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn java(&self) -> String {
        self.jdk.java().display().to_string()
    }

    /// `beehive profile` with these words; `JAVA` stands for the program of the JDK.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_beehive"));
        command.arg("profile").current_dir(self.dir.path()).env("NO_COLOR", "1");
        command.args(line.split(' ').map(|word| word.replace("JAVA", &self.java())));
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// Asserts a refusal: exit status, code and what the message must hold; no trace, nothing begun.
    fn refuses(&self, line: &str, status: i32, words: &[&str]) {
        refused(&self.run(line), status, words);
        assert!(!self.path("app.beetrace").exists());
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn refused(output: &Output, status: i32, words: &[&str]) {
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{told}");
    // Lines are wrapped at any space.
    let told: Vec<&str> = told.split_whitespace().filter(|word| *word != "│").collect();
    let told = told.join(" ");
    for word in words {
        assert!(told.contains(word), "{word:?} is not in {told}");
    }
}

#[test]
fn the_application_keeps_its_streams_environment_arguments_and_status() {
    let place = Place::new();
    let mut command = place.command("-- JAVA -cp . Echo streams two three");
    command.env("ECHO_WORD", "word").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"typed\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(text(&output.stdout), "out typed word 3\n");
    assert!(text(&output.stderr).contains("err typed\n"));
    assert_eq!(output.status.code(), Some(9));
    let trace = read_trace_file(&place.path("app.beetrace")).unwrap().trace;
    assert_eq!(trace.runs.first().unwrap().ending, Ending::Exit(9));
}

#[test]
fn json_comes_behind_the_applications_own_output() {
    let place = Place::new();
    let output = place.run("--format json -- JAVA -cp . Echo streams");
    let shown = text(&output.stdout);
    let (own, document) = shown.split_once('\n').unwrap();
    assert_eq!(own, "out null null 1");
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!(document.get("status").unwrap(), 9);
}

/// A run without an end, in a process group of its own as a terminal would have it.
struct Endless {
    beehive: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    application: u32,
}

impl Endless {
    fn start(place: &Place) -> Self {
        let mut command = place.command("--interval 100ms -- JAVA -cp . Echo forever");
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut beehive = command.spawn().unwrap();
        let mut lines = BufReader::new(beehive.stdout.take().unwrap()).lines();
        let first = lines.next().unwrap().unwrap();
        let application = first.strip_prefix("pid ").unwrap().parse().unwrap();
        std::thread::sleep(Duration::from_millis(1500));
        Self { beehive, lines, application }
    }

    fn kill(signal: &str, pid: &str) {
        assert!(Command::new("kill").args([signal, "--", pid]).status().unwrap().success());
    }

    fn is_application_alive(&self) -> bool {
        Path::new("/proc").join(self.application.to_string()).join("exe").exists()
    }
}

/// The run was ended in order: status 0, the shutdown hook ran, the trace is whole.
fn ended_well(place: &Place, mut run: Endless) {
    let status = run.beehive.wait().unwrap();
    assert_eq!(run.lines.next().unwrap().unwrap(), "hook ran");
    assert_eq!(status.code(), Some(0));
    assert!(!run.is_application_alive());
    let read = read_trace_file(&place.path("app.beetrace")).unwrap();
    assert_eq!((read.trace.runs[0].ending.clone(), read.damage), (Ending::Stopped, None));
    assert!(read.trace.invocation_counts().iter().sum::<u64>() > 200);
}

#[test]
fn ctrl_c_ends_the_run_and_keeps_the_trace() {
    let place = Place::new();
    let run = Endless::start(&place);
    Endless::kill("-INT", &format!("-{}", run.beehive.id()));
    ended_well(&place, run);
}

#[test]
fn sigterm_to_beehive_alone_reaches_the_application() {
    let place = Place::new();
    let run = Endless::start(&place);
    Endless::kill("-TERM", &run.beehive.id().to_string());
    ended_well(&place, run);
}

#[test]
fn a_killed_beehive_leaves_the_application_running_and_a_readable_recording() {
    let place = Place::new();
    let mut run = Endless::start(&place);
    run.beehive.kill().unwrap();
    run.beehive.wait().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    assert!(run.is_application_alive(), "the agent alone does not end the application");
    Endless::kill("-KILL", &run.application.to_string());
    let recording = place.path("app.beetrace.recording");
    let trace = read_trace_file(&recording).unwrap().trace;
    assert!(trace.invocation_counts().iter().sum::<u64>() > 200);
    // The next run leaves it alone.
    place.run("-- JAVA -cp . Echo streams");
    assert!(recording.exists() && place.path("app.beetrace").exists());
}

#[test]
fn a_missing_jar_is_told_with_the_one_that_is_there() {
    let place = Place::new();
    place.write("target/shop-1.0.jar", "");
    let words = ["bee::profile::jar_missing", "shop.jar does not exist", "target/shop-1.0.jar"];
    place.refuses("-- JAVA -jar shop.jar", 3, &words);
}

#[test]
fn a_file_that_is_no_jar_is_told() {
    let place = Place::new();
    place.write("app.jar", "text");
    place.refuses("-- JAVA -jar app.jar", 3, &["bee::profile::not_a_jar", "app.jar"]);
}

#[test]
fn no_jdk_on_the_path_is_told_with_one_that_could_be() {
    let place = Place::new();
    let mut command = place.command("-- java -jar app.jar");
    let output = command.env("PATH", "/nonexistent").output().unwrap();
    refused(&output, 5, &["bee::jdk::none", "export PATH="]);
}

#[test]
fn an_old_jdk_is_refused_before_it_is_started() {
    let place = Place::new();
    place.write("jdk11/release", "JAVA_VERSION=\"11.0.22\"\n");
    let java = place.write("jdk11/bin/java", "#!/bin/sh\ntouch started\n");
    std::fs::set_permissions(&java, std::fs::Permissions::from_mode(0o755)).unwrap();
    let words = ["bee::jdk::too_old", "11.0.22", "17 or newer", "bin/java"];
    place.refuses("-- jdk11/bin/java -cp . Echo streams", 5, &words);
    assert!(!place.path("started").exists());
}

#[test]
fn commands_that_start_no_application_are_refused() {
    let place = Place::new();
    place.refuses("-- JAVA -version", 2, &["bee::profile::no_application", "-version"]);
    place.refuses("-- no-such-program x", 3, &["bee::profile::program_missing"]);
    refused(&place.run("--duration 5s"), 2, &["<COMMAND>"]);
    refused(&place.run("--duration 5 -- JAVA -jar x.jar"), 2, &["needs a unit"]);
}

#[test]
fn a_hostile_option_is_refused_wherever_it_stands() {
    let place = Place::new();
    let words = ["bee::profile::hostile_flag", "-XX:ArchiveClassesAtExit=a.jsa", "command line"];
    place.refuses("-- JAVA -XX:ArchiveClassesAtExit=a.jsa -cp . Echo streams", 2, &words);
    let mut command = place.command("-- JAVA -cp . Echo streams");
    let output = command.env("JAVA_TOOL_OPTIONS", "-Xshare:dump").output().unwrap();
    refused(&output, 2, &["JAVA_TOOL_OPTIONS", "unset JAVA_TOOL_OPTIONS"]);
}

#[test]
fn an_unwritable_output_is_told_before_the_application_starts() {
    let place = Place::new();
    let output = place.run("-o no/such/folder/x.beetrace -- JAVA -cp . Echo streams");
    refused(&output, 9, &["bee::output::unwritable", "no/such/folder/x.beetrace"]);
    assert_eq!(text(&output.stdout), "", "the application was not started");
    std::fs::create_dir(place.path("folder")).unwrap();
    refused(&place.run("-o folder -- JAVA -cp . Echo streams"), 9, &["bee::output::unwritable"]);
}

#[test]
fn a_port_in_use_is_told_before_the_application_starts() {
    let place = Place::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    place.write("requests.http", "GET /\n");
    let line =
        format!("--load requests.http --target http://127.0.0.1:{port} -- JAVA -cp . Echo streams");
    place.refuses(&line, 5, &["bee::load::port_in_use", &format!("127.0.0.1:{port}"), "--target"]);
}

#[test]
fn mistakes_in_the_file_of_requests_are_shown_in_place() {
    let place = Place::new();
    place.write("requests.http", "### page\nGET /\nno header\n");
    let words = ["bee::load::syntax", "requests.http:3", "no header", "docs/requests-http.md"];
    place.refuses("--load requests.http -- JAVA -cp . Echo streams", 3, &words);
    let missing = ["bee::load::unreadable", "none.http"];
    place.refuses("--load none.http -- JAVA -cp . Echo streams", 3, &missing);
    let wrong = ["bee::profile::argument", "target"];
    place.refuses("--load requests.http --target https://h -- JAVA -cp . Echo streams", 2, &wrong);
}

#[test]
fn a_jvm_that_does_not_come_up_is_told_with_its_status() {
    let place = Place::new();
    let words = ["bee::agent::ended_before", "status 1", "starts alone"];
    place.refuses("-- JAVA -XX:+NoSuchOption -cp . Echo streams", 5, &words);
}

#[test]
fn processes_that_cannot_be_attached_to_are_told() {
    let place = Place::new();
    place.refuses("--pid 4190000", 5, &["bee::attach::no_process", "jps"]);
    let own = std::process::id();
    place.refuses(&format!("--pid {own}"), 5, &["bee::attach::refused", "no JVM"]);
}

#[test]
fn a_failed_run_leaves_the_old_trace_alone() {
    let place = Place::new();
    place.write("app.beetrace", "precious");
    refused(&place.run("-- JAVA -XX:+NoSuchOption -cp . Echo streams"), 5, &[]);
    assert_eq!(std::fs::read_to_string(place.path("app.beetrace")).unwrap(), "precious");
}
