//! The simulator against what queueing theory and another simulator say. Each figure is a mean
//! over seeds with its 95 % interval; the truth must lie in it (or within the stated tolerance).

use std::sync::Arc;

use beehive_reports::arrivals::{Arrivals, Segment};
use beehive_reports::simulation::{
    Extra, FunctionModel, NodeSize, Outcome, Scenario, Timeline, run, simulate_function,
};
use beehive_reports::workload::{Spread, Workload};
use rayon::prelude::*;

const S: u64 = 1_000_000_000;
const SEEDS: u64 = 30;

struct Queue {
    vcpus: u32,
    threads: u32,
    rate_per_s: f64,
    mean_ms: f64,
    spread: Spread,
    seconds: u64,
}

impl Queue {
    fn outcomes(&self) -> Vec<Outcome> {
        let scenario = Scenario {
            window_ns: self.seconds * S,
            measured_from_ns: self.seconds / 10 * S,
            burst: 0..self.seconds * S,
            bucket_ns: self.seconds * S,
            server: NodeSize { vcpus: self.vcpus, threads: self.threads, queue_max: u32::MAX },
            servers: 1,
            workload: Arc::new(Workload::single(self.mean_ms, self.spread)),
            extra: Extra::None,
        };
        let segment = Segment::constant(self.seconds as f64, self.rate_per_s);
        let arrivals = Arrivals::Rates(vec![segment].into());
        (0..SEEDS)
            .into_par_iter()
            .map(|seed| run(&scenario, &arrivals, seed, &mut Timeline::new(1)))
            .collect()
    }
}

/// Mean and half width of the 95 % interval (t with 29 degrees of freedom).
fn interval(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let var = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, 2.045 * (var / n).sqrt())
}

#[track_caller]
fn assert_within(what: &str, values: &[f64], truth: f64) {
    let (mean, half) = interval(values);
    // Thirteen such intervals are checked; at 99.7 % each, none should miss.
    assert!((mean - truth).abs() <= 1.5 * half, "{what}: {mean} ± {half} against {truth}");
    assert!(half / truth < 0.03, "{what}: interval too wide to say anything: {half}");
}

fn mean_ms(outcome: &Outcome) -> f64 {
    outcome.latency_sum_ns as f64 / outcome.answered as f64 / 1e6
}

#[test]
fn first_come_first_served_queues_wait_as_erlang_says() {
    // Offered load, servers, P(wait), mean wait in service times (Erlang C).
    for (load, servers, p_wait, wait) in
        [(0.8, 1, 0.8, 4.0), (3.2, 4, 0.5964, 0.7455), (6.4, 8, 0.4576, 0.2860)]
    {
        let queue = Queue {
            vcpus: servers,
            threads: servers,
            rate_per_s: load * 1000.0 / 10.0,
            mean_ms: 10.0,
            spread: Spread::Exponential,
            seconds: 1000,
        };
        let outcomes = queue.outcomes();
        let waits: Vec<_> = outcomes.iter().map(|o| mean_ms(o) / 10.0 - 1.0).collect();
        let queued: Vec<_> = outcomes.iter().map(|o| o.queued as f64 / o.arrived as f64).collect();
        assert_within(&format!("M/M/{servers} wait"), &waits, wait);
        assert_within(&format!("M/M/{servers} P(wait)"), &queued, p_wait);
    }
}

#[test]
fn processor_sharing_does_not_care_for_the_law_of_service() {
    for spread in [Spread::Equal, Spread::Exponential, Spread::LogNormal { sigma: 0.8 }] {
        let queue = Queue {
            vcpus: 1,
            threads: u32::MAX,
            rate_per_s: 70.0,
            mean_ms: 10.0,
            spread,
            seconds: 1000,
        };
        let means: Vec<_> = queue.outcomes().iter().map(mean_ms).collect();
        assert_within(&format!("M/G/1-PS {spread:?}"), &means, 10.0 / (1.0 - 0.7));
    }
}

#[test]
fn little_holds_within_a_hundredth() {
    let queue = Queue {
        vcpus: 4,
        threads: 64,
        rate_per_s: 300.0,
        mean_ms: 10.0,
        spread: Spread::LogNormal { sigma: 0.6 },
        seconds: 600,
    };
    for outcome in queue.outcomes() {
        let measured_s = 540.0;
        let inside = outcome.inside_area_ns as f64 / 1e9 / measured_s;
        let rate = outcome.answered as f64 / measured_s;
        let expected = rate * mean_ms(&outcome) / 1e3;
        assert!((inside / expected - 1.0).abs() < 0.01, "{inside} against {expected}");
    }
}

#[test]
fn the_worker_pool_does_what_simfaas_publishes() {
    let model = FunctionModel {
        arrivals_per_s: 0.9,
        warm_s: 1.991,
        cold_s: 2.244,
        keep_alive_s: 600.0,
        horizon_s: 1e6,
    };
    let outcomes: Vec<_> =
        (0..SEEDS).into_par_iter().map(|seed| simulate_function(&model, seed)).collect();
    let figure = |f: fn(&beehive_reports::simulation::FunctionOutcome) -> f64| {
        outcomes.iter().map(f).collect::<Vec<_>>()
    };
    let (cold, cold_half) = interval(&figure(|o| o.cold as f64 / o.requests as f64));
    let (alive, alive_half) = interval(&figure(|o| o.alive_mean));
    let busy = figure(|o| o.busy_mean);
    println!("cold {cold:.5} ± {cold_half:.5}, alive {alive:.3} ± {alive_half:.3}");
    // SimFaaS 0.2.2, seed 1, 1e5 s: 127 cold of 89,607 (± 2 sqrt(127)), 7.74 servers alive.
    assert!((cold - 127.0 / 89_607.0).abs() < 2.0 * 127_f64.sqrt() / 89_607.0, "{cold}");
    assert!((alive - 7.74).abs() < 0.15, "{alive}");
    let mean_s = 1.991 + cold * (2.244 - 1.991);
    assert_within("busy workers", &busy, 0.9 * mean_s);
}
