//! Billing rules: from what a run used to metered quantities, and from those to priced lines. Owns
//! minimums, grains and what is billed from when to when; prices come from the book.

mod line;
mod machines;
mod workers;

pub use line::{CostLine, Invoice, Pricing};
pub(crate) use machines::fargate_lines;
pub use machines::{held_seconds, machine_seconds};
pub use workers::{lambda_duration, lambda_requests, slot_seconds};

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ReportError;
use crate::prices::{InstanceTable, Meter};
use crate::settings::Settings;
use crate::simulation::Outcome;
use crate::ways::WayId;

/// What money buys.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Answering requests.
    Serving,
    /// Getting ready to.
    Starting,
    /// Standing by: before and after the burst, between requests, minimum charges.
    Waiting,
}

/// A metered quantity of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// What it is for, e.g. `serving`.
    pub line: &'static str,
    /// The meter.
    pub meter: Meter,
    /// How much, in `unit`.
    pub quantity: Decimal,
    /// Unit of the quantity.
    pub unit: &'static str,
    /// How many of these make one unit of the price.
    pub per: Decimal,
    /// What it buys.
    pub purpose: Purpose,
    /// Whether it is paid without a burst too.
    pub is_held: bool,
    /// The rule it is billed by.
    pub rule: String,
}

/// Seconds in an hour.
pub(crate) const HOUR_S: Decimal = Decimal::from_parts(3600, 0, 0, false, 0);

/// What `way` is billed for a run over `window_ns` whose burst lasts `burst_ns`. The lines and
/// their order depend on the settings only, so runs can be added up line by line.
///
/// # Errors
/// [`ReportError::UnknownInstance`].
pub fn uses(
    way: WayId,
    outcome: &Outcome,
    [window_ns, burst_ns]: [u64; 2],
    settings: &Settings,
    instances: &InstanceTable,
) -> Result<Vec<Use>, ReportError> {
    Ok(match way {
        WayId::Ec2 => machines::on_demand(outcome, &settings.ec2),
        WayId::Fargate => machines::fargate(outcome, &settings.fargate),
        WayId::Burstable => {
            let burstable = &settings.burstable;
            let meter = Meter::on_demand(&burstable.instance);
            let mut uses = machines::standing(outcome, &meter, [window_ns, burst_ns]);
            uses.push(machines::surplus(outcome, &burstable.instance));
            uses
        }
        WayId::Reserved => {
            let reserved = &settings.reserved;
            let meter = if reserved.is_reserved_price {
                Meter::reserved(&reserved.instance)
            } else {
                Meter::on_demand(&reserved.instance)
            };
            machines::standing(outcome, &meter, [window_ns, burst_ns])
        }
        WayId::BeehiveOpenwhisk => {
            let host = instances.get(&settings.openwhisk.host_instance)?;
            workers::openwhisk(outcome, host)
        }
        WayId::BeehiveLambda | WayId::Lambda => {
            workers::lambda(outcome, &settings.lambda, window_ns)
        }
    })
}
