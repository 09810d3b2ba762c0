//! Loading the agent into a running JVM by HotSpot's attach protocol: a file `.attach_pid<n>` and
//! SIGQUIT make the JVM open `.java_pid<n>`, over which one command of NUL-ended words is sent.
//! Sees the process as it sees itself: its root directory and its own process id, as in a container.

use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use beehive_trace::SplitRule;
use nix::sys::signal::{Signal, kill};
use nix::unistd::{Gid, Pid, Uid, chown};

use crate::error::RecordError;
use crate::host::process_start_ticks;
use crate::hostile::{self, Entrance};
use crate::java_command::JavaCommand;
use crate::jdk::Jdk;
use crate::private_dir::PrivateDir;
use crate::split;

/// Time the JVM has to open its socket.
const SOCKET_TIME: Duration = Duration::from_secs(10);
/// Time the JVM has to load the agent.
const LOAD_TIME: Duration = Duration::from_mins(1);

/// A JVM that has been checked and can be attached to.
#[derive(Clone, Debug)]
pub(crate) struct AttachPlan {
    /// Its process id here.
    pub(crate) pid: u32,
    /// Its start time, to notice its end.
    pub(crate) start_ticks: u64,
    /// Its JDK, if its home can be read.
    pub(crate) jdk: Option<Jdk>,
    /// Jar or main class, as given to it.
    pub(crate) main: String,
    /// Its class path.
    pub(crate) class_path: Vec<String>,
    /// Rule for user classes.
    pub(crate) split: SplitRule,
    /// What a person should know.
    pub(crate) notes: Vec<String>,
    /// Its process id as it sees it itself.
    inner_pid: u32,
    owner: (u32, u32),
}

impl AttachPlan {
    /// Checks the process.
    ///
    /// # Errors
    /// [`RecordError::NoProcess`], [`RecordError::CannotAttach`], a JDK that cannot be recorded, or
    /// an option that forbids attaching.
    pub(crate) fn of(pid: u32) -> Result<Self, RecordError> {
        let cannot = |reason: &str| RecordError::CannotAttach { pid, reason: reason.to_owned() };
        let start_ticks = process_start_ticks(pid).ok_or(RecordError::NoProcess { pid })?;
        let owner = owner_of(pid)?;
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))
            .map_err(|_| cannot("its memory map cannot be read"))?;
        if maps.contains("/libj9vm") {
            return Err(cannot("its virtual machine is Eclipse OpenJ9, not HotSpot"));
        }
        if !maps.contains("/libjvm.so") {
            return Err(cannot("it is no JVM: libjvm.so is not loaded"));
        }
        if !catches_quit(pid) {
            // Asked now, it would end instead of opening its socket.
            return Err(cannot(
                "it does not handle SIGQUIT: it is still starting, or runs with -Xrs",
            ));
        }
        let jdk = jdk_of(pid);
        jdk.as_ref().map_or(Ok(()), Jdk::check)?;
        let mut plan = Self {
            pid,
            start_ticks,
            main: String::new(),
            class_path: Vec::new(),
            split: SplitRule::default(),
            notes: Vec::new(),
            inner_pid: inner_pid(pid),
            owner,
            jdk,
        };
        plan.read_command()?;
        Ok(plan)
    }

    /// Main, class path and rule from the process's command line.
    fn read_command(&mut self) -> Result<(), RecordError> {
        let bytes = std::fs::read(format!("/proc/{}/cmdline", self.pid)).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let arguments: Vec<String> =
            text.trim_end_matches('\0').split('\0').skip(1).map(str::to_owned).collect();
        let environ = environment_of(self.pid);
        let variable =
            |name: &str| environ.iter().find_map(|v| v.strip_prefix(&format!("{name}=")));
        let directory = self.directory();
        let Ok(command) = JavaCommand::parse(&arguments, &directory, variable("CLASSPATH")) else {
            self.notes.push(
                "its command line names no main: classes in directories are the user's".to_owned(),
            );
            return Ok(());
        };
        let variable = |name: &str| variable(name).map(str::to_owned);
        hostile::check(&command.options, variable, Entrance::Attach)?;
        self.main = command.main.label();
        if let Ok(split) = split::derive(&command, &directory) {
            self.notes.extend(split.notes);
            self.split = split.rule;
            let root = self.root();
            let inside = |entry: &String| outside_to_inside(Path::new(entry), &root);
            self.class_path = split.class_path.iter().map(inside).collect();
        }
        Ok(())
    }

    /// Its root directory as seen from here.
    fn root(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root", self.pid))
    }

    /// Its working directory as seen from here.
    fn directory(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/cwd", self.pid))
    }

    /// A private directory that the process can see too.
    pub(crate) fn private_dir(&self) -> Result<PrivateDir, RecordError> {
        let parent = if self.has_own_root() { self.root().join("tmp") } else { "/tmp".into() };
        PrivateDir::inside(&parent).map_err(|reason| RecordError::NoPrivateDirectory { reason })
    }

    /// Whether its root directory is not ours.
    fn has_own_root(&self) -> bool {
        let id = |path: &Path| path.metadata().ok().map(|m| (m.dev(), m.ino()));
        id(&self.root()) != id(Path::new("/"))
    }

    /// A path below its root as it sees it itself.
    pub(crate) fn as_seen_inside(&self, path: &Path) -> String {
        outside_to_inside(path, &self.root())
    }

    /// Makes the directory its owner's, so that the JVM can read it.
    pub(crate) fn hand_over(&self, place: &PrivateDir) -> Result<(), RecordError> {
        let (uid, gid) = self.owner;
        if Uid::effective().as_raw() == uid {
            return Ok(());
        }
        let paths = [place.path().to_owned(), place.socket(), place.library(), place.config()];
        for path in paths {
            let given = chown(&path, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)));
            given
                .map_err(std::io::Error::from)
                .map_err(RecordError::system(format!("give {} to user {uid}", path.display())))?;
        }
        Ok(())
    }

    /// Loads the agent of `place` into the process.
    ///
    /// # Errors
    /// [`RecordError::CannotAttach`] with what the JVM answers.
    pub(crate) fn load_agent(&self, place: &PrivateDir) -> Result<(), RecordError> {
        let library = self.as_seen_inside(&place.library());
        let config = self.as_seen_inside(&place.config());
        let answer = self
            .open()
            .and_then(|stream| command(stream, &["load", &library, "true", &config]))
            .map_err(|error| self.cannot(format!("its attach socket fails: {error}")))?;
        let mut lines = answer.lines();
        match (lines.next(), answer.trim_end().rsplit_once("return code: ")) {
            (Some("0"), Some((_, "0"))) => Ok(()),
            _ => Err(self.cannot(format!("the JVM refused the agent: {}", answer.trim()))),
        }
    }

    fn cannot(&self, reason: String) -> RecordError {
        RecordError::CannotAttach { pid: self.pid, reason }
    }

    /// Connects to the JVM's attach socket, asking it to open one if need be.
    fn open(&self) -> std::io::Result<UnixStream> {
        let socket = self.root().join("tmp").join(format!(".java_pid{}", self.inner_pid));
        if let Ok(stream) = UnixStream::connect(&socket) {
            return Ok(stream);
        }
        let request = self.ask()?;
        let until = Instant::now() + SOCKET_TIME;
        let opened = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break Ok(stream),
                Err(error) if Instant::now() >= until => break Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        // The JVM has seen it, or never will.
        let _ = std::fs::remove_file(request);
        opened
    }

    /// The file and the signal that make the JVM open its socket.
    fn ask(&self) -> std::io::Result<PathBuf> {
        let name = format!(".attach_pid{}", self.inner_pid);
        let places = [self.directory().join(&name), self.root().join("tmp").join(&name)];
        let mut result = Err(std::io::ErrorKind::NotFound.into());
        for place in places {
            result = std::fs::File::create(&place).map(|_| place);
            if result.is_ok() {
                break;
            }
        }
        let request = result?;
        let (uid, gid) = self.owner;
        if Uid::effective().as_raw() != uid {
            chown(&request, Some(Uid::from_raw(uid)), Some(Gid::from_raw(gid)))?;
        }
        kill(Pid::from_raw(self.pid as i32), Signal::SIGQUIT)?;
        Ok(request)
    }
}

/// One command of the protocol; gives the JVM's whole answer.
fn command(mut stream: UnixStream, words: &[&str]) -> std::io::Result<String> {
    stream.set_read_timeout(Some(LOAD_TIME))?;
    let mut message = b"1\0".to_vec();
    for word in words {
        message.extend_from_slice(word.as_bytes());
        message.push(0);
    }
    stream.write_all(&message)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// User and group of the process; refuses another user's unless we are root.
fn owner_of(pid: u32) -> Result<(u32, u32), RecordError> {
    let metadata = std::fs::metadata(format!("/proc/{pid}"));
    let (uid, gid) =
        metadata.map(|m| (m.uid(), m.gid())).map_err(|_| RecordError::NoProcess { pid })?;
    let own = Uid::effective();
    if own.is_root() || own.as_raw() == uid {
        return Ok((uid, gid));
    }
    let reason =
        format!("it runs as user {uid} and beehive as user {own}; only that user or root may");
    Err(RecordError::CannotAttach { pid, reason })
}

/// The JDK by the path of its library or executable, read below the process's root.
fn jdk_of(pid: u32) -> Option<Jdk> {
    let executable = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
    let home = executable.parent()?.parent()?.strip_prefix("/").ok()?.to_owned();
    Jdk::at(&PathBuf::from(format!("/proc/{pid}/root")).join(home)).ok()
}

/// The process id in the innermost namespace.
fn inner_pid(pid: u32) -> u32 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("NSpid:"));
    line.and_then(|ids| ids.split_whitespace().last()?.parse().ok()).unwrap_or(pid)
}

/// Whether the process has a handler for SIGQUIT; without one the signal would end it.
fn catches_quit(pid: u32) -> bool {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    mask & (1 << (Signal::SIGQUIT as i32 - 1)) != 0
}

fn environment_of(pid: u32) -> Vec<String> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).split('\0').map(str::to_owned).collect()
}

fn outside_to_inside(path: &Path, root: &Path) -> String {
    match path.strip_prefix(root) {
        Ok(rest) => Path::new("/").join(rest).display().to_string(),
        Err(_) => path.display().to_string(),
    }
}
