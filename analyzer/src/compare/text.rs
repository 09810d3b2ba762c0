//! A comparison for a person: totals first, then what changed in each method, in plain text. Figures
//! that did not change are left out; those nobody knows are question marks.

use std::fmt::Write;

use super::method::noise;
use super::{Comparison, CpuChange, Measure, MethodChange, Pair, Standing, Verdict};
use crate::figure::{bytes, count, grouped, time};
use crate::table::short;

impl Measure {
    /// What it counts, for tables and sentences.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Fallbacks => "fallbacks per request, steady state",
            Self::Natives => "native calls per request but free ones",
            Self::ClosureBytes => "initial closures of all roots",
            Self::Refusals => "methods refused",
            Self::Roots => "methods to be offloaded",
        }
    }
}

/// A figure of a measure with its unit.
pub(crate) fn figure(measure: Measure, value: f64) -> String {
    match measure {
        Measure::ClosureBytes => bytes(value),
        Measure::Refusals | Measure::Roots => grouped(value as u64),
        Measure::Fallbacks | Measure::Natives => count(value),
    }
}

/// Methods with the decision each has now.
pub(crate) fn spoken_list(standings: &[Standing]) -> String {
    let told = standings.iter().take(3).map(|s| {
        let now = s.code_now.as_deref().unwrap_or("not called any more");
        format!("{} ({now})", short(&s.method))
    });
    let mut told: Vec<String> = told.collect();
    if standings.len() > 3 {
        told.push(format!("{} more", standings.len() - 3));
    }
    told.join(", ")
}

impl Comparison {
    /// The whole comparison as text; `old` is how the earlier plan or trace is called.
    pub fn to_text(&self, old: &str) -> String {
        let mut out = format!("Beside {old}\n");
        let _ = writeln!(out, "  {:<40}{:>12}{:>12}", "", "before", "now");
        for total in &self.totals {
            let [before, now] = [total.value.before, total.value.now]
                .map(|v| v.map_or("?".to_owned(), |v| figure(total.measure, v)));
            let change = self.change_of(total.measure, total.value);
            let words = total.measure.words();
            let _ = writeln!(out, "  {words:<40}{before:>12}{now:>12}   {change}");
        }
        self.write_standings(&mut out);
        for method in &self.methods {
            let _ = writeln!(out, "  {} {}", mark(method), short(&method.method));
            for line in changes(method) {
                let _ = writeln!(out, "      {line}");
            }
        }
        if !self.refusals_unclear.is_empty() {
            let unclear = spoken_list(&self.refusals_unclear);
            let _ = writeln!(
                out,
                "  refused on one side, not worth it, too rare or not sampled on the other, so not counted: {unclear}"
            );
        }
        for note in &self.notes {
            let _ = writeln!(out, "  note: {note}");
        }
        for gate in &self.gates {
            let word = match gate.verdict {
                Verdict::Kept => "kept",
                Verdict::Broken => "BROKEN",
                Verdict::Unknown => "unknown",
            };
            let _ = writeln!(out, "  {} {word}: {}", gate.rule, gate.reason);
        }
        out
    }

    fn change_of(&self, measure: Measure, value: Pair) -> String {
        let counts = |came: usize, went: usize, words: [&str; 2]| match (came, went) {
            (0, 0) => "the same".to_owned(),
            _ => format!("{came} {}, {went} {}", words[0], words[1]),
        };
        match measure {
            Measure::Refusals => {
                counts(self.refusals_new.len(), self.refusals_lifted.len(), ["new", "lifted"])
            }
            Measure::Roots => {
                counts(self.roots_gained.len(), self.roots_lost.len(), ["gained", "lost"])
            }
            _ => growth(measure, value),
        }
    }

    fn write_standings(&self, out: &mut String) {
        for (mark, word, list) in [
            ("-", "root lost", &self.roots_lost),
            ("+", "root gained", &self.roots_gained),
            ("=", "root moved", &self.roots_moved),
            ("-", "newly refused", &self.refusals_new),
            ("+", "refusal lifted", &self.refusals_lifted),
        ] {
            for standing in list {
                let code =
                    |code: &Option<String>| code.clone().unwrap_or("no candidate".to_owned());
                let (before, now) = (code(&standing.code_before), code(&standing.code_now));
                let name = short(&standing.method);
                let _ = writeln!(out, "  {mark} {word}: {name}, {before} -> {now}");
                if standing.code_now.is_some() {
                    let _ = writeln!(out, "      {}", standing.reason);
                }
                if let Some(change) = standing.change.as_ref().filter(|_| word == "newly refused") {
                    let _ = writeln!(out, "      to change it: {change}");
                }
            }
        }
    }
}

fn mark(method: &MethodChange) -> &'static str {
    match (method.offload_before, method.offload_now) {
        (true, true) => "=",
        (false, true) => "+",
        _ => "-",
    }
}

fn growth(measure: Measure, value: Pair) -> String {
    let (Some(growth), Some(before)) = (value.growth(), value.before) else {
        return "unknown".to_owned();
    };
    if !value.is_changed() {
        return "the same".to_owned();
    }
    let sign = if growth > 0.0 { "+" } else { "-" };
    let by = figure(measure, growth.abs());
    if before > 0.0 {
        format!("{sign}{by} ({sign}{:.0} %)", growth.abs() / before * 100.0)
    } else {
        format!("{sign}{by}")
    }
}

/// What changed in a method, one line each.
fn changes(method: &MethodChange) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |what: &str, pair: Pair, shown: fn(f64) -> String| {
        let [before, now] = [pair.before, pair.now].map(|v| v.map_or("?".to_owned(), shown));
        if pair.is_changed() || before != now {
            lines.push(format!("{what}: {before} -> {now}"));
        }
    };
    line("fallbacks per execution", method.fallbacks, count);
    for change in &method.fallbacks_by_kind {
        line(&format!("  {}", change.kind.name()), change.per_execution, count);
    }
    line("fallbacks of a first execution", method.fallbacks_first, count);
    for change in &method.natives_by_category {
        line(&format!("{} native calls", change.category.name()), change.per_execution, count);
    }
    line("initial closure", method.closure_bytes, bytes);
    line("invocations per request", method.calls_per_request, count);
    let is_same = lines.is_empty();
    lines.extend(cpu(method));
    if is_same && method.fallbacks.before.is_none() {
        lines.push("fallbacks, natives and closure: unknown in both".to_owned());
    } else if is_same {
        lines.push("fallbacks, natives, closure, calls: the same".to_owned());
    }
    lines
}

fn cpu(method: &MethodChange) -> Option<String> {
    let [before, now] = [method.cpu_us_mean.before?, method.cpu_us_mean.now?].map(time);
    let says = match method.cpu {
        CpuChange::Unknown => return None,
        CpuChange::FewSamples => {
            let [a, b] = method.cpu_samples;
            format!("says nothing: {a} and {b} samples")
        }
        CpuChange::WithinNoise => {
            let share = noise(method.cpu_samples) * 100.0;
            format!("within the noise of two recordings (±{share:.0} %)")
        }
        CpuChange::More => "more than the noise of two recordings".to_owned(),
        CpuChange::Less => "less, beyond the noise of two recordings".to_owned(),
    };
    Some(format!("processor time: {before} -> {now}, {says}"))
}
