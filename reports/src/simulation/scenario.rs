//! What is simulated: one way of scaling over one window. Plain data, checked before it gets here.

use std::ops::Range;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::credits::CreditMode;
use super::law::Law;
use super::limit::ScaleLimit;
use super::node::NodeSize;
use super::policy::Policy;
use crate::prices::Credits;
use crate::workload::Workload;

/// One way over one window.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Length of the window; arrivals end there, ns.
    pub window_ns: u64,
    /// Requests before this are served but not counted (the server warms up), ns.
    pub measured_from_ns: u64,
    /// The burst, ns.
    pub burst: Range<u64>,
    /// Length of a bucket of the timeline, ns.
    pub bucket_ns: u64,
    /// A machine of the server.
    pub server: NodeSize,
    /// How many of them stand there always.
    pub servers: u32,
    /// What requests cost.
    pub workload: Arc<Workload>,
    /// What is added in a burst.
    pub extra: Extra,
}

/// Capacity beside the server.
#[derive(Clone, Debug)]
pub enum Extra {
    /// None.
    None,
    /// Machines started on demand.
    Machines(MachinesSpec),
    /// Machines that stand there always.
    Standing(StandingSpec),
    /// Workers of a function platform.
    Workers(WorkersSpec),
}

/// Machines started on demand.
#[derive(Clone, Debug)]
pub struct MachinesSpec {
    /// Size of one.
    pub size: NodeSize,
    /// Stages of its start, in order.
    pub stages: Vec<Stage>,
    /// How slow it is at first.
    pub warm_up: WarmUp,
    /// When machines come and go.
    pub scaler: Scaler,
}

/// A stage of a machine's start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    /// Name, e.g. `boot`.
    pub name: String,
    /// How long it takes.
    pub takes: Law,
    /// Whether it is on the bill.
    pub is_billed: bool,
}

/// The first work after a start is slower (class loading, JIT).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WarmUp {
    /// How many times the processor time at first.
    pub factor: f64,
    /// Over how many seconds (machines) or invocations (workers) it falls to 1.
    pub over: f64,
}

impl WarmUp {
    /// Full speed at once.
    pub const NONE: Self = Self { factor: 1.0, over: 0.0 };

    /// The factor after `age` (seconds or invocations).
    pub fn factor_at(&self, age: f64) -> f64 {
        if age >= self.over { 1.0 } else { 1.0 + (self.factor - 1.0) * (1.0 - age / self.over) }
    }
}

/// Target tracking on the request rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scaler {
    /// How often the load is looked at, s.
    pub period_s: f64,
    /// Use of the vCPUs aimed at, 0..1.
    pub target_use: f64,
    /// How long the load must be low before machines go, s.
    pub cool_down_s: f64,
    /// Most machines started.
    pub machines_max: u32,
}

/// Machines that stand there always.
#[derive(Clone, Debug)]
pub struct StandingSpec {
    /// Size of one.
    pub size: NodeSize,
    /// How many.
    pub count: u32,
    /// CPU credits: type, mode, balance at the start of the window.
    pub credits: Option<(Credits, CreditMode, f64)>,
}

/// What a worker runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The root of a request; the request stays with the server.
    Root,
    /// The whole request.
    WholeRequest,
}

/// Workers of a function platform.
#[derive(Clone, Debug)]
pub struct WorkersSpec {
    /// What a worker runs.
    pub mode: Mode,
    /// Which requests are offloaded.
    pub policy: Policy,
    /// From nothing to ready.
    pub start: Law,
    /// Idle time after which a worker goes, ns.
    pub keep_alive_ns: u64,
    /// Workers kept ready from the start (provisioned).
    pub provisioned: u32,
    /// Limits of the platform.
    pub limit: ScaleLimit,
    /// vCPUs of a worker, at most 1 counts for one request.
    pub vcpu_share: f64,
    /// How slow a worker is at first.
    pub warm_up: WarmUp,
    /// How often the controller looks at the load, s.
    pub period_s: f64,
    /// Attempts before a refused whole request is given up.
    pub attempts_max: u32,
}
