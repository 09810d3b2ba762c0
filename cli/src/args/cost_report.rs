//! Arguments of `beehive cost-report`.

use std::path::PathBuf;

use beehive_reports::preset::PresetKind;
use beehive_reports::settings::{Goal, parse_goal, parse_policy, parse_rate, parse_seconds};
use beehive_reports::simulation::Policy;
use beehive_reports::sweep::SweepKind;
use beehive_reports::ways::WayId;
use clap::{Args, ValueEnum};

/// Arguments of `beehive cost-report`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    beehive cost-report plan.toml --base 50/s --burst 200/s --for 120s\n  \
    beehive cost-report plan.toml --arrivals requests.csv --slo p99=200ms --explain\n  \
    beehive cost-report plan.toml --ways ec2,beehive-lambda --sweep burst-ratio --sweep burst-height=2,4,8\n  \
    beehive cost-report plan.toml --fail-above 0.05 --slo p99=300ms\n  \
    beehive cost-report --preset paper --explain\n\n\
    Written to the folder of -o: report.html, report.json, lines.csv, timeline.csv and charts. \
    Exit status 8 if --slo or --fail-above is not met.")]
pub struct CostReportArgs {
    /// The plan; it holds what a request costs
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    pub plan: Option<PathBuf>,
    /// What `beehive run` measured: its fallbacks and times go over those the plan predicts
    #[arg(long, value_name = "FILE", requires = "plan")]
    pub measured: Option<PathBuf>,
    /// Folder to write the report to; its files are replaced when the new ones are complete
    #[arg(short, long, value_name = "DIR", default_value = "report")]
    pub output: PathBuf,
    /// The load.
    #[command(flatten)]
    pub load: LoadArgs,
    /// The ways.
    #[command(flatten)]
    pub ways: WaysArgs,
    /// The prices.
    #[command(flatten)]
    pub prices: PriceArgs,
    /// What is told.
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// The load.
#[derive(Debug, Args)]
#[command(next_help_heading = "Load")]
pub struct LoadArgs {
    /// Requests outside the burst, e.g. 50/s; half of what one server bears if not given
    #[arg(long, value_name = "RATE", value_parser = parse_rate, allow_hyphen_values = true)]
    pub base: Option<f64>,
    /// Requests in the burst, e.g. 200/s; four times the base if not given
    #[arg(long, value_name = "RATE", value_parser = parse_rate, allow_hyphen_values = true)]
    pub burst: Option<f64>,
    /// Length of the burst, e.g. 120s; with --arrivals the part of the file to use
    #[arg(long = "for", value_name = "TIME", value_parser = parse_seconds, allow_hyphen_values = true)]
    pub length: Option<f64>,
    /// Time the burst takes to rise and to fall
    #[arg(long, value_name = "TIME", value_parser = parse_seconds)]
    pub ramp: Option<f64>,
    /// Bursts at random instead of one: mean time between them, --for being their mean length; the whole window is judged
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, conflicts_with = "ramp")]
    pub calm: Option<f64>,
    /// Arrivals from a file: one instant a line under `t_ms`, `t_s` or `t_ns`, or an Azure Functions trace of 2019 or 2021
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base", "burst", "ramp", "calm"])]
    pub arrivals: Option<PathBuf>,
    /// Where in the arrival file to start
    #[arg(long, value_name = "TIME", value_parser = parse_seconds, requires = "arrivals")]
    pub from: Option<f64>,
    /// The function of an Azure trace, by its hash; all together if not given
    #[arg(long, value_name = "HASH", requires = "arrivals")]
    pub function: Option<String>,
    /// Take long silences in the arrival file for real
    #[arg(long, requires = "arrivals")]
    pub allow_gaps: bool,
    /// Simulated bursts a way
    #[arg(long, value_name = "N")]
    pub seeds: Option<u32>,
    /// The first seed
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

/// The ways.
#[derive(Debug, Args)]
#[command(next_help_heading = "Ways")]
pub struct WaysArgs {
    /// Ways to compare: ec2, fargate, burstable, reserved, beehive-openwhisk, beehive-lambda, lambda
    #[arg(long, value_name = "WAY,…", value_delimiter = ',', value_parser = way)]
    pub ways: Vec<WayId>,
    /// Goal for latency in the burst, e.g. p99=200ms; twice the recorded p99 if not given
    #[arg(long, value_name = "GOAL", value_parser = parse_goal)]
    pub slo: Option<Goal>,
    /// How much is offloaded: queue:1 (requests per vCPU), fixed:0.5 (share), slo:200ms (predicted latency)
    #[arg(long, value_name = "POLICY", value_parser = parse_policy)]
    pub policy: Option<Policy>,
    /// Instance type of the server and of machines on demand
    #[arg(long, value_name = "TYPE")]
    pub server: Option<String>,
    /// Instance type of burstable machines
    #[arg(long, value_name = "TYPE")]
    pub burstable: Option<String>,
    /// Memory of a Lambda worker, MB; 1769 is one vCPU
    #[arg(long, value_name = "MB")]
    pub lambda_memory: Option<u32>,
    /// Lambda environments kept ready and paid for
    #[arg(long, value_name = "N")]
    pub provisioned: Option<u32>,
    /// Scaling limits of Lambda
    #[arg(long, value_enum, value_name = "WHEN")]
    pub lambda_limits: Option<LimitsName>,
    /// File of settings (TOML); what is typed here goes over it. `report.json` shows all there are
    #[arg(long, value_name = "FILE")]
    pub settings: Option<PathBuf>,
}

/// Scaling limits of Lambda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LimitsName {
    /// Those since November 2023: 1,000 environments per function every 10 s.
    Current,
    /// Those before: 3,000 at once, then 500 a minute.
    #[value(name = "before-2023-11")]
    Before202311,
}

/// The prices.
#[derive(Debug, Args)]
#[command(next_help_heading = "Prices")]
pub struct PriceArgs {
    /// The vendor's offer file (JSON or CSV) or answers of its price query, over the built-in prices; may be given several times
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
    /// Your own discounts and contract prices (TOML)
    #[arg(long, value_name = "FILE")]
    pub prices_overlay: Option<PathBuf>,
    /// Region of the prices
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,
    /// Take off Lambda's monthly free tier
    #[arg(long)]
    pub free_tier: bool,
}

/// What is told.
#[derive(Debug, Args)]
#[command(next_help_heading = "Answer")]
pub struct AnswerArgs {
    /// Show every line of every bill with formula, price, date and source
    #[arg(long)]
    pub explain: bool,
    /// Print CSV on stdout instead of the table
    #[arg(long, value_enum, value_name = "WHICH", conflicts_with = "preset")]
    pub csv: Option<CsvName>,
    /// Reprint the paper's table of costs from billed quantities and list prices
    #[arg(long, value_name = "NAME", value_parser = preset)]
    pub preset: Option<PresetKind>,
    /// Compare with an earlier report.json
    #[arg(long, value_name = "FILE")]
    pub compare: Option<PathBuf>,
    /// Vary one thing: burst-ratio, burst-length, burst-height or memory, with values after `=`; may be given several times
    #[arg(long, value_name = "WHAT[=V,…]", value_parser = sweep)]
    pub sweep: Vec<SweepRequest>,
    /// Fail if the cheapest way within the goal costs more than that many dollars
    #[arg(long, value_name = "COST", value_parser = beehive_reports::money::parse_price)]
    pub fail_above: Option<rust_decimal::Decimal>,
}

/// Tables as CSV.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CsvName {
    /// A row a line of a bill.
    Lines,
    /// A row a second and way.
    Timeline,
    /// A row a point and way of the sweeps.
    Sweep,
}

/// A sweep asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepRequest {
    /// What is varied.
    pub kind: SweepKind,
    /// Its values; `None` = the kind's own.
    pub values: Option<Vec<f64>>,
}

fn way(text: &str) -> Result<WayId, String> {
    WayId::parse(text).ok_or_else(|| {
        format!("`{text}` is no way; there are {}", WayId::ALL.map(WayId::name).join(", "))
    })
}

fn preset(text: &str) -> Result<PresetKind, String> {
    PresetKind::parse(text).ok_or_else(|| {
        format!(
            "`{text}` is no preset; there are {}",
            PresetKind::ALL.map(PresetKind::name).join(", ")
        )
    })
}

fn sweep(text: &str) -> Result<SweepRequest, String> {
    let (name, values) = match text.split_once('=') {
        Some((name, values)) => (name, Some(values)),
        None => (text, None),
    };
    let kind = SweepKind::parse(name).ok_or_else(|| {
        format!(
            "`{name}` cannot be swept; there are {}",
            SweepKind::ALL.map(SweepKind::name).join(", ")
        )
    })?;
    let values = values
        .map(|list| {
            list.split(',')
                .map(|v| v.trim().parse::<f64>().map_err(|_| format!("`{v}` is not a number")))
                .collect::<Result<Vec<_>, _>>()
        })
        .transpose()?;
    Ok(SweepRequest { kind, values })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sweeps_take_their_values_or_the_kinds_own() {
        let own = sweep("burst-ratio").unwrap();
        assert_eq!((own.kind, own.values), (SweepKind::BurstRatio, None));
        let given = sweep("memory=512, 1769").unwrap();
        assert_eq!(given.values, Some(vec![512.0, 1769.0]));
        assert!(sweep("moon").unwrap_err().contains("burst-height"));
        assert!(sweep("memory=big").unwrap_err().contains("not a number"));
        assert!(way("heroku").unwrap_err().contains("beehive-lambda"));
    }
}
