//! Why a run could not be recorded. Variants carry what a person needs to act: the path, the flag,
//! the version found. The command line turns them into diagnostics with a command that helps.

use std::path::PathBuf;
use std::time::Duration;

use beehive_trace::TraceError;
use thiserror::Error;

/// Failure to record a run. Unless said otherwise the application was not started.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Nothing stands after `--`.
    #[error("no command to run was given")]
    EmptyCommand,
    /// The program of the command does not exist or cannot be executed.
    #[error("program {program} was not found")]
    ProgramMissing {
        /// The program as given.
        program: String,
        /// Directories of `PATH` searched; empty if the program was given by its path.
        searched: Vec<PathBuf>,
    },
    /// `java` was asked for and there is none.
    #[error("no JDK was found: no `java` on PATH")]
    NoJdk {
        /// JDKs on this machine that are not on `PATH`.
        elsewhere: Vec<PathBuf>,
    },
    /// The JDK's version is below 17.
    #[error("JDK {version} at {home} is too old: beehive needs 17 or newer")]
    JdkTooOld {
        /// Home of the JDK.
        home: PathBuf,
        /// Its version, e.g. `11.0.22`.
        version: String,
        /// JDKs on this machine that would do.
        usable: Vec<PathBuf>,
    },
    /// The virtual machine is not HotSpot.
    #[error("{vm} at {home} is not a HotSpot JVM")]
    OtherVm {
        /// Home of the JDK.
        home: PathBuf,
        /// What it is, e.g. `Eclipse OpenJ9`.
        vm: String,
        /// JDKs on this machine that would do.
        usable: Vec<PathBuf>,
    },
    /// The program was compiled ahead of time: there is no JVM in it.
    #[error("{program} is a GraalVM native image: there is no JVM to record")]
    NativeImage {
        /// The program.
        program: PathBuf,
    },
    /// What kind of JDK a directory holds cannot be told.
    #[error("{home} cannot be recognised as a JDK: {reason}")]
    UnknownJdk {
        /// The directory or the `java` program.
        home: PathBuf,
        /// What is missing.
        reason: String,
    },
    /// The command starts a JVM but no application.
    #[error("the command starts no application: {reason}")]
    NoApplication {
        /// What was found instead, e.g. `-version prints and exits`.
        reason: String,
    },
    /// The jar or source file to start does not exist.
    #[error("{path} does not exist")]
    ApplicationMissing {
        /// The path as given.
        path: PathBuf,
        /// Jars found nearby, best guesses first.
        nearby: Vec<PathBuf>,
    },
    /// The file after `-jar` is no jar that can be started.
    #[error("{path} is not a jar that can be started: {reason}")]
    NotAJar {
        /// The path as given.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// An option of the JVM that keeps an agent from recording.
    #[error("{flag} ({place}) cannot be used while recording: {reason}")]
    HostileFlag {
        /// The option as given.
        flag: String,
        /// Where it stands: `command line`, or the name of an environment variable.
        place: String,
        /// Why the two do not go together.
        reason: &'static str,
    },
    /// The trace could not be written where it was asked for.
    #[error("cannot write {path}")]
    Output {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Something else answers at the address the load is meant for.
    #[error("{address} already answers before the application was started")]
    TargetInUse {
        /// `host:port`.
        address: String,
    },
    /// No directory can hold the agent library and its socket.
    #[error("no temporary directory can hold the agent library: {reason}")]
    NoPrivateDirectory {
        /// What was tried and why it failed.
        reason: String,
    },
    /// A step of setting up failed for a reason of the system.
    #[error("cannot {action}")]
    System {
        /// What was attempted.
        action: String,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The application ended before the agent reported. Nothing was recorded.
    #[error("the command ended after {after:?} with {status} before the agent reported")]
    EndedBeforeAgent {
        /// How it ended: `status 1`, `signal 9`.
        status: String,
        /// Time since its start.
        after: Duration,
    },
    /// The application runs or ran, but no agent ever reported. Nothing was recorded.
    #[error("no agent reported within {waited:?}")]
    AgentSilent {
        /// Time waited.
        waited: Duration,
    },
    /// The agent was loaded and gave up. Nothing was recorded.
    #[error("the agent in process {pid} cannot record: {problem}")]
    AgentProblem {
        /// Process id of the JVM.
        pid: u32,
        /// What the agent says.
        problem: String,
    },
    /// The process to attach to does not exist.
    #[error("there is no process {pid}")]
    NoProcess {
        /// The id given.
        pid: u32,
    },
    /// The process to attach to is no JVM that can be attached to.
    #[error("cannot attach to process {pid}: {reason}")]
    CannotAttach {
        /// The id given.
        pid: u32,
        /// Why.
        reason: String,
    },
    /// The file of requests cannot be read.
    #[error("cannot read {path}")]
    RequestsUnreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The file of requests does not parse.
    #[error("{path}:{line}: {reason}")]
    Requests {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// An address or rate that does not parse.
    #[error("{what} {text:?} is not understood: {reason}")]
    Argument {
        /// What it is: `rate`, `target`, `root`.
        what: &'static str,
        /// The text given.
        text: String,
        /// What would be right.
        reason: String,
    },
    /// A `# setup` request was not answered as it must be. The application was stopped; what was
    /// recorded is in the trace.
    #[error("setup request {name:?} failed: {reason}")]
    Setup {
        /// Name of the request.
        name: String,
        /// Status or reason.
        reason: String,
    },
    /// Nothing ever answered at the target. The application was stopped; what was recorded is in
    /// the trace.
    #[error("nothing answered at {target} within {waited:?}")]
    NeverReady {
        /// `host:port` asked.
        target: String,
        /// Time waited.
        waited: Duration,
        /// Ports the application listens at.
        listening: Vec<u16>,
    },
    /// Interrupted before the agent reported. Nothing was recorded.
    #[error("interrupted before anything was recorded")]
    Interrupted,
    /// What was recorded cannot be folded into a trace; the recording is kept.
    #[error("the recording {path} cannot be made into a trace")]
    Recording {
        /// The recording, kept.
        path: PathBuf,
        /// The reason.
        #[source]
        source: TraceError,
    },
}

impl RecordError {
    /// Whether the load failed while the recording went on.
    pub(crate) fn concerns_load(&self) -> bool {
        matches!(self, Self::Setup { .. } | Self::NeverReady { .. })
    }

    /// A [`RecordError::System`] for `map_err`.
    pub(crate) fn system(action: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        let action = action.into();
        move |source| Self::System { action, source }
    }
}
