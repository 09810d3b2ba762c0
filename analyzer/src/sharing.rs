//! Under which contestant each contestant runs. A contestant's invocations are traced back to the
//! nearest contestants that enclose them; where callers meet, they are shared out in proportion to
//! the counts of the calls (exact with one caller, an estimate with several, the counts being all
//! that a call graph without paths holds).

use crate::by_id::ById;
use crate::components::Components;
use crate::graph::CallGraph;

/// Most enclosing contestants kept per method; what exceeds it counts as "under none". Only utilities
/// called from all over have so many.
const KEPT_MAX: usize = 8;

/// Share of a method's invocations under a contestant: (its index, 0..=1).
pub(crate) type Share = (u32, f32);

/// For each of `contestants` (method ids): the nearest enclosing contestants by index with the shares
/// of its invocations, largest first. What is missing to 1 is under none.
pub(crate) fn enclosing(
    graph: &CallGraph,
    components: &Components,
    contestants: &[u32],
) -> Vec<Vec<Share>> {
    let mut index_of = ById::filled(u32::MAX, graph.method_count() + 1);
    for (index, &method) in (0u32..).zip(contestants) {
        index_of[method] = index;
    }
    let mut flow = Flow {
        graph,
        components,
        index_of,
        shares: ById::filled(Vec::new(), components.count()),
        sum: vec![0.0; contestants.len()],
    };
    let mut found = vec![Vec::new(); contestants.len()];
    for members in
        components.callers_first().chunk_by(|a, b| components.of(*a) == components.of(*b))
    {
        let entered = flow.entered(members);
        for &member in members {
            if let Some(slot) = found.get_mut(flow.index_of[member] as usize) {
                slot.clone_from(&entered);
            }
        }
        if let Some(&first) = members.first() {
            flow.shares[components.of(first)] = entered;
        }
    }
    found
}

struct Flow<'a> {
    graph: &'a CallGraph,
    components: &'a Components,
    /// Contestant index by method, `u32::MAX` for others.
    index_of: ById<u32>,
    /// Shares of each finished component.
    shares: ById<Vec<Share>>,
    /// Scratch: calls by contestant index, all zero between uses.
    sum: Vec<f64>,
}

impl Flow<'_> {
    /// Shares of the calls that enter a component (all its methods of a recursion together).
    fn entered(&mut self, members: &[u32]) -> Vec<Share> {
        let mut touched: Vec<u32> = Vec::new();
        let mut total = 0.0;
        for &member in members {
            for (caller, count) in self.graph.callers_of(member) {
                if self.components.of(caller) != self.components.of(member) {
                    total += count as f64;
                    let index = self.index_of[caller];
                    let own = [(index, 1.0f32)];
                    let shares = match index {
                        u32::MAX => self.shares[self.components.of(caller)].as_slice(),
                        _ => own.as_slice(),
                    };
                    add(&mut self.sum, &mut touched, shares, count as f64);
                }
            }
        }
        let mut shares = Vec::with_capacity(touched.len());
        for index in touched {
            if let Some(calls) = self.sum.get_mut(index as usize) {
                shares.push((index, (std::mem::take(calls) / total) as f32));
            }
        }
        shares.retain(|(_, share)| *share > 0.0);
        shares.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        shares.truncate(KEPT_MAX);
        shares
    }
}

fn add(sum: &mut [f64], touched: &mut Vec<u32>, shares: &[Share], count: f64) {
    for &(index, share) in shares {
        if let Some(calls) = sum.get_mut(index as usize) {
            if *calls == 0.0 {
                touched.push(index);
            }
            *calls += f64::from(share) * count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::{Edge, OUTSIDE};

    fn shares(methods: usize, edges: &[(u32, u32, u64)], contestants: &[u32]) -> Vec<Vec<Share>> {
        let edges: Vec<Edge> =
            edges.iter().map(|&(caller, callee, count)| Edge { caller, callee, count }).collect();
        let graph = CallGraph::new(methods, &edges);
        enclosing(&graph, &Components::of_graph(&graph), contestants)
    }

    #[test]
    fn a_shared_callee_is_shared_out_by_counts() {
        // 0 and 1 call 2 thirty and ten times, 2 calls 3; 3 is also called from outside.
        let edges = [
            (OUTSIDE, 0, 1),
            (OUTSIDE, 1, 1),
            (0, 2, 30),
            (1, 2, 10),
            (2, 3, 40),
            (OUTSIDE, 3, 40),
        ];
        let found = shares(4, &edges, &[0, 1, 3]);
        assert_eq!(found[2], [(0, 0.375), (1, 0.125)]);
        assert!(found[0].is_empty());
    }

    #[test]
    fn the_nearest_contestant_hides_the_outer_ones() {
        let found = shares(3, &[(OUTSIDE, 0, 1), (0, 1, 1), (1, 2, 5)], &[0, 1, 2]);
        assert_eq!(found, [vec![], vec![(0, 1.0)], vec![(1, 1.0)]]);
    }

    #[test]
    fn recursion_counts_only_what_enters_it() {
        let edges = [(OUTSIDE, 0, 4), (0, 1, 4), (1, 2, 100), (2, 1, 100)];
        let found = shares(3, &edges, &[0, 2]);
        assert_eq!(found[1], [(0, 1.0)]);
    }
}
