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
    shares_under(graph, components, contestants, contestants)
}

/// For each of `asked` (method ids): the nearest methods of `outer`, by index, that its invocations run
/// under, with their shares, largest first.
pub(crate) fn shares_under(
    graph: &CallGraph,
    components: &Components,
    outer: &[u32],
    asked: &[u32],
) -> Vec<Vec<Share>> {
    let index_of = indices(graph, outer);
    let asked_at = indices(graph, asked);
    let mut flow = Flow {
        graph,
        components,
        given: ById::filled(Kept::default(), graph.method_count() + 1),
        sum: vec![0.0; outer.len()],
        touched: Vec::new(),
    };
    let mut found = vec![Vec::new(); asked.len()];
    for members in
        components.callers_first().chunk_by(|a, b| components.of(*a) == components.of(*b))
    {
        let entered = flow.entered(members);
        for &member in members {
            if let Some(slot) = found.get_mut(asked_at[member] as usize) {
                *slot = entered.shares().to_vec();
            }
            let index = index_of[member];
            flow.given[member] = if index == NONE { entered } else { Kept::whole(index) };
        }
    }
    found
}

const NONE: u32 = u32::MAX;

/// Index in `methods` by method id, `NONE` for others.
fn indices(graph: &CallGraph, methods: &[u32]) -> ById<u32> {
    let mut index_of = ById::filled(NONE, graph.method_count() + 1);
    for (index, &method) in (0u32..).zip(methods) {
        index_of[method] = index;
    }
    index_of
}

/// The largest shares a method has, in place: one cache line, looked up once per call.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    rows: [Share; KEPT_MAX],
}

impl Kept {
    /// All of it under one contestant.
    fn whole(index: u32) -> Self {
        let mut rows = [Share::default(); KEPT_MAX];
        if let Some(first) = rows.first_mut() {
            *first = (index, 1.0);
        }
        Self { rows }
    }

    /// Keeps the largest of `shares`, ties by index.
    fn of(mut shares: Vec<Share>) -> Self {
        let by_size = |a: &Share, b: &Share| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        if shares.len() > KEPT_MAX {
            shares.select_nth_unstable_by(KEPT_MAX, by_size);
            shares.truncate(KEPT_MAX);
        }
        shares.sort_unstable_by(by_size);
        let mut kept = Self::default();
        kept.rows.iter_mut().zip(shares).for_each(|(row, share)| *row = share);
        kept
    }

    /// Rows in use; a share of zero ends them.
    fn shares(&self) -> &[Share] {
        let used = self.rows.iter().take_while(|(_, share)| *share > 0.0).count();
        self.rows.get(..used).unwrap_or_default()
    }
}

struct Flow<'a> {
    graph: &'a CallGraph,
    components: &'a Components,
    /// What a call by each finished method runs under: itself for a contestant, else its own shares.
    given: ById<Kept>,
    /// Scratch: calls by contestant index, all zero between uses.
    sum: Vec<f64>,
    /// Scratch: the indices whose sum is not zero.
    touched: Vec<u32>,
}

impl Flow<'_> {
    /// Shares of the calls that enter a component (all its methods of a recursion together).
    fn entered(&mut self, members: &[u32]) -> Kept {
        let is_recursion = members.len() > 1;
        let mut total = 0.0;
        for &member in members {
            for (caller, count) in self.graph.callers_of(member) {
                let is_inside = caller == member
                    || (is_recursion && self.components.of(caller) == self.components.of(member));
                if !is_inside {
                    total += count as f64;
                    add(
                        &mut self.sum,
                        &mut self.touched,
                        self.given[caller].shares(),
                        count as f64,
                    );
                }
            }
        }
        let sum = &mut self.sum;
        let calls = self
            .touched
            .drain(..)
            .filter_map(|index| Some((index, std::mem::take(sum.get_mut(index as usize)?))));
        let shares = calls.map(|(index, calls)| (index, (calls / total) as f32));
        Kept::of(shares.filter(|(_, share)| *share > 0.0).collect())
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
        let graph = CallGraph::new(methods, edges);
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
