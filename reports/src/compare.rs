//! A report beside an earlier one: what changed in cost, latency, prices and settings.

use std::collections::BTreeMap;
use std::fmt::Write;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::money::dollars;
use crate::render::number;
use crate::report::Report;
use crate::ways::WayId;

/// What changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Ways of both reports.
    pub ways: Vec<WayChange>,
    /// Ways only in the old one.
    pub gone: Vec<WayId>,
    /// Ways only in the new one.
    pub added: Vec<WayId>,
    /// Prices that differ, `meter: old -> new`.
    pub prices: Vec<String>,
    /// Settings that differ, `name: old -> new`.
    pub settings: Vec<String>,
}

/// A way then and now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WayChange {
    /// The way.
    pub way: WayId,
    /// Dollars, then and now; `None` = a line had no price.
    pub cost: [Option<Decimal>; 2],
    /// 99th percentile in the burst, ms, then and now.
    pub p99_ms: [Option<f64>; 2],
    /// Whether the goal was and is met.
    pub is_met: [bool; 2],
    /// Whether the cost intervals lie apart.
    pub is_cost_clear: bool,
}

/// Compares `new` with `old`.
pub fn compare(old: &Report, new: &Report) -> Comparison {
    let mut comparison = Comparison::default();
    for way in &new.ways {
        let Some(before) = old.way(way.way) else {
            comparison.added.push(way.way);
            continue;
        };
        let (then, now) = (before.cost.estimate, way.cost.estimate);
        comparison.ways.push(WayChange {
            way: way.way,
            cost: [before.cost.total, way.cost.total],
            p99_ms: [&before.latency, &way.latency].map(|l| l.p99_ms.map(|e| e.mean)),
            is_met: [before.latency.is_met, way.latency.is_met],
            is_cost_clear: then.high < now.low || now.high < then.low,
        });
    }
    comparison.gone = old.ways.iter().map(|w| w.way).filter(|w| new.way(*w).is_none()).collect();
    comparison.prices = changed(&prices(old), &prices(new));
    comparison.settings = changed(&settings(old), &settings(new));
    comparison
}

fn prices(report: &Report) -> BTreeMap<String, String> {
    let mut prices: BTreeMap<String, String> = BTreeMap::new();
    for price in &report.prices {
        let text = prices.entry(price.meter.to_string()).or_default();
        let gap = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{gap}${}/{}", price.usd, price.unit);
    }
    prices
}

fn settings(report: &Report) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(&report.settings) {
        flatten(String::new(), &value, &mut flat);
    }
    flat
}

fn flatten(name: String, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    let serde_json::Value::Object(fields) = value else {
        into.insert(name, value.to_string());
        return;
    };
    for (field, value) in fields {
        let dot = if name.is_empty() { "" } else { "." };
        flatten(format!("{name}{dot}{field}"), value, into);
    }
}

/// Entries of both that differ; one that is missing shows as a dash.
fn changed(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let of = |map: &BTreeMap<String, String>, name: &String| {
        map.get(name).cloned().unwrap_or_else(|| "-".to_owned())
    };
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| format!("{name}: {} -> {}", of(old, name), of(new, name)))
        .collect()
}

impl Comparison {
    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut out = String::from("Beside the earlier report\n");
        for way in &self.ways {
            let [then, now] = way.cost;
            let ms = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), number);
            let clear = if way.is_cost_clear { "" } else { " (within the noise)" };
            let met = match way.is_met {
                [true, false] => ", misses the goal now",
                [false, true] => ", meets the goal now",
                _ => "",
            };
            let _ = writeln!(
                out,
                "  {}: {} -> {}{clear}, p99 {} -> {} ms{met}",
                way.way.title(),
                dollars(then),
                dollars(now),
                ms(way.p99_ms[0]),
                ms(way.p99_ms[1])
            );
        }
        for (what, ways) in [("no longer there", &self.gone), ("new", &self.added)] {
            for way in ways {
                let _ = writeln!(out, "  {}: {what}", way.title());
            }
        }
        for (what, lines) in [("price", &self.prices), ("setting", &self.settings)] {
            for line in lines {
                let _ = writeln!(out, "  {what} {line}");
            }
        }
        out
    }
}
