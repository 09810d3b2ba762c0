//! A call graph spread out as a tree of call paths. A method's outgoing calls are attributed to its
//! callers in proportion to how often each called it: exact where it has one caller, an estimate
//! where it has several. Paths under one call, recursion and great depth are cut and counted.

use crate::model::{Edge, OUTSIDE, Trace};

/// One call path.
#[derive(Debug)]
pub(crate) struct Node {
    pub method: u32,
    pub parent: Option<usize>,
    /// Calls along this path.
    pub calls: f64,
}

/// The paths, parents before children, with what was cut.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    /// Calls not shown: recursion, depth over 64, paths of less than half a call.
    pub cut_calls: f64,
}

/// Deepest path shown; recursion is cut before, so only unusual programs reach it.
const DEPTH_MAX: usize = 64;
/// Most paths shown; a graph with many shared callees has exponentially many.
const NODES_MAX: usize = 200_000;

pub(crate) fn tree_of(trace: &Trace) -> Tree {
    let counts = trace.invocation_counts();
    let mut tree = Tree::default();
    for edge in outgoing(trace, OUTSIDE) {
        tree.nodes.push(Node { method: edge.callee, parent: None, calls: edge.count as f64 });
    }
    let mut at = 0;
    while let Some(node) = tree.nodes.get(at) {
        let (method, calls) = (node.method, node.calls);
        let total = counts.get(method as usize).copied().unwrap_or(0).max(1) as f64;
        let path = path_to(&tree, at);
        for edge in outgoing(trace, method) {
            let calls = edge.count as f64 * (calls / total);
            let is_cut = calls < 0.5 || path.len() >= DEPTH_MAX || path.contains(&edge.callee);
            if is_cut || tree.nodes.len() >= NODES_MAX {
                tree.cut_calls += calls;
            } else {
                tree.nodes.push(Node { method: edge.callee, parent: Some(at), calls });
            }
        }
        at += 1;
    }
    tree
}

/// Methods from the outermost to that of node `at`.
pub(crate) fn path_to(tree: &Tree, at: usize) -> Vec<u32> {
    let mut path = Vec::new();
    let mut next = tree.nodes.get(at);
    while let Some(node) = next {
        path.push(node.method);
        next = node.parent.and_then(|parent| tree.nodes.get(parent));
    }
    path.reverse();
    path
}

/// Edges that start at `caller`; edges are sorted by caller.
fn outgoing(trace: &Trace, caller: u32) -> &[Edge] {
    let start = trace.edges.partition_point(|e| e.caller < caller);
    let rest = trace.edges.get(start..).unwrap_or_default();
    let length = rest.partition_point(|e| e.caller == caller);
    rest.get(..length).unwrap_or_default()
}
