//! What turns of requests say: medians and spreads, beside what the run has recorded of the same roots.

use super::Kind;
use crate::jdk::Jdk;
use crate::process::say;

/// Turns of one kind, local and offloaded.
#[derive(Debug, Default)]
pub struct Pair {
    pub local: Vec<Turn>,
    pub offloaded: Vec<Turn>,
}

/// One turn.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    pub us_p50: f64,
    pub us_p99: f64,
    pub cpu_us: f64,
}

/// Says what has been measured on a JDK; `measured` is the run's own record.
pub fn report(jdk: &Jdk, lines: &[(Pair, Kind)], measured: &str) {
    say(&format!("\nJDK {} (median of the turns, least to most)", jdk.version));
    for (pair, kind) in lines {
        say(&format!("  {}", kind.name));
        for (name, turns) in [("local", &pair.local), ("offloaded", &pair.offloaded)] {
            say(&format!(
                "    {name:9}  p50 {}  p99 {}  server processor time {}",
                spread(turns, |turn| turn.us_p50),
                spread(turns, |turn| turn.us_p99),
                spread(turns, |turn| turn.cpu_us)
            ));
        }
        let saved =
            median(&pair.local, |turn| turn.cpu_us) - median(&pair.offloaded, |turn| turn.cpu_us);
        let added =
            median(&pair.offloaded, |turn| turn.us_p50) - median(&pair.local, |turn| turn.us_p50);
        let share = match root_cpu_us(measured, kind.root, "\"local_cpu\"") {
            Some(cost) => format!("{:.0} % of the root's {cost:.0} µs", saved / cost * 100.0),
            None => "the root's own time is unknown".to_owned(),
        };
        say(&format!("    added to p50 {added:+.0} µs; server time saved {saved:.0} µs, {share}"));
        if let Some(cost) = root_cpu_us(measured, kind.root, "\"offloaded_cpu\"") {
            say(&format!(
                "    an offload costs the server's thread {cost:.0} µs, one in eight sampled"
            ));
        }
        if let Some(calls) = calls_home(measured, kind.root) {
            say(&format!("    {calls:.1} calls home in an execution from the third on"));
        }
    }
}

fn median(turns: &[Turn], of: impl Fn(&Turn) -> f64) -> f64 {
    let mut values: Vec<f64> = turns.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn spread(turns: &[Turn], of: impl Fn(&Turn) -> f64 + Copy) -> String {
    let values = turns.iter().map(of);
    let (least, most) = values.fold((f64::MAX, 0.0f64), |(l, m), v| (l.min(v), m.max(v)));
    format!("{:6.0} µs ({least:.0}–{most:.0})", median(turns, of))
}

/// Mean processor time of a root's invocations under `key` of the run's own record: those that ran
/// locally, or what the server's thread does for one that is offloaded.
fn root_cpu_us(measured: &str, name: &str, key: &str) -> Option<f64> {
    let server = measured.get(measured.find("\"server\":")?..)?;
    let root = server.get(server.find(name)?..)?;
    let cpu = root.get(root.find(key)?..)?;
    let samples = number(cpu, "\"samples\":")?;
    Some(number(cpu, "\"sum_ns\":")? / samples / 1e3).filter(|cpu| cpu.is_finite())
}

/// Calls home of each kind, together, in an execution of a root from the third on.
fn calls_home(measured: &str, name: &str) -> Option<f64> {
    let root = measured.get(measured.find("\"server\":")?..)?;
    let root = root.get(root.find(name)?..)?;
    let steady = root.get(root.find("\"steady\"")?..)?;
    let kinds = ["class", "object", "statics", "native", "call", "lock"];
    let calls = kinds.iter().filter_map(|kind| number(steady, &format!("\"{kind}\":")));
    Some(calls.sum::<f64>() / number(steady, "\"executions\":")?).filter(|calls| calls.is_finite())
}

/// The numbers behind every `key`.
pub fn numbers(text: &str, key: &str) -> Vec<f64> {
    text.match_indices(key)
        .filter_map(|(at, _)| number(text.get(at..).unwrap_or_default(), key))
        .collect()
}

/// The first number behind `key`.
fn number(text: &str, key: &str) -> Option<f64> {
    let rest = text.get(text.find(key)? + key.len()..)?.trim_start();
    rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roots_time_is_found_in_the_record() {
        let text = r#"{"roots": ["a.B#c()V"], "server": {"roots": [{"method": "a.B#c()V",
            "steady": {"executions": 4, "class": 0, "call": 5, "lock": 1},
            "local_cpu": {"samples": 2, "sum_ns": 5000}}]}}"#;
        assert_eq!(calls_home(text, "B#c("), Some(1.5));
        assert_eq!(root_cpu_us(text, "B#c(", "\"local_cpu\""), Some(2.5));
        assert_eq!(root_cpu_us(text, "B#d(", "\"local_cpu\""), None);
    }
}
