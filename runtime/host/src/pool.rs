//! The pool of local workers: as many processes as asked for, each that ends started anew after a
//! pause that doubles with every early end. A pool whose workers never get a connection gives up, so
//! that a machine is not kept busy starting JVMs for nothing.

use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use beehive_measured::{LostWorker, Workers};
use beehive_record::host::process_cpu_us;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::message::Ready;
use crate::session::Event;
use crate::worker::WorkerCommand;

/// Pause before the first restart.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// Longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// A worker that was connected and lived that long has not failed at starting.
const SETTLED: Duration = Duration::from_secs(2);
/// Early ends in a row after which a pool without any connection gives up.
const TRIES: u32 = 5;
/// Lost workers told one by one; the rest is counted.
const LOST_KEPT: usize = 20;

/// Keeps workers running.
#[derive(Debug)]
pub(crate) struct Pool {
    command: WorkerCommand,
    sender: Sender<Event>,
    slots: Vec<Slot>,
    next_id: u64,
    is_stopping: bool,
    has_given_up: bool,
    is_closed: bool,
    facts: Workers,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    state: State,
    /// Early ends in a row.
    failures: u32,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// To be started then.
    Due(Instant),
    Running(Process),
    /// Asked to end, because there are too many.
    Leaving(Process),
    /// Not to be started any more.
    Closed,
}

#[derive(Clone, Copy, Debug)]
struct Process {
    id: u64,
    pid: u32,
    started: Instant,
    is_connected: bool,
    cpu_us: u64,
}

impl Slot {
    /// The process in it, if there is one.
    fn process(&self) -> Option<Process> {
        match self.state {
            State::Running(process) | State::Leaving(process) => Some(process),
            State::Due(_) | State::Closed => None,
        }
    }
}

fn terminate(process: &Process, signal: Signal) {
    // It may have ended a moment ago.
    let _ = kill(Pid::from_raw(process.pid as i32), signal);
}

impl Pool {
    /// A pool of `size` workers, all due now.
    pub(crate) fn new(command: WorkerCommand, size: u32, sender: Sender<Event>) -> Self {
        let slot = Slot { state: State::Due(Instant::now()), failures: 0 };
        let slots = vec![slot; size as usize];
        let facts = Workers { asked: size, ..Workers::default() };
        Self {
            command,
            sender,
            slots,
            next_id: 0,
            is_stopping: false,
            has_given_up: false,
            is_closed: false,
            facts,
        }
    }

    /// Starts what is due and looks at what runs. The system's reason if a worker cannot be started.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), std::io::Error> {
        for slot in &mut self.slots {
            match &mut slot.state {
                State::Due(when) if now >= *when && !self.is_stopping => {
                    let id = self.next_id;
                    self.next_id += 1;
                    let started = self.command.start(id, self.sender.clone());
                    let pid = started.inspect_err(|_| slot.state = State::Closed)?;
                    self.facts.started += 1;
                    self.facts.restarted += u64::from(slot.failures > 0);
                    let process = Process { id, pid, started: now, is_connected: false, cpu_us: 0 };
                    slot.state = State::Running(process);
                }
                State::Running(process) | State::Leaving(process) => {
                    process.cpu_us = process_cpu_us(process.pid).unwrap_or(process.cpu_us);
                    let resident = resident_bytes_max(process.pid);
                    self.facts.resident_bytes_max = self.facts.resident_bytes_max.max(resident);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A worker was admitted by the server: the one that was started first of those that are not.
    pub(crate) fn on_connected(&mut self, now: Instant) {
        let waiting = self.slots.iter_mut().filter_map(|slot| match &mut slot.state {
            State::Running(process) if !process.is_connected => Some(process),
            _ => None,
        });
        if let Some(process) = waiting.min_by_key(|process| process.started) {
            process.is_connected = true;
            self.facts.ready_ms.push((now - process.started).as_millis() as u64);
        }
    }

    /// A process has ended. A word for a person if that changes what the pool does.
    pub(crate) fn on_ended(
        &mut self,
        id: u64,
        ending: String,
        last_words: String,
        now: Instant,
    ) -> Option<String> {
        let mut running = self.slots.iter_mut().filter_map(|slot| Some((slot.process()?, slot)));
        let (process, slot) = running.find(|(process, _)| process.id == id)?;
        self.facts.cpu_us += process.cpu_us;
        if self.is_stopping || matches!(slot.state, State::Leaving(_)) {
            slot.state = State::Closed;
            return None;
        }
        let had_settled = process.is_connected && now - process.started >= SETTLED;
        slot.failures = if had_settled { 1 } else { slot.failures + 1 };
        slot.state = State::Due(now + pause(slot.failures));
        let message = format!("a worker ended with {ending}: {last_words}");
        if self.facts.lost.len() < LOST_KEPT {
            self.facts.lost.push(LostWorker { ending, last_words });
        }
        let failures: u32 = self.slots.iter().map(|slot| slot.failures).sum();
        if self.facts.ready_ms.is_empty() && failures >= TRIES {
            self.give_up();
            return Some(format!("{message}; no worker ever connected: no more are started"));
        }
        Some(message)
    }

    /// Tells workers where the server awaits them and which JDK they must have.
    pub(crate) fn connect_to(&mut self, ready: &Ready) {
        self.command.connect = format!("127.0.0.1:{}", ready.port);
        if !ready.java_home.is_empty() {
            self.command.java = Path::new(&ready.java_home).join("bin").join("java");
        }
    }

    /// Keeps another number of workers from now on. Those too many finish what they run and end.
    pub(crate) fn resize(&mut self, size: u32) {
        if self.is_closed {
            return;
        }
        self.facts.asked = size;
        let kept = |slot: &&mut Slot| !matches!(slot.state, State::Closed | State::Leaving(_));
        let count = self.slots.iter_mut().filter(kept).count();
        for _ in count..size as usize {
            self.slots.push(Slot { state: State::Due(Instant::now()), failures: 0 });
        }
        // The last ones first: they were used least if there was little to do.
        for slot in self.slots.iter_mut().filter(kept).skip(size as usize) {
            slot.state = match slot.state {
                State::Running(process) => {
                    terminate(&process, Signal::SIGTERM);
                    State::Leaving(process)
                }
                _ => State::Closed,
            };
        }
    }

    /// Starts none any more, for nobody would serve them.
    fn give_up(&mut self) {
        self.has_given_up = true;
        self.close();
    }

    /// Starts none any more.
    pub(crate) fn close(&mut self) {
        self.is_closed = true;
        for slot in &mut self.slots {
            if matches!(slot.state, State::Due(_)) {
                slot.state = State::Closed;
            }
        }
    }

    /// Whether workers could not be had at all.
    pub(crate) fn has_given_up(&self) -> bool {
        self.has_given_up
    }

    /// Asks every worker to end, or ends it.
    pub(crate) fn stop(&mut self, signal: Signal) {
        self.is_stopping = true;
        self.slots.iter().filter_map(Slot::process).for_each(|p| terminate(&p, signal));
    }

    /// Whether no worker runs.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.iter().all(|slot| slot.process().is_none())
    }

    /// What the pool did.
    pub(crate) fn facts(&self) -> Workers {
        let mut facts = self.facts.clone();
        let running = self.slots.iter().filter_map(Slot::process);
        facts.cpu_us += running.map(|process| process.cpu_us).sum::<u64>();
        facts
    }
}

/// Pause before the restart after that many early ends in a row.
fn pause(failures: u32) -> Duration {
    let doubled = FIRST_PAUSE * 2u32.pow(failures.saturating_sub(1).min(10));
    doubled.min(LONGEST_PAUSE)
}

/// Largest resident memory a process has had, bytes.
fn resident_bytes_max(pid: u32) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use beehive_record::installed_jdks;

    use super::*;
    use crate::worker::status_text;

    /// Workers whose main is a program of the JDK itself: real processes that end at once.
    fn failing(size: u32) -> (Pool, Receiver<Event>) {
        let jdk = installed_jdks().into_iter().next().expect("this test needs a JDK");
        let command = WorkerCommand {
            java: jdk.java(),
            heap_mib: 64,
            main: Some("no.such.Main".to_owned()),
            ..WorkerCommand::default()
        };
        let (sender, events) = channel();
        (Pool::new(command, size, sender), events)
    }

    #[test]
    fn a_worker_that_ends_is_restarted_later_and_later_until_the_pool_gives_up() {
        let (mut pool, events) = failing(1);
        let mut words = Vec::new();
        while !pool.has_given_up() {
            pool.tick(Instant::now()).unwrap();
            if let Ok(Event::WorkerEnded { id, status, last_words }) =
                events.recv_timeout(Duration::from_millis(50))
            {
                let text = status_text(status);
                words.extend(pool.on_ended(id, text, last_words, Instant::now()));
            }
        }
        let facts = pool.facts();
        assert_eq!((facts.started, facts.restarted), (5, 4));
        assert_eq!(facts.lost.len(), 5);
        assert!(facts.lost[0].ending == "status 1", "{:?}", facts.lost);
        assert!(words.last().unwrap().contains("no worker ever connected"), "{words:?}");
        assert!(pool.is_empty());
    }

    #[test]
    fn a_stopped_pool_starts_nothing_and_its_ends_are_no_losses() {
        let (mut pool, events) = failing(2);
        pool.tick(Instant::now()).unwrap();
        pool.stop(Signal::SIGTERM);
        while !pool.is_empty() {
            if let Ok(Event::WorkerEnded { id, status, last_words }) = events.recv() {
                let text = status_text(status);
                assert_eq!(pool.on_ended(id, text, last_words, Instant::now()), None);
            }
        }
        pool.tick(Instant::now() + LONGEST_PAUSE).unwrap();
        assert_eq!((pool.facts().started, pool.facts().lost.len()), (2, 0));
    }

    #[test]
    fn a_resized_pool_starts_the_missing_and_lets_the_surplus_go() {
        let (mut pool, events) = failing(1);
        pool.resize(3);
        pool.tick(Instant::now()).unwrap();
        assert_eq!(pool.facts().started, 3);
        pool.resize(1);
        let mut ended = 0;
        while ended < 3 {
            if let Ok(Event::WorkerEnded { id, status, last_words }) = events.recv() {
                pool.on_ended(id, status_text(status), last_words, Instant::now());
                ended += 1;
            }
        }
        assert_eq!(pool.facts().lost.len(), 1, "the two that were let go are no losses");
        pool.tick(Instant::now() + LONGEST_PAUSE).unwrap();
        assert_eq!((pool.facts().asked, pool.facts().started), (1, 4));
        pool.stop(Signal::SIGKILL);
    }

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses = [1, 2, 3, 40].map(pause);
        assert_eq!(pauses.map(|p| p.as_millis()), [100, 200, 400, 10_000]);
    }
}
