//! One self-contained HTML page: no script, no font, no request to anywhere; light and dark, desk
//! and telephone. The template is `templates/report.html`; here its words are put together.

use askama::Template;

use super::chart::{Layout, charts, css_variables, sweep_chart};
use super::number;
use super::text::{cheapest, formula};
use crate::ReportError;
use crate::money::dollars;
use crate::prices::Mark;
use crate::report::{Report, WayReport};
use crate::results::Estimate;
use crate::sweep::Sweep;
use crate::workload::RequestClass;

const CSS: &str = include_str!("../../templates/report.css");

#[derive(Template)]
#[template(path = "report.html")]
struct Document {
    page: Page,
}

struct Page {
    css: String,
    app: String,
    headline: String,
    lead: String,
    facts: Vec<Fact>,
    window: String,
    seeds: u64,
    latency: Drawing,
    cost: Drawing,
    ratio: Option<Drawing>,
    ratio_definition: &'static str,
    crossings: Vec<String>,
    sweeps: Vec<Drawing>,
    ways: Vec<WayRow>,
    left_out: Vec<String>,
    notes: Vec<String>,
    not_priced: Vec<String>,
    prices: Vec<PriceRow>,
    classes: Vec<ClassRow>,
    settings: String,
    footer: String,
}

struct Fact {
    figure: String,
    words: String,
    is_best: bool,
}

/// A chart in both layouts.
pub(super) struct Drawing {
    pub title: String,
    pub words: String,
    pub wide: String,
    pub narrow: String,
}

struct WayRow {
    name: &'static str,
    title: String,
    adds: String,
    is_best: bool,
    is_met: bool,
    cost: String,
    interval: String,
    times: String,
    p50: String,
    p95: String,
    p99: String,
    within: String,
    again: String,
    lost: String,
    lines: Vec<LineRow>,
}

struct LineRow {
    name: String,
    rule: String,
    formula: String,
    amount: String,
    dated: String,
}

struct PriceRow {
    meter: String,
    price: String,
    dated: String,
    source: String,
}

struct ClassRow {
    name: String,
    share: String,
    cpu: String,
    wait: String,
    left: String,
    added: String,
}

/// The page of a report.
///
/// # Errors
/// [`ReportError::Chart`], [`ReportError::Render`].
pub fn to_html(report: &Report) -> Result<String, ReportError> {
    let bad = |reason: String| ReportError::Render { format: "HTML", reason };
    let [latency, cost, ratio] = drawings(report)?;
    let (Some(latency), Some(cost)) = (latency, cost) else {
        return Err(bad("a chart is missing".to_owned()));
    };
    let settings = toml::to_string_pretty(&report.settings).map_err(|e| bad(e.to_string()))?;
    let page = Page {
        css: css(),
        app: report.source.app.clone(),
        headline: headline(report),
        lead: lead(report),
        facts: facts(report),
        window: format!("{} s", number(report.load.window_s)),
        seeds: report.source.seeds[1],
        latency,
        cost,
        ratio,
        ratio_definition: report.ratio.definition.words(),
        crossings: super::text::crossings(report),
        sweeps: report.sweeps.iter().map(sweep_drawing).collect::<Result<_, _>>()?,
        ways: report.ways.iter().map(|w| way_row(report, w)).collect(),
        left_out: report
            .left_out
            .iter()
            .map(|l| format!("{} is left out: {}", l.way.title(), l.reason))
            .collect(),
        notes: report.notes.clone(),
        not_priced: report.not_priced.clone(),
        prices: price_rows(report),
        classes: report.workload.classes.iter().map(class_row).collect(),
        settings,
        footer: footer(report),
    };
    Document { page }.render().map_err(|e| bad(e.to_string()))
}

fn css() -> String {
    let (light, dark) = css_variables();
    CSS.replace("/*LIGHT*/", &light).replace("/*DARK*/", &dark)
}

/// Latency, cost and, if there are curves, ratio.
fn drawings(report: &Report) -> Result<[Option<Drawing>; 3], ReportError> {
    let mut wide = charts(report, Layout::Wide)?.into_iter();
    let mut narrow = charts(report, Layout::Narrow)?.into_iter();
    Ok([(); 3].map(|()| {
        let (wide, narrow) = (wide.next()?, narrow.next()?);
        Some(Drawing {
            title: wide.title.clone(),
            words: String::new(),
            wide: wide.inline(),
            narrow: narrow.inline(),
        })
    }))
}

fn sweep_drawing(sweep: &Sweep) -> Result<Drawing, ReportError> {
    let (wide, narrow) = (sweep_chart(sweep, Layout::Wide)?, sweep_chart(sweep, Layout::Narrow)?);
    Ok(Drawing {
        title: wide.title.clone(),
        words: format!(
            "Each point is {} simulated bursts a way; a hollow one misses the goal.",
            sweep.seeds
        ),
        wide: wide.inline(),
        narrow: narrow.inline(),
    })
}

fn headline(report: &Report) -> String {
    let Some(verdict) = &report.verdict else {
        return format!("No way keeps {} in this burst", report.goal);
    };
    let rival = verdict.others.first().and_then(|o| Some((o.way, o.ratio?)));
    match rival {
        Some((way, ratio)) if ratio.mean >= 1.05 => format!(
            "{} keeps the goal for {} less than {}",
            verdict.way.title(),
            percent(1.0 - 1.0 / ratio.mean),
            way.title()
        ),
        _ => format!("{} keeps the goal at the lowest cost", verdict.way.title()),
    }
}

fn percent(share: f64) -> String {
    // A thin space that does not break.
    format!("{:.0}\u{202f}%", share * 100.0)
}

fn lead(report: &Report) -> String {
    let load = &report.load;
    let [base, peak, length] = [load.base_per_s, load.burst_per_s, load.burst_s].map(number);
    let what = if load.has_single_burst {
        format!(
            "A burst of {peak} requests a second for {length} s, over a base of {base} a second"
        )
    } else {
        format!("{base} requests a second on average and {peak} at the peak, for {length} s")
    };
    let burst = format!(
        "{what}, on {} {} ({} busy before, {} wanted at the height).",
        load.servers,
        load.server,
        percent(load.base_use),
        percent(load.burst_use)
    );
    match &report.verdict {
        None => burst,
        Some(verdict) => format!("{burst} {}.", cheapest(report, verdict)),
    }
}

fn facts(report: &Report) -> Vec<Fact> {
    let fact = |figure: String, words: String, is_best| Fact { figure, words, is_best };
    let mut facts = Vec::new();
    if let Some(way) = report.verdict.as_ref().and_then(|v| report.way(v.way)) {
        let words = format!("{} for this burst, beside the server", way.title);
        facts.push(fact(dollars(way.cost.total), words, true));
        if let Some(p99) = way.latency.p99_ms {
            let words = format!("its p99 in the burst; the goal is {}", report.goal);
            facts.push(fact(format!("{} ms", number(p99.mean)), words, true));
        }
    }
    let slowest = report.ways.iter().find(|w| w.way == crate::ways::WayId::Ec2);
    if let Some((way, start_s)) = slowest.and_then(|w| Some((w, w.service.start_s?))) {
        let words = format!("from asking for a machine to its first request: {}", way.title);
        facts.push(fact(format!("{} s", number(start_s)), words, false));
    }
    let requests = report.load.requests_simulated as f64;
    facts.push(fact(
        format!("{} M", number(requests / 1e6)),
        format!("requests simulated, {} bursts a way", report.source.seeds[1]),
        false,
    ));
    facts
}

fn way_row(report: &Report, way: &WayReport) -> WayRow {
    let latency = &way.latency;
    let ms = |e: Option<Estimate>| e.map_or_else(|| "–".to_owned(), |e| duration(e.mean));
    let verdict = report.verdict.as_ref();
    let is_best = verdict.is_some_and(|v| v.way == way.way);
    let times = verdict
        .and_then(|v| v.others.iter().find(|o| o.way == way.way)?.ratio)
        .map_or_else(|| if is_best { "1" } else { "–" }.to_owned(), |r| number(r.mean));
    let cost = match way.cost.total {
        Some(total) => dollars(Some(total)),
        None => format!("{} + ?", dollars(Some(way.cost.known))),
    };
    let half = way.cost.estimate.high - way.cost.estimate.mean;
    WayRow {
        name: way.way.name(),
        title: way.title.clone(),
        adds: way.adds.clone(),
        is_best,
        is_met: latency.is_met,
        cost,
        interval: if half < 5e-7 { "no spread".to_owned() } else { format!("± {}", number(half)) },
        times,
        p50: ms(latency.p50_ms),
        p95: ms(latency.p95_ms),
        p99: ms(latency.p99_ms),
        within: format!("{:.1}\u{202f}%", latency.within_goal.mean * 100.0),
        again: match latency.recovered_after_s {
            None => "never".to_owned(),
            Some(0.0) => "always holds".to_owned(),
            Some(s) => format!("{} s", number(s)),
        },
        lost: format!("{:.1}\u{202f}%", way.service.lost_share * 100.0),
        lines: way
            .cost
            .lines
            .iter()
            .map(|l| LineRow {
                name: l.line.clone(),
                rule: l.rule.clone(),
                formula: formula(l),
                amount: dollars(l.amount),
                dated: l.dated.clone(),
            })
            .collect(),
    }
}

/// A latency for people: `32 ms`, `1.8 s`.
fn duration(ms: f64) -> String {
    if ms >= 1000.0 { format!("{} s", number(ms / 1000.0)) } else { format!("{} ms", number(ms)) }
}

fn price_rows(report: &Report) -> Vec<PriceRow> {
    report
        .prices
        .iter()
        .map(|p| PriceRow {
            meter: p.meter.to_string(),
            price: format!("${} / {}", p.usd, p.unit),
            dated: p.dated.clone(),
            source: if p.mark == Some(Mark::Knowledge) {
                format!("{} (to be confirmed)", p.source)
            } else {
                p.source.clone()
            },
        })
        .collect()
}

fn class_row(class: &RequestClass) -> ClassRow {
    let ms = |v: f64| format!("{} ms", number(v));
    let dash = || "–".to_owned();
    ClassRow {
        name: class.name.clone(),
        share: format!("{:.1}\u{202f}%", class.share * 100.0),
        cpu: ms(class.cpu_ms),
        wait: ms(class.wait_ms),
        left: class.offload.map_or_else(dash, |o| ms(o.cpu_left_ms)),
        added: class.offload.map_or_else(dash, |o| ms(o.added_ms)),
    }
}

fn footer(report: &Report) -> String {
    let source = &report.source;
    let trace = source.trace_sha256.get(..12).map_or_else(String::new, |h| format!(", trace {h}"));
    let prices = if source.price_files.is_empty() {
        "built-in price table".to_owned()
    } else {
        format!("built-in price table and {}", source.price_files.join(", "))
    };
    format!(
        "Made from {}{trace}. Arrivals: {}. Seeds {} to {}, {}. Prices: {prices}, region {}. The \
         same inputs give the same page to the byte.",
        source.plan,
        source.arrivals,
        source.seeds[0],
        source.seeds[0] + source.seeds[1] - 1,
        source.generator,
        report.settings.region
    )
}
