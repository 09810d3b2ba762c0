//! What was measured, in lines for a person.

use beehive_host::RunSummary;
use beehive_measured::{Executions, Measured, MeasuredRoot};
use beehive_plan::FallbackKind;
use beehive_trace::Histogram;

use crate::args::run::RunArgs;
use crate::commands::traffic;

/// The lines of a run.
pub fn of(summary: &RunSummary, args: &RunArgs) -> String {
    let measured = &summary.measured;
    let mut lines = vec![String::new(), head(measured)];
    if let Some(traffic) = &measured.traffic {
        lines.extend(traffic::lines(traffic, args.load.rate));
    }
    lines.push(workers(measured));
    let reasons = &measured.offloading.disabled;
    lines.extend(reasons.iter().map(|(code, text)| format!("  not offloaded: {code}: {text}")));
    match &measured.server {
        Some(server) => server.roots.iter().for_each(|root| lines.extend(root_lines(root))),
        None => lines.push("  what the roots did is unknown: the runtime never told".to_owned()),
    }
    if !measured.gaps.is_empty() {
        let gaps: Vec<String> = measured.gaps.iter().map(|(r, n)| format!("{r} {n}")).collect();
        lines.push(format!("  missing from this record: {}", gaps.join(", ")));
    }
    lines.push(format!("wrote {}", summary.output.display()));
    lines.join("\n")
}

fn head(measured: &Measured) -> String {
    let application = &measured.application;
    let cpu = match application.cpu_us {
        Some(us) => format!(", {:.1} s of processor time", us as f64 / 1e6),
        None => String::new(),
    };
    format!(
        "ran {} for {:.1} s on {}{cpu}; offload {}",
        application.main,
        application.duration_ms as f64 / 1e3,
        application.jdk_build,
        measured.offloading.mode
    )
}

fn workers(measured: &Measured) -> String {
    let workers = &measured.workers;
    let mut ready = workers.ready_ms.clone();
    ready.sort_unstable();
    let ready = match ready.get(ready.len() / 2) {
        Some(ms) => format!("ready after {ms} ms (median)"),
        None => "none ever ready".to_owned(),
    };
    let memory = match workers.resident_bytes_max {
        Some(bytes) => format!(", at most {} MB each", bytes / 1_000_000),
        None => String::new(),
    };
    let lost: Vec<String> =
        workers.lost_by_reason.iter().map(|(reason, n)| format!("{reason} {n}")).collect();
    let lost = if lost.is_empty() { String::new() } else { format!(", lost: {}", lost.join(", ")) };
    format!(
        "  workers: {} started, {ready}, {:.1} s of processor time{memory}{lost}",
        workers.started,
        workers.cpu_us as f64 / 1e6
    )
}

fn root_lines(root: &MeasuredRoot) -> Vec<String> {
    let mut lines = vec![format!("root {}", root.method)];
    let failed = match root.failed {
        0 => String::new(),
        failed => format!(", {failed} failed"),
    };
    lines.push(format!("  {} offloaded, {} local{failed}", root.offloaded, root.local));
    let executions = [("1st", root.first), ("2nd", root.second), ("later", root.steady)];
    let told: Vec<String> = executions.iter().filter_map(|(n, e)| fallbacks(n, e)).collect();
    if !told.is_empty() {
        lines.push(format!("  calls home per execution: {}", told.join("; ")));
    }
    let pairs = [
        ("latency p50", p50(root.local_latency.as_ref()), p50(root.offloaded_latency.as_ref())),
        (
            "server processor time",
            root.local_cpu.and_then(|cpu| cpu.mean_us()),
            root.offloaded_cpu.and_then(|cpu| cpu.mean_us()),
        ),
    ];
    for (what, local, offloaded) in pairs {
        if local.is_some() || offloaded.is_some() {
            lines.push(format!("  {what}: local {}, offloaded {}", us(local), us(offloaded)));
        }
    }
    lines.extend(loss(root));
    for (what, reasons) in [("ran locally", &root.not_offloaded), ("run again", &root.rerun)] {
        if !reasons.is_empty() {
            let reasons: Vec<String> = reasons.iter().map(|(c, n)| format!("{c} {n}")).collect();
            lines.push(format!("  {what}: {}", reasons.join(", ")));
        }
    }
    lines.extend(root.reasons.iter().map(|(code, text)| format!("    {code}, last: {text}")));
    lines
}

/// Says when the server did more for an invocation on a worker than the invocation itself takes it.
fn loss(root: &MeasuredRoot) -> Option<String> {
    let local = root.local_cpu.and_then(|cpu| cpu.mean_us())?;
    let offloaded = root.offloaded_cpu.and_then(|cpu| cpu.mean_us())?;
    if offloaded <= local {
        return None;
    }
    let most = root.calls.iter().max_by_key(|(_, n)| **n);
    let asked = most.map_or(String::new(), |(method, _)| format!(", mostly {method}"));
    Some(format!(
        "  no gain: the server works longer for it than without a worker{asked}; `--offload auto` leaves such a root alone"
    ))
}

fn fallbacks(name: &str, executions: &Executions) -> Option<String> {
    let mean = executions.mean()?;
    let kinds = FallbackKind::ALL.iter().map(|&kind| (kind.name(), mean.get(kind)));
    let parts: Vec<String> =
        kinds.filter(|(_, n)| *n > 0.0).map(|(kind, n)| format!("{} {kind}", number(n))).collect();
    let parts = if parts.is_empty() { "none".to_owned() } else { parts.join(" + ") };
    Some(format!("{name} {parts}"))
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

fn p50(histogram: Option<&Histogram>) -> Option<f64> {
    histogram?.quantile_ns(0.5).map(|ns| ns as f64 / 1e3)
}

fn us(value: Option<f64>) -> String {
    value.map_or("?".to_owned(), |us| format!("{us:.0} µs"))
}
