//! The pool of local workers: as many processes as asked for, each that ends started anew after a
//! pause that doubles with every early end. A pool whose workers never get a connection gives up, so
//! that a machine is not kept busy starting JVMs for nothing.

use std::path::Path;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use beehive_measured::{LostWorker, Workers};
use nix::sys::signal::Signal;

use crate::archive::Training;
use crate::message::Ready;
use crate::session::Event;
use crate::slot::{Loss, Process, Slot, State, pause};
use crate::worker::WorkerCommand;

/// A worker that had joined and lived that long has not failed at starting.
const SETTLED: Duration = Duration::from_secs(2);
/// Longest time from launch to the connection; a worker that needs more hangs.
const JOINING: Duration = Duration::from_mins(1);
/// Early ends in a row after which a pool without any connection gives up.
const TRIES: u32 = 5;
/// Lost workers told one by one; the rest is counted.
const LOST_KEPT: usize = 20;
/// How a worker ends that makes room for one with fresh static state; nothing is lost with it.
const RENEWED: &str = "status 6";

/// Keeps workers running.
#[derive(Debug)]
pub(crate) struct Pool {
    command: WorkerCommand,
    /// Makes what workers start from; ended with the pool.
    training: Option<Training>,
    sender: Sender<Event>,
    slots: Vec<Slot>,
    /// Number of the worker started last.
    last_number: u64,
    is_stopping: bool,
    has_given_up: bool,
    is_closed: bool,
    facts: Workers,
}

impl Pool {
    /// A pool of `size` workers, all due when the training is over.
    pub(crate) fn new(
        command: WorkerCommand,
        training: Option<Training>,
        size: u32,
        sender: Sender<Event>,
    ) -> Self {
        let slots = vec![Slot::new(); size as usize];
        let facts = Workers { asked: size, ..Workers::default() };
        Self {
            command,
            training,
            sender,
            slots,
            last_number: 0,
            is_stopping: false,
            has_given_up: false,
            is_closed: false,
            facts,
        }
    }

    /// Starts what is due and looks at what runs. The system's reason if a worker cannot be started.
    pub(crate) fn tick(&mut self, now: Instant) -> Result<(), std::io::Error> {
        let training = self.training.as_ref();
        let may_start = !self.is_stopping && !training.is_some_and(|t| t.is_awaited(now));
        for slot in &mut self.slots {
            match &mut slot.state {
                State::Due(when) if now >= *when && may_start => {
                    self.last_number += 1;
                    let started = self.command.start(self.last_number, self.sender.clone());
                    let pid = started.inspect_err(|_| slot.state = State::Closed)?;
                    self.facts.started += 1;
                    self.facts.restarted += u64::from(slot.failures > 0);
                    slot.state = State::Running(Process::new(self.last_number, pid, now));
                }
                State::Running(process) | State::Leaving(process) => {
                    process.look();
                    let resident = process.resident_bytes_max();
                    self.facts.resident_bytes_max = self.facts.resident_bytes_max.max(resident);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The server has admitted a worker. One that has lost its connection joins again.
    pub(crate) fn on_joined(&mut self, number: u64, now: Instant) {
        let its = |process: &&mut Process| process.number == number && !process.has_joined;
        if let Some(process) = self.slots.iter_mut().filter_map(Slot::process_mut).find(its) {
            process.has_joined = true;
            self.facts.ready_ms.push((now - process.started).as_millis() as u64);
        }
    }

    /// The server has waited for a worker in vain: its process hangs. A word for a person.
    pub(crate) fn on_silent(&mut self, number: u64) -> Option<String> {
        let mut processes = self.slots.iter_mut().filter_map(Slot::process_mut);
        Some(processes.find(|process| process.number == number)?.give_up(Loss::Silent))
    }

    /// Ends the workers that should have joined long ago. Words for a person.
    pub(crate) fn give_up_on_lost_starts(&mut self, now: Instant) -> Vec<String> {
        let hangs = |process: &&mut Process| {
            let is_known = process.has_joined || process.loss != Loss::Ended;
            !is_known && now - process.started >= JOINING
        };
        let processes = self.slots.iter_mut().filter_map(Slot::process_mut).filter(hangs);
        processes.map(|process| process.give_up(Loss::NeverJoined)).collect()
    }

    /// A process has ended. A word for a person if that changes what the pool does.
    pub(crate) fn on_ended(
        &mut self,
        number: u64,
        ending: String,
        last_words: String,
        now: Instant,
    ) -> Option<String> {
        let mut running = self.slots.iter_mut().filter_map(|slot| Some((slot.process()?, slot)));
        let (process, slot) = running.find(|(process, _)| process.number == number)?;
        self.facts.cpu_us += process.cpu_us;
        if self.is_stopping || matches!(slot.state, State::Leaving(_)) {
            slot.state = State::Closed;
            return None;
        }
        if ending == RENEWED {
            (slot.failures, slot.state) = (0, State::Due(now));
            return None;
        }
        let had_settled = process.has_joined && now - process.started >= SETTLED;
        slot.failures = if had_settled { 1 } else { slot.failures + 1 };
        slot.state = State::Due(now + pause(slot.failures));
        let message = format!("a worker ended with {ending}: {last_words}");
        self.count_lost(process.loss, ending, last_words);
        let failures: u32 = self.slots.iter().map(|slot| slot.failures).sum();
        if self.facts.ready_ms.is_empty() && failures >= TRIES {
            self.give_up();
            return Some(format!("{message}; no worker ever connected: no more are started"));
        }
        // That it was killed has been said.
        Some(message).filter(|_| process.loss == Loss::Ended)
    }

    fn count_lost(&mut self, loss: Loss, ending: String, last_words: String) {
        let reason = loss.name().to_owned();
        *self.facts.lost_by_reason.entry(reason.clone()).or_default() += 1;
        if self.facts.lost.len() < LOST_KEPT {
            self.facts.lost.push(LostWorker { reason, ending, last_words });
        }
    }

    /// How workers are started now.
    pub(crate) fn command(&self) -> &WorkerCommand {
        &self.command
    }

    /// Starts workers otherwise from now on, with so many classes more than the bundle has.
    pub(crate) fn start_from(&mut self, command: WorkerCommand, classes: u64) {
        self.command = command;
        self.facts.learned_classes = classes;
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
            self.slots.push(Slot::new());
        }
        // The last ones first: they were used least if there was little to do.
        for slot in self.slots.iter_mut().filter(kept).skip(size as usize) {
            slot.state = match slot.state {
                State::Running(process) => {
                    process.signal(Signal::SIGTERM);
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
        self.slots.iter().filter_map(Slot::process).for_each(|process| process.signal(signal));
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

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use beehive_record::installed_jdks;

    use super::*;
    use crate::worker::status_text;

    const LONGEST_PAUSE: Duration = Duration::from_secs(10);

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
        (Pool::new(command, None, size, sender), events)
    }

    #[test]
    fn a_worker_that_ends_is_restarted_later_and_later_until_the_pool_gives_up() {
        let (mut pool, events) = failing(1);
        let mut words = Vec::new();
        while !pool.has_given_up() {
            pool.tick(Instant::now()).unwrap();
            if let Ok(Event::WorkerEnded { number, status, last_words }) =
                events.recv_timeout(Duration::from_millis(50))
            {
                let text = status_text(status);
                words.extend(pool.on_ended(number, text, last_words, Instant::now()));
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
            if let Ok(Event::WorkerEnded { number, status, last_words }) = events.recv() {
                let text = status_text(status);
                assert_eq!(pool.on_ended(number, text, last_words, Instant::now()), None);
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
            if let Ok(Event::WorkerEnded { number, status, last_words }) = events.recv() {
                pool.on_ended(number, status_text(status), last_words, Instant::now());
                ended += 1;
            }
        }
        assert_eq!(pool.facts().lost.len(), 1, "the two that were let go are no losses");
        pool.tick(Instant::now() + LONGEST_PAUSE).unwrap();
        assert_eq!((pool.facts().asked, pool.facts().started), (1, 4));
        pool.stop(Signal::SIGKILL);
    }

    /// A worker that is stopped before it can do anything.
    fn stopped() -> (Pool, Receiver<Event>) {
        let (mut pool, events) = failing(1);
        pool.tick(Instant::now()).unwrap();
        pool.slots[0].process().unwrap().signal(Signal::SIGSTOP);
        (pool, events)
    }

    fn ended(pool: &mut Pool, events: &Receiver<Event>) -> Option<String> {
        let Ok(Event::WorkerEnded { number, status, last_words }) = events.recv() else {
            panic!("a worker has not ended")
        };
        pool.on_ended(number, status_text(status), last_words, Instant::now())
    }

    #[test]
    fn a_silent_worker_is_killed_replaced_and_counted_as_such() {
        let (mut pool, events) = stopped();
        assert_eq!(pool.on_silent(7), None, "another one");
        pool.on_joined(1, Instant::now());
        let word = pool.on_silent(1).unwrap();
        assert!(word.starts_with("worker 1 (process "), "{word}");
        assert_eq!(ended(&mut pool, &events), None);
        pool.tick(Instant::now() + LONGEST_PAUSE).unwrap();
        let facts = pool.facts();
        assert_eq!((facts.started, facts.restarted, facts.ready_ms.len()), (2, 1, 1));
        assert_eq!(facts.lost[0].ending, "signal 9");
        assert_eq!(facts.lost_by_reason.get("WORKER_SILENT"), Some(&1));
        pool.stop(Signal::SIGKILL);
    }

    #[test]
    fn a_worker_that_never_joins_is_killed_and_one_that_has_is_not() {
        let (mut pool, events) = stopped();
        let late = Instant::now() + JOINING;
        assert!(pool.give_up_on_lost_starts(Instant::now()).is_empty());
        assert_eq!(pool.give_up_on_lost_starts(late).len(), 1);
        assert!(pool.give_up_on_lost_starts(late).is_empty(), "it is killed once");
        ended(&mut pool, &events);
        assert_eq!(pool.facts().lost[0].reason, "WORKER_NEVER_JOINED");
        let (mut pool, events) = stopped();
        pool.on_joined(1, Instant::now());
        assert!(pool.give_up_on_lost_starts(late).is_empty());
        pool.stop(Signal::SIGKILL);
        ended(&mut pool, &events);
    }
}
