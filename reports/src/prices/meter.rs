//! Names of what is charged: service and meter, without the region prefix that bills carry.
//! Each meter has one unit; offer files spell it in many ways, so the meter decides, not the file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A meter of the bill.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct Meter {
    /// Offer code of the service, e.g. `AmazonEC2`.
    pub service: String,
    /// Usage type without region prefix, e.g. `BoxUsage:m4.xlarge`.
    pub name: String,
}

impl Meter {
    /// A meter by service and name.
    pub fn new(service: &str, name: &str) -> Self {
        Self { service: service.to_owned(), name: name.to_owned() }
    }

    /// Hours of an EC2 instance on demand.
    pub fn on_demand(instance_type: &str) -> Self {
        Self::new("AmazonEC2", &format!("BoxUsage:{instance_type}"))
    }

    /// Hours of an EC2 instance reserved for a year without upfront payment.
    pub fn reserved(instance_type: &str) -> Self {
        Self::new("AmazonEC2", &format!("Reserved1yNoUpfront:{instance_type}"))
    }

    /// Surplus CPU credits of a burstable family (`t3`, `t3a`, …), vCPU-hours.
    pub fn cpu_credits(instance_type: &str) -> Self {
        let family = instance_type.split('.').next().unwrap_or(instance_type);
        Self::new("AmazonEC2", &format!("CPUCredits:{family}"))
    }

    /// Fargate vCPU-hours (`is_arm`: on Graviton).
    pub fn fargate_vcpu(is_arm: bool) -> Self {
        Self::new("AmazonECS", if is_arm { "Fargate-ARM-vCPU-Hours" } else { "Fargate-vCPU-Hours" })
    }

    /// Fargate GB-hours.
    pub fn fargate_memory(is_arm: bool) -> Self {
        Self::new("AmazonECS", if is_arm { "Fargate-ARM-GB-Hours" } else { "Fargate-GB-Hours" })
    }

    /// Lambda requests.
    pub fn lambda_request() -> Self {
        Self::new("AWSLambda", "Request")
    }

    /// Lambda GB-seconds of duration on demand.
    pub fn lambda_duration(is_arm: bool) -> Self {
        Self::new("AWSLambda", if is_arm { "Lambda-GB-Second-ARM" } else { "Lambda-GB-Second" })
    }

    /// Lambda GB-seconds of provisioned concurrency held.
    pub fn lambda_provisioned(is_arm: bool) -> Self {
        let name = "Lambda-Provisioned-Concurrency";
        Self::new("AWSLambda", &if is_arm { format!("{name}-ARM") } else { name.to_owned() })
    }

    /// Lambda GB-seconds of duration on provisioned concurrency.
    pub fn lambda_provisioned_duration(is_arm: bool) -> Self {
        let name = "Lambda-Provisioned-GB-Second";
        Self::new("AWSLambda", &if is_arm { format!("{name}-ARM") } else { name.to_owned() })
    }

    /// The unit this meter is charged in.
    pub fn unit(&self) -> &'static str {
        let name = self.name.as_str();
        if name == "Request" {
            "request"
        } else if name.contains("vCPU-Hours") || name.starts_with("CPUCredits") {
            "vCPU-h"
        } else if name.contains("GB-Hours") {
            "GB-h"
        } else if name.starts_with("Lambda-") {
            "GB-s"
        } else if name.ends_with("-Bytes") {
            "GB"
        } else if name == "LCUUsage" {
            "LCU-h"
        } else {
            "h"
        }
    }

    /// Meter of a usage type as bills and offer files spell it: `EUW2-Lambda-GB-Second`,
    /// `USE1-Fargate-vCPU-Hours:perCPU`, `BoxUsage:m4.xlarge`.
    pub fn from_usage_type(service: &str, usage_type: &str) -> Self {
        let bare = strip_region_prefix(usage_type);
        let bare = bare.strip_suffix(":perCPU").unwrap_or(bare);
        Self::new(service, bare)
    }
}

impl std::fmt::Display for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.service, self.name)
    }
}

/// Without a leading `EUW2-` (2 to 5 capitals, one digit at least).
fn strip_region_prefix(usage_type: &str) -> &str {
    let Some((head, tail)) = usage_type.split_once('-') else { return usage_type };
    let letters = head.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_region = letters.len() < head.len()
        && (2..=5).contains(&letters.len())
        && letters.chars().all(|c| c.is_ascii_uppercase());
    if is_region || head == "EU" { tail } else { usage_type }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn region_prefixes_are_not_part_of_a_meter() {
        let meter = |u| Meter::from_usage_type("S", u).name;
        assert_eq!(meter("EUW2-Lambda-GB-Second-ARM"), "Lambda-GB-Second-ARM");
        assert_eq!(meter("USE1-Fargate-vCPU-Hours:perCPU"), "Fargate-vCPU-Hours");
        assert_eq!(meter("Lambda-GB-Second"), "Lambda-GB-Second");
        assert_eq!(meter("EU-BoxUsage:m4.xlarge"), "BoxUsage:m4.xlarge");
        assert_eq!(meter("BoxUsage:m4.xlarge"), "BoxUsage:m4.xlarge");
        assert_eq!(Meter::cpu_credits("t3a.xlarge").name, "CPUCredits:t3a");
        assert_eq!(Meter::fargate_vcpu(true).unit(), "vCPU-h");
    }
}
