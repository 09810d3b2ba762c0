//! `cargo xtask`: the commands of the README, in Rust so that they run wherever the project builds.
//! Installs what is missing, builds, and calls the same tools a person would. No dependencies.

mod bench;
mod demo;
mod fixtures;
mod http;
mod jdk;
#[allow(dead_code, reason = "its server is started by tests only")]
mod mariadb;
mod ports;
mod postgres;
mod probe;
mod process;
mod soak;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command>

  demo       record, plan, package and price the bundled forum application
  test       everything CI runs: format, lints, tidy, fixtures, all tests
  bench      measure: agent overhead, rewriter against ASM, plan at scale, sizes
             (bench agent|barrier|deep|offload|workers|rewrite|plan|sizes runs one of them)
  soak       forum under a deep run, or with workers that may be killed, each answer compared:
             soak deep [--minutes 30], soak offload [--minutes 30] [--kill-every 500]
  tidy       only the checks of the source tree
  fixtures   only build the applications and programs the tests use
  probe      compile profiler/agent/probe/BeeProbe.java into the class the agent carries
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["demo", rest @ ..] => demo::run(rest),
        ["test"] => test::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["soak", "deep", rest @ ..] => soak::run(rest),
        ["soak", "offload", rest @ ..] => soak::offload::run(rest),
        ["tidy"] => tidy::run(),
        ["fixtures"] => fixtures::build_all(),
        ["probe"] => probe::compile(),
        _ => {
            process::say(USAGE);
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            process::say(&format!("\nxtask: {reason}"));
            ExitCode::FAILURE
        }
    }
}
