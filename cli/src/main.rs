//! The `beehive` command. Parses arguments, runs one verb, turns its result into an exit status. Only
//! this crate knows clap, indicatif and miette; the verbs' work is done in the rooms' own crates.

mod args;
mod commands;
mod diagnostics;
mod exit;
mod printer;

use clap::Parser;
use printer::Printer;

fn main() -> std::process::ExitCode {
    let arguments = args::Arguments::parse();
    let printer = Printer::new(&arguments.output);
    let status = match commands::run(arguments.verb, &printer) {
        Ok(status) => status,
        Err(failure) => {
            printer.failure(&failure);
            failure.exit
        }
    };
    status.into()
}
