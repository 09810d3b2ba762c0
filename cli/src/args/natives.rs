//! Arguments of `beehive natives`.

use std::path::PathBuf;

use clap::Args;

/// Arguments of `beehive natives`.
#[derive(Debug, Args)]
pub struct NativesArgs {
    /// Home of the JDK to look at [default: the one of JAVA_HOME or PATH]
    #[arg(long, value_name = "PATH", conflicts_with = "lib")]
    pub jdk: Option<PathBuf>,
    /// Native library, or jar with native libraries, to look at instead of a JDK
    #[arg(long, value_name = "FILE")]
    pub lib: Option<PathBuf>,
    /// Show only methods on which table and proposal differ
    #[arg(long, conflicts_with = "lib")]
    pub disputed: bool,
}
