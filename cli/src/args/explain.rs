//! Arguments of `beehive explain`.

use clap::Args;

/// Arguments of `beehive explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    beehive explain OFFLOAD_CHATTY\n  \
    beehive explain bee::plan::syntax\n  \
    beehive explain")]
pub struct ExplainArgs {
    /// Code of a decision (OFFLOAD_…) or of an error (bee::…); all are listed without one
    pub code: Option<String>,
}
