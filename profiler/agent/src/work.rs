//! How much work lies below each method, by the calls of a window: every call counts one, and what a
//! method does is shared among its callers as they call it. An estimate, good for an order. Pure.

use std::collections::HashMap;

/// Calls on a path that are followed; what lies deeper is not told apart from what lies there.
const DEPTH_MAX: u32 = 96;

/// The work of a window.
#[derive(Debug, Default)]
pub(crate) struct Work {
    ids: HashMap<u32, usize>,
    /// Calls below each method, itself included.
    below: Vec<f64>,
    /// Largest share of a method's work that one callee does with as many calls.
    passed_on: Vec<f64>,
}

impl Work {
    /// Of calls by (caller, callee); what calls from outside is a caller like any other.
    pub(crate) fn of(calls: &HashMap<(u32, u32), u64>) -> Self {
        let mut work = Self::default();
        let mut edges: Vec<(usize, usize, f64)> = Vec::with_capacity(calls.len());
        let mut counts: Vec<f64> = Vec::new();
        // In the order of numbers: sums of floats depend on theirs.
        let mut calls: Vec<_> = calls.iter().map(|(ends, count)| (*ends, *count as f64)).collect();
        calls.sort_unstable_by_key(|(ends, _)| *ends);
        for ((caller, callee), count) in calls {
            let (caller, callee) = (work.id(caller), work.id(callee));
            counts.resize(work.ids.len(), 0.0);
            if let Some(sum) = counts.get_mut(callee) {
                *sum += count;
            }
            edges.push((caller, callee, count));
        }
        work.below = below(&edges, &counts);
        work.passed_on = passed_on(&edges, &counts, &work.below);
        work
    }

    fn id(&mut self, method: u32) -> usize {
        let next = self.ids.len();
        *self.ids.entry(method).or_insert(next)
    }

    /// Calls below a method in the window, its own included.
    pub(crate) fn below(&self, method: u32) -> f64 {
        self.ids.get(&method).and_then(|id| self.below.get(*id)).copied().unwrap_or_default()
    }

    /// Whether nearly all a method does is to call another one, once each time.
    pub(crate) fn is_delegate(&self, method: u32) -> bool {
        let share = self.ids.get(&method).and_then(|id| self.passed_on.get(*id));
        share.is_some_and(|share| *share > 0.95)
    }
}

fn below(edges: &[(usize, usize, f64)], counts: &[f64]) -> Vec<f64> {
    let mut below = counts.to_vec();
    for _ in 0..DEPTH_MAX {
        let mut next = counts.to_vec();
        for (caller, callee, count) in edges {
            let (Some(work), Some(calls)) = (below.get(*callee), counts.get(*callee)) else {
                continue;
            };
            if let Some(sum) = next.get_mut(*caller) {
                *sum += count / calls * work;
            }
        }
        let is_settled = next.iter().zip(&below).all(|(new, old)| (new - old).abs() <= 1e-3 * new);
        below = next;
        if is_settled {
            break;
        }
    }
    below
}

fn passed_on(edges: &[(usize, usize, f64)], counts: &[f64], below: &[f64]) -> Vec<f64> {
    let mut passed_on = vec![0.0; counts.len()];
    for (caller, callee, count) in edges {
        let at = |values: &[f64], id: &usize| values.get(*id).copied().unwrap_or_default();
        let is_once_each = (count / at(counts, caller) - 1.0).abs() < 0.05;
        let share = count / at(counts, callee) * at(below, callee) / at(below, caller);
        if is_once_each
            && caller != callee
            && let Some(most) = passed_on.get_mut(*caller)
        {
            *most = share.max(*most);
        }
    }
    passed_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_goes_up_to_callers_by_their_calls_and_delegates_are_told() {
        // 1 passes on to 2, which calls 3 ten times and 4 once; 5 calls 3 as often as 2 does.
        let calls = HashMap::from([
            ((1, 2), 100),
            ((2, 3), 1000),
            ((2, 4), 100),
            ((5, 3), 1000),
            ((9, 1), 100),
            ((9, 5), 10),
        ]);
        let work = Work::of(&calls);
        let below = [1, 2, 3, 5, 77].map(|method| work.below(method).round() as u64);
        assert_eq!(below, [1300, 1200, 2000, 1010, 0]);
        assert!(![1, 2, 5].into_iter().any(|method| work.is_delegate(method)));
    }

    #[test]
    fn a_method_that_only_passes_on_is_a_delegate() {
        let calls = HashMap::from([((0, 1), 50), ((1, 2), 50), ((2, 3), 5000)]);
        let work = Work::of(&calls);
        assert!(work.is_delegate(1));
        assert!(!work.is_delegate(2));
    }

    #[test]
    fn recursion_and_rings_come_to_an_end() {
        let calls = HashMap::from([((0, 1), 10), ((1, 1), 90), ((1, 2), 50), ((2, 1), 50)]);
        let work = Work::of(&calls);
        assert!(work.below(1).is_finite() && work.below(1) > 150.0, "{}", work.below(1));
    }
}
