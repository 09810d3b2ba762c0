//! How many machines the load needs, from the mean demand: the server for the base, standing
//! machines for the burst. Slow machines that come by themselves are the simulation's business.

use crate::workload::Workload;

/// The load, requests a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Outside the burst.
    pub base_per_s: f64,
    /// In the burst.
    pub burst_per_s: f64,
}

/// Machines and what they are for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizing {
    /// Machines of the server.
    pub servers: u32,
    /// vCPUs of the server.
    pub server_vcpus: f64,
    /// vCPUs the base load keeps busy.
    pub base_vcpus: f64,
    /// vCPUs the burst would keep busy.
    pub burst_vcpus: f64,
    /// Use aimed at, 0..1.
    pub target_use: f64,
}

impl Sizing {
    /// Machines for `load`; `count` fixes the server's.
    pub fn new(
        load: Load,
        workload: &Workload,
        server_vcpu: u32,
        count: Option<u32>,
        target_use: f64,
    ) -> Self {
        let cpu_s = workload.cpu_ms_mean() / 1e3;
        let base_vcpus = load.base_per_s * cpu_s;
        let vcpu = f64::from(server_vcpu);
        let servers =
            count.unwrap_or_else(|| ((base_vcpus / target_use / vcpu).ceil() as u32).max(1));
        Self {
            servers,
            server_vcpus: f64::from(servers) * vcpu,
            base_vcpus,
            burst_vcpus: load.burst_per_s * cpu_s,
            target_use,
        }
    }

    /// Machines of `vcpus` missing for the burst at the target use.
    pub fn missing(&self, vcpus: u32) -> u32 {
        let missing = self.burst_vcpus / self.target_use - self.server_vcpus;
        (missing / f64::from(vcpus)).ceil().max(0.0) as u32
    }

    /// Whether the server bears the burst at the target use.
    pub fn is_burst_borne(&self) -> bool {
        self.burst_vcpus <= self.server_vcpus * self.target_use
    }
}

/// A load that keeps half of one server busy, and four times that in the burst.
impl Load {
    /// For a server of `vcpus` in all.
    pub fn typical(workload: &Workload, vcpus: u32) -> Self {
        let base_per_s = 0.5 * f64::from(vcpus) / (workload.cpu_ms_mean() / 1e3);
        // Two digits are enough for a guess, and read better.
        let digits = 10_f64.powf(base_per_s.log10().floor() - 1.0);
        let base_per_s = (base_per_s / digits).round() * digits;
        Self { base_per_s, burst_per_s: 4.0 * base_per_s }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::Spread;

    #[test]
    fn machines_follow_the_demand() {
        let workload = Workload::single(20.0, Spread::Equal);
        let load = Load { base_per_s: 100.0, burst_per_s: 600.0 };
        let sizing = Sizing::new(load, &workload, 4, None, 0.6);
        assert_eq!(sizing.servers, 1);
        assert_eq!(sizing.missing(4), 4, "12 busy vCPUs / 0.6 - 4 = 16");
        assert!(!sizing.is_burst_borne());
        let typical = Load::typical(&workload, 4);
        assert!((typical.base_per_s - 100.0).abs() < 1e-9);
    }
}
