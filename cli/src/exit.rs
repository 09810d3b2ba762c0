//! Exit codes of every verb, documented in `docs/errors.md`. No other file names a number.

use std::process::ExitCode;

/// How a verb ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Ok,
    /// A bug in beehive.
    Bug,
    /// The command line cannot be understood (clap exits with 2 itself).
    Usage,
    /// An input file is unreadable, damaged, of another version or of another kind.
    Input,
    /// The plan is empty: nothing is worth offloading.
    NothingToOffload,
    /// The JVM or the agent could not start.
    Jvm,
    /// A package did not verify.
    Verification,
    /// The goal named on the command line is not met.
    Goal,
    /// An output cannot be written.
    Output,
    /// A rule given with `--fail-on` is broken.
    Worse,
    /// Interrupted; what was recorded is kept.
    Interrupted,
    /// The recorded application's own status.
    Application(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Ok => 0,
            Exit::Bug => 1,
            Exit::Usage => 2,
            Exit::Input => 3,
            Exit::NothingToOffload => 4,
            Exit::Jvm => 5,
            Exit::Verification => 7,
            Exit::Goal => 8,
            Exit::Output => 9,
            Exit::Worse => 10,
            Exit::Interrupted => 130,
            Exit::Application(status) => status,
        })
    }
}
