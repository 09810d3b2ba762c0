//! Speed of the simulator: beside SimFaaS on its published example, one core each, and of a whole
//! default report. `cargo run --release -p beehive-reports --example sim_bench [-- report]`
//!
//! SimFaaS 0.2.2 (PyPI, MIT) is installed into a virtual environment in the target directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use beehive_plan::{App, Candidate, Plan, Roots, TrafficFacts};
use beehive_reports::prices::{builtin_instances, builtin_prices};
use beehive_reports::settings::Settings;
use beehive_reports::simulation::{FunctionModel, simulate_function};
use beehive_reports::{Inputs, make_report};

type Failure = Box<dyn std::error::Error>;

/// Times of a run are repeated this often; the median is shown with the range.
const REPEATS: usize = 5;

fn main() -> Result<(), Failure> {
    let only_report = std::env::args().any(|a| a == "report");
    if !only_report {
        beside_simfaas()?;
    }
    whole_report(600.0)?;
    flat_memory()
}

fn model(horizon_s: f64) -> FunctionModel {
    FunctionModel {
        arrivals_per_s: 0.9,
        warm_s: 1.991,
        cold_s: 2.244,
        keep_alive_s: 600.0,
        horizon_s,
    }
}

/// Simulated requests a second of wall time: (median, lowest, highest).
fn rates(mut run: impl FnMut(u64) -> Result<(u64, f64), Failure>) -> Result<[f64; 3], Failure> {
    let mut rates = Vec::new();
    for seed in 0..REPEATS as u64 {
        let (requests, seconds) = run(seed)?;
        rates.push(requests as f64 / seconds);
    }
    rates.sort_by(f64::total_cmp);
    let at = |i: usize| rates.get(i).copied().unwrap_or(f64::NAN);
    Ok([at(REPEATS / 2), at(0), at(REPEATS - 1)])
}

fn beside_simfaas() -> Result<(), Failure> {
    say("One function: 0.9 requests/s, warm 1.991 s, cold 2.244 s, keep-alive 600 s");
    let ours = rates(|seed| {
        let began = Instant::now();
        let outcome = simulate_function(&model(1e7), seed);
        Ok((outcome.requests, began.elapsed().as_secs_f64()))
    })?;
    say(&format!(
        "  beehive        {:>12.0} requests/s [{:.0} .. {:.0}]  (1e7 s a run)",
        ours[0], ours[1], ours[2]
    ));
    let python = simfaas()?;
    let theirs = rates(|seed| run_simfaas(&python, seed))?;
    say(&format!(
        "  SimFaaS 0.2.2  {:>12.0} requests/s [{:.0} .. {:.0}]  (1e5 s a run)",
        theirs[0], theirs[1], theirs[2]
    ));
    say(&format!("  ratio          {:>12.0}", ours[0] / theirs[0]));
    Ok(())
}

const SCRIPT: &str = "
import sys, time
import numpy as np
from simfaas.ServerlessSimulator import ServerlessSimulator as Sim
np.random.seed(int(sys.argv[1]))
sim = Sim(arrival_rate=0.9, warm_service_rate=1/1.991, cold_service_rate=1/2.244,
          expiration_threshold=600, max_time=1e5)
began = time.perf_counter()
sim.generate_trace(debug_print=False, progress=False)
print(sim.total_req_count, time.perf_counter() - began)
";

fn run_simfaas(python: &Path, seed: u64) -> Result<(u64, f64), Failure> {
    let out = Command::new(python).args(["-c", SCRIPT, &seed.to_string()]).output()?;
    let text = String::from_utf8(out.stdout)?;
    let mut words = text.split_whitespace();
    let mut next = || words.next().ok_or_else(|| String::from_utf8_lossy(&out.stderr).into_owned());
    Ok((next()?.parse()?, next()?.parse()?))
}

/// A Python with SimFaaS.
fn simfaas() -> Result<PathBuf, Failure> {
    let place = std::env::temp_dir().join("beehive-simfaas");
    let python = place.join("bin/python");
    let has_it = Command::new(&python).args(["-c", "import simfaas"]).output();
    if has_it.is_ok_and(|o| o.status.success()) {
        return Ok(python);
    }
    say("  installing simfaas 0.2.2 …");
    let status = Command::new("python3").args(["-m", "venv"]).arg(&place).status()?;
    let pip =
        Command::new(&python).args(["-m", "pip", "-q", "install", "simfaas==0.2.2"]).status()?;
    if status.success() && pip.success() {
        Ok(python)
    } else {
        Err("cannot install simfaas".into())
    }
}

fn plan() -> Plan {
    Plan {
        version: 1,
        app: App { ready_ms: Some(3200), cpus: 2, ..App::default() },
        traffic: TrafficFacts {
            latency_ms_p50: Some(32.0),
            latency_ms_p99: Some(110.0),
            cpu_ms_per_request: Some(30.0),
            ..TrafficFacts::default()
        },
        roots: Roots {
            chosen: vec![Candidate {
                method: "shop.Catalogue#page(int)".into(),
                offload: true,
                calls_per_request: Some(0.8),
                latency_us_mean: Some(34_000.0),
                cpu_us_mean: Some(32_000.0),
                cpu_us_saved: Some(31_800.0),
                ..Candidate::default()
            }],
            refused: Vec::new(),
        },
        ..Plan::default()
    }
}

/// Seven ways, thirty seeds, 200 requests/s on average: 150/s with a burst of 400/s for a fifth of
/// the window.
fn whole_report(window_s: f64) -> Result<f64, Failure> {
    let mut settings = Settings::default();
    settings.burst.base_per_s = Some(150.0);
    settings.burst.burst_per_s = Some(400.0);
    settings.burst.seconds = window_s / 5.0;
    settings.burst.after_s = Some(window_s * 0.8 - settings.burst.before_s);
    let (plan, prices, instances) = (plan(), builtin_prices(), builtin_instances());
    let inputs = Inputs {
        measured: None,
        plan: &plan,
        plan_name: "bench",
        settings: &settings,
        arrivals: None,
        prices: &prices,
        price_files: &[],
        instances: &instances,
    };
    let (began, cpu_before) = (Instant::now(), cpu_s());
    let report = make_report(&inputs)?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_s() - cpu_before;
    let requests = report.load.requests_simulated as f64;
    say(&format!(
        "Report: {} ways x {} seeds x {window_s:.0} s at 200/s: {seconds:.2} s, {cpu:.2} s of \
         processor time, {:.1} M requests, {:.1} M requests/s on {} threads, peak memory {} MB",
        report.ways.len(),
        settings.seeds,
        requests / 1e6,
        requests / 1e6 / seconds,
        rayon::current_num_threads(),
        peak_mb()
    ));
    Ok(seconds)
}

/// Ten times the requests through one function, and the memory before and after.
fn flat_memory() -> Result<(), Failure> {
    for horizon_s in [1e6, 1e7, 1e8] {
        let requests = simulate_function(&model(horizon_s), 1).requests;
        say(&format!("One function, {requests} requests: peak memory {} MB", peak_mb()));
    }
    whole_report(1800.0)?;
    Ok(())
}

/// Processor time of this process so far, s (Linux, 100 ticks a second).
fn cpu_s() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|f| f.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// Highest resident memory of this process so far (Linux).
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) / 1024
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn say(text: &str) {
    println!("{text}");
}
