//! The initial closure of a method as two treemaps: by class of the objects, and by the field path
//! that leads to them. Only what is sent has an area; what is not stands in the method's details.

use beehive_plan::{ClosureEdge, RootFallbacks};

use super::tiles::{Map, Tile, map};
use super::{Entry, LegendItem};
use crate::figure::{bytes, count};
use crate::table::short;

/// A method's closure.
pub(super) struct Closure {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) maps: Vec<Map>,
}

/// The closure of a method; `None` without a deep run.
pub(super) fn closure(entry: &Entry<'_>) -> Option<Closure> {
    let predicted = entry.predicted?;
    let shipped = &predicted.closure;
    let maps = if shipped.heap_bytes > 0.0 { maps(predicted) } else { Vec::new() };
    Some(Closure {
        name: short(&entry.candidate.method),
        words: format!("{} in {} objects", bytes(shipped.heap_bytes), count(shipped.objects)),
        maps,
    })
}

fn maps(predicted: &RootFallbacks) -> Vec<Map> {
    let by_class = predicted.closure.classes.iter().map(|part| Tile {
        name: simple(&part.class_name),
        title: part.class_name.clone(),
        objects: part.objects,
        bytes: part.heap_bytes,
        color: class_color(&part.class_name),
    });
    let by_path = predicted.closure.edges.iter().filter(|e| e.sent > 0.0).map(|edge| Tile {
        name: path_name(edge),
        title: full_path(edge),
        objects: edge.sent,
        bytes: edge.heap_bytes,
        color: origin_color(edge),
    });
    vec![
        map("By class", legend(&CLASS_LEGEND), by_class.collect()),
        map("By field path", legend(&ORIGIN_LEGEND), by_path.collect()),
    ]
}

const CLASS_LEGEND: [(&str, &str); 3] =
    [("--t-1", "application and libraries"), ("--t-2", "JDK"), ("--t-3", "arrays")];
const ORIGIN_LEGEND: [(&str, &str); 5] = [
    ("--t-1", "from this"),
    ("--t-2", "from an argument"),
    ("--t-3", "from a static"),
    ("--t-4", "captured or thread-local"),
    ("--t-5", "other"),
];

fn legend(items: &[(&'static str, &str)]) -> Vec<LegendItem> {
    items.iter().map(|(color, words)| LegendItem { color, words: (*words).to_owned() }).collect()
}

fn class_color(class: &str) -> &'static str {
    const JDK: [&str; 5] = ["java.", "javax.", "jdk.", "sun.", "com.sun."];
    if class.ends_with("[]") {
        "--t-3"
    } else if JDK.iter().any(|package| class.starts_with(package)) {
        "--t-2"
    } else {
        "--t-1"
    }
}

fn origin_color(edge: &ClosureEdge) -> &'static str {
    let origin = edge.path.first().unwrap_or(&edge.holder);
    match origin {
        o if o.starts_with("(this)") => "--t-1",
        o if o.starts_with("(argument") => "--t-2",
        o if o.starts_with("(static)") => "--t-3",
        o if o.starts_with("(captured)") || o.starts_with("(thread local)") => "--t-4",
        _ => "--t-5",
    }
}

/// `Class#field` and the class it leads to, without packages.
fn path_name(edge: &ClosureEdge) -> String {
    format!("{} → {}", spoken(&edge.holder), simple(&edge.target))
}

fn full_path(edge: &ClosureEdge) -> String {
    let steps = edge.path.iter().chain([&edge.holder, &edge.target]);
    steps.map(String::as_str).collect::<Vec<_>>().join(" → ")
}

/// A holder without its package: `(static) a.b.C#f` becomes `(static) C#f`.
fn spoken(holder: &str) -> String {
    match holder.rsplit_once(' ') {
        Some((word, name)) if name.contains('#') => format!("{word} {}", short(name)),
        None if holder.contains('#') => short(holder),
        _ => holder.to_owned(),
    }
}

fn simple(class: &str) -> String {
    class.rsplit('.').next().unwrap_or(class).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_lose_their_packages_and_keep_their_words() {
        let shown =
            ["(this)", "(argument 1)", "a.b.C#f", "(static) a.b.C#f", "[] a.b.C[]"].map(spoken);
        assert_eq!(shown, ["(this)", "(argument 1)", "C#f", "(static) C#f", "[] a.b.C[]"]);
        assert_eq!(simple("a.b.C$D[]"), "C$D[]");
    }
}
