//! Bars of the page: fallbacks of the executions told of by kind, native calls by category. Widths are percents
//! of the longest bar of a method; the figures stand beside, so that colours never carry meaning alone.

use beehive_plan::{Execution, FallbackKind, NativeCategory};

use super::{Entry, LegendItem};
use crate::figure::{count, grouped};
use crate::table::short;

/// The bars of one method.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) words: String,
    pub(super) bars: Vec<Bar>,
}

/// One bar.
pub(super) struct Bar {
    pub(super) when: String,
    pub(super) sum: String,
    pub(super) parts: Vec<Part>,
}

/// A part of a bar.
pub(super) struct Part {
    pub(super) title: String,
    pub(super) percent: String,
    pub(super) color: &'static str,
}

const fn kind_color(kind: FallbackKind) -> &'static str {
    match kind {
        FallbackKind::Class => "--k-class",
        FallbackKind::Object => "--k-object",
        FallbackKind::Statics => "--k-statics",
        FallbackKind::Native => "--k-native",
        FallbackKind::Call => "--k-call",
        FallbackKind::Lock => "--k-lock",
    }
}

const fn category_color(category: NativeCategory) -> &'static str {
    match category {
        NativeCategory::PureHeap => "--n-heap",
        NativeCategory::Stateless => "--n-stateless",
        NativeCategory::HiddenState => "--n-shipped",
        NativeCategory::Network => "--n-proxy",
        NativeCategory::Host => "--n-refused",
        NativeCategory::Unknown => "--n-unknown",
    }
}

/// What each kind of fallback is.
pub(super) fn fallback_legend() -> Vec<LegendItem> {
    let item = |kind| {
        let words = match kind {
            FallbackKind::Class => "class: bytes of a class",
            FallbackKind::Object => "object: contents of an object",
            FallbackKind::Statics => "statics: static fields",
            FallbackKind::Native => "native: a native call at home",
            FallbackKind::Call => "call: of an object that never moves",
            FallbackKind::Lock => "lock: taken at home",
        };
        LegendItem { color: kind_color(kind), words: words.to_owned() }
    };
    FallbackKind::ALL.into_iter().map(item).collect()
}

/// The categories of native methods.
pub(super) fn native_legend() -> Vec<LegendItem> {
    let item =
        |c: NativeCategory| LegendItem { color: category_color(c), words: c.name().to_owned() };
    NativeCategory::ALL.into_iter().map(item).collect()
}

/// Fallbacks of a method, a bar an execution; no bars without a deep run of it.
pub(super) fn fallbacks(entry: &Entry<'_>) -> Group {
    let Some(predicted) = entry.predicted else { return unknown(entry) };
    let most = predicted.executions.iter().map(|e| e.fallbacks.total()).fold(0.0, f64::max);
    if most <= 0.0 && !predicted.executions.is_empty() {
        let words = format!("none in {}", sampled(predicted.observed.executions));
        return Group { name: short(&entry.candidate.method), words, bars: Vec::new() };
    }
    let bars = predicted.executions.iter().map(|execution| execution_bar(execution, most));
    let words = sampled(predicted.observed.executions);
    Group { name: short(&entry.candidate.method), words, bars: bars.collect() }
}

fn sampled(invocations: u64) -> String {
    match invocations {
        1 => "1 invocation sampled".to_owned(),
        count => format!("{} invocations sampled", grouped(count)),
    }
}

fn unknown(entry: &Entry<'_>) -> Group {
    let words = "unknown: not sampled".to_owned();
    Group { name: short(&entry.candidate.method), words, bars: Vec::new() }
}

fn execution_bar(execution: &Execution, most: f64) -> Bar {
    let counts = FallbackKind::ALL
        .map(|kind| (kind.name(), execution.fallbacks.get(kind), kind_color(kind)));
    Bar {
        when: ordinal(execution.number),
        sum: count(execution.fallbacks.total()),
        parts: parts(&counts, most),
    }
}

/// Native calls of a method; no bar without a deep run of it.
pub(super) fn natives(entry: &Entry<'_>) -> Group {
    let Some(predicted) = entry.predicted else { return unknown(entry) };
    let counts = &predicted.native_counts;
    let rows = NativeCategory::ALL.map(|c| (c.name(), counts.get(c), category_color(c)));
    let total = counts.total();
    let sum = count(total);
    let bar = Bar { when: String::new(), sum, parts: parts(&rows, total) };
    let name = short(&entry.candidate.method);
    Group { name, words: String::new(), bars: vec![bar] }
}

fn parts(counts: &[(&str, f64, &'static str)], most: f64) -> Vec<Part> {
    let shown = counts.iter().filter(|(_, value, _)| *value > 0.0 && most > 0.0);
    let part = |(name, value, color): &(&str, f64, &'static str)| Part {
        title: format!("{name}: {}", count(*value)),
        percent: format!("{:.2}", value / most * 100.0),
        color,
    };
    shown.map(part).collect()
}

/// `1st`, `2nd`, `10th`.
pub(super) fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
