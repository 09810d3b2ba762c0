//! What can be typed. Declarations only: each verb's arguments in a file of its own, their meaning
//! in `commands`.

pub mod cost_report;
pub mod explain;
pub mod natives;
pub mod package;
pub mod plan;
pub mod profile;
pub mod run;
pub mod trace;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Semi-FaaS for unmodified Java web services: record an application, choose the root methods worth
/// offloading, package them, and see what a burst costs.
#[derive(Debug, Parser)]
#[command(
    version,
    propagate_version = true,
    arg_required_else_help = true,
    after_help = "The line:\n  \
    beehive profile -o app.beetrace -- java -jar app.jar\n  \
    beehive plan app.beetrace\n  \
    beehive package plan.toml\n  \
    beehive run --plan plan.toml -- java -jar app.jar\n  \
    beehive cost-report plan.toml --base 50/s --burst 200/s --for 120s"
)]
pub struct Arguments {
    /// How to print.
    #[command(flatten)]
    pub output: OutputArgs,
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
}

/// Options of every verb.
#[derive(Debug, Args)]
pub struct OutputArgs {
    /// Form of the data on stdout
    #[arg(long, value_enum, default_value_t, global = true, help_heading = "Output")]
    pub format: Format,
    /// When to use colour; NO_COLOR is respected
    #[arg(long, value_enum, default_value_t, global = true, help_heading = "Output")]
    pub color: ColorChoice,
    /// Leave out remarks and progress
    #[arg(short, long, global = true, help_heading = "Output")]
    pub quiet: bool,
}

/// Form of the data on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal that wants it.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Record a run of a Java application: which of its methods run, how often, for how long
    Profile(profile::ProfileArgs),
    /// Choose the methods worth offloading and say what stops the others
    Plan(plan::PlanArgs),
    /// Write a bundle of the classes that the plan's roots reach
    Package(package::PackageArgs),
    /// Run the application with its planned roots offloaded to workers, and measure it
    Run(Box<run::RunArgs>),
    /// What a burst does to latency and to the bill, for every way of meeting it
    CostReport(Box<cost_report::CostReportArgs>),
    /// What calling native methods means for a worker: of a JDK, or of an application's libraries
    Natives(natives::NativesArgs),
    /// What a code in a plan or a message means, and what removes it
    Explain(explain::ExplainArgs),
    /// Show, convert, merge and export traces
    Trace(trace::TraceArgs),
}
