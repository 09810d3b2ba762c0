//! The self-test of a bundle: a small application of beehive's own as the server, with the agent in it
//! and two roots, and a worker started from the bundle as `run` starts it. The worker must be admitted,
//! and what travels must come back right; the application judges, this watches.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use beehive_record::{PrivateDir, new_token};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::config::ServerConf;
use crate::control::Control;
use crate::embedded::{AGENT, AGENT_NAME, RUNTIME, RUNTIME_NAME, SELF_TEST, SELF_TEST_NAME};
use crate::message::Message;
use crate::session::Event;
use crate::spec::WorkerFiles;
use crate::trial::TrialError;
use crate::worker::{OPTION_VARIABLES, WorkerCommand, status_text};

const MAIN: &str = "dev.beehive.selftest.SelfTest";
const ROOTS: [&str; 2] = [
    "dev.beehive.selftest.SelfTest#exchange(Ldev/beehive/selftest/Graph;)Ldev/beehive/selftest/Answer;",
    "dev.beehive.selftest.SelfTest#refuse(Ldev/beehive/selftest/Graph;)V",
];
/// Time for both JVMs to start and the worker to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The same for the application: shorter, since it can say more than this side would guess.
const PATIENCE_OF_SERVER_S: &str = "25";
/// Time for the server's reason once the worker has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Refusals after which no worker of this bundle will ever be let in.
const NOT_LET_IN: [&str; 2] = ["WORKER_MISMATCH", "NOT_ADMITTED"];
/// Number of the only worker.
const WORKER: u64 = 1;
const CLOSURE_BYTES_MAX: u64 = 1 << 20;
const WORKER_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes the test with the server on `server_java`; gives the invocations that the worker answered right.
pub(crate) fn self_test(
    server_java: &Path,
    worker: WorkerCommand,
    files: &WorkerFiles,
) -> Result<u64, TrialError> {
    let place = PrivateDir::new().map_err(io::Error::other)?;
    let secret = new_token().map_err(io::Error::other)?;
    let (sender, events) = channel();
    let control = Control::listen(&place.socket(), &secret, sender.clone());
    let _control = control.map_err(io::Error::other)?;
    let server = server(server_java, &place, &secret, files)?;
    let worker = WorkerCommand {
        runtime_jar: place.path().join(RUNTIME_NAME),
        secret,
        digest: files.digest.clone(),
        timeout: WORKER_TIMEOUT,
        ..worker
    };
    let mut test = Test::new(worker, files, server.spawned()?, sender);
    test.watch(&events)
}

/// The application's process, not started yet.
struct Server(Command);

fn server(
    java: &Path,
    place: &PrivateDir,
    secret: &str,
    files: &WorkerFiles,
) -> Result<Server, TrialError> {
    let write = |name: &str, bytes: &[u8]| place.write(name, bytes).map_err(io::Error::other);
    let (library, runtime_jar) = (write(AGENT_NAME, AGENT)?, write(RUNTIME_NAME, RUNTIME)?);
    let jar = write(SELF_TEST_NAME, SELF_TEST)?;
    let conf = ServerConf {
        secret,
        control: &place.socket(),
        runtime_jar: &runtime_jar,
        files,
        offload: "all",
        closure_bytes_max: CLOSURE_BYTES_MAX,
        worker_timeout: WORKER_TIMEOUT,
        roots: &ROOTS.map(str::to_owned),
    };
    let conf = write("run.conf", conf.render().as_bytes())?;
    let mut process = Command::new(java);
    let mut agent = std::ffi::OsString::from("-agentpath:");
    agent.push(&library);
    agent.push("=");
    agent.push(&conf);
    process.arg(agent).args(["-XX:+UseSerialGC", "-Xmx64m", "-cp"]).arg(jar);
    process.arg(MAIN).arg(PATIENCE_OF_SERVER_S);
    for variable in OPTION_VARIABLES {
        process.env_remove(variable);
    }
    process.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(Server(process))
}

impl Server {
    fn spawned(mut self) -> io::Result<Child> {
        self.0.spawn()
    }
}

/// A self-test under way; both processes end with it.
struct Test<'a> {
    files: &'a WorkerFiles,
    worker: WorkerCommand,
    sender: Sender<Event>,
    server_pid: u32,
    worker_pid: Option<u32>,
    /// What the application said, once it has ended.
    said: Receiver<Output>,
    /// Why a connection or an invocation was refused first.
    refused: Option<(String, String)>,
    /// How the worker ended, if it did.
    ended: Option<String>,
}

impl<'a> Test<'a> {
    fn new(
        worker: WorkerCommand,
        files: &'a WorkerFiles,
        server: Child,
        sender: Sender<Event>,
    ) -> Self {
        let (server_pid, ended) = (server.id(), sender.clone());
        let (says, said) = channel();
        std::thread::spawn(move || {
            if let Ok(output) = server.wait_with_output() {
                let status = output.status;
                // A test that has given up does not listen any more.
                let _ = says.send(output);
                let _ = ended.send(Event::Ended(status));
            }
        });
        Self {
            files,
            worker,
            sender,
            server_pid,
            worker_pid: None,
            said,
            refused: None,
            ended: None,
        }
    }

    fn watch(&mut self, events: &Receiver<Event>) -> Result<u64, TrialError> {
        let mut until = Instant::now() + PATIENCE;
        loop {
            match events.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(Event::Control(message)) => self.on_message(message)?,
                Ok(Event::Ended(_)) => return self.judge(),
                Ok(Event::WorkerEnded { status, last_words, .. }) => {
                    self.worker_pid = None;
                    self.ended = Some(format!("{}, {last_words}", status_text(status)));
                    // The server may be about to say why.
                    until = Instant::now() + LAST_WORDS;
                }
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    return Err(self.failed("it came to no end".to_owned()));
                }
            }
        }
    }

    fn on_message(&mut self, message: Message) -> Result<(), TrialError> {
        match message {
            Message::Ready(ready) if ready.jdk_build != self.files.jdk_build => {
                Err(TrialError::OtherBuild {
                    bundle: self.files.jdk_build.clone(),
                    found: ready.jdk_build,
                })
            }
            Message::Ready(ready) => {
                self.worker.connect = format!("127.0.0.1:{}", ready.port);
                self.worker_pid = Some(self.worker.start(WORKER, self.sender.clone())?);
                Ok(())
            }
            Message::Disabled { code, text } => Err(TrialError::Refused { code, text }),
            Message::WorkerLost { code, text, .. } if NOT_LET_IN.contains(&code.as_str()) => {
                Err(TrialError::Refused { code, text })
            }
            Message::WorkerLost { code, text, .. } => {
                self.refused.get_or_insert((code, text));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The application has ended: its last line says what it found.
    fn judge(&mut self) -> Result<u64, TrialError> {
        let Ok(output) = self.said.try_recv() else {
            return Err(self.failed("the server said nothing".to_owned()));
        };
        let last = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            text.lines().last().unwrap_or_default().to_owned()
        };
        let (told, errors) = (last(&output.stdout), last(&output.stderr));
        match told.strip_prefix("passed ").and_then(|count| count.parse().ok()) {
            Some(count) if output.status.success() => Ok(count),
            _ if told.is_empty() => {
                Err(self.failed(format!("{}: {errors}", status_text(output.status))))
            }
            _ => Err(self.failed(told.strip_prefix("failed: ").unwrap_or(&told).to_owned())),
        }
    }

    /// A refusal explains more than what followed from it.
    fn failed(&mut self, what: String) -> TrialError {
        match (self.refused.take(), self.ended.take()) {
            (Some((code, text)), _) => TrialError::Refused { code, text },
            (None, Some(said)) => TrialError::Ended { said },
            (None, None) => TrialError::SelfTest { what },
        }
    }
}

impl Drop for Test<'_> {
    fn drop(&mut self) {
        for pid in self.worker_pid.into_iter().chain([self.server_pid]) {
            // It may have ended a moment ago.
            let _ = kill(Pid::from_raw(pid as i32), Signal::SIGKILL);
        }
    }
}
