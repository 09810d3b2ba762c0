//! One file a verb: turn arguments into a call of the room's crate, print its result.

mod cost_report;
mod explain;
mod inputs;
mod natives;
mod package;
mod plan;
mod profile;
mod run;
mod start_failure;
mod trace;
mod traffic;
mod worker_files;

use crate::args::Verb;
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::printer::Printer;

/// Runs one verb.
pub fn run(verb: Verb, printer: &Printer) -> Result<Exit, Failure> {
    match verb {
        Verb::Explain(args) => explain::run(&args, printer),
        Verb::Natives(args) => natives::run(&args, printer),
        Verb::Package(args) => package::run(&args, printer),
        Verb::Plan(args) => plan::run(&args, printer),
        Verb::Profile(args) => profile::run(&args, printer),
        Verb::Run(args) => run::run(&args, printer),
        Verb::CostReport(args) => cost_report::run(&args, printer),
        Verb::Trace(args) => trace::run(args.action, printer),
    }
}
