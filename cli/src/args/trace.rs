//! Arguments of `beehive trace`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// Arguments of `beehive trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// What to do with the trace.
    #[command(subcommand)]
    pub action: TraceAction,
}

/// What `beehive trace` can do.
#[derive(Debug, Subcommand)]
pub enum TraceAction {
    /// Print what a trace holds: run, host, counts, losses
    Show {
        /// The trace
        trace: PathBuf,
    },
    /// Print the text form, which `pack` reads back to the same bytes
    Text {
        /// The trace
        trace: PathBuf,
    },
    /// Make a trace of its text form
    Pack {
        /// The text form
        text: PathBuf,
        /// Trace to write
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Merge traces of several runs: counters add, sets unite
    Merge {
        /// The traces, in any order
        #[arg(required = true, num_args = 1..)]
        traces: Vec<PathBuf>,
        /// Trace to write
        #[arg(short, long)]
        output: PathBuf,
    },
    /// Export call paths for other tools
    Export {
        /// The trace
        trace: PathBuf,
        /// Form of the export
        #[arg(long, value_enum)]
        to: ExportForm,
        /// File to write instead of stdout
        #[arg(short, long)]
        output: Option<PathBuf>,
    },
}

/// Form of an export.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ExportForm {
    /// Firefox Profiler JSON (open it at the profiler's page or with `samply load`)
    Firefox,
    /// Folded stacks for flame-graph tools
    Folded,
}
