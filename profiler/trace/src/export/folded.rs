//! Folded stacks: `outer;inner count` a line, as flame-graph tools read them. The count is calls.

use std::fmt::Write;

use super::tree::{path_to, tree_of};
use crate::model::Trace;

/// Folded call paths with their numbers of calls, heaviest subtree order kept as recorded.
pub fn to_folded(trace: &Trace) -> String {
    let tree = tree_of(trace);
    let mut out = String::new();
    for (at, node) in tree.nodes.iter().enumerate() {
        let frames: Vec<String> =
            path_to(&tree, at).iter().map(|&id| trace.method_label(id).replace(';', ":")).collect();
        let _ = writeln!(out, "{} {}", frames.join(";"), node.calls.round() as u64);
    }
    if tree.cut_calls >= 0.5 {
        let _ = writeln!(out, "(cut: recursion or depth) {}", tree.cut_calls.round() as u64);
    }
    out
}
