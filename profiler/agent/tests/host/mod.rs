//! A host for the tests: discovers JDKs, compiles Java, runs a real JVM with the agent library and folds
//! the chunks it sends into a trace. The real host is `beehive-record`, which this crate may not know.
#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use beehive_trace::{
    AgentConfig, CHANNEL_VERSION, COMMAND_GO, Edge, Fold, Hello, RunFacts, SplitRule, Trace,
    decode_chunk,
};
use tempfile::TempDir;

/// A JDK on this machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Jdk {
    pub feature: u32,
    pub home: PathBuf,
}

impl Jdk {
    pub fn java(&self) -> Command {
        Command::new(self.home.join("bin/java"))
    }
}

/// All JDKs of 17 or later, oldest first. Panics unless 17 and one with virtual threads are there.
pub fn jdks() -> Vec<Jdk> {
    let mut homes: Vec<PathBuf> =
        std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    for entry in std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten() {
        homes.push(entry.path());
    }
    for folder in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        if let Ok(java) = folder.join("java").canonicalize() {
            homes.extend(java.ancestors().nth(2).map(Path::to_owned));
        }
    }
    let mut jdks: Vec<Jdk> = homes
        .into_iter()
        .filter_map(|home| home.canonicalize().ok())
        .filter(|home| home.join("bin/javac").exists())
        .filter_map(|home| Some(Jdk { feature: feature(&home)?, home }))
        .filter(|jdk| jdk.feature >= 17)
        .collect();
    jdks.sort();
    jdks.dedup();
    assert!(jdks.iter().any(|jdk| jdk.feature == 17), "no JDK 17 found in {jdks:?}");
    assert!(jdks.iter().any(|jdk| jdk.feature >= 21), "no JDK with virtual threads in {jdks:?}");
    jdks
}

fn feature(home: &Path) -> Option<u32> {
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    version.split(['.', '"', '-', '+']).next()?.parse().ok()
}

/// The agent library that cargo built with the tests.
pub fn agent_library() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.with_file_name("libbeehive_agent.so");
    assert!(library.exists(), "{} was not built", library.display());
    library
}

/// Compiles all sources under `folder` with the oldest JDK; gives the class folder.
pub fn compile(folder: &Path) -> TempDir {
    compile_with(&jdks()[0], folder)
}

pub fn compile_with(jdk: &Jdk, folder: &Path) -> TempDir {
    let out = tempfile::tempdir().unwrap();
    let mut sources = Vec::new();
    java_files(folder, &mut sources);
    assert!(!sources.is_empty(), "no Java sources under {}", folder.display());
    let javac = Command::new(jdk.home.join("bin/javac"))
        .args(["-g", "-nowarn", "-d"])
        .arg(out.path())
        .args(&sources)
        .output()
        .unwrap();
    assert!(javac.status.success(), "{}", String::from_utf8_lossy(&javac.stderr));
    out
}

fn java_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            java_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "java") {
            found.push(path);
        }
    }
}

/// The workspace's folder of fixtures.
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures")
}

/// Java sources of these tests.
pub fn java_sources(topic: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java").join(topic)
}

/// What the host received.
pub struct Received {
    pub hello: Hello,
    pub trace: Trace,
}

/// The host's side of one run.
pub struct Host {
    folder: TempDir,
    pub config: AgentConfig,
    listener: UnixListener,
}

impl Host {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("host.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let run = RunFacts {
            id: "test".into(),
            start_unix_ms: 1,
            split: SplitRule::default(),
            ..RunFacts::default()
        };
        let config = AgentConfig {
            version: CHANNEL_VERSION,
            socket: socket.to_str().unwrap().into(),
            token: "secret".into(),
            run,
            named_roots: Vec::new(),
            interval_ms: 50,
            exact: true,
            deep: None,
        };
        Self { folder, config, listener }
    }

    /// Writes the configuration; gives its path.
    pub fn write_config(&self) -> PathBuf {
        let path = self.folder.path().join("agent.json");
        std::fs::write(&path, serde_json::to_vec(&self.config).unwrap()).unwrap();
        path
    }

    /// The JVM option that loads the agent.
    pub fn agent_option(&self) -> String {
        format!("-agentpath:{}={}", agent_library().display(), self.write_config().display())
    }

    /// Accepts one agent, answers its hello; gives the stream behind it.
    pub fn accept(&self) -> (Hello, UnixStream) {
        let (mut stream, _) = self.listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut text = vec![0; u32::from_le_bytes(length) as usize];
        stream.read_exact(&mut text).unwrap();
        let hello: Hello = serde_json::from_slice(&text).unwrap();
        assert_eq!(hello.token, self.config.token);
        stream.write_all(&[COMMAND_GO]).unwrap();
        (hello, stream)
    }

    /// Accepts one agent and receives until it closes.
    pub fn receive(self) -> JoinHandle<Received> {
        std::thread::spawn(move || {
            let (hello, mut stream) = self.accept();
            Received { hello, trace: receive_trace(&mut stream) }
        })
    }
}

/// Folds all chunks until the end of the stream.
pub fn receive_trace(stream: &mut UnixStream) -> Trace {
    receive_trace_after(&[], stream)
}

/// The same when the first bytes were read already.
pub fn receive_trace_after(first: &[u8], stream: &mut UnixStream) -> Trace {
    let mut bytes = first.to_vec();
    stream.read_to_end(&mut bytes).unwrap();
    let mut fold = Fold::default();
    let mut offset = 0;
    while let Some((chunk, next)) = decode_chunk(&bytes, offset).unwrap() {
        fold.push(chunk).unwrap();
        offset = next;
    }
    fold.finish().unwrap()
}

/// A JVM that is killed when the test ends.
pub struct Jvm(pub Child);

impl Drop for Jvm {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The idle program: does a round for each line it is sent.
pub struct IdleJvm {
    jvm: Jvm,
    lines: BufReader<ChildStdout>,
}

/// Starts the idle program and waits until it is ready.
pub fn idle_jvm(jdk: &Jdk, classes: &Path, options: &[String]) -> IdleJvm {
    let mut java = jdk.java();
    java.args(options).arg("-cp").arg(classes).arg("idle.Main");
    java.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = java.spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap());
    IdleJvm { jvm: Jvm(child), lines }
}

impl IdleJvm {
    pub fn id(&self) -> u32 {
        self.jvm.0.id()
    }

    /// One round: 1,000 steps.
    pub fn round(&mut self) {
        self.jvm.0.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        let mut line = String::new();
        while !line.starts_with("done") {
            line.clear();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the program ended");
        }
    }

    /// Ends the program; gives its status and what it wrote to stderr.
    pub fn end(mut self) -> (ExitStatus, String) {
        drop(self.jvm.0.stdin.take());
        let mut stderr = String::new();
        self.jvm.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        (self.jvm.0.wait().unwrap(), stderr)
    }
}

/// Options of every JVM under test: JNI checked, all classes verified.
pub const CHECKED: [&str; 5] = [
    "-Xcheck:jni",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:+BytecodeVerificationLocal",
    "-XX:+BytecodeVerificationRemote",
    "-Xmx512m",
];

/// Runs a program to its end under the agent, checked.
pub fn run(jdk: &Jdk, host: Host, classes: &Path, arguments: &[&str]) -> (Output, Received) {
    let option = host.agent_option();
    let received = host.receive();
    let output = jdk
        .java()
        .args(CHECKED)
        .arg(option)
        .arg("-cp")
        .arg(classes)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{jdk:?}: {}\n{stdout}{stderr}", output.status);
    for complaint in ["WARNING in native method", "FATAL ERROR", "VerifyError", "beehive:"] {
        assert!(!stdout.contains(complaint) && !stderr.contains(complaint), "{stdout}{stderr}");
    }
    (output, received.join().unwrap())
}

/// A method as `pkg/Class.method(descriptor)`, `(outside)` for none.
pub fn label(trace: &Trace, id: u32) -> String {
    let Some(method) = trace.methods.get(id as usize) else { return "(outside)".to_owned() };
    let class = trace.classes[method.class as usize].name.replace('.', "/");
    format!("{class}.{}{}", method.name, method.descriptor)
}

/// Calls by caller and callee.
pub fn edges(trace: &Trace) -> BTreeMap<(String, String), u64> {
    let call = |edge: &Edge| (label(trace, edge.caller), label(trace, edge.callee));
    trace.edges.iter().map(|edge| (call(edge), edge.count)).collect()
}
