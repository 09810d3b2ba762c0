//! All a report depends on beside the plan and the prices, each with its default. A person may
//! write any of it in a TOML file (`--settings`); the report prints all of it. Owns defaults and
//! their reasons; checks are in `check`, units as typed in `quantity`.

mod check;
mod platform;
mod quantity;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use check::check;
pub use platform::{
    Burstable, Ec2, Fargate, LambdaLimits, LambdaSettings, OpenWhisk, RESERVED_NOTE, Reserved,
    Scaling, Workers,
};
pub use quantity::{parse_goal, parse_policy, parse_rate, parse_seconds};

use crate::arrivals::Segment;
use crate::simulation::Policy;
use crate::ways::WayId;

/// Settings of a cost report. Times are seconds unless the name says otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Region of the prices.
    pub region: String,
    /// The ways to compare.
    pub ways: Vec<WayId>,
    /// The load.
    pub burst: Burst,
    /// The goal for latency; `None` = p99 within twice the recorded p99.
    pub slo: Option<Goal>,
    /// The server that is there always.
    pub server: Server,
    /// How many seeds, one run of every way each.
    pub seeds: u32,
    /// The first seed.
    pub first_seed: u64,
    /// How much is offloaded.
    pub policy: Policy,
    /// Calls home of one offloaded invocation, where the plan cannot tell.
    pub calls_home: f64,
    /// EC2 on demand.
    pub ec2: Ec2,
    /// Fargate.
    pub fargate: Fargate,
    /// Burstable machines.
    pub burstable: Burstable,
    /// Machines held all the time at a reserved price.
    pub reserved: Reserved,
    /// Workers, whatever the platform.
    pub workers: Workers,
    /// OpenWhisk.
    pub openwhisk: OpenWhisk,
    /// Lambda.
    pub lambda: LambdaSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: "us-east-1".into(),
            ways: WayId::ALL.to_vec(),
            burst: Burst::default(),
            slo: None,
            server: Server::default(),
            seeds: 30,
            first_seed: 1,
            policy: Policy::Queue { per_vcpu: 1.0 },
            calls_home: 1.0,
            ec2: Ec2::default(),
            fargate: Fargate::default(),
            burstable: Burstable::default(),
            reserved: Reserved::default(),
            workers: Workers::default(),
            openwhisk: OpenWhisk::default(),
            lambda: LambdaSettings::default(),
        }
    }
}

/// The load over the window: base, burst, base.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Burst {
    /// Requests a second outside the burst; `None` = half of what the server bears.
    pub base_per_s: Option<f64>,
    /// Requests a second in the burst; `None` = four times the base.
    pub burst_per_s: Option<f64>,
    /// Length of the burst.
    pub seconds: f64,
    /// Time before it, the warm-up included.
    pub before_s: f64,
    /// Time after it; `None` = as much as makes the window ten minutes, at least as long as the
    /// burst.
    pub after_s: Option<f64>,
    /// Time of the rise at the burst's start and of the fall at its end.
    pub ramp_s: f64,
    /// Time at the start whose requests are not counted.
    pub warm_up_s: f64,
    /// Mean stay in calm, s: arrivals then switch at random between base and burst rate (MMPP-2),
    /// `seconds` being the mean stay in burst, and the whole window is judged.
    pub switching_calm_s: Option<f64>,
    /// Stretches of any rates instead of base, burst, base; the whole window is judged.
    pub steps: Vec<Segment>,
}

impl Default for Burst {
    fn default() -> Self {
        Self {
            base_per_s: None,
            burst_per_s: None,
            seconds: 120.0,
            before_s: 60.0,
            after_s: None,
            ramp_s: 0.0,
            warm_up_s: 20.0,
            switching_calm_s: None,
            steps: Vec::new(),
        }
    }
}

impl Burst {
    /// Time after the burst, s.
    pub fn after_s(&self) -> f64 {
        self.after_s.unwrap_or_else(|| (600.0 - self.before_s - self.seconds).max(self.seconds))
    }

    /// Length of the window, s.
    pub fn window_s(&self) -> f64 {
        if !self.steps.is_empty() {
            return self.steps.iter().map(|s| s.seconds).sum();
        }
        self.before_s + self.seconds + self.after_s()
    }
}

/// A goal: this share of the burst's requests within this time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Goal {
    /// Share, 0..1, e.g. 0.99.
    pub quantile: f64,
    /// Time, ms.
    pub ms: f64,
}

impl std::fmt::Display for Goal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let percent = format!("{:.4}", self.quantile * 100.0);
        let percent = percent.trim_end_matches('0').trim_end_matches('.');
        let ms = crate::render::number(self.ms);
        write!(f, "p{percent} within {ms} ms")
    }
}

/// The server that is there always; the same in every way and on nobody's bill here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Instance type.
    pub instance: String,
    /// How many; `None` = as many as bear the base load at `target_use`.
    pub count: Option<u32>,
    /// Requests a machine handles at once (Tomcat's default).
    pub threads: u32,
    /// Requests that may wait for a thread; more are refused.
    pub queue_max: u32,
    /// Use of the vCPUs aimed at when machines are counted.
    pub target_use: f64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            instance: "m4.xlarge".into(),
            count: None,
            threads: 200,
            queue_max: 10_000,
            target_use: 0.6,
        }
    }
}
