//! Rules against a comparison: kept, broken or not to be judged. A root that became part of another one
//! is not lost, and a lifted refusal does not make up for a new one.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::rule::{Measure, Rule};
use super::text::{figure, spoken_list};
use super::{Comparison, Pair};

/// How one rule stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// The rule as typed.
    pub rule: String,
    /// Kept or not.
    pub verdict: Verdict,
    /// The figures behind it, one sentence.
    pub reason: String,
}

/// Whether a rule is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is.
    Kept,
    /// It is not.
    Broken,
    /// A figure is unknown, so nobody can tell.
    Unknown,
}

/// Judges a comparison by rules, in their order.
pub fn judge(comparison: &Comparison, rules: &[Rule]) -> Vec<Gate> {
    rules.iter().map(|rule| gate(comparison, rule)).collect()
}

fn gate(comparison: &Comparison, rule: &Rule) -> Gate {
    let total = comparison.totals.iter().find(|t| t.measure == rule.measure);
    let value = counted(comparison, rule.measure, total.map(|t| t.value).unwrap_or_default());
    let (verdict, reason) = match (value.before, value.now) {
        (Some(before), Some(now)) if rule.holds(before, now) => {
            (Verdict::Kept, told(rule.measure, before, now))
        }
        (Some(before), Some(now)) => {
            let culprits = culprits(comparison, rule.measure);
            (Verdict::Broken, format!("{}{culprits}", told(rule.measure, before, now)))
        }
        _ => (Verdict::Unknown, unknown(comparison, rule.measure)),
    };
    Gate { rule: rule.to_string(), verdict, reason }
}

/// What the rule weighs: for roots and refusals what came or went, not the balance.
fn counted(comparison: &Comparison, measure: Measure, value: Pair) -> Pair {
    let now = match measure {
        Measure::Refusals => value.before.map(|n| n + comparison.refusals_new.len() as f64),
        Measure::Roots => value.before.map(|n| n - comparison.roots_lost.len() as f64),
        _ => value.now,
    };
    Pair { now, ..value }
}

fn told(measure: Measure, before: f64, now: f64) -> String {
    let [then, after] = [before, now].map(|value| figure(measure, value));
    match measure {
        Measure::Refusals => format!("{} newly refused beside {then} before", now - before),
        Measure::Roots => format!("{} lost of {then}", before - now),
        _ => format!("{} {then} before, {after} now", measure.words()),
    }
}

/// Who it comes from, most first.
fn culprits(comparison: &Comparison, measure: Measure) -> String {
    let mut told = String::new();
    match measure {
        Measure::Refusals => told.push_str(&spoken_list(&comparison.refusals_new)),
        Measure::Roots => told.push_str(&spoken_list(&comparison.roots_lost)),
        _ => {
            let growth = |m: &super::MethodChange| match measure {
                Measure::Fallbacks => m.fallbacks_per_request.growth(),
                Measure::Natives => m.natives_per_request.growth(),
                _ => m.closure_bytes.growth(),
            };
            let mut grown: Vec<(f64, &str)> = comparison
                .methods
                .iter()
                .filter_map(|m| Some((growth(m).filter(|g| *g > 0.0)?, m.method.as_str())))
                .collect();
            grown.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
            for (by, method) in grown.into_iter().take(3) {
                let name = crate::table::short(method);
                let _ = write!(told, "; {name} +{}", figure(measure, by));
            }
            return told;
        }
    }
    format!(": {told}")
}

fn unknown(comparison: &Comparison, measure: Measure) -> String {
    let is_open = |m: &&super::MethodChange| {
        let pair = match measure {
            Measure::Fallbacks => m.fallbacks_per_request,
            Measure::Natives => m.natives_per_request,
            _ => m.closure_bytes,
        };
        pair.growth().is_none()
    };
    let open: Vec<String> = comparison
        .methods
        .iter()
        .filter(is_open)
        .map(|m| crate::table::short(&m.method))
        .take(3)
        .collect();
    format!("{} unknown of {}", measure.words(), open.join(", "))
}
