//! What a deep run costs on forum at saturation, with the classes and roots of a light trace (`--from`)
//! and without, on every JDK: JVMs of all configurations interleaved in one run. Measured when each
//! root that the load reaches has all its samples, so that what is measured are requests outside of
//! samples; how long a sampled request takes is in the traces the runs leave.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::figures::{self, CONNECTIONS, PATHS, WARM_UP_REQUESTS, option};
use super::load;
use super::server::Server;
use crate::jdk::Jdk;
use crate::process::{Step, command, free_port, output_of, root, say};
use crate::{fixtures, tools};

/// Requests of the light run that chooses roots and classes.
const LIGHT_REQUESTS: u64 = 5_000;

/// What runs beside the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Configuration {
    None,
    DeepFrom,
    Deep,
}

const CONFIGURATIONS: &[Configuration] =
    &[Configuration::None, Configuration::DeepFrom, Configuration::Deep];

struct Setup<'j> {
    beehive: String,
    jar: PathBuf,
    light: PathBuf,
    jdk: &'j Jdk,
}

/// Runs the comparison; `--rounds N` (default 3) JVMs a configuration, `--warmup N` requests,
/// `--jdk N` only that feature version, `--beehive PATH` a binary that is built already.
pub fn run(arguments: &[&str]) -> Step {
    let rounds = option(arguments, "--rounds").unwrap_or(3);
    let warm_up = option(arguments, "--warmup").unwrap_or(WARM_UP_REQUESTS);
    let only = option(arguments, "--jdk");
    let (beehive, jar) = (super::binary(arguments)?, fixtures::forum()?);
    for jdk in tools::jdks(&[])? {
        if only.is_some_and(|feature| feature != u64::from(jdk.feature)) {
            continue;
        }
        let light = root().join(format!("target/bench-deep-light-{}.beetrace", jdk.feature));
        let setup = Setup { beehive: beehive.clone(), jar: jar.clone(), light, jdk: &jdk };
        record_light(&setup)?;
        let measured = figures::interleaved(&jdk, CONFIGURATIONS, rounds, |configuration| {
            let port = free_port()?;
            figures::measure(launch(&setup, configuration, port), port, warm_up)
        })?;
        figures::report(&jdk, Configuration::None, &measured);
        for configuration in [Configuration::DeepFrom, Configuration::Deep] {
            report_samples(&setup, configuration)?;
        }
    }
    Ok(())
}

fn record_light(setup: &Setup<'_>) -> Step {
    let port = free_port()?;
    let mut profile = command(&setup.beehive, &["--quiet", "profile", "-o"]);
    profile.arg(&setup.light).arg("--");
    let server = Server::start(forum(profile, setup, port, true), port)?;
    load::until_requests(port, PATHS, CONNECTIONS, LIGHT_REQUESTS);
    server.stop();
    Ok(())
}

fn launch(setup: &Setup<'_>, configuration: Configuration, port: u16) -> Command {
    if configuration == Configuration::None {
        return forum(command(&setup.jdk.tool("java"), &[]), setup, port, false);
    }
    let mut profile = command(&setup.beehive, &["--quiet", "profile", "--deep"]);
    if configuration == Configuration::DeepFrom {
        profile.arg("--from").arg(&setup.light);
    }
    profile.arg("-o").arg(trace_of(configuration)).arg("--");
    forum(profile, setup, port, true)
}

/// Adds the application to a command; with its `java` if the command is not that already.
fn forum(mut command: Command, setup: &Setup<'_>, port: u16, with_java: bool) -> Command {
    if with_java {
        command.arg(setup.jdk.tool("java"));
    }
    command.args(["-Xms512m", "-Xmx512m", "-jar"]).arg(&setup.jar);
    command.arg(format!("--server.port={port}"));
    command
}

fn trace_of(configuration: Configuration) -> PathBuf {
    root().join(format!("target/bench-{configuration:?}.beetrace"))
}

/// Duration of sampled requests in the last run: the roots that took the most of it.
fn report_samples(setup: &Setup<'_>, configuration: Configuration) -> Step {
    let samples = samples(&setup.beehive, &trace_of(configuration))?;
    let (sampled, wall_us) =
        samples.iter().fold((0, 0), |(s, w), sample| (s + sample.sampled, w + sample.wall_us));
    say(&format!(
        "{configuration:?}: {sampled} samples of {} roots, {:.2} ms each in the mean",
        samples.len(),
        wall_us as f64 / 1000.0 / sampled.max(1) as f64
    ));
    let mut slowest = samples;
    slowest.sort_by_key(|sample| std::cmp::Reverse(sample.wall_us));
    for sample in slowest.iter().take(5) {
        let each_ms = sample.wall_us as f64 / 1000.0 / sample.sampled.max(1) as f64;
        say(&format!("  {} samples, {each_ms:.2} ms each: {}", sample.sampled, sample.root));
    }
    Ok(())
}

/// What a trace says of the samples of one root.
#[derive(Debug)]
pub struct RootSamples {
    /// The root's line in the text form, counters left out.
    pub root: String,
    /// Samples that ran to their end.
    pub sampled: u64,
    /// Their duration, µs.
    pub wall_us: u64,
}

/// The samples of a deep trace, by root.
pub fn samples(beehive: &str, trace: &Path) -> Step<Vec<RootSamples>> {
    let text = output_of(command(beehive, &["--quiet", "trace", "text"]).arg(trace))
        .ok_or_else(|| format!("{} cannot be read", trace.display()))?;
    let label = |id: &str| {
        let start = format!("method {id} ");
        let line = text.lines().find_map(|line| line.strip_prefix(start.as_str()));
        line.and_then(|line| line.split(" {").next()).unwrap_or(id).to_owned()
    };
    let rows = text.lines().filter_map(|line| line.strip_prefix("deep.root "));
    let sampled = rows.filter_map(|row| {
        Some(RootSamples {
            root: label(row.split(' ').next()?),
            sampled: counter(row, "sampled")?,
            wall_us: counter(row, "wall_us").unwrap_or(0),
        })
    });
    Ok(sampled.collect())
}

fn counter(row: &str, name: &str) -> Option<u64> {
    let (_, rest) = row.split_once(&format!("\"{name}\":"))?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest.get(..end)?.parse().ok()
}
