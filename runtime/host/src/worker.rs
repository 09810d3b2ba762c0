//! One worker process: its command line, its environment, its standard streams. A worker shares the
//! application's working directory, environment and standard output, so that what a root prints stands
//! where it would have stood; its standard error passes through here, for its last words.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::session::Event;
use crate::walks;

/// Class that a worker runs.
const MAIN: &str = "dev.beehive.runtime.worker.Worker";
/// Variables with JVM options that are meant for the application alone.
pub(crate) const OPTION_VARIABLES: [&str; 3] =
    ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"];

/// How workers of a run are started.
#[derive(Clone, Debug, Default)]
pub struct WorkerCommand {
    /// The `java` program.
    pub java: PathBuf,
    /// The runtime jar.
    pub runtime_jar: PathBuf,
    /// Class path, in order.
    pub class_path: Vec<PathBuf>,
    /// CDS archive of exactly this class path, used from when it is there.
    pub archive: Option<PathBuf>,
    /// File for the names of the classes it loads.
    pub class_log: Option<PathBuf>,
    /// Largest heap, MiB.
    pub heap_mib: u32,
    /// Options of the application that a worker needs too, then those given for workers.
    pub options: Vec<String>,
    /// Main class, if it is not the worker's.
    pub main: Option<String>,
    /// `host:port` of the server.
    pub connect: String,
    /// The secret of the run.
    pub secret: String,
    /// SHA-256 of the bundle's manifest.
    pub digest: String,
    /// Time a server may be silent.
    pub timeout: Duration,
}

impl WorkerCommand {
    /// The process to start. Its secret stands in its environment, never on its command line.
    pub fn process(&self) -> Command {
        // Without it a worker starts more slowly and runs as well.
        let archive = self.archive.as_ref().filter(|archive| archive.is_file());
        let archive = archive.map(|archive| with_path("-XX:SharedArchiveFile=", archive));
        match archive {
            // JDK 25 prints at every start, into what is the application's output, that exported packages are checked
            // anew, archive or not.
            Some(archive) => {
                self.process_with(&[archive, "-Xshare:auto".into(), "-Xlog:cds=off".into()])
            }
            None => self.process_with(&[]),
        }
    }

    /// The process to start with arguments of its main class.
    #[cfg(test)]
    pub(crate) fn process_with_arguments(&self, arguments: &[PathBuf]) -> Command {
        let mut process = self.process();
        process.args(arguments);
        process
    }

    /// The same with other options of the JVM in front.
    pub(crate) fn process_with(&self, options: &[std::ffi::OsString]) -> Command {
        let mut process = Command::new(&self.java);
        process.args(options);
        // A worker runs one invocation at a time: the collector without threads of its own is the
        // quickest to start and the smallest.
        process.arg("-XX:+UseSerialGC").arg(format!("-Xmx{}m", self.heap_mib));
        process.arg(with_path("-Xbootclasspath/a:", &self.runtime_jar));
        process.args(["--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"]);
        process.args(walks::options());
        if let Some(log) = &self.class_log {
            // Without the time of each line: which classes is all that is wanted. A path may hold a colon.
            let mut option = with_path("-Xlog:class+load=info:file=\"", log);
            option.push("\":none");
            process.arg(option);
        }
        process.args(&self.options);
        process.arg("-cp").arg(joined(&self.class_path));
        process.arg(self.main.as_deref().unwrap_or(MAIN));
        for variable in OPTION_VARIABLES {
            process.env_remove(variable);
        }
        process
            .env("BEEHIVE_CONNECT", &self.connect)
            .env("BEEHIVE_SECRET", &self.secret)
            .env("BEEHIVE_CLASS_PATH_DIGEST", &self.digest)
            .env("BEEHIVE_TIMEOUT_MS", self.timeout.as_millis().to_string());
        process
    }

    /// Starts the worker with this number, which it tells the server; its end becomes an event.
    pub(crate) fn start(&self, number: u64, sender: Sender<Event>) -> std::io::Result<u32> {
        use std::os::unix::process::CommandExt;
        let mut process = self.process();
        process.env("BEEHIVE_WORKER", number.to_string());
        // A group of its own: Ctrl-C at the terminal is for the application, which may still be
        // finishing requests; the pool ends its workers when the application has ended.
        process.stdin(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        let child = process.spawn()?;
        let pid = child.id();
        std::thread::spawn(move || watch(child, number, &sender));
        Ok(pid)
    }
}

/// Options of the application's command line that a worker needs to behave alike: properties,
/// assertions, opened packages, preview features. Memory, collectors, agents and ports stay behind.
pub(crate) fn inherited(options: &[String]) -> Vec<String> {
    const WITH_VALUE: [&str; 4] = ["--add-opens", "--add-exports", "--add-reads", "--add-modules"];
    const FLAGS: [&str; 6] =
        ["-ea", "-enableassertions", "-da", "-disableassertions", "-esa", "--enable-preview"];
    const NOT_INHERITED: [&str; 2] = ["-Dcom.sun.management.", "-Djava.rmi."];
    let mut kept = Vec::new();
    let mut rest = options.iter();
    while let Some(option) = rest.next() {
        let name = option.split('=').next().unwrap_or_default();
        if WITH_VALUE.contains(&option.as_str()) {
            kept.push(option.clone());
            kept.extend(rest.next().cloned());
        } else if WITH_VALUE.contains(&name)
            || FLAGS.iter().any(|flag| option == flag || option.starts_with(&format!("{flag}:")))
            || (option.starts_with("-D") && !NOT_INHERITED.iter().any(|p| option.starts_with(p)))
        {
            kept.push(option.clone());
        }
    }
    kept
}

fn with_path(option: &str, path: &Path) -> std::ffi::OsString {
    let mut text = std::ffi::OsString::from(option);
    text.push(path);
    text
}

fn joined(paths: &[PathBuf]) -> std::ffi::OsString {
    let mut text = std::ffi::OsString::new();
    for (index, path) in paths.iter().enumerate() {
        if index > 0 {
            text.push(":");
        }
        text.push(path);
    }
    text
}

/// Passes the worker's words on and waits for its end.
fn watch(mut child: Child, number: u64, sender: &Sender<Event>) {
    let last_words = child.stderr.take().map(pass_on).unwrap_or_default();
    // Only an interrupted wait could fail, and the library repeats that.
    if let Ok(status) = child.wait() {
        let _ = sender.send(Event::WorkerEnded { number, status, last_words });
    }
}

/// Copies lines to this process's standard error; gives the last one.
fn pass_on(stream: ChildStderr) -> String {
    let mut reader = BufReader::new(stream);
    let (mut line, mut last) = (Vec::new(), String::new());
    while reader.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
        // A terminal that has gone away is no failure of the worker.
        let _ = std::io::stderr().write_all(&line);
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if !text.is_empty() {
            last = text;
        }
        line.clear();
    }
    last
}

/// `status 3` or `signal 9`.
pub(crate) fn status_text(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        _ => status.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_in_the_environment_and_nowhere_on_the_command_line() {
        let command = WorkerCommand {
            java: "java".into(),
            class_path: vec!["a.jar".into(), "b.jar".into()],
            secret: "hush".into(),
            ..WorkerCommand::default()
        };
        let process = command.process();
        let arguments: Vec<String> =
            process.get_args().map(|a| a.to_string_lossy().into_owned()).collect();
        assert!(arguments.contains(&"a.jar:b.jar".to_owned()));
        assert!(arguments.iter().all(|argument| !argument.contains("hush")), "{arguments:?}");
        let secret = process.get_envs().find(|(name, _)| *name == "BEEHIVE_SECRET");
        assert_eq!(secret.and_then(|(_, value)| value), Some("hush".as_ref()));
        let tool = process.get_envs().find(|(name, _)| *name == "JAVA_TOOL_OPTIONS");
        assert_eq!(tool, Some(("JAVA_TOOL_OPTIONS".as_ref(), None)));
    }

    #[test]
    fn workers_inherit_what_changes_the_meaning_of_code_and_nothing_else() {
        let given = [
            "-Xmx4g",
            "-Duser.timezone=UTC",
            "-javaagent:x.jar",
            "--add-opens",
            "java.base/java.lang=ALL-UNNAMED",
            "--add-exports=a/b=c",
            "-ea:com.acme...",
            "-Dcom.sun.management.jmxremote.port=9010",
            "-XX:+UseZGC",
            "--enable-preview",
        ];
        let given: Vec<String> = given.iter().map(|&o| o.to_owned()).collect();
        let wanted = [
            "-Duser.timezone=UTC",
            "--add-opens",
            "java.base/java.lang=ALL-UNNAMED",
            "--add-exports=a/b=c",
            "-ea:com.acme...",
            "--enable-preview",
        ];
        assert_eq!(inherited(&given), wanted);
    }
}
