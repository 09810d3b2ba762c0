//! Figures of one measured server, and their table: medians of several JVMs with the range, and the
//! ratio to the configuration without an agent.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::process::Command;
use std::time::Duration;

use super::load;
use super::server::Server;
use crate::jdk::Jdk;
use crate::process::{Step, say};

/// Requests before anything is measured, so that the JIT has settled.
pub const WARM_UP_REQUESTS: u64 = 60_000;
/// Keep-alive connections that saturate forum.
pub const CONNECTIONS: usize = 4;
/// What is requested in turn.
pub const PATHS: &[&str] = &["/topics/1", "/api/topics", "/topics/2", "/api/topics/3", "/topics/4"];

/// Figures of one JVM.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    request_cpu_us: f64,
    process_cpu_us: f64,
    requests_per_s: f64,
    ready_ms: f64,
}

/// The number behind an option like `--rounds 3`.
pub fn option(arguments: &[&str], name: &str) -> Option<u64> {
    text_option(arguments, name)?.parse().ok()
}

/// The word behind an option like `--beehive PATH`.
pub fn text_option<'a>(arguments: &[&'a str], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|word| *word == name)?;
    arguments.get(at + 1).copied()
}

/// Starts a server, warms it up with so many requests, measures 10 s at saturation and stops it.
pub fn measure(launch: Command, port: u16, warm_up: u64) -> Step<Figures> {
    let server = Server::start(launch, port)?;
    load::until_requests(port, PATHS, CONNECTIONS, warm_up);
    let (cpu_before, ticks_before) = (server.request_cpu_ns(), server.process_cpu_ticks());
    let stretch = load::for_time(port, &load::gets(PATHS), CONNECTIONS, Duration::from_secs(10));
    let (cpu, ticks) =
        (server.request_cpu_ns() - cpu_before, server.process_cpu_ticks() - ticks_before);
    let ready_ms = server.ready_ms as f64;
    server.stop();
    if stretch.failed > 0 {
        return Err(format!("{} failed answers", stretch.failed));
    }
    let requests = stretch.requests as f64;
    Ok(Figures {
        request_cpu_us: cpu as f64 / 1000.0 / requests,
        process_cpu_us: ticks as f64 * 10_000.0 / requests,
        requests_per_s: requests / stretch.seconds,
        ready_ms,
    })
}

/// Measures all configurations in each of `rounds`, each time in another order, so that drift of the
/// machine hits all alike.
pub fn interleaved<C: Copy + Ord + Debug>(
    jdk: &Jdk,
    configurations: &[C],
    rounds: u64,
    mut measure: impl FnMut(C) -> Step<Figures>,
) -> Step<BTreeMap<C, Vec<Figures>>> {
    let mut measured: BTreeMap<C, Vec<Figures>> = BTreeMap::new();
    for round in 0..rounds as usize {
        for at in 0..configurations.len() {
            let Some(&configuration) = configurations.get((at + round) % configurations.len())
            else {
                continue;
            };
            let figures = measure(configuration).map_err(|e| format!("{configuration:?}: {e}"))?;
            say(&format!("JDK {} round {round} {configuration:?}: {figures:?}", jdk.version));
            measured.entry(configuration).or_default().push(figures);
        }
    }
    Ok(measured)
}

/// Prints the table; ratios are to `base`.
pub fn report<C: Copy + Ord + Debug>(jdk: &Jdk, base: C, measured: &BTreeMap<C, Vec<Figures>>) {
    say(&format!("\nJDK {}: median [min-max] of JVMs; ratio to {base:?}", jdk.version));
    let base = |figure: fn(&Figures) -> f64| {
        measured.get(&base).map_or(f64::NAN, |all| spread(all, figure).1)
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
