//! The call graph: who calls whom and how often, exact counts from the trace. Compressed sparse rows
//! in both directions (petgraph's [`Csr`] forward, plain arrays backward), one virtual node for
//! everything outside user code. Made of folded edges (`proxy`), read by every analysis.

use beehive_trace::{Edge, OUTSIDE};
use petgraph::Directed;
use petgraph::csr::Csr;

use crate::by_id::ById;

/// Calls between the methods of a trace. Node ids are method ids; [`CallGraph::entry`] is outside.
#[derive(Debug)]
pub struct CallGraph {
    calls: Csr<(), u64, Directed, u32>,
    callers: Backward,
    invocations: ById<u64>,
}

/// Incoming edges by callee.
#[derive(Debug, Default)]
struct Backward {
    starts: ById<u32>,
    callers: ById<u32>,
    counts: ById<u64>,
}

impl CallGraph {
    /// The graph of `methods` methods and their calls. Edges that name other methods are left out;
    /// methods without a recorded caller are called from outside zero times, so that every method
    /// that calls something hangs below the entry.
    pub(crate) fn new(methods: usize, edges: impl IntoIterator<Item = Edge>) -> Self {
        let entry = methods as u32;
        let node = |id: u32| if id == OUTSIDE { entry } else { id };
        let edges = edges.into_iter();
        let known = edges.filter(|e| node(e.caller) <= entry && e.callee < entry);
        let mut rows: Vec<(u32, u32, u64)> =
            known.map(|e| (node(e.caller), e.callee, e.count)).collect();
        let missing = callerless(methods, &rows);
        if !rows.is_sorted_by_key(|row| (row.0, row.1)) {
            rows.sort_unstable();
        }
        // The entry's rows are the last; only they have to be sorted again.
        let tail = rows.partition_point(|row| row.0 < entry);
        rows.extend(missing.map(|callee| (entry, callee, 0)));
        rows.get_mut(tail..).unwrap_or_default().sort_unstable();
        join(&mut rows);
        let callers = Backward::of(methods, &rows);
        // Sorted and free of doubles by now, the only thing `from_sorted_edges` can object to.
        let mut calls = Csr::from_sorted_edges(&rows).unwrap_or_default();
        while calls.node_count() <= methods {
            calls.add_node(());
        }
        let invocations = (0..entry)
            .map(|m| callers.of_callee(m).fold(0, |sum: u64, (_, n)| sum.saturating_add(n)));
        let invocations = invocations.collect::<Vec<_>>().into();
        Self { calls, callers, invocations }
    }

    /// Number of methods; the entry is not among them.
    pub fn method_count(&self) -> usize {
        self.invocations.len()
    }

    /// Node id of everything outside user code.
    pub fn entry(&self) -> u32 {
        self.invocations.len() as u32
    }

    /// Number of distinct calls, those from outside included.
    pub fn edge_count(&self) -> usize {
        self.calls.edge_count()
    }

    /// Invocations of `method`: the sum over its incoming calls; 0 for unknown ids.
    pub fn invocations(&self, method: u32) -> u64 {
        self.invocations.as_slice().get(method as usize).copied().unwrap_or(0)
    }

    /// Methods called by `node`, ascending.
    pub fn callees(&self, node: u32) -> &[u32] {
        self.calls.neighbors_slice(node)
    }

    /// Methods called by `node` with the number of calls, ascending by method.
    pub fn calls_of(&self, node: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        let counts = self.calls.edges_slice(node);
        self.callees(node).iter().copied().zip(counts.iter().copied())
    }

    /// Callers of `method` with the number of calls, ascending; the entry is last.
    pub fn callers_of(&self, method: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        self.callers.of_callee(method)
    }

    /// The compressed forward graph, for petgraph's algorithms.
    #[cfg(test)]
    pub(crate) fn as_csr(&self) -> &Csr<(), u64, Directed, u32> {
        &self.calls
    }
}

impl Backward {
    fn of(methods: usize, rows: &[(u32, u32, u64)]) -> Self {
        let mut starts = ById::filled(0u32, methods + 2);
        for &(_, callee, _) in rows {
            starts[callee + 2] += 1;
        }
        for id in 2..=methods as u32 {
            starts[id + 1] += starts[id];
        }
        let mut callers = ById::filled(0u32, rows.len());
        let mut counts = ById::filled(0u64, rows.len());
        for &(caller, callee, count) in rows {
            let at = starts[callee + 1];
            starts[callee + 1] += 1;
            callers[at] = caller;
            counts[at] = count;
        }
        Self { starts, callers, counts }
    }

    fn of_callee(&self, callee: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        let (from, to) = (self.starts[callee], self.starts[callee + 1]);
        let counts = self.counts.range(from, to);
        self.callers.range(from, to).iter().copied().zip(counts.iter().copied())
    }
}

/// Methods that call something (or themselves) and are called by none.
fn callerless(methods: usize, rows: &[(u32, u32, u64)]) -> impl Iterator<Item = u32> + use<> {
    let mut calls = ById::filled(false, methods + 1);
    let mut is_called = ById::filled(false, methods + 1);
    for &(caller, callee, _) in rows {
        calls[caller] = true;
        is_called[callee] |= caller != callee;
    }
    (0..methods as u32).filter(move |&m| calls[m] && !is_called[m])
}

/// Adds up neighbouring rows of one (caller, callee).
fn join(rows: &mut Vec<(u32, u32, u64)>) {
    rows.dedup_by(|next, kept| {
        let is_same = (next.0, next.1) == (kept.0, kept.1);
        if is_same {
            kept.2 = kept.2.saturating_add(next.2);
        }
        is_same
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(caller: u32, callee: u32, count: u64) -> Edge {
        Edge { caller, callee, count }
    }

    #[test]
    fn both_directions_tell_the_same_calls() {
        let edges = [edge(0, 1, 5), edge(0, 2, 7), edge(1, 2, 1), edge(OUTSIDE, 0, 3)];
        let graph = CallGraph::new(4, edges);
        assert_eq!(graph.method_count(), 4);
        assert_eq!(graph.calls_of(0).collect::<Vec<_>>(), [(1, 5), (2, 7)]);
        assert_eq!(graph.calls_of(graph.entry()).collect::<Vec<_>>(), [(0, 3)]);
        assert_eq!(graph.callers_of(2).collect::<Vec<_>>(), [(0, 7), (1, 1)]);
        assert_eq!(graph.callers_of(0).collect::<Vec<_>>(), [(4, 3)]);
        assert_eq!([0, 1, 2, 3].map(|m| graph.invocations(m)), [3, 5, 8, 0]);
    }

    #[test]
    fn methods_without_a_caller_hang_below_the_entry() {
        let graph = CallGraph::new(3, [edge(0, 1, 5), edge(2, 2, 4)]);
        assert_eq!(graph.callees(graph.entry()), [0, 2]);
        assert_eq!(graph.invocations(0), 0, "the count stays the recorded one");
    }

    #[test]
    fn unsorted_and_double_edges_are_joined_and_unknown_ones_left_out() {
        let graph = CallGraph::new(2, [edge(1, 0, 1), edge(0, 1, 2), edge(1, 0, 3), edge(0, 9, 1)]);
        assert_eq!(graph.calls_of(1).collect::<Vec<_>>(), [(0, 4)]);
        assert_eq!(graph.callees(0), [1]);
    }

    #[test]
    fn an_empty_graph_has_only_the_entry() {
        let graph = CallGraph::new(0, []);
        assert_eq!((graph.entry(), graph.edge_count()), (0, 0));
        assert!(graph.callees(0).is_empty());
    }
}
