//! Strongly connected components (recursion) and an order in which callers stand before callees.
//! Tarjan's algorithm without recursion: petgraph's own calls itself once per frame of the longest
//! call path, which a trace can make a million long. Pure graph code, no trace facts.

use crate::by_id::ById;
use crate::graph::CallGraph;

/// Components of a call graph, numbered callees first.
#[derive(Debug)]
pub(crate) struct Components {
    /// Component of each node, the entry included. A call leads to an equal or smaller number.
    of: ById<u32>,
    /// All nodes, callers before callees; members of a component stand together.
    order: Vec<u32>,
    count: usize,
}

impl Components {
    /// Components of `graph`.
    pub(crate) fn of_graph(graph: &CallGraph) -> Self {
        let mut search = Search::new(graph.method_count() + 1);
        // The entry first keeps the order near that of a walk through the program.
        for node in std::iter::once(graph.entry()).chain(0..graph.entry()) {
            search.visit(graph, node);
        }
        let Search { component, components, finished, .. } = search;
        let mut order = finished;
        order.reverse();
        Self { of: component, order, count: components as usize }
    }

    /// Component of `node`.
    pub(crate) fn of(&self, node: u32) -> u32 {
        self.of[node]
    }

    /// Number of components.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// All nodes, callers before callees.
    pub(crate) fn callers_first(&self) -> &[u32] {
        &self.order
    }
}

const UNSEEN: u32 = u32::MAX;

/// State of the depth-first search.
struct Search {
    index: ById<u32>,
    low: ById<u32>,
    component: ById<u32>,
    next_index: u32,
    components: u32,
    /// Nodes whose component is still open.
    open: Vec<u32>,
    /// The path walked: node and how many of its callees were looked at.
    path: Vec<(u32, u32)>,
    /// Nodes in order of their component's completion.
    finished: Vec<u32>,
}

impl Search {
    fn new(nodes: usize) -> Self {
        Self {
            index: ById::filled(UNSEEN, nodes),
            low: ById::filled(0, nodes),
            component: ById::filled(UNSEEN, nodes),
            next_index: 0,
            components: 0,
            open: Vec::new(),
            path: Vec::new(),
            finished: Vec::with_capacity(nodes),
        }
    }

    fn visit(&mut self, graph: &CallGraph, start: u32) {
        if self.index[start] == UNSEEN {
            self.enter(start);
        }
        while let Some(&(node, looked_at)) = self.path.last() {
            match graph.callees(node).get(looked_at as usize) {
                Some(&callee) => {
                    if let Some(top) = self.path.last_mut() {
                        top.1 += 1;
                    }
                    self.look_at(node, callee);
                }
                None => self.leave(node),
            }
        }
    }

    fn enter(&mut self, node: u32) {
        self.index[node] = self.next_index;
        self.low[node] = self.next_index;
        self.next_index += 1;
        self.open.push(node);
        self.path.push((node, 0));
    }

    fn look_at(&mut self, node: u32, callee: u32) {
        if self.index[callee] == UNSEEN {
            self.enter(callee);
        } else if self.component[callee] == UNSEEN {
            self.low[node] = self.low[node].min(self.index[callee]);
        }
    }

    fn leave(&mut self, node: u32) {
        self.path.pop();
        if let Some(&(caller, _)) = self.path.last() {
            self.low[caller] = self.low[caller].min(self.low[node]);
        }
        if self.low[node] == self.index[node] {
            while let Some(member) = self.open.pop() {
                self.component[member] = self.components;
                self.finished.push(member);
                if member == node {
                    break;
                }
            }
            self.components += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::{Edge, OUTSIDE};
    use petgraph::algo::kosaraju_scc;
    use petgraph::graph::DiGraph;
    use proptest::prelude::*;

    fn graph_of(methods: usize, calls: &[(u32, u32)]) -> CallGraph {
        let edges: Vec<Edge> = calls
            .iter()
            .map(|&(a, b)| Edge {
                caller: if a as usize == methods { OUTSIDE } else { a },
                callee: b,
                count: 1,
            })
            .collect();
        CallGraph::new(methods, edges)
    }

    #[test]
    fn a_path_of_a_million_calls_does_not_overflow_the_stack() {
        let calls: Vec<(u32, u32)> = (0..999_999).map(|m| (m, m + 1)).collect();
        let components = Components::of_graph(&graph_of(1_000_000, &calls));
        assert_eq!(components.count(), 1_000_001);
    }

    proptest! {
        #[test]
        fn components_are_those_of_petgraph(
            calls in proptest::collection::vec((0u32..13, 0u32..12), 0..60)
        ) {
            let graph = graph_of(12, &calls);
            let ours = Components::of_graph(&graph);
            let mut twin = DiGraph::<(), ()>::new();
            let nodes: Vec<_> = (0..13).map(|_| twin.add_node(())).collect();
            for node in 0..13u32 {
                for &callee in graph.callees(node) {
                    twin.add_edge(nodes[node as usize], nodes[callee as usize], ());
                    prop_assert!(ours.of(callee) <= ours.of(node));
                }
            }
            let theirs = kosaraju_scc(&twin);
            prop_assert_eq!(ours.count(), theirs.len());
            for group in theirs {
                let first = ours.of(group[0].index() as u32);
                prop_assert!(group.iter().all(|n| ours.of(n.index() as u32) == first));
            }
            let ranks: Vec<u32> = ours.callers_first().iter().map(|&n| ours.of(n)).collect();
            prop_assert!(ranks.is_sorted_by(|a, b| a >= b));
            prop_assert_eq!(ranks.len(), 13);
        }
    }
}
