//! What a person is told when a run could not be made.

use std::error::Error;

use beehive_host::RunError;

use crate::args::run::RunArgs;
use crate::commands::start_failure::{self, Started};
use crate::diagnostics::{Failure, unwritable};
use crate::exit::Exit;

/// The failure for an error of the host.
pub fn of(error: RunError, args: &RunArgs) -> Failure {
    match error {
        RunError::Launch(error) => {
            start_failure::of(error, Started { verb: "run", output: &args.measured })
        }
        RunError::OtherJdk { .. } => {
            Failure::new(Exit::Input, "bee::run::other_jdk", error.to_string()).help(
                "start the JDK that was recorded, or record and plan on this one: beehive profile",
            )
        }
        RunError::OtherApplication { .. } => {
            Failure::new(Exit::Input, "bee::run::other_application", error.to_string())
                .help("start what was recorded, or record and plan what is started")
        }
        RunError::Unwritable { path, source, .. } => {
            let cause = source.source().map(ToString::to_string).unwrap_or_default();
            unwritable(&path, std::io::Error::other(cause))
        }
        _ => Failure::new(Exit::Bug, "bee::run::bug", error.to_string()).help("please report this"),
    }
}
