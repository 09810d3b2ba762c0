//! How a run ends: who asked first, when it becomes impatient. Decides; the session acts.

use std::time::{Duration, Instant};

use beehive_record::Received;
use nix::sys::signal::Signal;

/// What is to be done to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing: it has been asked already, or the terminal has asked it.
    Wait,
    /// Ask it with this signal.
    Ask(Signal),
    /// Kill it.
    Kill,
}

/// The way of a run to its end.
#[derive(Debug)]
pub(crate) struct Ending {
    grace: Duration,
    is_begun: bool,
    kill_at: Option<Instant>,
}

impl Ending {
    /// A run that nobody has asked to end.
    pub(crate) fn new(grace: Duration) -> Self {
        Self { grace, is_begun: false, kill_at: None }
    }

    /// Whether beehive or a person has asked for the end.
    pub(crate) fn is_begun(&self) -> bool {
        self.is_begun
    }

    /// A signal for beehive. A person who asks twice does not want to wait.
    pub(crate) fn on_signal(&mut self, received: Received, now: Instant) -> Step {
        if self.is_begun {
            self.kill_at = None;
            return Step::Kill;
        }
        self.begin(now);
        match Signal::try_from(received.signal) {
            Ok(signal) if !received.from_terminal => Step::Ask(signal),
            _ => Step::Wait,
        }
    }

    /// The time or the load is over.
    pub(crate) fn on_done(&mut self, now: Instant) -> Step {
        if self.is_begun {
            return Step::Wait;
        }
        self.begin(now);
        Step::Ask(Signal::SIGTERM)
    }

    fn begin(&mut self, now: Instant) {
        self.is_begun = true;
        self.kill_at = Some(now + self.grace);
    }

    /// Looks at the clock.
    pub(crate) fn tick(&mut self, now: Instant) -> Step {
        if self.kill_at.is_some_and(|at| now >= at) {
            self.kill_at = None;
            return Step::Kill;
        }
        Step::Wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_asks_the_second_kills_and_so_does_patience() {
        let now = Instant::now();
        let received = |from_terminal| Received { signal: Signal::SIGTERM as i32, from_terminal };
        let mut ending = Ending::new(Duration::from_secs(5));
        assert_eq!(ending.on_signal(received(false), now), Step::Ask(Signal::SIGTERM));
        assert_eq!(ending.tick(now), Step::Wait);
        assert_eq!(ending.tick(now + Duration::from_secs(5)), Step::Kill);
        assert_eq!(ending.tick(now + Duration::from_secs(6)), Step::Wait);
        let mut ending = Ending::new(Duration::from_secs(5));
        assert_eq!(ending.on_signal(received(true), now), Step::Wait);
        assert_eq!(ending.on_done(now), Step::Wait);
        assert_eq!(ending.on_signal(received(true), now), Step::Kill);
    }
}
