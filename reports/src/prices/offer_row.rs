//! Which products of an offer file are prices that beehive bills by, and as which meter.
//! The three file forms meet here: each hands over attributes and gets a meter or nothing.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Deserialize;

use super::book::{Mark, Price, Tier};
use super::instances::InstanceType;
use super::meter::Meter;
use crate::money::parse_price;

/// Services whose prices are used.
pub(super) const SERVICES: [&str; 3] = ["AmazonEC2", "AmazonECS", "AWSLambda"];

/// The on-demand term of an offer file.
pub(super) const ON_DEMAND_TERM: &str = "JRTCKXETXF";

/// What a reader found.
#[derive(Default)]
pub(super) struct Collected {
    pub prices: BTreeMap<Meter, Price>,
    pub instances: Vec<InstanceType>,
    pub services: BTreeSet<String>,
    pub regions: BTreeSet<String>,
}

/// Regions remembered for the message about a file of another region.
const REGIONS_MAX: usize = 64;

impl Collected {
    /// Remembers that the file has a row of `region`, within bounds.
    pub fn saw_region(&mut self, region: &str) {
        let is_new = !region.is_empty() && !self.regions.contains(region);
        if is_new && self.regions.len() < REGIONS_MAX {
            self.regions.insert(region.to_owned());
        }
    }

    /// Adds one tier of `meter`.
    pub fn add(&mut self, meter: Meter, tier: Tier, dated: &str, source: &str) {
        let unit = meter.unit();
        let price = self.prices.entry(meter).or_insert_with(|| Price {
            unit: unit.to_owned(),
            tiers: Vec::new(),
            dated: dated.to_owned(),
            source: source.to_owned(),
            mark: Mark::User,
        });
        if !price.tiers.contains(&tier) {
            price.tiers.push(tier);
            price.tiers.sort_by_key(|t| t.from);
        }
    }
}

/// The attributes of a product that decide.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Attributes {
    pub servicecode: String,
    pub region_code: String,
    pub instance_type: String,
    pub operating_system: String,
    pub tenancy: String,
    pub pre_installed_sw: String,
    pub capacitystatus: String,
    pub operation: String,
    pub usagetype: String,
    pub vcpu: String,
    pub memory: String,
    pub physical_processor: String,
}

impl Attributes {
    /// The meter this product is the price of, if beehive uses it.
    pub fn meter(&self, service: &str, family: &str, region: &str) -> Option<Meter> {
        if self.region_code != region {
            return None;
        }
        let meter = Meter::from_usage_type(service, &self.usagetype);
        match service {
            "AmazonEC2" if family.starts_with("Compute Instance") => {
                self.is_plain_linux().then(|| Meter::on_demand(&self.instance_type))
            }
            "AmazonEC2" => {
                let is_credit = meter.name.starts_with("CPUCredits:")
                    && matches!(self.operating_system.as_str(), "Linux" | "");
                (is_credit || meter.name.starts_with("NatGateway-")).then_some(meter)
            }
            "AmazonECS" => meter.name.starts_with("Fargate-").then_some(meter),
            "AWSLambda" => {
                let is_used = meter.name == "Request" || meter.name.starts_with("Lambda-");
                is_used.then_some(meter)
            }
            _ => None,
        }
    }

    fn is_plain_linux(&self) -> bool {
        self.operating_system == "Linux"
            && self.tenancy == "Shared"
            && self.pre_installed_sw == "NA"
            && self.capacitystatus == "Used"
            && self.operation == "RunInstances"
    }

    /// Size of the instance type, where the product states it.
    pub fn instance(&self) -> Option<InstanceType> {
        let vcpu = self.vcpu.trim().parse().ok()?;
        let memory = self.memory.trim().trim_end_matches("GiB").trim().replace(',', "");
        let is_arm = self.physical_processor.contains("Graviton");
        Some(InstanceType {
            name: self.instance_type.clone(),
            vcpu,
            memory_gb: Decimal::from_str_exact(&memory).ok()?,
            arch: if is_arm { "arm64" } else { "x86_64" }.to_owned(),
            credits: None,
        })
    }
}

/// A tier from the strings of an offer file.
///
/// # Errors
/// The reason, as a fragment.
pub(super) fn tier(from: &str, to: &str, usd: &str) -> Result<Tier, String> {
    let bound = |text: &str| {
        Decimal::from_str_exact(text.trim()).map_err(|_| format!("range end `{text}` is no number"))
    };
    Ok(Tier {
        from: if from.trim().is_empty() { Decimal::ZERO } else { bound(from)? },
        to: if matches!(to.trim(), "Inf" | "") { None } else { Some(bound(to)?) },
        usd: parse_price(usd)?,
    })
}
