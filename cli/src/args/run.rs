//! Arguments of `beehive run`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use beehive_host::OffloadMode;
use clap::Args;

use super::profile::{LoadArgs, duration};

/// Arguments of `beehive run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  \
    beehive run -- java -jar app.jar\n  \
    beehive run --plan plan.toml --bundle bundle --offload ratio=0.5 --workers 2 -- java -Xmx1g -jar app.jar\n  \
    beehive run --offload all --duration 60s --load requests.http --rate 50/s -- java -jar app.jar",
    after_long_help = "Examples:\n  \
    beehive run -- java -jar app.jar\n  \
    beehive run --plan plan.toml --bundle bundle --offload ratio=0.5 --workers 2 -- java -Xmx1g -jar app.jar\n  \
    beehive run --offload all --duration 60s --load requests.http --rate 50/s -- java -jar app.jar\n\n\
    The command is started as it stands, with beehive's own environment and standard streams. What \
    cannot be offloaded runs in the application itself and is counted by reason; the application is \
    never ended because offloading failed.\n\n\
    Ctrl-C or SIGTERM ends the run; a second one ends it at once. SIGUSR1 writes what was measured so \
    far. The exit status is the application's own (128 + signal if one ended it), or 0 if beehive \
    ended the run."
)]
pub struct RunArgs {
    /// The plan; its candidates with `offload = true` are offloaded
    #[arg(long, value_name = "FILE", default_value = "plan.toml")]
    pub plan: PathBuf,
    /// Bundle to start workers from [default: one is made for this run]
    #[arg(long, value_name = "DIR")]
    pub bundle: Option<PathBuf>,
    /// The plan's trace, if it is not where the plan says
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// How many invocations go to workers: off, all (whenever one is idle), ratio=0.5, auto
    #[arg(long, value_name = "MODE", default_value_t)]
    pub offload: OffloadMode,
    /// Follow this file while running: lines offload=MODE and workers=N
    #[arg(long, value_name = "FILE")]
    pub live: Option<PathBuf>,
    /// Latency that 99 % of the roots' invocations are to keep; auto then moves just enough for it
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub latency_goal: Option<Duration>,
    /// Workers to keep running
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub workers: u32,
    /// Largest heap of a worker, MiB
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(16..))]
    pub worker_heap: u32,
    /// JVM option for workers, besides those of the command that change what code means; may be given several times
    #[arg(long = "worker-option", value_name = "OPTION", allow_hyphen_values = true)]
    pub worker_options: Vec<String>,
    /// Time a worker may be silent before it is given up
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10s")]
    pub worker_timeout: Duration,
    /// End the run after that time, e.g. 60s; with --load it counts from the end of the warm-up
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub duration: Option<Duration>,
    /// File for what was measured; an existing one is replaced at the end
    #[arg(long, value_name = "FILE", default_value = "measured.json")]
    pub measured: PathBuf,
    /// Load to drive.
    #[command(flatten)]
    pub load: LoadArgs,
    /// The command that starts the application
    #[arg(last = true, value_name = "COMMAND", required = true)]
    pub command: Vec<OsString>,
}
