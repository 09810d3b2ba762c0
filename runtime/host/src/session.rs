//! The loop of one run: the application, its runtime, the workers, the load and the terminal come in
//! as events. Nothing that goes wrong with offloading ends the application: it runs on alone.

use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use beehive_measured::{Offloading, ServerMeasured};
use beehive_record::host::process_cpu_us;
use beehive_record::{
    Load, LoadEvent, LoadHandle, LoadResult, LoadedSubject, Received, RecordError, Surroundings,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::config::encode;
use crate::control::Control;
use crate::controller::{Controller, Observation};
use crate::ending::{Ending, Step};
use crate::learning::Learning;
use crate::live::Live;
use crate::message::{Message, Ready, Stats};
use crate::pool::Pool;
use crate::progress::{RunPhase, RunProgress, RunSnapshot};
use crate::recent::RecentLatency;
use crate::spec::RunSpec;
use crate::told::Told;
use crate::worker::status_text;

/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(200);
/// Time between two decisions of the controller.
const DECISION: Duration = Duration::from_secs(1);
/// Time between two records asked for, so that a killed server leaves at most that much unknown.
const RECORD: Duration = Duration::from_secs(5);
/// Time for the runtime's last record once the application has ended.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// The server's codes for a connection that the other end has closed, and for one that is silent.
const LINK_CLOSED: &str = "LINK_CLOSED";
const LINK_TIME_OUT: &str = "LINK_TIME_OUT";
/// Time for workers to end when asked.
const WORKER_GRACE: Duration = Duration::from_secs(2);

/// Something that happened to a run.
#[derive(Debug)]
pub(crate) enum Event {
    /// A signal that ends beehive.
    Signal(Received),
    /// A signal that asks for what was measured so far.
    Report,
    /// The application's process has ended.
    Ended(ExitStatus),
    /// The server's runtime has said something.
    Control(Message),
    /// The server's runtime says no more.
    ControlClosed,
    /// A worker's process has ended.
    WorkerEnded { number: u64, status: ExitStatus, last_words: String },
    /// The load driver has something to say.
    Load(LoadEvent),
}

/// What a run found out.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) status: Option<ExitStatus>,
    pub(crate) is_ended_by_beehive: bool,
    pub(crate) duration: Duration,
    pub(crate) ready_ms: Option<u64>,
    pub(crate) cpu_us: Option<u64>,
    pub(crate) jdk_build: String,
    pub(crate) offloading: Offloading,
    pub(crate) load: Option<LoadResult>,
    pub(crate) server: Option<ServerMeasured>,
    /// Whether the last record came after the end began: nothing is missing from it.
    pub(crate) is_record_final: bool,
    pub(crate) error: Option<RecordError>,
}

/// Where the runtime inside the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Runtime {
    /// It has not said anything.
    Awaited,
    /// It awaits workers.
    Ready,
    /// It says no more.
    Gone,
}

/// A run under way.
pub(crate) struct Session<'a> {
    spec: &'a RunSpec,
    progress: &'a dyn RunProgress,
    /// Writes what was measured so far.
    report: &'a dyn Fn(&Found, &Pool),
    pid: u32,
    started: Instant,
    control: Control,
    pool: Pool,
    learning: Learning,
    sender: Sender<Event>,
    driver: Option<LoadHandle>,
    controller: Controller,
    recent: RecentLatency,
    stats: Stats,
    ending: Ending,
    live: Option<Live>,
    phase_began: Instant,
    deadline: Option<Instant>,
    decide_at: Instant,
    record_at: Instant,
    cpu_before_us: u64,
    runtime: Runtime,
    is_report_asked: bool,
    is_stopping: bool,
    /// Whether the runtime's last word was its record.
    was_record_last: bool,
    /// Reasons for lost workers, and for what could not travel, that a person has read.
    told: Told,
    /// When the application was gone, and until when the rest is waited for.
    drain_until: Option<Instant>,
    found: Found,
}

/// What a session is made of.
pub(crate) struct Parts<'a> {
    pub(crate) spec: &'a RunSpec,
    pub(crate) progress: &'a dyn RunProgress,
    pub(crate) report: &'a dyn Fn(&Found, &Pool),
    pub(crate) pid: u32,
    pub(crate) started: Instant,
    pub(crate) control: Control,
    /// Workers, which do not know yet where they are to connect to.
    pub(crate) pool: Pool,
    pub(crate) learning: Learning,
    pub(crate) sender: Sender<Event>,
}

impl<'a> Session<'a> {
    /// A run whose application has just been started.
    pub(crate) fn new(parts: Parts<'a>) -> Self {
        let Parts { spec, progress, report, pid, started, control, pool, learning, sender } = parts;
        let goal_us = spec.latency_goal.map(|goal| goal.as_secs_f64() * 1e6);
        let mut found = Found::default();
        found.offloading.mode = spec.offload.to_string();
        Self {
            spec,
            progress,
            report,
            pid,
            started,
            control,
            pool,
            learning,
            sender,
            driver: None,
            controller: Controller::new(spec.offload, goal_us),
            recent: RecentLatency::default(),
            stats: Stats::default(),
            ending: Ending::new(spec.grace),
            live: spec.live.clone().map(Live::new),
            phase_began: started,
            deadline: None,
            decide_at: started + DECISION,
            record_at: started + RECORD,
            cpu_before_us: 0,
            runtime: Runtime::Awaited,
            is_report_asked: false,
            is_stopping: false,
            was_record_last: false,
            told: Told::default(),
            drain_until: None,
            found,
        }
    }

    /// Handles events until the run is over.
    pub(crate) fn run(mut self, load: Option<Load>, events: &Receiver<Event>) -> (Found, Pool) {
        match load {
            Some(load) => self.start_load(load),
            None => self.begin_counting(),
        }
        let mut next_tick = Instant::now() + TICK;
        while !self.is_over() {
            match events.recv_timeout(next_tick.saturating_duration_since(Instant::now())) {
                Ok(event) => self.handle(event),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    self.tick();
                    next_tick = Instant::now() + TICK;
                }
            }
        }
        self.end_workers(events);
        let (up, down) = self.controller.steps();
        self.found.offloading.steps_up = up;
        self.found.offloading.steps_down = down;
        self.found.is_ended_by_beehive = self.ending.is_begun();
        (self.found, self.pool)
    }

    fn is_over(&self) -> bool {
        let Some(until) = self.drain_until else { return false };
        (self.runtime != Runtime::Ready && self.driver.is_none()) || Instant::now() >= until
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Signal(received) => {
                let step = self.ending.on_signal(received, Instant::now());
                self.take(step);
            }
            Event::Report => {
                self.is_report_asked = true;
                self.control.send("measure");
                self.report_without_runtime();
            }
            Event::Ended(status) => self.on_application_gone(status),
            Event::Control(message) => self.on_message(message),
            Event::ControlClosed => self.on_control_closed(),
            Event::WorkerEnded { number, status, last_words } => {
                let text = status_text(status);
                let now = Instant::now();
                if let Some(word) = self.pool.on_ended(number, text, last_words, now) {
                    self.progress.warning(&word);
                }
            }
            Event::Load(event) => self.on_load(event),
        }
    }

    fn on_message(&mut self, message: Message) {
        self.was_record_last = matches!(message, Message::Measured(_));
        match message {
            Message::Ready(ready) => self.on_ready(&ready),
            Message::Disabled { code, text } => self.disable(code, text),
            Message::WorkerJoined { number } => self.pool.on_joined(number, Instant::now()),
            Message::WorkerLost { number, code, text } => self.on_worker_lost(number, &code, &text),
            Message::Stayed { root, code, text } => {
                let what = format!("{root} ran in the application once or more");
                self.told.tell(&what, &code, &text, self.progress);
            }
            Message::Stats(stats) => {
                self.stats = stats;
                self.learning.on_asked(stats.asked, Instant::now());
            }
            Message::Classes { path } => self.on_classes(&path),
            Message::Warning { text } => self.progress.warning(&text),
            Message::Measured(measured) => self.on_measured(*measured),
        }
    }

    /// The runtime awaits workers: they are started on the server's own JDK.
    fn on_ready(&mut self, ready: &Ready) {
        if self.runtime != Runtime::Awaited {
            return;
        }
        self.runtime = Runtime::Ready;
        self.found.offloading.ready_ms = Some(self.started.elapsed().as_millis() as u64);
        self.found.jdk_build.clone_from(&ready.jdk_build);
        let wanted = &self.spec.files.jdk_build;
        if !wanted.is_empty() && !ready.jdk_build.is_empty() && *wanted != ready.jdk_build {
            let text =
                format!("the bundle is for JDK {wanted}, the server runs {}", ready.jdk_build);
            self.disable("WORKER_MISMATCH".to_owned(), text);
            return;
        }
        self.pool.connect_to(ready);
        self.control.send(&format!("offload {}", self.controller.share()));
        self.tick_pool();
    }

    /// A worker could not go on, because something could not travel or its connection ended. A worker that
    /// has ended is told by its own end; one that hangs is ended.
    fn on_worker_lost(&mut self, number: u64, code: &str, text: &str) {
        if code == LINK_CLOSED || self.ending.is_begun() {
            return;
        }
        if code == LINK_TIME_OUT
            && let Some(word) = self.pool.on_silent(number)
        {
            self.progress.warning(&word);
            return;
        }
        self.told.tell("a worker could not go on", code, text, self.progress);
    }

    /// The application runs on without workers.
    fn disable(&mut self, code: String, text: String) {
        self.progress.warning(&format!("nothing is offloaded: {code}: {text}"));
        self.found.offloading.disabled.insert(code, text);
        self.pool.close();
    }

    /// A JVM that shuts down sends its record and closes; a runtime that has failed only closes.
    fn on_control_closed(&mut self) {
        self.runtime = Runtime::Gone;
        self.pool.close();
        self.found.is_record_final |= self.was_record_last;
        if self.drain_until.is_none() && !self.ending.is_begun() && !self.was_record_last {
            let text = "the runtime in the server has closed its control socket";
            self.disable("CONTROL_LOST".to_owned(), text.to_owned());
        }
    }

    fn on_measured(&mut self, measured: ServerMeasured) {
        self.recent.see(&measured);
        self.found.server = Some(measured);
        self.found.is_record_final = self.ending.is_begun() || self.drain_until.is_some();
        if std::mem::take(&mut self.is_report_asked) {
            self.report_now();
        }
    }

    /// A report asked for while the runtime is not there to answer.
    fn report_without_runtime(&mut self) {
        if self.runtime != Runtime::Ready {
            self.is_report_asked = false;
            self.report_now();
        }
    }

    fn report_now(&mut self) {
        self.found.duration = self.started.elapsed();
        (self.report)(&self.found, &self.pool);
    }

    fn start_load(&mut self, load: Load) {
        self.enter(&RunPhase::WaitingForReady { target: load.target().to_owned() });
        let sender = self.sender.clone();
        let started = load.start(Surroundings {
            started: self.started,
            subject: Box::new(Server { pid: self.pid }),
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

    fn begin_counting(&mut self) {
        let length = self.spec.duration;
        self.enter(&RunPhase::Running { length });
        // A load keeps its own time.
        self.deadline = length.filter(|_| self.driver.is_none()).map(|d| Instant::now() + d);
    }

    fn on_load(&mut self, event: LoadEvent) {
        match event {
            LoadEvent::Ready { after } => self.found.ready_ms = Some(after.as_millis() as u64),
            LoadEvent::Waiting { target, listening } => {
                self.progress.warning(&still_waiting(&target, &listening));
            }
            LoadEvent::WarmingUp { length } => self.enter(&RunPhase::WarmingUp { length }),
            LoadEvent::Recording => self.begin_counting(),
            LoadEvent::Finished(result) => {
                self.driver = None;
                self.found.load = Some(result);
                if self.spec.duration.is_some() {
                    self.finish();
                }
            }
            LoadEvent::Failed(error) => {
                self.driver = None;
                self.fail(error);
            }
        }
    }

    /// A load that cannot be driven ends a run that was made for it.
    fn fail(&mut self, error: RecordError) {
        self.progress.warning(&error.to_string());
        self.found.error.get_or_insert(error);
        self.finish();
    }

    fn finish(&mut self) {
        let step = self.ending.on_done(Instant::now());
        self.take(step);
    }

    fn take(&mut self, step: Step) {
        if self.ending.is_begun() && !std::mem::replace(&mut self.is_stopping, true) {
            self.begin_stopping();
        }
        match step {
            Step::Wait => {}
            Step::Ask(signal) => self.signal(signal),
            Step::Kill => {
                self.progress.warning("the application did not end when asked; it is killed");
                self.signal(Signal::SIGKILL);
            }
        }
    }

    fn begin_stopping(&mut self) {
        self.deadline = None;
        self.enter(&RunPhase::Stopping);
        // What is counted so far is safe even if the application must be killed later.
        self.control.send("measure");
        self.control.send("stop");
        if let Some(driver) = &self.driver {
            driver.abandon();
        }
    }

    fn signal(&self, signal: Signal) {
        if self.drain_until.is_none() {
            // It may have ended a moment ago.
            let _ = kill(Pid::from_raw(self.pid as i32), signal);
        }
    }

    fn on_application_gone(&mut self, status: ExitStatus) {
        self.found.status = Some(status);
        self.found.duration = self.started.elapsed();
        self.drain_until = Some(Instant::now() + LAST_WORDS);
        if let Some(driver) = &self.driver {
            driver.abandon();
        }
    }

    fn tick(&mut self) {
        let now = Instant::now();
        if let Some(cpu_us) = process_cpu_us(self.pid) {
            self.found.cpu_us = Some(cpu_us);
        }
        let step = self.ending.tick(now);
        self.take(step);
        if self.deadline.is_some_and(|deadline| now >= deadline) {
            self.finish();
        }
        self.follow_wishes();
        self.tick_learning();
        self.tick_pool();
        if now >= self.decide_at {
            self.decide_at = now + DECISION;
            self.decide();
        }
        let interval = if self.spec.latency_goal.is_some() { DECISION } else { RECORD };
        if now >= self.record_at {
            self.record_at = now + interval;
            self.control.send("measure");
        }
        self.progress.tick(&self.snapshot(now));
    }

    fn tick_pool(&mut self) {
        if self.runtime != Runtime::Ready || self.ending.is_begun() || self.drain_until.is_some() {
            return;
        }
        let now = Instant::now();
        if let Err(error) = self.pool.tick(now) {
            self.progress.warning(&format!("a worker cannot be started: {error}"));
        }
        for word in self.pool.give_up_on_lost_starts(now) {
            self.progress.warning(&word);
        }
    }

    /// What workers had to ask for, later ones are to start with.
    fn tick_learning(&mut self) {
        if self.runtime != Runtime::Ready || self.ending.is_begun() {
            return;
        }
        if let Some(jar) = self.learning.wish(Instant::now()) {
            self.control.send(&format!("classes {}", encode(&jar.display().to_string())));
        }
        if let Some((command, classes)) = self.learning.take() {
            self.pool.start_from(command, classes);
        }
    }

    fn on_classes(&mut self, jar: &str) {
        if let Err(error) = self.learning.on_written(jar.as_ref(), self.pool.command()) {
            self.progress.warning(&format!("workers go on asking for classes: {error}"));
        }
    }

    /// What a person has changed in the live file.
    fn follow_wishes(&mut self) {
        let Some(wishes) = self.live.as_mut().and_then(Live::look) else { return };
        for refused in &wishes.refused {
            self.progress.warning(&format!("the live file: {refused}"));
        }
        if let Some(mode) = wishes.offload {
            let share = self.controller.change(mode);
            self.found.offloading.mode = format!("{}, then {mode}", self.spec.offload);
            self.progress.note(&format!("offload {mode}"));
            if self.runtime == Runtime::Ready {
                self.control.send(&format!("offload {share}"));
            }
        }
        if let Some(workers) = wishes.workers {
            self.progress.note(&format!("workers {workers}"));
            self.pool.resize(workers);
        }
    }

    fn decide(&mut self) {
        let now_us = self.found.cpu_us.unwrap_or_default();
        let used_us = now_us.saturating_sub(std::mem::replace(&mut self.cpu_before_us, now_us));
        let available_us = DECISION.as_micros() as f64 * f64::from(processors());
        let seen = Observation {
            server_busy: self.found.cpu_us.map(|_| (used_us as f64 / available_us).min(1.0)),
            workers: self.stats.workers as u32,
            latency_us_p99: self.recent.take_us_p99(),
        };
        if let Some(share) =
            self.controller.observe(seen).filter(|_| self.runtime == Runtime::Ready)
        {
            self.control.send(&format!("offload {share}"));
        }
    }

    fn snapshot(&self, now: Instant) -> RunSnapshot {
        let requests = self.driver.as_ref().map(LoadHandle::counts).unwrap_or_default();
        RunSnapshot {
            elapsed: now - self.phase_began,
            gate: self.controller.share().to_string(),
            workers: self.stats.workers,
            idle: self.stats.idle,
            local: self.stats.local,
            offloaded: self.stats.offloaded,
            requests_sent: requests.sent,
            requests_failed: requests.failed,
        }
    }

    fn enter(&mut self, phase: &RunPhase) {
        self.phase_began = Instant::now();
        self.progress.phase(phase);
    }

    /// Workers are of no use without the server; one that does not end is killed.
    fn end_workers(&mut self, events: &Receiver<Event>) {
        self.pool.stop(Signal::SIGTERM);
        let mut kill_at = Some(Instant::now() + WORKER_GRACE);
        while !self.pool.is_empty() {
            if let Ok(event @ Event::WorkerEnded { .. }) = events.recv_timeout(TICK) {
                self.handle(event);
            }
            if kill_at.is_some_and(|at| Instant::now() >= at) {
                kill_at = None;
                self.pool.stop(Signal::SIGKILL);
            }
        }
    }
}

/// The application, as the load driver sees it.
struct Server {
    pid: u32,
}

impl LoadedSubject for Server {
    fn pids(&self) -> Vec<u32> {
        vec![self.pid]
    }

    fn cpu_us(&self) -> u64 {
        process_cpu_us(self.pid).unwrap_or_default()
    }

    /// Roots are counted from the start: first executions belong to the record.
    fn begin_counting(&self) {}
}

/// Processors this process, and so the application, may use.
pub(crate) fn processors() -> u32 {
    std::thread::available_parallelism().map_or(1, |count| count.get() as u32)
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
