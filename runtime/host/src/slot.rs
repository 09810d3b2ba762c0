//! A place of the pool and the worker process in it: due, running, leaving or closed. Signals and the
//! kernel's figures of one process; what the pool does with them, `pool` decides.

use std::time::{Duration, Instant};

use beehive_record::host::process_cpu_us;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// Pause before the first restart.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Why a worker ended before it was asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// By itself, or somebody has killed it.
    Ended,
    /// Killed, for it has said nothing in an invocation for longer than it may.
    Silent,
    /// Killed, for the server has not seen it long after its start.
    NeverJoined,
}

impl Loss {
    /// As it stands in a record.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ended => "WORKER_ENDED",
            Self::Silent => "WORKER_SILENT",
            Self::NeverJoined => "WORKER_NEVER_JOINED",
        }
    }
}

/// A place for one worker.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slot {
    pub(crate) state: State,
    /// Early ends in a row.
    pub(crate) failures: u32,
}

/// What is in it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum State {
    /// To be started then.
    Due(Instant),
    Running(Process),
    /// Asked to end, because there are too many.
    Leaving(Process),
    /// Not to be started any more.
    Closed,
}

/// A worker process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process {
    /// What it tells the server; never 0.
    pub(crate) number: u64,
    pub(crate) pid: u32,
    pub(crate) started: Instant,
    /// Whether the server has admitted it.
    pub(crate) has_joined: bool,
    pub(crate) cpu_us: u64,
    /// What its end is counted as.
    pub(crate) loss: Loss,
}

impl Slot {
    /// Due at once.
    pub(crate) fn new() -> Self {
        Self { state: State::Due(Instant::now()), failures: 0 }
    }

    /// The process in it, if there is one.
    pub(crate) fn process(&self) -> Option<Process> {
        match self.state {
            State::Running(process) | State::Leaving(process) => Some(process),
            State::Due(_) | State::Closed => None,
        }
    }

    /// The same, to change it.
    pub(crate) fn process_mut(&mut self) -> Option<&mut Process> {
        match &mut self.state {
            State::Running(process) | State::Leaving(process) => Some(process),
            State::Due(_) | State::Closed => None,
        }
    }
}

impl Process {
    /// A worker started just now.
    pub(crate) fn new(number: u64, pid: u32, started: Instant) -> Self {
        Self { number, pid, started, has_joined: false, cpu_us: 0, loss: Loss::Ended }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        // It may have ended a moment ago.
        let _ = kill(Pid::from_raw(self.pid as i32), signal);
    }

    /// Ends a process that does not answer; a stopped one hears nothing else. A word for a person.
    pub(crate) fn give_up(&mut self, loss: Loss) -> String {
        self.loss = loss;
        self.signal(Signal::SIGKILL);
        let why = match loss {
            Loss::NeverJoined => "has not come to the server",
            Loss::Silent | Loss::Ended => "has stopped answering",
        };
        format!("worker {} (process {}) {why}; it is killed and replaced", self.number, self.pid)
    }

    /// Looks at its processor time, which is gone once it has ended.
    pub(crate) fn look(&mut self) {
        self.cpu_us = process_cpu_us(self.pid).unwrap_or(self.cpu_us);
    }

    /// Largest resident memory it has had, bytes.
    pub(crate) fn resident_bytes_max(&self) -> Option<u64> {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kib * 1024)
    }
}

/// Pause before the restart after that many early ends in a row.
pub(crate) fn pause(failures: u32) -> Duration {
    let doubled = FIRST_PAUSE * 2u32.pow(failures.saturating_sub(1).min(10));
    doubled.min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses = [1, 2, 3, 40].map(pause);
        assert_eq!(pauses.map(|p| p.as_millis()), [100, 200, 400, 10_000]);
    }
}
