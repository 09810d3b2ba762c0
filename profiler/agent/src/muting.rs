//! Keeps the cost of counting within a budget. A method that is called a million times a second and
//! runs a few instructions cannot be counted for nothing; when such methods weigh on the application
//! for some intervals, those that call no other user method lose their probes, and their calls are
//! estimated from then on: so many for each invocation of the caller as were counted before.
//!
//! Pure: gets the increments of each drain, says what to mute and what to add. The agent takes the
//! probes out and tells the estimates as losses.

use std::collections::{HashMap, HashSet};

use beehive_trace::{Edge, OUTSIDE};

/// Intervals in a row that must be over the budget: a burst of start-up work is not worth a
/// retransformation, and a short program is counted exactly to its end.
const INTERVALS: u32 = 10;
/// Share of the process's processor time beyond which counting is too dear, and the share that the
/// probes left in place may take, per mille.
const BUDGET_PERMILLE: u64 = 15;
const TARGET_PERMILLE: u64 = 8;
/// Smallest share of one method that is worth a retransformation, per mille.
const WORTH_PERMILLE: u64 = 1;
/// What a call costs to count, ns: an entry probe alone, and entry and exit. Measured on forum at
/// saturation; only their order of size matters here.
const LEAF_NS: u64 = 5;
const PAIR_NS: u64 = 9;

/// What the decision needs to know of methods.
pub(crate) trait MethodTraits {
    /// Whether it has an entry probe only.
    fn is_leaf(&self, method: u32) -> bool;
    /// Whether every invocation is timed.
    fn is_root(&self, method: u32) -> bool;
    /// Whether it could become a root: neither a constructor nor made by the compiler, bodies of
    /// lambdas apart.
    fn may_be_root(&self, method: u32) -> bool;
}

/// The state of the decision.
#[derive(Debug, Default)]
pub(crate) struct Muting {
    over: u32,
    /// Calls since the budget was first exceeded, by caller and callee.
    window: HashMap<(u32, u32), u64>,
    /// In the order of muting: a method calls only ones muted before it.
    muted: Vec<Muted>,
    muted_ids: HashSet<u32>,
}

/// A method without probes.
#[derive(Debug)]
struct Muted {
    method: u32,
    callers: Vec<CallerRatio>,
}

/// Calls by one caller, per invocation of it or, if it was running all the time, per interval.
#[derive(Debug)]
struct CallerRatio {
    caller: u32,
    per_invocation: Option<f64>,
    per_interval: f64,
    /// Part of a call not told yet.
    carry: f64,
}

impl Muting {
    /// Whether the method has lost its probes.
    pub(crate) fn is_muted(&self, method: u32) -> bool {
        self.muted_ids.contains(&method)
    }

    /// Calls of muted methods in an interval with these counted calls.
    pub(crate) fn estimate(&mut self, counted: &[Edge]) -> Vec<Edge> {
        let mut invocations = invocations(counted.iter().map(|e| (e.caller, e.callee, e.count)));
        let mut estimated = Vec::new();
        for muted in self.muted.iter_mut().rev() {
            for ratio in &mut muted.callers {
                let calls = match ratio.per_invocation {
                    Some(each) => {
                        each * invocations.get(&ratio.caller).copied().unwrap_or(0) as f64
                    }
                    None => ratio.per_interval,
                } + ratio.carry;
                let count = calls as u64;
                ratio.carry = calls - count as f64;
                if count > 0 {
                    estimated.push(Edge { caller: ratio.caller, callee: muted.method, count });
                    *invocations.entry(muted.method).or_default() += count;
                }
            }
        }
        estimated
    }

    /// Takes the counted calls of an interval in which the process used `process_cpu_ns`; gives the
    /// methods that are to lose their probes now.
    pub(crate) fn decide(
        &mut self,
        counted: &[Edge],
        process_cpu_ns: u64,
        methods: &impl MethodTraits,
    ) -> Vec<u32> {
        let cost_ns: u64 =
            counted.iter().map(|edge| edge.count * probe_ns(edge.callee, methods)).sum();
        if cost_ns * 1000 <= process_cpu_ns * BUDGET_PERMILLE {
            self.over = 0;
            self.window.clear();
            return Vec::new();
        }
        self.over += 1;
        for edge in counted {
            *self.window.entry((edge.caller, edge.callee)).or_default() += edge.count;
        }
        if self.over < INTERVALS {
            return Vec::new();
        }
        let window = std::mem::take(&mut self.window);
        let intervals = std::mem::take(&mut self.over);
        let cpu_ns = process_cpu_ns * u64::from(intervals);
        let chosen = self.choose(&window, cpu_ns, methods);
        for &method in &chosen {
            self.mute(method, &window, intervals);
        }
        chosen
    }

    /// The dearest methods that call no counted one, until the rest is cheap enough.
    fn choose(
        &self,
        window: &HashMap<(u32, u32), u64>,
        cpu_ns: u64,
        methods: &impl MethodTraits,
    ) -> Vec<u32> {
        let calls = window.iter().map(|(&(caller, callee), &count)| (caller, callee, count));
        let mut costs: Vec<(u64, u32)> = invocations(calls)
            .into_iter()
            .filter(|&(method, _)| method != OUTSIDE)
            .map(|(method, count)| (count * probe_ns(method, methods), method))
            .collect();
        costs.sort_unstable_by(|a, b| b.cmp(a));
        let mut rest_ns: u64 = costs.iter().map(|(cost, _)| cost).sum();
        let mut chosen: Vec<u32> = Vec::new();
        while rest_ns * 1000 > cpu_ns * TARGET_PERMILLE {
            let is_candidate = |&&(cost, method): &&(u64, u32)| {
                cost * 1000 > cpu_ns * WORTH_PERMILLE
                    && !chosen.contains(&method)
                    && !methods.is_root(method)
                    && (methods.is_leaf(method) || !is_entered_from_outside(window, method))
                    && self.calls_only_muted(window, method, &chosen)
            };
            let Some(&(cost, method)) = costs.iter().find(is_candidate) else { break };
            chosen.push(method);
            rest_ns -= cost;
        }
        chosen
    }

    fn calls_only_muted(
        &self,
        window: &HashMap<(u32, u32), u64>,
        method: u32,
        chosen: &[u32],
    ) -> bool {
        window
            .keys()
            .filter(|(caller, _)| *caller == method)
            .all(|(_, callee)| chosen.contains(callee) || self.is_muted(*callee))
    }

    fn mute(&mut self, method: u32, window: &HashMap<(u32, u32), u64>, intervals: u32) {
        let calls = window.iter().map(|(&(caller, callee), &count)| (caller, callee, count));
        let invocations = invocations(calls);
        let mut callers: Vec<CallerRatio> = window
            .iter()
            .filter(|((_, callee), _)| *callee == method)
            .map(|(&(caller, _), &count)| CallerRatio {
                caller,
                per_invocation: invocations.get(&caller).map(|&n| count as f64 / n as f64),
                per_interval: count as f64 / f64::from(intervals),
                carry: 0.0,
            })
            .collect();
        callers.sort_unstable_by_key(|ratio| ratio.caller);
        self.muted_ids.insert(method);
        self.muted.push(Muted { method, callers });
    }
}

/// A method that is an entry has a clock then, and entries are what a plan is about.
fn is_entered_from_outside(window: &HashMap<(u32, u32), u64>, method: u32) -> bool {
    window.contains_key(&(OUTSIDE, method))
}

fn probe_ns(method: u32, methods: &impl MethodTraits) -> u64 {
    if methods.is_leaf(method) { LEAF_NS } else { PAIR_NS }
}

/// Invocations of each method; of [`OUTSIDE`], the calls that came from there.
fn invocations(calls: impl Iterator<Item = (u32, u32, u64)>) -> HashMap<u32, u64> {
    let mut invocations = HashMap::new();
    for (caller, callee, count) in calls {
        *invocations.entry(callee).or_default() += count;
        if caller == OUTSIDE {
            *invocations.entry(OUTSIDE).or_default() += count;
        }
    }
    invocations
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
        fn may_be_root(&self, _method: u32) -> bool {
            true
        }
    }

    /// Root 1 calls 2, which calls 3 many times, which calls the leaf 10; 1 also calls leaf 11 a bit.
    fn interval(requests: u64) -> Vec<Edge> {
        let edge = |caller, callee, count| Edge { caller, callee, count };
        vec![
            edge(OUTSIDE, 1, requests),
            edge(1, 2, requests),
            edge(2, 3, requests * 10_000),
            edge(3, 10, requests * 10_000),
            edge(1, 11, requests * 3),
        ]
    }

    #[test]
    fn hot_methods_without_counted_callees_are_muted_innermost_first() {
        let mut muting = Muting::default();
        let cpu = 1_000_000_000;
        for _ in 1..INTERVALS {
            assert!(muting.decide(&interval(1000), cpu, &Traits).is_empty());
        }
        assert_eq!(muting.decide(&interval(1000), cpu, &Traits), [10, 3]);
        assert!(muting.is_muted(10) && !muting.is_muted(2));
        let mut counted = interval(500);
        counted.retain(|edge| edge.callee != 3 && edge.callee != 10);
        let estimated = muting.estimate(&counted);
        assert_eq!(
            estimated,
            [
                Edge { caller: 2, callee: 3, count: 5_000_000 },
                Edge { caller: 3, callee: 10, count: 5_000_000 },
            ]
        );
        assert!(muting.decide(&counted, cpu, &Traits).is_empty(), "within the budget now");
    }

    #[test]
    fn a_quiet_interval_begins_the_count_anew() {
        let mut muting = Muting::default();
        for _ in 0..5 {
            for _ in 1..INTERVALS {
                assert!(muting.decide(&interval(1000), 1_000_000_000, &Traits).is_empty());
            }
            assert!(muting.decide(&interval(1), 1_000_000_000, &Traits).is_empty());
        }
    }

    #[test]
    fn roots_and_entries_keep_their_probes() {
        let mut muting = Muting::default();
        let hot = [
            Edge { caller: OUTSIDE, callee: 1, count: 50_000_000 },
            Edge { caller: OUTSIDE, callee: 4, count: 50_000_000 },
        ];
        for _ in 0..3 * INTERVALS {
            assert!(muting.decide(&hot, 1_000_000_000, &Traits).is_empty());
        }
    }

    #[test]
    fn a_caller_that_never_returns_is_estimated_by_time() {
        let mut muting = Muting::default();
        let hot = [Edge { caller: 2, callee: 10, count: 10_000_000 }];
        let decisions: Vec<_> =
            (0..INTERVALS).map(|_| muting.decide(&hot, 1_000_000_000, &Traits)).collect();
        assert_eq!(decisions.last().unwrap(), &[10]);
        assert_eq!(muting.estimate(&[]), hot);
    }
}
