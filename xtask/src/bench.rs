//! `cargo xtask bench`: the measurements the project quotes, each by the room that owns it. Ratios
//! within one run count; absolute figures are of this machine at this moment.

mod agent;
mod capacity;
pub mod deep;
mod figures;
pub mod load;
pub mod offload;
pub mod server;
mod workers;

use crate::process::{Step, cargo, command, free_port, root, run as run_command, say};
use crate::{fixtures, tools};

pub use figures::{option, text_option};

const HELP: &str = "cargo xtask bench [NAME [OPTIONS]]; without a name: sizes, rewrite, plan, agent, deep
  agent       [--rounds N] [--warmup REQUESTS] [--against none|async-profiler] [--jdk N] [--beehive PATH]
  barrier
  capacity    [--rounds N] [--warmup SECONDS] [--workers N] [--jdk N] [--beehive PATH] [--only TEXT]
  deep        [--rounds N] [--warmup REQUESTS] [--jdk N] [--beehive PATH]
  offers
  offload     [--rounds N] [--warmup SECONDS] [--window MS] [--jdk N] [--beehive PATH] [--database-only] [--only TEXT]
  plan
  rewrite
  simulation
  sizes
  workers     [--workers N] [--jdk N] [--beehive PATH]";

/// Runs the named benchmark, or all of them.
pub fn run(arguments: &[&str]) -> Step {
    if arguments.contains(&"--help") {
        say(HELP);
        return Ok(());
    }
    match arguments {
        [] => {
            sizes()?;
            example("beehive-classfile", "rewrite_bench")?;
            example("beehive-analyzer", "plan_bench")?;
            agent::run(&[])?;
            deep::run(&[])
        }
        ["sizes"] => sizes(),
        ["barrier"] => example("beehive-rewriting", "barrier_bench"),
        ["rewrite"] => example("beehive-classfile", "rewrite_bench"),
        ["plan"] => example("beehive-analyzer", "plan_bench"),
        ["simulation"] => example("beehive-reports", "sim_bench"),
        ["offers"] => example("beehive-reports", "offer_stream"),
        ["agent", rest @ ..] => agent::run(rest),
        ["capacity", rest @ ..] => capacity::run(rest),
        ["deep", rest @ ..] => deep::run(rest),
        ["offload", rest @ ..] => offload::run(rest),
        ["workers", rest @ ..] => workers::run(rest),
        _ => Err("bench knows: agent, barrier, capacity, deep, offers, offload, plan, rewrite, simulation, sizes, workers"
            .to_owned()),
    }
}

fn example(package: &str, name: &str) -> Step {
    run_command(&mut cargo(&["run", "--release", "--locked", "-p", package, "--example", name]))
}

/// Size of the binary, of the agent inside it, and of a trace per minute of load on forum.
fn sizes() -> Step {
    let beehive = release_binary()?;
    let bytes = std::fs::metadata(&beehive).map_err(|e| e.to_string())?.len();
    say(&format!("beehive binary: {:.1} MiB", bytes as f64 / 1_048_576.0));
    let jar = fixtures::forum()?;
    let jdks = tools::jdks(&[])?;
    let jdk = jdks.last().ok_or("no JDK of version 17 or newer was found")?;
    let port = free_port()?;
    let trace = root().join("target/bench-size.beetrace");
    let mut profile =
        command(&beehive, &["--quiet", "profile", "--duration", "60s", "--rate", "100/s"]);
    profile.args(["--load", "fixtures/apps/forum/requests.http"]);
    profile.args(["--target", &format!("http://127.0.0.1:{port}"), "-o"]).arg(&trace);
    profile.args(["--", &jdk.tool("java"), "-jar"]).arg(&jar).arg(format!("--server.port={port}"));
    run_command(&mut profile)?;
    let bytes = std::fs::metadata(&trace).map_err(|e| e.to_string())?.len();
    say(&format!("trace of one minute of forum at 100 requests/s: {} KiB", bytes / 1024));
    Ok(())
}

/// The binary to measure: that of `--beehive PATH`, else the release build of this checkout.
pub fn binary(arguments: &[&str]) -> Step<String> {
    text_option(arguments, "--beehive").map_or_else(release_binary, |path| Ok(path.to_owned()))
}

/// Builds the release binary; gives its path.
fn release_binary() -> Step<String> {
    run_command(&mut cargo(&["build", "--release", "--locked", "-p", "beehive"]))?;
    Ok(root().join("target/release/beehive").display().to_string())
}
