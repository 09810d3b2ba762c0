//! How much is offloaded: which requests leave the server, decided one by one from what the
//! server sees of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A policy.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "policy")]
pub enum Policy {
    /// While the server is overloaded, this share of the requests.
    Fixed {
        /// 0..=1.
        ratio: f64,
    },
    /// A request that finds this many others per vCPU in the server.
    Queue {
        /// Requests per vCPU.
        per_vcpu: f64,
    },
    /// A request whose predicted latency on the server breaks the goal (the steering of Spandana).
    Slo {
        /// Goal, ms.
        ms: f64,
    },
}

/// What a policy looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    /// Requests on the processor or waiting for a thread.
    pub backlog: u32,
    /// vCPUs.
    pub vcpus: u32,
    /// Mean processor time of a request, ms.
    pub cpu_ms: f64,
    /// Mean waiting of a request, ms.
    pub wait_ms: f64,
    /// Whether the controller saw more load than the server is meant to bear.
    pub is_overloaded: bool,
}

/// A policy at work.
#[derive(Debug)]
pub(super) struct Steering {
    policy: Policy,
    owed_ppm: u32,
}

impl Steering {
    pub fn new(policy: Policy) -> Self {
        Self { policy, owed_ppm: 0 }
    }

    /// Whether the request at hand should leave the server.
    pub fn wants(&mut self, load: &Load) -> bool {
        let vcpus = f64::from(load.vcpus);
        let backlog = f64::from(load.backlog);
        match self.policy {
            Policy::Fixed { ratio } => {
                if !load.is_overloaded {
                    return false;
                }
                self.owed_ppm += (ratio.clamp(0.0, 1.0) * 1e6).round() as u32;
                let is_due = self.owed_ppm >= 1_000_000;
                self.owed_ppm -= u32::from(is_due) * 1_000_000;
                is_due
            }
            Policy::Queue { per_vcpu } => backlog >= per_vcpu * vcpus,
            Policy::Slo { ms } => {
                load.cpu_ms * ((backlog + 1.0) / vcpus).max(1.0) + load.wait_ms > ms
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(backlog: u32, is_overloaded: bool) -> Load {
        Load { backlog, vcpus: 4, cpu_ms: 20.0, wait_ms: 10.0, is_overloaded }
    }

    #[test]
    fn a_fixed_ratio_holds_exactly_and_only_in_overload() {
        let mut steering = Steering::new(Policy::Fixed { ratio: 0.3 });
        assert_eq!((0..1000).filter(|_| steering.wants(&load(9, true))).count(), 300);
        assert!(!steering.wants(&load(100, false)));
    }

    #[test]
    fn queue_and_goal_look_at_the_server() {
        let mut queue = Steering::new(Policy::Queue { per_vcpu: 1.5 });
        assert!(!queue.wants(&load(5, false)) && queue.wants(&load(6, false)));
        let mut slo = Steering::new(Policy::Slo { ms: 60.0 });
        assert!(!slo.wants(&load(9, false)) && slo.wants(&load(10, false)));
    }
}
