//! What a driven load did, as lines for a person. The same for every verb that drives one.

use beehive_record::Rate;
use beehive_trace::Traffic;

/// Requests, failures and latencies in words.
pub fn lines(traffic: &Traffic, rate: Rate) -> Vec<String> {
    let failed = traffic.sent - traffic.ok;
    let ms = |quantile| match traffic.latency.quantile_ns(quantile) {
        Some(ns) => format!("{:.1} ms", ns as f64 / 1e6),
        None => "?".to_owned(),
    };
    let mut lines = vec![format!(
        "  {} requests at {rate} (open loop), {failed} failed; from the intended time p50 {}, p99 {}",
        traffic.sent,
        ms(0.5),
        ms(0.99)
    )];
    let by_status = traffic.failed_status.iter().map(|(status, n)| format!("status {status}: {n}"));
    let by_reason = traffic.failed_io.iter().map(|(reason, n)| format!("{reason}: {n}"));
    let reasons: Vec<String> = by_status.chain(by_reason).collect();
    if !reasons.is_empty() {
        lines.push(format!("  failed: {}", reasons.join(", ")));
    }
    lines
}
