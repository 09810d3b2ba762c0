//! What a request costs the server and a worker, taken from the plan: classes of requests, each
//! with its processor time, its waiting, and what is left of both when its root is offloaded.
//! Owns the reading of the plan; the simulation sees only this.

mod from_plan;
mod root;

pub use from_plan::from_plan;
use rand::{Rng, RngExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::simulation::law::{exponential, normal};

/// All requests of an application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Workload {
    /// Classes; their shares sum to 1.
    pub classes: Vec<RequestClass>,
    /// Law of the factor that all times of a request share.
    pub spread: Spread,
    /// Time of the application from launch to the first answer, ms.
    pub app_ready_ms: f64,
    /// Assumptions made where the plan is silent.
    pub notes: Vec<String>,
}

/// How requests of a class differ in size; each law has mean 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "law")]
pub enum Spread {
    /// Not at all.
    Equal,
    /// Exponentially.
    Exponential,
    /// Log-normally.
    LogNormal {
        /// Standard deviation of the logarithm.
        sigma: f64,
    },
}

impl Spread {
    fn draw(self, rng: &mut impl Rng) -> f64 {
        match self {
            Self::Equal => 1.0,
            Self::Exponential => exponential(rng),
            Self::LogNormal { sigma } => (sigma * normal(rng) - sigma * sigma / 2.0).exp(),
        }
    }
}

/// Requests alike.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestClass {
    /// Root method, or `rest`.
    pub name: String,
    /// Share of all requests, 0..=1.
    pub share: f64,
    /// Mean processor time on the server, ms.
    pub cpu_ms: f64,
    /// Mean time waiting for others (database, network), ms.
    pub wait_ms: f64,
    /// What changes when the root is offloaded; `None` if it has none.
    pub offload: Option<OffloadCost>,
}

/// A request whose root runs on a worker.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OffloadCost {
    /// Mean processor time left on the server, the cost of offloading included, ms.
    pub cpu_left_ms: f64,
    /// Mean waiting left on the server, ms.
    pub wait_left_ms: f64,
    /// Mean processor time on the worker at one full vCPU, ms.
    pub worker_cpu_ms: f64,
    /// Mean waiting on the worker, ms.
    pub worker_wait_ms: f64,
    /// Latency added by the offload and its calls home, ms, the same for each request.
    pub added_ms: f64,
}

/// One request as drawn, ns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Class.
    pub class: u16,
    /// Processor time on the server.
    pub cpu_ns: u64,
    /// Waiting.
    pub wait_ns: u64,
    /// The factor all its times share, in 1/65536.
    pub factor: u32,
}

impl Workload {
    /// One class without waiting, for models of queueing theory.
    pub fn single(cpu_ms: f64, spread: Spread) -> Self {
        let class = RequestClass {
            name: "rest".to_owned(),
            share: 1.0,
            cpu_ms,
            wait_ms: 0.0,
            offload: None,
        };
        Self { classes: vec![class], spread, app_ready_ms: 0.0, notes: Vec::new() }
    }

    /// Mean processor time of a request on the server, ms.
    pub fn cpu_ms_mean(&self) -> f64 {
        self.classes.iter().map(|c| c.share * c.cpu_ms).sum()
    }

    /// Mean latency of a request on an idle server, ms.
    pub fn latency_ms_mean(&self) -> f64 {
        self.classes.iter().map(|c| c.share * (c.cpu_ms + c.wait_ms)).sum()
    }

    /// Share of requests with a root that can be offloaded.
    pub fn offloadable_share(&self) -> f64 {
        self.classes.iter().filter(|c| c.offload.is_some()).map(|c| c.share).sum()
    }

    /// Share of the server's processor time that offloading everything moves away.
    pub fn load_moved(&self) -> f64 {
        let left: f64 = self
            .classes
            .iter()
            .map(|c| c.share * c.offload.map_or(c.cpu_ms, |o| o.cpu_left_ms))
            .sum();
        1.0 - left / self.cpu_ms_mean()
    }

    /// Draws the next request.
    pub fn draw(&self, rng: &mut impl Rng) -> Demand {
        let index = if self.classes.len() == 1 { 0 } else { self.class_at(rng.random::<f64>()) };
        let factor = self.spread.draw(rng);
        let Some(class) = self.classes.get(index) else { return Demand::default() };
        Demand {
            class: index as u16,
            cpu_ns: ((class.cpu_ms * factor * 1e6) as u64).max(1),
            wait_ns: (class.wait_ms * factor * 1e6) as u64,
            factor: (factor * 65_536.0) as u32,
        }
    }

    fn class_at(&self, u: f64) -> usize {
        let mut below = 0.0;
        for (index, class) in self.classes.iter().enumerate() {
            below += class.share;
            if u < below {
                return index;
            }
        }
        self.classes.len().saturating_sub(1)
    }
}
