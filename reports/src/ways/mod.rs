//! The ways of meeting a burst: what each adds to the server, as a scenario for the simulation.
//! Owns names and construction; what a way costs is in `billing`.

mod sizing;

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use sizing::{Load, Sizing};

use crate::ReportError;
use crate::prices::InstanceTable;
use crate::settings::{Scaling, Settings};
use crate::simulation::{
    Extra, Law, MachinesSpec, Mode, NodeSize, Scaler, Scenario, Stage, StandingSpec, WorkersSpec,
};
use crate::workload::Workload;

/// A way of meeting a burst.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum WayId {
    /// EC2 machines started on demand.
    Ec2,
    /// Fargate tasks started on demand.
    Fargate,
    /// Burstable machines that are always there.
    Burstable,
    /// Machines held all the time, sized for the burst.
    Reserved,
    /// Roots offloaded to workers on OpenWhisk.
    BeehiveOpenwhisk,
    /// Roots offloaded to workers on Lambda.
    BeehiveLambda,
    /// Whole requests sent to Lambda, the way of earlier systems.
    Lambda,
}

impl WayId {
    /// All ways, in the order of the report.
    pub const ALL: [Self; 7] = [
        Self::Ec2,
        Self::Fargate,
        Self::Burstable,
        Self::Reserved,
        Self::BeehiveOpenwhisk,
        Self::BeehiveLambda,
        Self::Lambda,
    ];

    /// Name on the command line and in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Fargate => "fargate",
            Self::Burstable => "burstable",
            Self::Reserved => "reserved",
            Self::BeehiveOpenwhisk => "beehive-openwhisk",
            Self::BeehiveLambda => "beehive-lambda",
            Self::Lambda => "lambda",
        }
    }

    /// Name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2 on demand",
            Self::Fargate => "Fargate",
            Self::Burstable => "Burstable",
            Self::Reserved => "Reserved",
            Self::BeehiveOpenwhisk => "BeeHive on OpenWhisk",
            Self::BeehiveLambda => "BeeHive on Lambda",
            Self::Lambda => "Whole requests to Lambda",
        }
    }

    /// The way of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name)
    }

    /// Whether it offloads roots.
    pub fn is_beehive(self) -> bool {
        matches!(self, Self::BeehiveOpenwhisk | Self::BeehiveLambda)
    }
}

/// What the scenarios of all ways share.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// Settings.
    pub settings: &'a Settings,
    /// Requests.
    pub workload: Arc<Workload>,
    /// Instance types.
    pub instances: &'a InstanceTable,
    /// How many machines stand and come.
    pub sizing: Sizing,
    /// The burst within the window, ns.
    pub burst: std::ops::Range<u64>,
    /// Length of the window, ns.
    pub window_ns: u64,
    /// Requests before this are not counted, ns.
    pub measured_from_ns: u64,
    /// Length of a bucket of the timeline, ns.
    pub bucket_ns: u64,
}

impl Ground<'_> {
    /// The scenario of `way`.
    ///
    /// # Errors
    /// [`ReportError::UnknownInstance`].
    pub fn scenario(&self, way: WayId) -> Result<Scenario, ReportError> {
        let server = self.node(&self.settings.server.instance)?;
        Ok(Scenario {
            window_ns: self.window_ns,
            measured_from_ns: self.measured_from_ns,
            burst: self.burst.clone(),
            bucket_ns: self.bucket_ns,
            server,
            servers: self.sizing.servers,
            workload: Arc::clone(&self.workload),
            extra: self.extra(way)?,
        })
    }

    fn node(&self, instance: &str) -> Result<NodeSize, ReportError> {
        Ok(self.node_of(self.instances.get(instance)?.vcpu))
    }

    fn node_of(&self, vcpus: u32) -> NodeSize {
        let server = &self.settings.server;
        NodeSize { vcpus, threads: server.threads, queue_max: server.queue_max }
    }

    fn extra(&self, way: WayId) -> Result<Extra, ReportError> {
        let settings = self.settings;
        Ok(match way {
            WayId::Ec2 => {
                let ec2 = &settings.ec2;
                self.machines(self.node(&ec2.instance)?, &ec2.stages, &ec2.scaling)
            }
            WayId::Fargate => {
                let fargate = &settings.fargate;
                self.machines(self.node_of(fargate.vcpu), &fargate.stages, &fargate.scaling)
            }
            WayId::Burstable => self.burstable()?,
            WayId::Reserved => {
                let size = self.node(&settings.reserved.instance)?;
                let count = settings.reserved.count.unwrap_or(self.sizing.missing(size.vcpus));
                Extra::Standing(StandingSpec { size, count, credits: None })
            }
            WayId::BeehiveOpenwhisk => Extra::Workers(self.openwhisk()),
            WayId::BeehiveLambda => Extra::Workers(self.lambda(Mode::Root)),
            WayId::Lambda => Extra::Workers(self.lambda(Mode::WholeRequest)),
        })
    }

    fn machines(&self, size: NodeSize, stages: &[Stage], scaling: &Scaling) -> Extra {
        let ready_ms = self.workload.app_ready_ms;
        let mut stages = stages.to_vec();
        // The application's start varies by a tenth or so from start to start.
        let app = Law::log_normal(ready_ms, ready_ms * 1.25);
        stages.push(Stage { name: "application".into(), takes: app, is_billed: true });
        let check = Law::fixed(scaling.health_check_s * 1e3);
        stages.push(Stage { name: "health check".into(), takes: check, is_billed: true });
        Extra::Machines(MachinesSpec {
            size,
            stages,
            warm_up: scaling.warm_up,
            scaler: Scaler {
                period_s: scaling.period_s,
                target_use: self.settings.server.target_use,
                cool_down_s: scaling.cool_down_s,
                machines_max: scaling.machines_max,
            },
        })
    }

    fn burstable(&self) -> Result<Extra, ReportError> {
        let burstable = &self.settings.burstable;
        let instance = self.instances.get(&burstable.instance)?;
        let Some(credits) = instance.credits.clone() else {
            return Err(ReportError::Setting {
                name: "burstable.instance",
                value: burstable.instance.clone(),
                must: "a type with CPU credits, e.g. t3a.xlarge".into(),
            });
        };
        let start = burstable.start_credits.unwrap_or(credits.max as f64);
        Ok(Extra::Standing(StandingSpec {
            size: self.node_of(instance.vcpu),
            count: burstable.count.unwrap_or(self.sizing.missing(instance.vcpu)),
            credits: Some((credits, burstable.mode, start)),
        }))
    }

    fn openwhisk(&self) -> WorkersSpec {
        let openwhisk = &self.settings.openwhisk;
        let limit = crate::simulation::ScaleLimit {
            concurrency_max: openwhisk.workers_max,
            ..crate::simulation::ScaleLimit::NONE
        };
        WorkersSpec {
            mode: Mode::Root,
            policy: self.settings.policy,
            start: openwhisk.start.clone(),
            keep_alive_ns: (openwhisk.keep_alive_s * 1e9) as u64,
            provisioned: 0,
            limit,
            vcpu_share: 1.0,
            warm_up: self.settings.workers.warm_up,
            period_s: self.settings.workers.period_s,
            attempts_max: 1,
        }
    }

    fn lambda(&self, mode: Mode) -> WorkersSpec {
        let lambda = &self.settings.lambda;
        let mut limit = lambda.limits.limit();
        limit.concurrency_max = lambda.concurrency_max;
        let start = match mode {
            Mode::Root => lambda.start.clone(),
            Mode::WholeRequest => self.whole_start(),
        };
        WorkersSpec {
            mode,
            policy: self.settings.policy,
            start,
            keep_alive_ns: (lambda.keep_alive_s * 1e9) as u64,
            provisioned: lambda.provisioned,
            limit,
            vcpu_share: lambda.vcpu_share(),
            warm_up: self.settings.workers.warm_up,
            period_s: self.settings.workers.period_s,
            attempts_max: lambda.attempts_max,
        }
    }

    /// The start of a worker that holds the whole application: the platform's and the
    /// application's own.
    fn whole_start(&self) -> Law {
        let lambda = &self.settings.lambda;
        let own_ms =
            self.workload.app_ready_ms * lambda.app_start_factor / lambda.vcpu_share().min(1.0);
        match &lambda.start {
            Law::Quantiles { points } => {
                Law::Quantiles { points: points.iter().map(|(p, ms)| (*p, ms + own_ms)).collect() }
            }
            other => Law::log_normal(other.mean_ms() + own_ms, (other.mean_ms() + own_ms) * 1.25),
        }
    }
}
