//! Arguments of `beehive package`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Arguments of `beehive package`.
#[derive(Debug, Args)]
pub struct PackageArgs {
    /// The plan; its candidates with `offload = true` are packaged
    pub plan: PathBuf,
    /// Bundle directory to write; the same as an archive goes to DIR.zip
    #[arg(short, long, value_name = "DIR", default_value = "bundle")]
    pub output: PathBuf,
    /// The plan's trace, if it is not where the plan says
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Where the workers will run
    #[arg(long, value_enum, default_value_t)]
    pub target: TargetName,
    /// Also try the bundle on this machine: a worker loads every class, is admitted by a server and answers a
    /// self-test; with --dry-run, the bundle that is at DIR already
    #[arg(long)]
    pub verify: bool,
    /// List what would be written, with sizes and hashes, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Where workers can run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum TargetName {
    /// Processes on the server's machine.
    #[default]
    Local,
    /// AWS Lambda (not there yet).
    Lambda,
    /// Apache OpenWhisk (not there yet).
    Openwhisk,
}
