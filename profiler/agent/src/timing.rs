//! Gives clocks to methods that no annotation names. An application without a framework, or a plain class
//! behind a controller, has no candidates until the run shows what is called seldom enough for a clock
//! to cost next to nothing: the coarse methods, which are what a root is made of.
//!
//! Pure: gets the increments of each drain, says what to time. The agent puts the clocks in.

use std::collections::HashMap;

use beehive_trace::{Edge, OUTSIDE};

use crate::muting::MethodTraits;

/// Intervals of a window. A method must be called in two windows on end, so that what only start-up
/// calls gets no clock.
const INTERVALS: u32 = 3;
/// Calls within a window that make a method worth knowing.
const CALLS_MIN: u64 = 10;
/// What a clock costs, ns: two readings of it, and now and then of the processor time. Measured as a
/// pair of probes with two `nanoTime`; only the order of size matters.
const CLOCK_NS: u64 = 100;
/// Share of the process's processor time that the clocks given here may take together, per mille.
const BUDGET_PERMILLE: u64 = 2;
/// Clocks given in all, and windows that may give some: each costs a retransformation.
const CLOCKS_MAX: usize = 64;
const ROUNDS_MAX: u32 = 4;

/// The state of the decision.
#[derive(Debug, Default)]
pub(crate) struct Timing {
    intervals: u32,
    cpu_ns: u64,
    /// Invocations in this window and in the one before.
    window: HashMap<u32, u64>,
    before: HashMap<u32, u64>,
    rounds: u32,
    clocks: usize,
    /// What the clocks given cost so far, per mille of the processor time; kept from round to round.
    spent_permille: f64,
}

impl Timing {
    /// Takes the counted calls of an interval in which the process used `process_cpu_ns`; gives the
    /// methods that are to be timed from now on.
    pub(crate) fn decide(
        &mut self,
        counted: &[Edge],
        process_cpu_ns: u64,
        methods: &impl MethodTraits,
    ) -> Vec<u32> {
        if self.rounds >= ROUNDS_MAX || self.clocks >= CLOCKS_MAX {
            return Vec::new();
        }
        self.intervals += 1;
        self.cpu_ns += process_cpu_ns;
        for edge in counted.iter().filter(|edge| edge.callee != OUTSIDE) {
            *self.window.entry(edge.callee).or_default() += edge.count;
        }
        if self.intervals < INTERVALS {
            return Vec::new();
        }
        let chosen = self.choose(methods);
        self.rounds += u32::from(!chosen.is_empty());
        self.clocks += chosen.len();
        self.intervals = 0;
        self.cpu_ns = 0;
        self.before = std::mem::take(&mut self.window);
        chosen
    }

    /// The methods called least come first: the outer ones, of which a request calls a few.
    fn choose(&mut self, methods: &impl MethodTraits) -> Vec<u32> {
        let is_steady = |method: &u32, count: u64| {
            count >= CALLS_MIN && self.before.get(method).is_some_and(|&n| n >= CALLS_MIN)
        };
        let mut candidates: Vec<(u64, u32)> = self
            .window
            .iter()
            .filter(|&(method, &count)| is_steady(method, count))
            .map(|(&method, &count)| (count, method))
            .filter(|&(_, method)| {
                methods.may_be_root(method) && !methods.is_root(method) && !methods.is_leaf(method)
            })
            .collect();
        candidates.sort_unstable();
        let mut chosen = Vec::new();
        for (count, method) in candidates.into_iter().take(CLOCKS_MAX - self.clocks) {
            let cost = (count * CLOCK_NS) as f64 * 1000.0 / self.cpu_ns.max(1) as f64;
            if self.spent_permille + cost > BUDGET_PERMILLE as f64 {
                break;
            }
            self.spent_permille += cost;
            chosen.push(method);
        }
        chosen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Traits;

    impl MethodTraits for Traits {
        fn is_leaf(&self, method: u32) -> bool {
            method >= 10
        }
        fn is_root(&self, method: u32) -> bool {
            method == 1
        }
        fn may_be_root(&self, method: u32) -> bool {
            method != 4
        }
    }

    /// Each request calls the root 1, that 2 and the constructor 4, 2 the leaf 10 and 3 very often.
    fn interval(requests: u64) -> Vec<Edge> {
        let edge = |caller, callee, count| Edge { caller, callee, count };
        vec![
            edge(OUTSIDE, 1, requests),
            edge(1, 2, requests),
            edge(1, 4, requests),
            edge(2, 10, requests),
            edge(2, 3, requests * 10_000),
        ]
    }

    fn windows(timing: &mut Timing, requests: u64, windows: u32) -> Vec<u32> {
        let cpu_ns = 500_000_000;
        let intervals = 0..windows * INTERVALS;
        intervals.flat_map(|_| timing.decide(&interval(requests), cpu_ns, &Traits)).collect()
    }

    #[test]
    fn coarse_methods_get_a_clock_once_they_are_steady_and_once_only() {
        let mut timing = Timing::default();
        assert!(windows(&mut timing, 100, 1).is_empty(), "one window may be the start-up");
        assert_eq!(windows(&mut timing, 100, 1), [2]);
    }

    #[test]
    fn rare_calls_and_calls_of_start_up_get_none() {
        let mut timing = Timing::default();
        assert!(windows(&mut timing, 2, 5).is_empty());
        let mut timing = Timing::default();
        assert!(windows(&mut timing, 100, 1).is_empty());
        assert!(windows(&mut timing, 0, 3).is_empty());
    }

    #[test]
    fn clocks_stay_within_their_share() {
        let mut timing = Timing::default();
        // 2 per mille of half a processor pay for 10,000 clocks a second.
        assert!(windows(&mut timing, 10_100, 3).is_empty());
        assert_eq!(windows(&mut timing, 9_900, 2), [2]);
    }
}
