//! Products and terms as both JSON forms of an offer spell them: the bulk file and the query answer
//! wrap them differently and meet here. Turns them into meters and tiers of a [`Collected`].

use std::collections::BTreeMap;

use serde::Deserialize;

use super::meter::Meter;
use super::offer_row::{Attributes, Collected, ON_DEMAND_TERM, tier};

/// One product.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Product {
    #[serde(default)]
    product_family: String,
    #[serde(default)]
    attributes: Attributes,
}

impl Product {
    /// The service it belongs to: `stated` by the document around it, else its own attribute.
    pub fn service<'a>(&'a self, stated: &'a str) -> &'a str {
        if stated.is_empty() { &self.attributes.servicecode } else { stated }
    }

    /// Notes service, region and instance type; gives the meter if `region` is billed by it.
    pub fn collect(&self, stated: &str, region: &str, into: &mut Collected) -> Option<Meter> {
        let service = self.service(stated);
        into.services.insert(service.to_owned());
        into.saw_region(&self.attributes.region_code);
        let meter = self.attributes.meter(service, &self.product_family, region)?;
        if meter.name.starts_with("BoxUsage") {
            into.instances.extend(self.attributes.instance());
        }
        Some(meter)
    }
}

/// The terms of one product, by their codes.
pub(super) type Terms = BTreeMap<String, Term>;

/// One term of sale.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Term {
    #[serde(default)]
    offer_term_code: String,
    #[serde(default)]
    price_dimensions: BTreeMap<String, Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    #[serde(default)]
    begin_range: String,
    #[serde(default)]
    end_range: String,
    #[serde(default)]
    price_per_unit: BTreeMap<String, String>,
}

/// Adds the on-demand dollar tiers of `meter`; `published` is a date and time, `source` told in
/// reports.
///
/// # Errors
/// The reason, as a fragment, for a price or range that is no number.
pub(super) fn add_terms(
    meter: &Meter,
    terms: &Terms,
    published: &str,
    source: &str,
    into: &mut Collected,
) -> Result<(), String> {
    let dated = published.get(..10).unwrap_or(published);
    let on_demand = terms.values().filter(|term| term.offer_term_code == ON_DEMAND_TERM);
    for dimension in on_demand.flat_map(|term| term.price_dimensions.values()) {
        let Some(usd) = dimension.price_per_unit.get("USD") else { continue };
        let tier = tier(&dimension.begin_range, &dimension.end_range, usd)
            .map_err(|reason| format!("{meter}: {reason}"))?;
        into.add(meter.clone(), tier, dated, source);
    }
    Ok(())
}
