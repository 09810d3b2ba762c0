//! Loaded into a running JVM: counts begin at the attach, are exact from then on, end at the detach;
//! the application never stops, and a second attach works.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use beehive_trace::{COMMAND_DETACH, RunMode, Trace};
use host::{
    Host, agent_library, compile, edges, idle_jvm, java_sources, jdks, receive_trace_after,
};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The HotSpot attach protocol: ask for its socket, then have it load a library.
fn load_agent(pid: u32, config: &Path) -> String {
    let socket = PathBuf::from(format!("/tmp/.java_pid{pid}"));
    let ask = format!("/proc/{pid}/cwd/.attach_pid{pid}");
    std::fs::write(&ask, "").unwrap();
    let kill = std::process::Command::new("kill").args(["-QUIT", &pid.to_string()]).status();
    assert!(kill.unwrap().success());
    for _ in 0..500 {
        if socket.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    std::fs::remove_file(&ask).unwrap();
    let mut stream = UnixStream::connect(&socket).unwrap();
    let (library, config) = (agent_library(), config.display());
    let request = format!("1\0load\0{}\0true\0{config}\0", library.display());
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn count(trace: &Trace, caller: &str, callee: &str) -> u64 {
    edges(trace).get(&(caller.to_owned(), callee.to_owned())).copied().unwrap_or(0)
}

const STEP: &str = "idle/Main.step(I)I";

#[test]
fn counts_begin_at_the_attach_and_end_at_the_detach() {
    let classes = compile(&java_sources("idle"));
    for jdk in jdks() {
        let dynamic = ["-XX:+EnableDynamicAgentLoading".to_owned()];
        let options = if jdk.feature >= 21 { &dynamic[..] } else { &[] };
        let mut jvm = idle_jvm(&jdk, classes.path(), options);
        jvm.round();
        for attach in 1..=2 {
            let host = Host::new();
            let config = host.write_config();
            let pid = jvm.id();
            let loading = std::thread::spawn(move || load_agent(pid, &config));
            let (hello, mut stream) = host.accept();
            assert_eq!(hello.problem, None);
            let answer = loading.join().unwrap();
            assert!(answer.starts_with("0\n"), "{jdk:?}: {answer}");
            // The agent's own thread retransforms the classes; it sends nothing before that is done.
            let mut first = [0];
            stream.read_exact(&mut first).unwrap();
            for _ in 0..3 {
                jvm.round();
            }
            stream.write_all(&[COMMAND_DETACH]).unwrap();
            let trace = receive_trace_after(&first, &mut stream);
            for _ in 0..3 {
                jvm.round();
            }
            check(&trace, attach);
        }
        let (status, stderr) = jvm.end();
        assert!(status.success() && stderr.is_empty(), "{jdk:?}: {status} {stderr}");
    }
}

fn check(trace: &Trace, attach: u32) {
    assert_eq!(trace.runs[0].mode, RunMode::Attached);
    // `main` runs since before the attach, so it has no frame.
    assert_eq!(count(trace, "(outside)", "idle/Main.round()I"), 3, "attach {attach}");
    assert_eq!(count(trace, "idle/Main.round()I", STEP), 3000, "attach {attach}");
    assert_eq!(count(trace, STEP, "idle/Main.leaf(I)I"), 3000, "attach {attach}");
    assert!(trace.losses.is_empty(), "attach {attach}: {:?}", trace.losses);
    // 5 of the program; of the JDK 4 on 17 and 6 where there are virtual threads.
    let rewritten = trace.runs[0].overhead.methods_rewritten;
    assert!((9..=11).contains(&rewritten), "attach {attach}: {rewritten}");
}
