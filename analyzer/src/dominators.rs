//! Dominators of the call graph seen from outside: `a` dominates `b` when every call path to `b` leads
//! through `a`, so an offload of `a` takes all of `b` with it. Semi-NCA (Georgiadis, "Linear-Time
//! Algorithms for Dominators and Related Problems", 2005) on dense arrays; petgraph's `simple_fast`
//! keeps a hash set per node and is the test's oracle. Pure graph code.

use crate::by_id::ById;
use crate::graph::CallGraph;

const NONE: u32 = u32::MAX;

/// Immediate dominators.
#[derive(Debug)]
pub(crate) struct Dominators {
    /// By node; `NONE` for the entry and for what is not reached from it.
    immediate: ById<u32>,
    /// Reached nodes in preorder: a dominator stands before what it dominates.
    preorder: Vec<u32>,
}

impl Dominators {
    /// Dominators of `graph` from its entry.
    pub(crate) fn of_graph(graph: &CallGraph) -> Self {
        let walk = Walk::of_graph(graph);
        let rank_dominator = walk.dominators(graph);
        let mut immediate = ById::filled(NONE, graph.method_count() + 1);
        for (rank, &node) in (0u32..).zip(&walk.preorder).skip(1) {
            immediate[node] = walk.node_at(rank_dominator[rank]);
        }
        Self { immediate, preorder: walk.preorder }
    }

    /// Nearest method or entry that dominates `node`.
    pub(crate) fn immediate(&self, node: u32) -> Option<u32> {
        Some(self.immediate[node]).filter(|&d| d != NONE)
    }

    /// For each of `methods`: the index of the nearest of them that dominates it.
    pub(crate) fn nearest(&self, methods: &[u32]) -> Vec<Option<u32>> {
        let mut index_of = ById::filled(NONE, self.immediate.len());
        for (index, &method) in (0u32..).zip(methods) {
            index_of[method] = index;
        }
        let mut nearest = ById::filled(NONE, self.immediate.len());
        for &node in &self.preorder {
            if let Some(dominator) = self.immediate(node) {
                let own = index_of[dominator];
                nearest[node] = if own == NONE { nearest[dominator] } else { own };
            }
        }
        methods.iter().map(|&m| Some(nearest[m]).filter(|&index| index != NONE)).collect()
    }

    /// Sum of `weight` over each node and all it dominates, by node.
    pub(crate) fn dominated_sums(&self, weight: impl Fn(u32) -> u64) -> ById<u64> {
        let nodes = self.immediate.len() as u32;
        let mut sums: ById<u64> = (0..nodes).map(weight).collect::<Vec<_>>().into();
        for &node in self.preorder.iter().rev() {
            if let Some(dominator) = self.immediate(node) {
                sums[dominator] += sums[node];
            }
        }
        sums
    }
}

/// A depth-first walk from the entry; the algorithm works on preorder ranks.
struct Walk {
    preorder: Vec<u32>,
    rank: ById<u32>,
    /// Rank of the parent in the walk, by rank.
    parent: ById<u32>,
}

impl Walk {
    fn of_graph(graph: &CallGraph) -> Self {
        let mut rank = ById::filled(NONE, graph.method_count() + 1);
        let mut preorder = Vec::new();
        let mut parent = Vec::new();
        let mut path = vec![(graph.entry(), 0usize)];
        rank[graph.entry()] = 0;
        preorder.push(graph.entry());
        parent.push(0u32);
        while let Some((node, looked_at)) = path.last_mut() {
            let node = *node;
            let Some(&callee) = graph.callees(node).get(*looked_at) else {
                path.pop();
                continue;
            };
            *looked_at += 1;
            if rank[callee] == NONE {
                rank[callee] = preorder.len() as u32;
                preorder.push(callee);
                parent.push(rank[node]);
                path.push((callee, 0));
            }
        }
        Self { preorder, rank, parent: parent.into() }
    }

    fn node_at(&self, rank: u32) -> u32 {
        self.preorder.get(rank as usize).copied().unwrap_or(NONE)
    }

    /// Immediate dominator by rank, as a rank.
    fn dominators(&self, graph: &CallGraph) -> ById<u32> {
        let reached = self.preorder.len() as u32;
        let semi = self.semidominators(graph);
        let mut dominator = self.parent.clone();
        for w in 1..reached {
            let mut at = dominator[w];
            while at > semi[w] {
                at = dominator[at];
            }
            dominator[w] = at;
        }
        dominator
    }

    fn semidominators(&self, graph: &CallGraph) -> ById<u32> {
        let reached = self.preorder.len() as u32;
        let mut semi: ById<u32> = (0..reached).collect::<Vec<_>>().into();
        let mut links = Links::new(self.parent.clone());
        for w in (1..reached).rev() {
            let mut least = self.parent[w];
            for (caller, _) in graph.callers_of(self.node_at(w)) {
                let v = self.rank[caller];
                if v != NONE {
                    least = least.min(semi[links.best(v, w, &semi)]);
                }
            }
            semi[w] = least;
        }
        semi
    }
}

/// Link-eval forest with path compression: for a processed vertex, the vertex of least semidominator
/// on its path up to the vertices not processed yet.
struct Links {
    ancestor: ById<u32>,
    label: ById<u32>,
    path: Vec<u32>,
}

impl Links {
    fn new(parent: ById<u32>) -> Self {
        let label = (0..parent.len() as u32).collect::<Vec<_>>().into();
        Self { ancestor: parent, label, path: Vec::new() }
    }

    /// Label of `v` when the vertices above `last` are processed.
    fn best(&mut self, v: u32, last: u32, semi: &ById<u32>) -> u32 {
        if v <= last {
            return v;
        }
        let mut at = v;
        while self.ancestor[at] > last {
            self.path.push(at);
            at = self.ancestor[at];
        }
        // From the topmost processed vertex downwards each takes over its ancestor's better label.
        while let Some(below) = self.path.pop() {
            let above = self.ancestor[below];
            let (own, inherited) = (self.label[below], self.label[above]);
            if semi[inherited] < semi[own] {
                self.label[below] = inherited;
            }
            self.ancestor[below] = self.ancestor[above];
        }
        self.label[v]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::{Edge, OUTSIDE};
    use petgraph::algo::dominators::simple_fast;
    use proptest::prelude::*;

    fn graph_of(methods: usize, calls: &[(u32, u32)]) -> CallGraph {
        let id = |m: u32| if m as usize == methods { OUTSIDE } else { m };
        let edges: Vec<Edge> =
            calls.iter().map(|&(a, b)| Edge { caller: id(a), callee: b, count: 1 }).collect();
        CallGraph::new(methods, edges)
    }

    #[test]
    fn a_diamond_is_dominated_by_its_top() {
        let graph = graph_of(4, &[(4, 0), (0, 1), (0, 2), (1, 3), (2, 3)]);
        let dominators = Dominators::of_graph(&graph);
        assert_eq!(
            [0, 1, 2, 3].map(|m| dominators.immediate(m)),
            [Some(4), Some(0), Some(0), Some(0)]
        );
        let sums = dominators.dominated_sums(|node| u64::from(node < 4));
        assert_eq!([0, 1, 2, 3].map(|m| sums[m]), [4, 1, 1, 1]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn dominators_are_those_of_petgraph(
            calls in proptest::collection::vec((0u32..15, 0u32..14), 0..50)
        ) {
            let graph = graph_of(14, &calls);
            let ours = Dominators::of_graph(&graph);
            let theirs = simple_fast(graph.as_csr(), graph.entry());
            for node in 0..=14u32 {
                prop_assert_eq!(ours.immediate(node), theirs.immediate_dominator(node), "node {}", node);
            }
        }
    }
}
