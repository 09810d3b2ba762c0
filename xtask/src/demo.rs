//! `cargo xtask demo`: the main job on the bundled forum application, from nothing to a report.

use std::path::Path;

use crate::fixtures;
use crate::process;
use crate::process::{Step, cargo, command, root, say};
use crate::tools;

const OUTPUT: &str = "beehive-out";

/// Builds what is needed and runs the four verbs. `--duration 30s` and `--rate 50/s` can be given.
pub fn run(arguments: &[&str]) -> Step {
    let duration = option(arguments, "--duration").unwrap_or("30s");
    let rate = option(arguments, "--rate").unwrap_or("50/s");
    let jdks = tools::jdks(&[])?;
    let jdk = jdks.last().ok_or("no JDK of version 17 or newer was found")?;
    run_step("building beehive", &mut cargo(&["build", "--release", "-p", "beehive"]))?;
    let jar = fixtures::forum()?;
    let jar = relative(&jar);
    let port = process::free_port()?;
    let output = root().join(OUTPUT);
    std::fs::create_dir_all(&output).map_err(|e| format!("{}: {e}", output.display()))?;
    profile(&jdk.tool("java"), &jar, port, duration, rate)?;
    verb(
        "2. what is worth offloading",
        &["plan", "beehive-out/forum.beetrace", "-o", PLAN, "--graph", GRAPH, "--html", PAGE],
    )?;
    verb("3. what a worker needs", &["package", PLAN, "-o", "beehive-out/bundle"])?;
    verb(
        "4. what a burst costs",
        &[
            "cost-report",
            PLAN,
            "--base",
            "200/s",
            "--burst",
            "800/s",
            "--for",
            "120s",
            "-o",
            REPORT,
        ],
    )?;
    say(WHERE_TO_LOOK);
    Ok(())
}

const PLAN: &str = "beehive-out/plan.toml";
const GRAPH: &str = "beehive-out/graph.svg";
const PAGE: &str = "beehive-out/plan.html";
const REPORT: &str = "beehive-out/report";
const WHERE_TO_LOOK: &str = "
Where to look (all under beehive-out/):
  forum.beetrace   the recorded run         beehive trace show beehive-out/forum.beetrace
  plan.toml        chosen and refused roots, meant to be read and edited
  plan.html        the plan as a page: verdicts, calls, fallbacks, natives, closures
  graph.svg        the call graph around the chosen roots
  bundle/          the classes a worker needs, with manifest and hashes
  report/          latency and cost of the burst: table, CSV, JSON, SVG

With your own application:
  target/release/beehive profile --load requests.http --rate 50/s --duration 60s \\
      -o app.beetrace -- java -jar app.jar";

fn profile(java: &str, jar: &str, port: u16, duration: &str, rate: &str) -> Step {
    let target = format!("http://127.0.0.1:{port}");
    let port = format!("--server.port={port}");
    let load = "fixtures/apps/forum/requests.http";
    verb(
        "1. recording forum under load",
        &[
            "profile",
            "--duration",
            duration,
            "--load",
            load,
            "--rate",
            rate,
            "--target",
            &target,
            "-o",
            "beehive-out/forum.beetrace",
            "--",
            java,
            "-jar",
            jar,
            &port,
        ],
    )
}

fn verb(title: &str, arguments: &[&str]) -> Step {
    run_step(title, &mut command("target/release/beehive", arguments))
}

fn run_step(title: &str, command: &mut std::process::Command) -> Step {
    say(&format!("\n── {title}"));
    process::run(command)
}

fn option<'a>(arguments: &[&'a str], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|word| *word == name)?;
    arguments.get(at + 1).copied()
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}
