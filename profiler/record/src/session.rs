//! The loop of one run: events of the agents, the application, the load and the terminal come in, and
//! decide when the run is over. What comes out of it is handed to `outcome`.
//!
//! Who ends what: beehive ends the application only when it was asked to (`--duration`, Ctrl-C,
//! SIGTERM) or when the run has failed and was to be ended by beehive anyway. An agent that
//! cannot record never ends an application that was to run on.

use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use beehive_trace::{COMMAND_DETACH, COMMAND_FLUSH};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::error::RecordError;
use crate::host;
use crate::link::Links;
use crate::load::{Load, LoadEvent, LoadHandle, LoadResult, LoadedSubject, Surroundings};
use crate::outcome::{EndedBy, Outcome};
use crate::progress::{Phase, Progress, Snapshot};
use crate::signals::Received;
use crate::spec::ProfileSpec;
use crate::subject::{Application, Kind};

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(200);
/// Time between an agent's end and that of its JVM after which the agent has given up.
const LEFT_EARLY: Duration = Duration::from_secs(2);
/// Time for an agent's last frames once its process has ended.
const DRAIN: Duration = Duration::from_secs(5);
/// Time for an agent to undo its work and leave.
const DETACH: Duration = Duration::from_mins(1);

/// Something that happened to a run.
#[derive(Debug)]
pub(crate) enum Event {
    /// A signal for beehive.
    Signal(Received),
    /// An agent reported and records.
    AgentJoined,
    /// An agent reported that it cannot record.
    AgentProblem { pid: u32, problem: String },
    /// An agent's stream has ended and its recording is complete.
    AgentLeft,
    /// The application's process has ended; its processor time in µs.
    Ended(ExitStatus, u64),
    /// The load driver has something to say.
    Load(LoadEvent),
}

/// Why beehive ends a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// A person or system asked, by that signal; whether it must be passed on.
    Asked { signal: i32, pass_on: bool },
    /// The time asked for is over.
    Time,
    /// The run failed.
    Failure,
}

/// A run under way.
pub(crate) struct Session<'a> {
    spec: &'a ProfileSpec,
    progress: &'a dyn Progress,
    application: Application,
    links: Links,
    load: Option<Load>,
    driver: Option<LoadHandle>,
    sender: Sender<Event>,
    phase_began: Instant,
    /// Recording ends then.
    deadline: Option<Instant>,
    stop: Option<Stop>,
    /// The application is killed, or the agent given up, then.
    force_at: Option<Instant>,
    interrupts: u32,
    has_complained: bool,
    /// When the last agent left while the process lived on.
    left_at: Option<Instant>,
    /// When the process was gone, and until when the agents' streams are waited for.
    drain_until: Option<Instant>,
    outcome: Outcome,
}

impl<'a> Session<'a> {
    /// A run whose application has just been started or attached to.
    pub(crate) fn new(
        spec: &'a ProfileSpec,
        progress: &'a dyn Progress,
        application: Application,
        links: Links,
        load: Option<Load>,
        sender: Sender<Event>,
    ) -> Self {
        let outcome = Outcome::begun(application.started);
        Self {
            spec,
            progress,
            application,
            links,
            load,
            driver: None,
            sender,
            phase_began: Instant::now(),
            deadline: None,
            stop: None,
            force_at: None,
            interrupts: 0,
            has_complained: false,
            left_at: None,
            drain_until: None,
            outcome,
        }
    }

    /// Handles events until the run is over.
    pub(crate) fn run(&mut self, events: &Receiver<Event>) -> Outcome {
        self.enter(&Phase::WaitingForAgent);
        let mut next_tick = Instant::now() + TICK;
        while !self.is_over() {
            let wait = next_tick.saturating_duration_since(Instant::now());
            match events.recv_timeout(wait) {
                Ok(event) => self.handle(event),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    self.look_at_clock();
                    next_tick = Instant::now() + TICK;
                }
            }
        }
        self.links.shut_down();
        self.outcome.ended_by = match (self.application.kind, self.stop) {
            (Kind::Other { .. }, _) if self.has_vanished() => EndedBy::Vanishing,
            (Kind::Other { .. }, _) => EndedBy::Detaching,
            (Kind::Child { .. }, Some(_)) => EndedBy::Beehive,
            (Kind::Child { .. }, None) => EndedBy::Application,
        };
        std::mem::replace(&mut self.outcome, Outcome::begun(self.application.started))
    }

    fn is_over(&self) -> bool {
        let is_load_over = self.driver.is_none();
        let are_streams_over =
            self.links.are_gone() || self.drain_until.is_some_and(|until| Instant::now() >= until);
        self.drain_until.is_some() && are_streams_over && is_load_over
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Signal(received) => self.on_signal(received),
            Event::AgentJoined => self.on_agent(),
            Event::AgentProblem { pid, problem } => {
                self.fail(RecordError::AgentProblem { pid, problem });
            }
            Event::AgentLeft => self.on_agent_left(),
            Event::Ended(status, cpu_us) => {
                self.outcome.status = Some(status);
                self.outcome.cpu_us = Some(cpu_us);
                self.on_process_gone();
            }
            Event::Load(event) => self.on_load(event),
        }
    }

    fn on_signal(&mut self, received: Received) {
        self.interrupts += 1;
        let signal = received.signal;
        if self.interrupts == 1 {
            self.begin_stop(Stop::Asked { signal, pass_on: !received.from_terminal });
        } else {
            // A person who asks twice does not want to wait.
            self.force_at = Some(Instant::now());
            self.look_at_clock();
        }
    }

    /// The first agent begins the recording; later ones (a script's other JVMs) join it.
    fn on_agent(&mut self) {
        if self.outcome.recording_began.is_some() {
            self.progress.note("another JVM of the command has joined the recording");
            return;
        }
        self.outcome.recording_began = Some(Instant::now());
        self.outcome.error = None;
        match self.load.take() {
            Some(load) => {
                self.enter(&Phase::WaitingForReady { target: load.target().to_owned() });
                self.start_load(load);
            }
            None => self.begin_recording(),
        }
    }

    fn start_load(&mut self, load: Load) {
        let sender = self.sender.clone();
        let started = load.start(Surroundings {
            started: self.application.started,
            subject: Box::new(Recorded {
                pid: self.application.pid,
                links: self.links.clone(),
                interval: self.spec.interval,
            }),
            length: self.spec.duration,
            emit: Box::new(move |event| {
                // A run that is over does not listen any more.
                let _ = sender.send(Event::Load(event));
            }),
        });
        match started {
            Ok(handle) => self.driver = Some(handle),
            Err(error) => self.fail(error),
        }
    }

    fn begin_recording(&mut self) {
        let length = self.spec.duration;
        self.outcome.recording_began = Some(Instant::now());
        self.enter(&Phase::Recording { length });
        // A load keeps its own time.
        self.deadline = length.filter(|_| self.driver.is_none()).map(|d| Instant::now() + d);
    }

    fn on_load(&mut self, event: LoadEvent) {
        match event {
            LoadEvent::Ready { after } => {
                self.outcome.ready_ms = after.as_millis() as u64;
            }
            LoadEvent::Waiting { target, listening } => {
                self.progress.warning(&still_waiting(&target, &listening));
            }
            LoadEvent::WarmingUp { length } => self.enter(&Phase::WarmingUp { length }),
            LoadEvent::Recording => self.begin_recording(),
            LoadEvent::Finished(result) => self.on_load_finished(result),
            LoadEvent::Failed(error) => {
                self.driver = None;
                self.fail(error);
                self.begin_stop(Stop::Failure);
            }
        }
    }

    fn on_load_finished(&mut self, result: LoadResult) {
        self.driver = None;
        self.outcome.traffic = result.traffic;
        self.outcome.load_losses = result.losses;
        if self.spec.is_bounded() {
            self.begin_stop(Stop::Time);
        }
    }

    fn on_agent_left(&mut self) {
        let is_other = matches!(self.application.kind, Kind::Other { .. });
        if !self.links.are_gone() {
            return;
        }
        self.left_at = Some(Instant::now());
        if is_other {
            self.on_process_gone();
        }
    }

    /// The process has ended, or the agent has left it: what is under way is let finish.
    fn on_process_gone(&mut self) {
        if self.drain_until.is_some() {
            return;
        }
        self.outcome.recording_ended.get_or_insert_with(Instant::now);
        self.drain_until = Some(Instant::now() + DRAIN);
        if let Some(driver) = &self.driver {
            driver.abandon();
        }
        // Other JVMs of a script (a build daemon) may live on without being recorded.
        self.links.send(COMMAND_DETACH);
    }

    /// Keeps the first failure and tells it at once. The application runs on unless beehive was to
    /// end it anyway.
    fn fail(&mut self, error: RecordError) {
        self.progress.warning(&error.to_string());
        if self.outcome.error.is_none() && (self.links.is_empty() || error.concerns_load()) {
            self.outcome.error = Some(error);
        }
        if self.links.is_empty() && self.spec.is_bounded() {
            self.begin_stop(Stop::Failure);
        }
    }

    fn begin_stop(&mut self, stop: Stop) {
        if self.stop.is_some() {
            return;
        }
        self.stop = Some(stop);
        self.outcome.recording_ended.get_or_insert_with(Instant::now);
        if let Some(driver) = &self.driver {
            driver.abandon();
        }
        self.enter(&Phase::Stopping);
        let now = Instant::now();
        if matches!(self.application.kind, Kind::Other { .. }) {
            self.links.send(COMMAND_DETACH);
            self.force_at = Some(now + DETACH);
            if self.links.is_empty() {
                self.on_process_gone();
            }
            return;
        }
        // What is counted so far is safe even if the application must be killed later.
        self.links.send(COMMAND_FLUSH);
        match stop {
            Stop::Asked { pass_on: false, .. } => {}
            Stop::Asked { signal, .. } => self.signal(signal),
            Stop::Time | Stop::Failure => self.signal(Signal::SIGTERM as i32),
        }
        self.force_at = Some(now + self.spec.grace);
    }

    /// Sends a signal to the child and to the JVMs it has started.
    fn signal(&self, signal: i32) {
        let Ok(signal) = Signal::try_from(signal) else { return };
        if self.drain_until.is_none() {
            send(self.application.pid, signal);
        }
        for link in self.links.all().iter().filter(|link| !link.is_gone()) {
            if link.pid != self.application.pid {
                send(link.pid, signal);
            }
        }
    }

    fn look_at_clock(&mut self) {
        let now = Instant::now();
        self.links.cpu_us();
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.deadline = None;
            self.begin_stop(Stop::Time);
        }
        self.complain_if_silent(now);
        self.complain_if_left(now);
        if self.force_at.is_some_and(|at| now >= at) {
            self.force_at = None;
            self.force();
        }
        if self.has_vanished() {
            self.on_process_gone();
        }
        self.progress.tick(&self.snapshot(now));
    }

    /// Whether a process attached to has ended.
    fn has_vanished(&self) -> bool {
        let Kind::Other { start_ticks } = self.application.kind else { return false };
        host::process_start_ticks(self.application.pid) != Some(start_ticks)
    }

    fn force(&mut self) {
        match self.application.kind {
            Kind::Child { .. } => {
                self.progress.warning("the application did not end when asked; it is killed");
                self.signal(Signal::SIGKILL as i32);
            }
            Kind::Other { .. } => {
                self.progress.warning("the agent did not leave in time; it is cut off");
                self.on_process_gone();
                self.links.shut_down();
            }
        }
    }

    fn complain_if_silent(&mut self, now: Instant) {
        let waited = now - self.application.started;
        let is_silent = self.outcome.recording_began.is_none() && waited >= self.spec.hello_timeout;
        if !is_silent || self.has_complained || self.stop.is_some() {
            return;
        }
        self.has_complained = true;
        if matches!(self.application.kind, Kind::Child { is_java: false }) {
            self.progress.warning("no JVM has loaded the agent yet; still waiting for one");
        } else {
            self.fail(RecordError::AgentSilent { waited });
        }
    }

    /// An agent that leaves a JVM that goes on has given up; that of a script's JVM ends with it.
    fn complain_if_left(&mut self, now: Instant) {
        let is_java = matches!(self.application.kind, Kind::Child { is_java: true });
        let is_long_gone = self.left_at.is_some_and(|left| now - left >= LEFT_EARLY);
        let is_running = self.stop.is_none() && self.drain_until.is_none();
        if is_java && is_long_gone && is_running && !self.outcome.has_agent_left_early {
            self.outcome.has_agent_left_early = true;
            self.outcome.recording_ended = self.left_at;
            self.progress.warning("the agent has stopped recording; the application runs on");
            if self.spec.is_bounded() {
                self.begin_stop(Stop::Failure);
            }
        }
    }

    fn snapshot(&self, now: Instant) -> Snapshot {
        let requests = self.driver.as_ref().map(LoadHandle::counts).unwrap_or_default();
        Snapshot {
            elapsed: now - self.phase_began,
            entries: self.links.sum(|c| &c.entries),
            calls: self.links.sum(|c| &c.calls),
            methods: self.links.sum(|c| &c.methods),
            bytes: self.links.sum(|c| &c.bytes),
            losses: self.links.sum(|c| &c.losses),
            requests_sent: requests.sent,
            requests_failed: requests.failed,
            requests_dropped: requests.dropped,
        }
    }

    fn enter(&mut self, phase: &Phase) {
        self.phase_began = Instant::now();
        self.progress.phase(phase);
    }
}

/// The recorded application, as the load driver sees it.
struct Recorded {
    pid: u32,
    links: Links,
    interval: Duration,
}

impl LoadedSubject for Recorded {
    fn pids(&self) -> Vec<u32> {
        let agents = self.links.all();
        agents.iter().map(|link| link.pid).chain([self.pid]).collect()
    }

    fn cpu_us(&self) -> u64 {
        self.links.cpu_us()
    }

    fn begin_counting(&self) {
        self.links.begin_counting(self.interval);
    }
}

fn still_waiting(target: &str, listening: &[u16]) -> String {
    let ports: Vec<String> = listening.iter().map(u16::to_string).collect();
    match ports.as_slice() {
        [] => format!("nothing answers at {target} yet; the application listens at no port"),
        ports => format!(
            "nothing answers at {target} yet; the application listens at port {}: --target sets it",
            ports.join(", ")
        ),
    }
}

fn send(pid: u32, signal: Signal) {
    // It may have ended a moment ago.
    let _ = kill(Pid::from_raw(pid as i32), signal);
}
