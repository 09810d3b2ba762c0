//! Arguments of `beehive plan`.

use std::path::PathBuf;

use beehive_analyzer::Rule;
use clap::Args;

/// Arguments of `beehive plan`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    beehive plan app.beetrace\n  \
    beehive plan light.beetrace deep.beetrace\n  \
    beehive plan light.beetrace deep.beetrace --why 'com.acme.Shop#buy'\n  \
    beehive plan app.beetrace --budget 2ms --graph calls.svg\n  \
    beehive plan light.beetrace deep.beetrace --html plan.html\n  \
    beehive plan new.beetrace --compare old.beetrace --fail-on roots-0 --fail-on fallbacks+10%\n  \
    beehive plan app.beetrace --root 'com.acme.Shop#buy' --app-package com.acme\n\n\
    Run again on the same plan.toml, it keeps what was edited there.")]
pub struct PlanArgs {
    /// The traces to plan from: light ones for times and counts, deep ones for what methods touch
    #[arg(required = true, value_name = "TRACE")]
    pub traces: Vec<PathBuf>,
    /// Plan to write; what a person edited in it is kept
    #[arg(short, long, value_name = "FILE", default_value = "plan.toml")]
    pub output: PathBuf,
    /// Latency that offloads of one root may add to a request, e.g. 5ms or 800us
    #[arg(long, value_name = "TIME", value_parser = milliseconds)]
    pub budget: Option<f64>,
    /// Method to consider whatever it is: class#name, `*` for any part; may be given several times
    #[arg(long = "root", value_name = "PATTERN")]
    pub roots: Vec<String>,
    /// Package that is the application's own wherever its classes come from
    #[arg(long = "app-package", value_name = "PACKAGE")]
    pub app_packages: Vec<String>,
    /// Size of the existing data one invocation may carry, e.g. 6MB
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub closure_limit: Option<u64>,
    /// Print everything known about a method (class#name, `*` for any part) and write nothing
    #[arg(long, value_name = "METHOD")]
    pub why: Option<String>,
    /// Draw the call graph around the roots; the ending decides: .svg or .dot
    #[arg(long, value_name = "FILE", value_parser = graph_file)]
    pub graph: Option<PathBuf>,
    /// Write the plan as one HTML page, readable without a network
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Compare with an earlier build: its trace, plan.toml or JSON; give it again for a deep trace beside a light one
    #[arg(long, value_name = "FILE")]
    pub compare: Vec<PathBuf>,
    /// Exit with 10 if that became worse: fallbacks+10%, natives+2, closure-bytes+64KB, refusals+0, roots-1; may be given several times
    #[arg(long, value_name = "RULE", requires = "compare")]
    pub fail_on: Vec<Rule>,
    /// What `run` has measured: laid beside what is predicted, with the causes of differences
    #[arg(long, value_name = "FILE")]
    pub measured: Option<PathBuf>,
    /// Rows of the table on the screen; the plan holds all
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    /// What an offload costs.
    #[command(flatten)]
    pub costs: CostArgs,
}

/// Costs of an offload; each one given replaces that of the plan or the assumed one.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Costs of an offload (kept in the plan)")]
pub struct CostArgs {
    /// Server processor time of an offload without calls home, e.g. 130us
    #[arg(long, value_name = "TIME", value_parser = microseconds)]
    pub offload_cpu: Option<f64>,
    /// Server processor time of a call home
    #[arg(long, value_name = "TIME", value_parser = microseconds)]
    pub call_home_cpu: Option<f64>,
    /// Latency of an offload without calls home
    #[arg(long, value_name = "TIME", value_parser = microseconds)]
    pub offload_latency: Option<f64>,
    /// Latency of a call home
    #[arg(long, value_name = "TIME", value_parser = microseconds)]
    pub call_home_latency: Option<f64>,
}

fn milliseconds(text: &str) -> Result<f64, String> {
    microseconds(text).map(|us| us / 1e3)
}

/// A time with its unit; a bare number is refused because nobody can tell its unit.
fn microseconds(text: &str) -> Result<f64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "us" | "µs" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        _ => return Err(format!("`{text}` needs a unit: us, ms or s, e.g. 5ms")),
    };
    let number: f64 = number.parse().map_err(|_| format!("`{text}` is no time, e.g. 5ms"))?;
    Ok(number * factor)
}

/// A size with its unit, decimal as payload limits are told in.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "B" => 1.0,
        "kB" | "KB" => 1e3,
        "MB" => 1e6,
        "GB" => 1e9,
        "KiB" => 1024.0,
        "MiB" => 1024.0 * 1024.0,
        _ => return Err(format!("`{text}` needs a unit: B, kB, MB, MiB or GB, e.g. 6MB")),
    };
    let number: f64 = number.parse().map_err(|_| format!("`{text}` is no size, e.g. 6MB"))?;
    Ok((number * factor) as u64)
}

fn graph_file(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    match path.extension().and_then(|e| e.to_str()) {
        Some("svg" | "dot") => Ok(path),
        _ => Err(format!("`{text}` must end in .svg or .dot")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_units() {
        assert_eq!(bytes("6MB"), Ok(6_000_000));
        assert_eq!(bytes("1.5 KiB"), Ok(1536));
        assert!(bytes("6").is_err() && bytes("MB").is_err() && bytes("6 apples").is_err());
    }

    #[test]
    fn times_have_units() {
        assert_eq!(microseconds("130us"), Ok(130.0));
        assert_eq!(microseconds("1.5 ms"), Ok(1500.0));
        assert_eq!(milliseconds("2s"), Ok(2000.0));
        assert!(microseconds("5").is_err());
        assert!(microseconds("-5ms").is_err());
        assert!(microseconds("1.2.3ms").is_err());
    }
}
