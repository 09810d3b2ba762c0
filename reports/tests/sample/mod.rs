//! A plan and settings small enough to simulate in a moment, shared by the tests.

use beehive_plan::{App, Candidate, Constants, Plan, Roots, TrafficFacts};
use beehive_reports::prices::{builtin_instances, builtin_prices};
use beehive_reports::settings::Settings;
use beehive_reports::{Inputs, Report, make_report};

/// A web application: 30 ms of processor time a request, most of it in one root.
pub fn plan() -> Plan {
    Plan {
        version: 1,
        app: App { main: "shop.jar".into(), ready_ms: Some(3200), cpus: 2, ..App::default() },
        traffic: TrafficFacts {
            requests: 10_000,
            is_driven: true,
            rate_per_s: Some(50.0),
            latency_ms_p50: Some(32.0),
            latency_ms_p99: Some(110.0),
            cpu_ms_per_request: Some(30.0),
        },
        constants: Constants {
            offload_cpu_us: 130.0,
            call_home_cpu_us: 17.0,
            offload_latency_us: 200.0,
            call_home_latency_us: 38.0,
            source: "assumed".into(),
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

/// Six seeds of four minutes with a burst of two from 60 s on.
pub fn quick() -> Settings {
    let mut settings = Settings { seeds: 6, ..Settings::default() };
    settings.burst.base_per_s = Some(50.0);
    settings.burst.burst_per_s = Some(200.0);
    settings.burst.after_s = Some(60.0);
    settings
}

pub fn report_of(settings: &Settings) -> Report {
    report_from(&plan(), settings)
}

#[expect(clippy::panic, reason = "a test that cannot make its report has failed")]
pub fn report_from(plan: &Plan, settings: &Settings) -> Report {
    let (prices, instances) = (builtin_prices(), builtin_instances());
    let inputs = Inputs {
        measured: None,
        plan,
        plan_name: "plan.toml",
        settings,
        arrivals: None,
        prices: &prices,
        price_files: &[],
        instances: &instances,
    };
    match make_report(&inputs) {
        Ok(report) => report,
        Err(error) => panic!("{error}"),
    }
}
