//! Draws a run's progress: one moving line on a terminal, a plain line every ten seconds elsewhere.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use beehive_host::{RunPhase, RunProgress, RunSnapshot};
use indicatif::ProgressBar;

use crate::args::run::RunArgs;
use crate::printer::Printer;

/// Time between two plain lines.
const PLAIN_EVERY: Duration = Duration::from_secs(10);

/// Progress on a printer.
pub struct Drawn<'a> {
    printer: &'a Printer,
    bar: ProgressBar,
    has_load: bool,
    phase: RefCell<String>,
    next_plain: Cell<Duration>,
}

impl<'a> Drawn<'a> {
    /// Nothing is drawn yet.
    pub fn new(printer: &'a Printer, args: &RunArgs) -> Self {
        Self {
            printer,
            bar: printer.spinner(),
            has_load: args.load.load.is_some(),
            phase: RefCell::default(),
            next_plain: Cell::new(PLAIN_EVERY),
        }
    }

    /// Takes the moving line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn counts(&self, snapshot: &RunSnapshot) -> String {
        let mut parts = Vec::new();
        if self.has_load {
            parts.push(format!("{} requests", snapshot.requests_sent));
            if snapshot.requests_failed > 0 {
                parts.push(format!("{} failed", snapshot.requests_failed));
            }
        }
        let (workers, idle) = (snapshot.workers, snapshot.idle);
        parts.push(format!("gate {}, {workers} workers ({idle} idle)", snapshot.gate));
        parts.push(format!("{} offloaded, {} local", snapshot.offloaded, snapshot.local));
        parts.join(", ")
    }
}

impl RunProgress for Drawn<'_> {
    fn phase(&self, phase: &RunPhase) {
        let text = match phase {
            RunPhase::WaitingForReady { target } => format!("waiting for an answer at {target}"),
            RunPhase::WarmingUp { length } => format!("warming up for {length:?}"),
            RunPhase::Running { length: Some(length) } => format!("running for {length:?}"),
            RunPhase::Running { length: None } => "running; Ctrl-C ends it".to_owned(),
            RunPhase::Stopping => "ending the run".to_owned(),
        };
        self.next_plain.set(PLAIN_EVERY);
        self.bar.set_message(text.clone());
        if self.printer.wants_plain_progress() {
            self.printer.note(format!("beehive: {text}"));
        }
        *self.phase.borrow_mut() = text;
    }

    fn tick(&self, snapshot: &RunSnapshot) {
        let counts = self.counts(snapshot);
        self.bar.set_message(format!("{}: {counts}", self.phase.borrow()));
        self.bar.tick();
        if self.printer.wants_plain_progress() && snapshot.elapsed >= self.next_plain.get() {
            self.next_plain.set(snapshot.elapsed + PLAIN_EVERY);
            self.printer.note(format!("beehive: {} s: {counts}", snapshot.elapsed.as_secs()));
        }
    }

    fn note(&self, text: &str) {
        self.bar.suspend(|| self.printer.note(format!("beehive: {text}")));
    }

    fn warning(&self, text: &str) {
        self.bar.suspend(|| self.printer.warning(text));
    }
}
