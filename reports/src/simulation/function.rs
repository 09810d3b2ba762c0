//! One function on a platform without a server beside it: Poisson arrivals, exponential warm and
//! cold service, keep-alive. The model of SimFaaS (Mahmoudi and Khazaei, 2021), kept as an oracle
//! for the worker pool and as the common ground of the speed comparison.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand_pcg::Pcg64Mcg;

use super::law::exponential;
use super::pool::WorkerPool;
use super::random::{Stream, stream};

/// The model's parameters.
#[derive(Clone, Copy, Debug)]
pub struct FunctionModel {
    /// Arrivals a second.
    pub arrivals_per_s: f64,
    /// Mean service time on a warm worker, s.
    pub warm_s: f64,
    /// Mean service time on a cold worker, start included, s.
    pub cold_s: f64,
    /// Idle time after which a worker goes, s.
    pub keep_alive_s: f64,
    /// Simulated time, s.
    pub horizon_s: f64,
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FunctionOutcome {
    /// Requests.
    pub requests: u64,
    /// Requests that met no idle worker.
    pub cold: u64,
    /// Mean workers alive.
    pub alive_mean: f64,
    /// Mean workers busy.
    pub busy_mean: f64,
}

/// Runs the model. Memory grows with the workers alive, not with the requests.
pub fn simulate_function(model: &FunctionModel, seed: u64) -> FunctionOutcome {
    let mut rng: Pcg64Mcg = stream(seed, Stream::Arrivals);
    let end = (model.horizon_s * 1e9) as u64;
    let gap_ns = 1e9 / model.arrivals_per_s;
    let (warm_ns, cold_ns) = (model.warm_s * 1e9, model.cold_s * 1e9);
    let mut pool = WorkerPool::new((model.keep_alive_s * 1e9) as u64);
    let mut departures: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
    let (mut now, mut requests, mut cold) = (0_u64, 0_u64, 0_u64);
    loop {
        now += (gap_ns * exponential(&mut rng)) as u64;
        while let Some(&Reverse((at, worker))) = departures.peek()
            && at <= now.min(end)
        {
            departures.pop();
            pool.release(worker, at);
        }
        if now >= end {
            break;
        }
        requests += 1;
        let idle = pool.take(now);
        cold += u64::from(idle.is_none());
        let mean_ns = if idle.is_some() { warm_ns } else { cold_ns };
        let worker = idle.unwrap_or_else(|| pool.create(now));
        let service = (mean_ns * exponential(&mut rng)) as u64;
        departures.push(Reverse((now + service, worker)));
    }
    let tally = pool.close(end);
    FunctionOutcome {
        requests,
        cold,
        alive_mean: tally.alive_ns as f64 / end as f64,
        busy_mean: tally.busy_ns as f64 / end as f64,
    }
}
