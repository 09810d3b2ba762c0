//! What a person is told when an application cannot be started, recorded or driven: code, exit status,
//! the command that helps. The same for every verb that starts one.

use std::path::{Path, PathBuf};

use beehive_record::RecordError;

use crate::diagnostics::{Failure, unwritable};
use crate::exit::Exit;

/// The verb whose application did not start.
#[derive(Clone, Copy)]
pub struct Started<'a> {
    /// As typed: `profile`, `run`.
    pub verb: &'a str,
    /// File it writes.
    pub output: &'a Path,
}

/// The failure for an error of starting, recording or driving load.
pub fn of(error: RecordError, started: Started) -> Failure {
    if let RecordError::Output { path, source } = error {
        return unwritable(&path, source);
    }
    let (exit, code) = kind(&error);
    let help = help(&error, started);
    let message = match &error {
        RecordError::RequestsUnreadable { path, .. } => {
            format!("the requests in {} cannot be read", path.display())
        }
        other => other.to_string(),
    };
    let place = place(&error);
    let failure = Failure::new(exit, code, message).help(help);
    let failure = match place {
        Some((path, text, span)) => failure.at(&path, text, span),
        None => failure,
    };
    match error {
        RecordError::System { source, .. } | RecordError::RequestsUnreadable { source, .. } => {
            failure.because(source)
        }
        RecordError::Recording { source, .. } => failure.because(source),
        _ => failure,
    }
}

fn kind(error: &RecordError) -> (Exit, &'static str) {
    match error {
        RecordError::EmptyCommand => (Exit::Usage, "bee::profile::command"),
        RecordError::NoApplication { .. } => (Exit::Usage, "bee::profile::no_application"),
        RecordError::HostileFlag { .. } => (Exit::Usage, "bee::profile::hostile_flag"),
        RecordError::Argument { .. } => (Exit::Usage, "bee::profile::argument"),
        RecordError::ProgramMissing { .. } => (Exit::Input, "bee::profile::program_missing"),
        RecordError::ApplicationMissing { .. } => (Exit::Input, "bee::profile::jar_missing"),
        RecordError::NotAJar { .. } => (Exit::Input, "bee::profile::not_a_jar"),
        RecordError::RequestsUnreadable { .. } => (Exit::Input, "bee::load::unreadable"),
        RecordError::Requests { .. } => (Exit::Input, "bee::load::syntax"),
        RecordError::NoJdk { .. } => (Exit::Jvm, "bee::jdk::none"),
        RecordError::JdkTooOld { .. } => (Exit::Jvm, "bee::jdk::too_old"),
        RecordError::OtherVm { .. } => (Exit::Jvm, "bee::jdk::other_vm"),
        RecordError::NativeImage { .. } => (Exit::Jvm, "bee::jdk::native_image"),
        RecordError::UnknownJdk { .. } => (Exit::Jvm, "bee::jdk::unknown"),
        RecordError::TargetInUse { .. } => (Exit::Jvm, "bee::load::port_in_use"),
        RecordError::Setup { .. } => (Exit::Jvm, "bee::load::setup"),
        RecordError::NeverReady { .. } => (Exit::Jvm, "bee::load::never_ready"),
        RecordError::EndedBeforeAgent { .. } => (Exit::Jvm, "bee::agent::ended_before"),
        RecordError::AgentSilent { .. } => (Exit::Jvm, "bee::agent::silent"),
        RecordError::AgentProblem { .. } => (Exit::Jvm, "bee::agent::problem"),
        RecordError::NoProcess { .. } => (Exit::Jvm, "bee::attach::no_process"),
        RecordError::CannotAttach { .. } => (Exit::Jvm, "bee::attach::refused"),
        RecordError::Interrupted => (Exit::Interrupted, "bee::profile::interrupted"),
        RecordError::Recording { .. } => (Exit::Output, "bee::profile::recording"),
        _ => (Exit::Jvm, "bee::profile::system"),
    }
}

fn help(error: &RecordError, started: Started) -> String {
    let verb = started.verb;
    match error {
        RecordError::NoJdk { elsewhere } => match elsewhere.first() {
            Some(home) => format!("this machine has one: export PATH={}/bin:$PATH", home.display()),
            None => "install one, e.g.: sudo apt-get install openjdk-17-jdk-headless".to_owned(),
        },
        RecordError::JdkTooOld { usable, .. } | RecordError::OtherVm { usable, .. } => {
            other_jdk(usable)
        }
        RecordError::NativeImage { .. } => {
            format!("start the application's jar instead: beehive {verb} -- java -jar app.jar")
        }
        RecordError::UnknownJdk { .. } => {
            format!("name the program of a JDK itself: beehive {verb} -- /path/to/jdk/bin/java …")
        }
        RecordError::ApplicationMissing { nearby, .. } => match nearby.first() {
            Some(path) => format!("there is {0}: beehive {verb} -- java -jar {0}", path.display()),
            None => "build it first, e.g.: ./mvnw package".to_owned(),
        },
        RecordError::NotAJar { path, .. } => format!(
            "a library is started by its main class: java -cp {} com.acme.Main",
            path.display()
        ),
        RecordError::ProgramMissing { program, searched } if searched.is_empty() => {
            format!("check the path: ls -l {program}")
        }
        RecordError::ProgramMissing { .. } => "give its path, or put its folder on PATH".to_owned(),
        RecordError::EmptyCommand | RecordError::NoApplication { .. } => {
            format!("name what starts the application: beehive {verb} -- java -jar app.jar")
        }
        RecordError::HostileFlag { flag, place, .. } if place == "command line" => {
            format!("{verb} without {flag}")
        }
        RecordError::HostileFlag { place, .. } => format!("{verb} without it: unset {place}"),
        other => help_at_run_time(other, started),
    }
}

fn help_at_run_time(error: &RecordError, started: Started) -> String {
    let verb = started.verb;
    match error {
        RecordError::TargetInUse { address } => {
            let port = address.rsplit(':').next().unwrap_or("8080");
            format!(
                "end what listens there (ss -ltnp 'sport = :{port}'), or give the application another \
                 port and name it with --target"
            )
        }
        RecordError::EndedBeforeAgent { .. } => {
            "its own message stands above; see whether it starts alone, without beehive".to_owned()
        }
        RecordError::AgentSilent { .. } => {
            "see whether the command starts a JVM, and whether it drops JAVA_TOOL_OPTIONS"
                .to_owned()
        }
        RecordError::AgentProblem { .. } => {
            "the application is not harmed; try another JDK of version 17 or newer".to_owned()
        }
        RecordError::NoProcess { .. } => "list the running JVMs: jps -l".to_owned(),
        RecordError::CannotAttach { .. } => {
            format!("start it under beehive instead: beehive {verb} -- java -jar app.jar")
        }
        RecordError::Setup { .. } => {
            format!("correct that request; what was recorded is in {}", started.output.display())
        }
        RecordError::NeverReady { listening, .. } => match listening.first() {
            Some(port) => format!("the application listens at: --target http://127.0.0.1:{port}"),
            None => "name its address with --target http://host:port".to_owned(),
        },
        RecordError::Recording { path, .. } => {
            format!("what was received is kept: beehive trace show {}", path.display())
        }
        RecordError::Interrupted => "nothing was written".to_owned(),
        RecordError::RequestsUnreadable { path, .. } => {
            format!("check the path: ls -l {}", path.display())
        }
        RecordError::Requests { .. } => {
            "the format is described in docs/requests-http.md".to_owned()
        }
        RecordError::NoPrivateDirectory { .. } => {
            format!("name another: TMPDIR=/path/without/noexec beehive {verb} …")
        }
        _ => format!("beehive {verb} --help"),
    }
}

fn other_jdk(usable: &[PathBuf]) -> String {
    match usable.first() {
        Some(home) => format!("this machine has one: {}/bin/java", home.display()),
        None => "install one, e.g.: sudo apt-get install openjdk-17-jdk-headless".to_owned(),
    }
}

/// The line of a file of requests that is wrong.
fn place(error: &RecordError) -> Option<(PathBuf, String, std::ops::Range<usize>)> {
    let RecordError::Requests { path, line, .. } = error else { return None };
    let text = std::fs::read_to_string(Path::new(path)).ok()?;
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let length = text.get(start..)?.lines().next()?.len();
    Some((path.clone(), text, start..start + length))
}
