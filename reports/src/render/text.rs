//! The report for a terminal: the load, a row a way, the verdict last. `explain` adds every line
//! of every bill with formula, price, date and source.

use std::fmt::Write;

use super::number;
use super::table::Table;
use crate::billing::CostLine;
use crate::money::{dollars, trimmed};
use crate::prices::Mark;
use crate::report::{Report, Verdict, WayReport};
use crate::results::{Crossing, Estimate};

/// The report in short.
pub fn to_text(report: &Report) -> String {
    let mut out = String::new();
    head(report, &mut out);
    let _ = writeln!(out);
    out.push_str(&ways(report).render(""));
    for left in &report.left_out {
        let _ = writeln!(out, "{}: left out, {}", left.way.title(), left.reason);
    }
    let _ = writeln!(
        out,
        "\nCost is what a way adds to the server over the window, ± 95 % over {} seeds.",
        report.source.seeds[1]
    );
    let _ = writeln!(out, "Latency is that of the burst's requests, from their intended start.");
    ratio(report, &mut out);
    for note in &report.notes {
        let _ = writeln!(out, "note: {note}");
    }
    let _ = writeln!(out);
    verdict(report, &mut out);
    out
}

fn head(report: &Report, out: &mut String) {
    let load = &report.load;
    let (base, burst) = (number(load.base_per_s), number(load.burst_per_s));
    let window = number(load.window_s);
    let _ = if load.has_single_burst {
        let length = number(load.burst_s);
        writeln!(
            out,
            "Burst of {burst}/s for {length} s over a base of {base}/s, window {window} s"
        )
    } else {
        writeln!(out, "Load of {base}/s on average and {burst}/s at its peak, window {window} s")
    };
    let _ = writeln!(
        out,
        "Server {} x {}, {:.0} % busy at {}, {:.0} % wanted at {}; goal {}",
        load.servers,
        load.server,
        load.base_use * 100.0,
        if load.has_single_burst { "base" } else { "the mean" },
        load.burst_use * 100.0,
        if load.has_single_burst { "the burst" } else { "the peak" },
        report.goal
    );
}

fn ways(report: &Report) -> Table {
    let header =
        ["way", "cost", "±", "p50 ms", "p95 ms", "p99 ms", "in goal", "goal again after", "lost"];
    let mut table = Table::new(&header, 1, false);
    for way in &report.ways {
        let latency = &way.latency;
        let ms = |e: Option<Estimate>| e.map_or_else(|| "-".to_owned(), |e| number(e.mean));
        let again = match latency.recovered_after_s {
            None => "never".to_owned(),
            Some(0.0) => "always".to_owned(),
            Some(s) => format!("{} s", number(s)),
        };
        table.row(vec![
            way.title.clone(),
            cost(way),
            half(way.cost.estimate),
            ms(latency.p50_ms),
            ms(latency.p95_ms),
            ms(latency.p99_ms),
            format!("{:.1} %", latency.within_goal.mean * 100.0),
            again,
            format!("{:.1} %", way.service.lost_share * 100.0),
        ]);
    }
    table
}

/// The total, or what is known of it and a question mark.
fn cost(way: &WayReport) -> String {
    match way.cost.total {
        Some(total) => dollars(Some(total)),
        None => format!("{} + ?", dollars(Some(way.cost.known))),
    }
}

fn half(e: Estimate) -> String {
    let half = e.high - e.mean;
    if half < 5e-7 { "0".to_owned() } else { number(half) }
}

fn ratio(report: &Report, out: &mut String) {
    let sentences = crossings(report);
    if sentences.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nBurst ratio r = {}:", report.ratio.definition.words());
    for sentence in sentences {
        let _ = writeln!(out, "  {sentence}");
    }
}

/// A sentence for each crossing of cost curves.
pub(super) fn crossings(report: &Report) -> Vec<String> {
    let sentence = |crossing: &Crossing| {
        let (below, above) = (crossing.below.title(), crossing.above.title());
        let r = crossing.ratio;
        match r {
            r if r.low >= 1.0 => format!("{below} is cheaper than {above} at every burst ratio"),
            r if r.mean >= 1.0 => format!(
                "{below} is cheaper than {above} at every burst ratio as far as the runs tell (r* may be as low as {:.2})",
                r.low
            ),
            r if r.high >= 1.0 => format!(
                "{below} is cheaper than {above} below r* = {:.2} [{:.2}, perhaps at every ratio]",
                r.mean, r.low
            ),
            r => format!(
                "{below} is cheaper than {above} below r* = {:.2} [{:.2}, {:.2}]",
                r.mean, r.low, r.high
            ),
        }
    };
    report.ratio.crossings.iter().map(sentence).collect()
}

fn verdict(report: &Report, out: &mut String) {
    let Some(verdict) = &report.verdict else {
        let _ = writeln!(out, "No way keeps {} in this burst.", report.goal);
        return;
    };
    for other in &verdict.others {
        let ratio = other.ratio.map_or_else(String::new, |r| {
            format!(", {:.2} [{:.2}, {:.2}] times as much", r.mean, r.low, r.high)
        });
        let d = other.difference;
        let _ = writeln!(
            out,
            "{} costs ${:.4} [{:.4}, {:.4}] more{ratio}",
            other.way.title(),
            d.mean,
            d.low,
            d.high
        );
    }
    let _ = writeln!(out, "{}", cheapest(report, verdict));
}

/// The sentence a person takes away.
pub(super) fn cheapest(report: &Report, verdict: &Verdict) -> String {
    let cost = report.way(verdict.way).map_or_else(String::new, cost);
    format!("Cheapest way that keeps {}: {} at {cost}", report.goal, verdict.way.title())
}

/// Every line of every bill.
pub fn explain(report: &Report) -> String {
    let mut out = String::new();
    for way in &report.ways {
        let _ = writeln!(out, "\n{}: {}", way.title, way.adds);
        out.push_str(&lines(way).render("  "));
        let mut rules: Vec<&str> = way.cost.lines.iter().map(|l| l.rule.as_str()).collect();
        rules.dedup();
        for rule in rules {
            let _ = writeln!(out, "  billed: {rule}");
        }
    }
    let _ = writeln!(out, "\nPrices");
    for price in &report.prices {
        let sure = if price.mark == Some(Mark::Knowledge) { ", to be confirmed" } else { "" };
        let _ = writeln!(
            out,
            "  ${} per {}  {}  ({}, {}{sure})",
            price.usd, price.unit, price.meter, price.dated, price.source
        );
    }
    let _ = writeln!(out, "\nNot priced");
    for item in &report.not_priced {
        let _ = writeln!(out, "  {item}");
    }
    out
}

fn lines(way: &WayReport) -> Table {
    let mut table = Table::new(&["line", "quantity x price", "amount", "dated"], 2, true);
    for line in &way.cost.lines {
        table.row(vec![line.line.clone(), formula(line), dollars(line.amount), line.dated.clone()]);
    }
    let total = way.cost.total;
    table.row(vec!["total".to_owned(), String::new(), dollars(total), String::new()]);
    table
}

/// Quantity x price of a line, e.g. `120 s / 3600 x $0.2/h`.
pub fn formula(line: &CostLine) -> String {
    let per = if line.per == rust_decimal::Decimal::ONE {
        String::new()
    } else {
        format!(" / {}", line.per)
    };
    let price = line.price.map_or_else(|| "?".to_owned(), |p| format!("${p}"));
    format!("{} {}{per} x {price}/{}", trimmed(line.quantity, 6), line.unit, line.price_unit)
}
