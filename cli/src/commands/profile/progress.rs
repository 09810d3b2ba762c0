//! Draws a run's progress: one moving line on a terminal, a plain line every ten seconds elsewhere.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use beehive_record::{Phase, Progress, Snapshot};
use indicatif::ProgressBar;

use crate::args::profile::ProfileArgs;
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
    pub fn new(printer: &'a Printer, args: &ProfileArgs) -> Self {
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

    fn counts(&self, snapshot: &Snapshot) -> String {
        let mut parts = Vec::new();
        if self.has_load {
            parts.push(format!("{} requests", snapshot.requests_sent));
            if snapshot.requests_failed > 0 {
                parts.push(format!("{} failed", snapshot.requests_failed));
            }
            if snapshot.requests_dropped > 0 {
                parts.push(format!("{} not sent", snapshot.requests_dropped));
            }
        }
        parts.push(format!("{} entries", snapshot.entries));
        parts.push(format!("{} calls of {} methods", snapshot.calls, snapshot.methods));
        parts.push(format!("{} KB", snapshot.bytes / 1000));
        if snapshot.losses > 0 {
            parts.push(format!("{} lost or left alone", snapshot.losses));
        }
        parts.join(", ")
    }
}

impl Progress for Drawn<'_> {
    fn phase(&self, phase: &Phase) {
        let text = match phase {
            Phase::WaitingForAgent => "waiting for the agent".to_owned(),
            Phase::WaitingForReady { target } => format!("waiting for an answer at {target}"),
            Phase::WarmingUp { length } => format!("warming up for {length:?}"),
            Phase::Recording { length: Some(length) } => format!("recording for {length:?}"),
            Phase::Recording { length: None } => "recording; Ctrl-C ends it".to_owned(),
            Phase::Stopping => "ending the run".to_owned(),
            Phase::Writing => "writing the trace".to_owned(),
        };
        self.next_plain.set(PLAIN_EVERY);
        self.bar.set_message(text.clone());
        if self.printer.wants_plain_progress() {
            self.printer.note(format!("beehive: {text}"));
        }
        *self.phase.borrow_mut() = text;
    }

    fn tick(&self, snapshot: &Snapshot) {
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
