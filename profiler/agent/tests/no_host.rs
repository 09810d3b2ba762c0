//! The application runs on, whatever becomes of host and agent: bad options, no host, a silent one, one
//! that refuses, one that dies; and a host is told what the agent cannot do.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use host::{CHECKED, Host, Jdk, agent_library, compile, java_sources, jdks};
use std::io::{Read, Write};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

/// Runs the roots program with this agent option; its answer must be right.
fn run_with(jdk: &Jdk, classes: &Path, option: &str) -> Output {
    let agent = format!("-agentpath:{}={option}", agent_library().display());
    let output =
        jdk.java().args(CHECKED).arg(agent).arg("-cp").arg(classes).arg("roots.Main").output();
    let output = output.unwrap();
    assert!(output.status.success(), "{jdk:?}: {output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "101");
    output
}

fn complaint(output: &Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 1, "one line, not more: {stderr}");
    lines[0].to_owned()
}

#[test]
fn a_bad_start_costs_one_line() {
    let classes = compile(&java_sources("roots"));
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let absent = folder.path().join("absent.json").display().to_string();
    let garbage = write("garbage.json", "not json");
    let other = write("other.json", r#"{"version":999,"socket":"/nowhere"}"#);
    let unreachable = write("unreachable.json", r#"{"version":1,"socket":"/nowhere"}"#);
    for jdk in jdks() {
        for (option, words) in [
            ("", "cannot read the configuration"),
            (absent.as_str(), "cannot read the configuration"),
            (garbage.as_str(), "is not understood"),
            (other.as_str(), "the host speaks version 999"),
            (unreachable.as_str(), "cannot connect to the host's socket /nowhere"),
        ] {
            let line = complaint(&run_with(&jdk, classes.path(), option));
            assert!(line.starts_with("beehive: not recording"), "{line}");
            assert!(line.contains(words), "{line} should contain {words}");
        }
    }
}

#[test]
fn a_refusing_and_a_silent_host_are_left_alone() {
    let classes = compile(&java_sources("roots"));
    let jdk = &jdks()[0];
    for (answer, words) in [(Some(b'N'), "the host refused"), (None, "get an answer from")] {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).unwrap();
        let config = folder.path().join("c.json");
        let text = format!(r#"{{"version":1,"socket":"{}"}}"#, socket.display());
        std::fs::write(&config, text).unwrap();
        let host = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            if let Some(byte) = answer {
                stream.write_all(&[byte]).unwrap();
            }
            let mut rest = Vec::new();
            stream.read_to_end(&mut rest).unwrap();
        });
        let start = Instant::now();
        let output = run_with(jdk, classes.path(), config.to_str().unwrap());
        assert!(start.elapsed() < Duration::from_secs(20), "the start waits at most 2 s");
        let line = complaint(&output);
        assert!(line.contains(words), "{line} should contain {words}");
        host.join().unwrap();
    }
}

#[test]
fn a_host_that_dies_does_not_take_the_application_along() {
    let classes = compile(&java_sources("idle"));
    for jdk in jdks() {
        let host = Host::new();
        let mut jvm = host::idle_jvm(&jdk, classes.path(), &[host.agent_option()]);
        let (_, stream) = host.accept();
        jvm.round();
        drop(stream);
        drop(host);
        // Several intervals: the agent notices, and takes its probes out.
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(20));
            jvm.round();
        }
        let (status, stderr) = jvm.end();
        assert!(status.success(), "{jdk:?}: {status} {stderr}");
        assert_eq!(stderr, "", "{jdk:?}");
    }
}

#[test]
fn another_agent_with_the_same_capabilities_is_no_problem() {
    let classes = compile(&java_sources("roots"));
    let jdk = &jdks()[0];
    let host = Host::new();
    let agents =
        [host.agent_option(), "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n".into()];
    let received = host.receive();
    let output = jdk
        .java()
        .args(agents)
        .arg("-cp")
        .arg(classes.path())
        .arg("roots.Main")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success());
    let trace = received.join().unwrap().trace;
    assert!(!trace.edges.is_empty() && trace.losses.is_empty(), "{:?}", trace.losses);
}
