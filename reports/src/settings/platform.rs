//! Defaults of the platforms: how capacity starts and what a unit of it is. Each figure says where
//! it comes from; `docs/cost-model.md` repeats them with their sources.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::simulation::{CreditMode, Law, ScaleLimit, Stage, WarmUp};

/// Said where a reserved price is used.
pub const RESERVED_NOTE: &str =
    "a reservation is paid for a year, whether bursts come or not; here only the window's share";

/// A JVM's first seconds: class loading and JIT make requests dearer. Assumed; a run of the
/// application on the machine in question tells better.
const MACHINE_WARM_UP: WarmUp = WarmUp { factor: 2.0, over: 20.0 };

fn stage(name: &str, takes: Law, is_billed: bool) -> Stage {
    Stage { name: name.to_owned(), takes, is_billed }
}

/// How machines come and go.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Scaling {
    /// Health check after the application's start: interval times threshold.
    pub health_check_s: f64,
    /// How slow the first seconds are.
    pub warm_up: WarmUp,
    /// How often the scaler looks (10 s: high-resolution metrics; 60 s: standard ones).
    pub period_s: f64,
    /// How long the load must be low before machines go.
    pub cool_down_s: f64,
    /// Most machines started.
    pub machines_max: u32,
    /// Shortest time billed (EC2 and Fargate: 60 s).
    pub minimum_s: u64,
}

impl Default for Scaling {
    fn default() -> Self {
        Self {
            health_check_s: 10.0,
            warm_up: MACHINE_WARM_UP,
            period_s: 10.0,
            cool_down_s: 60.0,
            machines_max: 100,
            minimum_s: 60,
        }
    }
}

/// EC2 machines started on demand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ec2 {
    /// Instance type.
    pub instance: String,
    /// Stages before the application's own start.
    pub stages: Vec<Stage>,
    /// How they come and go.
    pub scaling: Scaling,
}

impl Default for Ec2 {
    /// 16-18 s from request to `running` (not billed), then about 5 s to an open port
    /// (brevdev/ec2-coldboot-research, January 2026: 22-26 s in all).
    fn default() -> Self {
        Self {
            instance: "m4.xlarge".into(),
            stages: vec![
                stage("allocate", Law::log_normal(17.0e3, 20.0e3), false),
                stage("boot", Law::log_normal(5.5e3, 8.0e3), true),
            ],
            scaling: Scaling::default(),
        }
    }
}

/// Fargate tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Fargate {
    /// vCPUs of a task.
    pub vcpu: u32,
    /// Memory of a task, GB.
    pub memory_gb: u32,
    /// Whether it runs on ARM.
    pub is_arm: bool,
    /// Stages before the application's own start.
    pub stages: Vec<Stage>,
    /// How they come and go.
    pub scaling: Scaling,
}

impl Default for Fargate {
    /// 30-45 s or more to a running task, the whole image pulled each time (AWS re:Post, ECS
    /// guide); billed from the start of the pull.
    fn default() -> Self {
        Self {
            vcpu: 4,
            memory_gb: 16,
            is_arm: false,
            stages: vec![
                stage("allocate", Law::log_normal(12.0e3, 20.0e3), false),
                stage("pull", Law::log_normal(22.0e3, 40.0e3), true),
            ],
            scaling: Scaling::default(),
        }
    }
}

/// Burstable machines: running all the time, their capacity limited by credits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Burstable {
    /// Instance type.
    pub instance: String,
    /// How many; `None` = as many as the burst needs at the server's target use.
    pub count: Option<u32>,
    /// What happens without credits (AWS's default for T3: unlimited).
    pub mode: CreditMode,
    /// Credits at the start of the window; `None` = the full balance of a day of rest.
    pub start_credits: Option<f64>,
}

impl Default for Burstable {
    fn default() -> Self {
        Self {
            instance: "t3a.xlarge".into(),
            count: None,
            mode: CreditMode::Unlimited,
            start_credits: None,
        }
    }
}

/// Machines held all the time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Reserved {
    /// Instance type.
    pub instance: String,
    /// How many; `None` = as many as the burst needs at the server's target use.
    pub count: Option<u32>,
    /// Whether the reserved price is used, or the one on demand.
    pub is_reserved_price: bool,
}

impl Default for Reserved {
    fn default() -> Self {
        Self { instance: "m4.xlarge".into(), count: None, is_reserved_price: true }
    }
}

/// Workers, whatever the platform.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Workers {
    /// How often the controller looks.
    pub period_s: f64,
    /// How slow the first invocations of a worker are. Assumed: three times at first, falling to
    /// full speed over 30 invocations.
    pub warm_up: WarmUp,
}

impl Default for Workers {
    fn default() -> Self {
        Self { period_s: 1.0, warm_up: WarmUp { factor: 3.0, over: 30.0 } }
    }
}

/// OpenWhisk on machines of one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OpenWhisk {
    /// Type of the hosts; a worker holds one of their vCPUs.
    pub host_instance: String,
    /// From nothing to ready: container 0.3-1 s, JVM and worker 0.1-0.2 s, `/init` 0.06 s.
    pub start: Law,
    /// Idle time after which a container goes (`idle-container`, 10 minutes by default).
    pub keep_alive_s: f64,
    /// Most workers at once.
    pub workers_max: u64,
}

impl Default for OpenWhisk {
    fn default() -> Self {
        let points =
            vec![(0.05, 400.0), (0.5, 700.0), (0.9, 1000.0), (0.99, 1300.0), (1.0, 2000.0)];
        Self {
            host_instance: "m4.xlarge".into(),
            start: Law::Quantiles { points },
            keep_alive_s: 600.0,
            workers_max: 1000,
        }
    }
}

/// Which scaling limits of Lambda hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LambdaLimits {
    /// Since November 2023: 1,000 environments per function every 10 s.
    Current,
    /// Before: 3,000 at once in us-east-1, then 500 a minute.
    Before202311,
}

impl LambdaLimits {
    /// The limit.
    pub fn limit(self) -> ScaleLimit {
        match self {
            Self::Current => ScaleLimit::LAMBDA,
            Self::Before202311 => ScaleLimit::LAMBDA_BEFORE_2023_11,
        }
    }
}

/// Lambda.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LambdaSettings {
    /// Memory of a worker, MB; 1,769 MB is one vCPU.
    pub memory_mb: u32,
    /// Whether it runs on ARM.
    pub is_arm: bool,
    /// Which scaling limits hold.
    pub limits: LambdaLimits,
    /// Environments at once in the account and region.
    pub concurrency_max: u64,
    /// Start of a worker: 100 ms of placement (assumed) over the init quantiles of a minimal
    /// java21 function at 1,024 MB (maxday/lambda-perf, 2023-11 to 2026-08).
    pub start: Law,
    /// Beside the above, a whole application has to start: its own time from the trace times
    /// this (a Lambda of one vCPU is slower than most recording machines).
    pub app_start_factor: f64,
    /// Idle time after which an environment goes (unpromised; 5 to 15 minutes seen).
    pub keep_alive_s: f64,
    /// Whether the start is billed (all runtimes since 2025-08-01).
    pub is_init_billed: bool,
    /// Environments kept ready and paid for.
    pub provisioned: u32,
    /// Attempts of a refused whole request before it is given up.
    pub attempts_max: u32,
    /// Whether the monthly free tier is taken off.
    pub is_free_tier: bool,
    /// GB-seconds already used this month, for the tiers.
    pub month_gb_s: u64,
    /// Requests already made this month, for the free tier.
    pub month_requests: u64,
}

impl Default for LambdaSettings {
    fn default() -> Self {
        let points = vec![(0.05, 321.0), (0.5, 358.0), (0.9, 414.0), (0.99, 801.0), (1.0, 1117.0)];
        Self {
            memory_mb: 1769,
            is_arm: false,
            limits: LambdaLimits::Current,
            concurrency_max: 1000,
            start: Law::Quantiles { points },
            app_start_factor: 1.0,
            keep_alive_s: 600.0,
            is_init_billed: true,
            provisioned: 0,
            attempts_max: 6,
            is_free_tier: false,
            month_gb_s: 0,
            month_requests: 0,
        }
    }
}

impl LambdaSettings {
    /// vCPUs of a worker; one request uses at most one.
    pub fn vcpu_share(&self) -> f64 {
        f64::from(self.memory_mb) / 1769.0
    }
}
