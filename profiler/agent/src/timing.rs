//! Gives clocks to methods that no annotation names. An application without a framework, or a plain class
//! behind a controller, has no candidates until the run shows what is called seldom enough for a clock
//! to cost next to nothing and holds much of the work: the coarse methods, which are what a root is
//! made of.
//!
//! Pure: gets the increments of each drain, says what to time. The agent puts the clocks in.

use std::collections::HashMap;

use beehive_trace::{Edge, OUTSIDE};

use crate::muting::MethodTraits;
use crate::work::Work;

/// Intervals of a window. A method must be called in two windows on end, so that what only start-up
/// calls gets no clock.
const INTERVALS: u32 = 3;
/// Calls within a window that make a method worth knowing.
const CALLS_MIN: u64 = 10;
/// What a clock costs, ns: two readings of it, and now and then of the processor time. Measured as a
/// pair of probes with two `nanoTime`; only the order of size matters.
const CLOCK_NS: u64 = 100;
/// Share of the process's processor time that the clocks given here may take together, per mille.
const BUDGET_PERMILLE: f64 = 2.0;
/// The same of one clock: what is called more than once in 200 µs of processor time is too short to be
/// a root.
const CLOCK_PERMILLE: f64 = 0.5;
/// Windows over which the budget is spread, so that what start-up calls does not take all of it.
const BUDGET_WINDOWS: u32 = 4;
/// Clocks given in all, and windows looked at for some: each costs a look at all calls and a
/// retransformation.
const CLOCKS_MAX: usize = 64;
/// Clocks given at once; the rest is for what a later window shows.
const CLOCKS_A_ROUND: usize = 16;
const ROUNDS_MAX: u32 = 8;

/// The state of the decision.
#[derive(Debug, Default)]
pub(crate) struct Timing {
    intervals: u32,
    cpu_ns: u64,
    /// Calls in this window, by caller and callee.
    window: HashMap<(u32, u32), u64>,
    /// Invocations in the one before.
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
            *self.window.entry((edge.caller, edge.callee)).or_default() += edge.count;
        }
        if self.intervals < INTERVALS {
            return Vec::new();
        }
        let mut invocations: HashMap<u32, u64> = HashMap::new();
        for (&(_, callee), count) in &self.window {
            *invocations.entry(callee).or_default() += count;
        }
        let chosen = self.choose(&invocations, methods);
        self.clocks += chosen.len();
        self.intervals = 0;
        self.cpu_ns = 0;
        self.window.clear();
        self.before = invocations;
        chosen
    }

    /// Those with the most work below come first, and last those that only pass it on.
    fn choose(&mut self, window: &HashMap<u32, u64>, methods: &impl MethodTraits) -> Vec<u32> {
        let mut candidates: Vec<(u32, u64)> = window
            .iter()
            .map(|(&method, &count)| (method, count))
            .filter(|&(method, count)| {
                count >= CALLS_MIN
                    && self.before.get(&method).is_some_and(|&n| n >= CALLS_MIN)
                    && methods.may_be_root(method)
                    && !methods.is_root(method)
                    && !methods.is_leaf(method)
                    && self.is_affordable(count)
            })
            .collect();
        if candidates.is_empty() {
            return Vec::new();
        }
        let work = Work::of(&self.window);
        candidates.sort_by(|a, b| {
            let delegates_last = work.is_delegate(a.0).cmp(&work.is_delegate(b.0));
            delegates_last.then(work.below(b.0).total_cmp(&work.below(a.0))).then(a.cmp(b))
        });
        let mut chosen = Vec::new();
        for (method, count) in candidates {
            if chosen.len() == CLOCKS_A_ROUND.min(CLOCKS_MAX - self.clocks) {
                break;
            }
            if self.is_affordable(count) {
                self.spent_permille += self.cost_permille(count);
                chosen.push(method);
            }
        }
        self.rounds += 1;
        chosen
    }

    /// What a clock costs that is read so often in the window, per mille of the processor time.
    fn cost_permille(&self, count: u64) -> f64 {
        (count * CLOCK_NS) as f64 * 1000.0 / self.cpu_ns.max(1) as f64
    }

    fn is_affordable(&self, count: u64) -> bool {
        let windows = (self.rounds + 1).min(BUDGET_WINDOWS);
        let budget = BUDGET_PERMILLE * f64::from(windows) / f64::from(BUDGET_WINDOWS);
        let cost = self.cost_permille(count);
        cost <= CLOCK_PERMILLE && self.spent_permille + cost <= budget
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
    fn much_work_below_comes_before_little() {
        struct All;
        impl MethodTraits for All {
            fn is_leaf(&self, method: u32) -> bool {
                method == 3
            }
            fn is_root(&self, _: u32) -> bool {
                false
            }
            fn may_be_root(&self, _: u32) -> bool {
                true
            }
        }
        let mut timing = Timing::default();
        let edge = |caller, callee, count| Edge { caller, callee, count };
        // 100 side paths, called less often than the handler 200, below which the work lies.
        let mut interval = vec![edge(OUTSIDE, 200, 50), edge(200, 3, 5_000)];
        interval.extend((300..400).map(|side| edge(OUTSIDE, side, 20)));
        let decide = |_| timing.decide(&interval, 500_000_000, &All);
        let chosen: Vec<u32> = (0..2 * INTERVALS).flat_map(decide).collect();
        assert_eq!(chosen.first(), Some(&200));
        assert_eq!(chosen.len(), CLOCKS_A_ROUND, "the rest waits for another window");
    }

    #[test]
    fn clocks_stay_within_their_share() {
        let mut timing = Timing::default();
        // Half a per mille of half a processor pays for 2,500 clocks a second.
        assert!(windows(&mut timing, 2_510, 3).is_empty());
        assert_eq!(windows(&mut timing, 2_490, 1), [2]);
    }
}
