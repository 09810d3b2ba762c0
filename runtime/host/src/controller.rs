//! How far the gate is open: decided once a second from what is seen of server and workers. Pure; the
//! session gives it its observations and tells the gate.
//!
//! `auto` is the self-balancing rule in steps: while the server is busy, offload more of what idle
//! workers can take; while it is not, less. Between the two marks nothing changes, so the relief that
//! offloading brings does not close the gate again at once. With a latency goal the goal decides and
//! the load does not.

use crate::mode::{OffloadMode, Share};

/// Share of its processors from which the server counts as busy.
const BUSY: f64 = 0.6;
/// Share below which it has room for all of its work.
const ROOMY: f64 = 0.3;
/// Share of the goal below which latencies leave room to take work back.
const COMFORTABLE: f64 = 0.7;
/// One step further open: four seconds from closed to open.
const STEP_UP: f64 = 0.25;
/// One step back: slower, because a burst seldom ends at once.
const STEP_DOWN: f64 = 0.125;

/// What is seen at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Observation {
    /// Share of the processors the server may use that it used lately, 0..=1; `None` if unknown.
    pub(crate) server_busy: Option<f64>,
    /// Workers connected.
    pub(crate) workers: u32,
    /// 99th percentile of the latest root invocations, µs; `None` without any.
    pub(crate) latency_us_p99: Option<f64>,
}

/// Decides how far the gate is open.
#[derive(Clone, Debug)]
pub(crate) struct Controller {
    mode: OffloadMode,
    goal_us: Option<f64>,
    share: f64,
    steps_up: u64,
    steps_down: u64,
}

impl Controller {
    /// A controller with the gate as `mode` begins: closed for `auto`.
    pub(crate) fn new(mode: OffloadMode, goal_us: Option<f64>) -> Self {
        let mut controller = Self { mode, goal_us, share: 0.0, steps_up: 0, steps_down: 0 };
        controller.change(mode);
        controller
    }

    /// A person wants another mode; `auto` goes on from where the gate is. The share to be told.
    pub(crate) fn change(&mut self, mode: OffloadMode) -> Share {
        self.mode = mode;
        match mode {
            OffloadMode::Auto => {}
            OffloadMode::Off => self.share = 0.0,
            OffloadMode::All => self.share = 1.0,
            OffloadMode::Ratio(ratio) => self.share = ratio,
        }
        self.told()
    }

    /// How far the gate is to be open.
    pub(crate) fn share(&self) -> Share {
        self.told()
    }

    fn told(&self) -> Share {
        let selective = self.mode == OffloadMode::Auto;
        // A closed gate sees no latency, and so would never hear that the goal is missed.
        Share { open: self.share, selective, watched: selective && self.goal_us.is_some() }
    }

    /// Steps taken: further open, further closed.
    pub(crate) fn steps(&self) -> (u64, u64) {
        (self.steps_up, self.steps_down)
    }

    /// Looks at one second; the share to be told if it changed.
    pub(crate) fn observe(&mut self, seen: Observation) -> Option<Share> {
        if self.mode != OffloadMode::Auto {
            return None;
        }
        let direction = self.direction(seen);
        let before = self.share;
        let step = if direction > 0 { STEP_UP } else { STEP_DOWN } * f64::from(direction);
        self.share = (before + step).clamp(0.0, 1.0);
        let (is_up, is_down) = (self.share > before, self.share < before);
        self.steps_up += u64::from(is_up);
        self.steps_down += u64::from(is_down);
        (is_up || is_down).then_some(self.told())
    }

    fn direction(&self, seen: Observation) -> i8 {
        if seen.workers == 0 {
            return -1;
        }
        if let (Some(goal), Some(latency)) = (self.goal_us, seen.latency_us_p99) {
            return if latency > goal {
                1
            } else if latency < goal * COMFORTABLE {
                -1
            } else {
                0
            };
        }
        match seen.server_busy {
            Some(busy) if busy >= BUSY => 1,
            Some(busy) if busy < ROOMY => -1,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(server_busy: f64) -> Observation {
        Observation { server_busy: Some(server_busy), workers: 1, latency_us_p99: None }
    }

    fn auto_share(open: f64) -> Share {
        Share { open, selective: true, watched: false }
    }

    fn fixed_share(open: f64) -> Share {
        Share { open, selective: false, watched: false }
    }

    #[test]
    fn auto_opens_under_load_holds_in_between_and_closes_when_there_is_room() {
        let mut auto = Controller::new(OffloadMode::Auto, None);
        assert_eq!(auto.observe(busy(0.1)), None);
        for _ in 0..4 {
            auto.observe(busy(0.9));
        }
        assert_eq!(auto.share(), auto_share(1.0));
        assert_eq!(auto.observe(busy(0.45)), None);
        assert_eq!(auto.observe(busy(0.1)), Some(auto_share(0.875)));
        assert_eq!(auto.steps(), (4, 1));
    }

    #[test]
    fn without_workers_the_gate_closes_whatever_the_load() {
        let mut auto = Controller::new(OffloadMode::Auto, None);
        auto.observe(busy(0.9));
        for _ in 0..2 {
            auto.observe(Observation { workers: 0, ..busy(0.9) });
        }
        assert_eq!(auto.share(), auto_share(0.0));
    }

    #[test]
    fn a_goal_decides_instead_of_the_load() {
        let mut auto = Controller::new(OffloadMode::Auto, Some(10_000.0));
        let auto_share = |open| Share { watched: true, ..auto_share(open) };
        assert_eq!(auto.share(), auto_share(0.0));
        let at = |latency| Observation { latency_us_p99: Some(latency), ..busy(0.1) };
        assert_eq!(auto.observe(at(12_000.0)), Some(auto_share(0.25)));
        assert_eq!(auto.observe(at(9_000.0)), None);
        assert_eq!(auto.observe(at(1_000.0)), Some(auto_share(0.125)));
    }

    #[test]
    fn auto_goes_on_from_where_the_gate_was_left() {
        let mut controller = Controller::new(OffloadMode::Off, None);
        assert_eq!(controller.change(OffloadMode::Ratio(0.5)), fixed_share(0.5));
        assert_eq!(controller.change(OffloadMode::Auto), auto_share(0.5));
        assert_eq!(controller.observe(busy(0.9)), Some(auto_share(0.75)));
    }

    #[test]
    fn a_fixed_mode_stays_whatever_is_seen() {
        let mut fixed = Controller::new(OffloadMode::Ratio(0.5), None);
        assert_eq!(fixed.observe(busy(1.0)), None);
        assert_eq!(fixed.share(), fixed_share(0.5));
    }
}
