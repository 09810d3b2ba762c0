//! DOT text of a scene, for Graphviz and other layout programs.

use std::fmt::Write;

use super::scene::Scene;
use crate::figure::grouped;

/// The DOT document.
pub(crate) fn dot(scene: &Scene) -> String {
    let mut out = String::from(
        "digraph calls {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"];\n",
    );
    for (index, method) in scene.boxes.iter().enumerate() {
        let look = match (method.is_root, method.is_refused) {
            (true, _) => ", fillcolor=\"#ffe9b0\", color=\"#b7791f\", penwidth=2.5",
            (_, true) => ", fillcolor=\"#eef2f6\", style=\"rounded,filled,dashed\"",
            _ => "",
        };
        let (name, details) = (quoted(&method.name), quoted(&method.details));
        let figures = quoted(&method.figures);
        let _ = writeln!(
            out,
            "  n{index} [label=\"{name}\\n{figures}\", tooltip=\"{details}\"{look}];"
        );
    }
    for arrow in &scene.arrows {
        let calls = grouped(arrow.calls);
        let _ = writeln!(out, "  n{} -> n{} [label=\"{calls}\"];", arrow.from, arrow.to);
    }
    out + "}\n"
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
