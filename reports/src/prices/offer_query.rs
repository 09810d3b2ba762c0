//! The answer of the price query API: one JSON document a product, either as strings in a
//! `PriceList` or one a line. Small by nature, so it is read whole.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::offer_row::{Attributes, Collected, ON_DEMAND_TERM, tier};
use crate::ReportError;

#[derive(Deserialize)]
struct Listed {
    #[serde(rename = "PriceList")]
    price_list: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    product: Product,
    #[serde(default)]
    service_code: String,
    #[serde(default)]
    terms: Terms,
    #[serde(default)]
    version: String,
    #[serde(default)]
    publication_date: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    #[serde(default)]
    product_family: String,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
struct Terms {
    #[serde(default, rename = "OnDemand")]
    on_demand: BTreeMap<String, Term>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
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

/// Reads the products at `path`, keeping the prices of `region`.
pub(super) fn read(path: &Path, region: &str) -> Result<Collected, ReportError> {
    let text = std::fs::read_to_string(path).map_err(ReportError::read(path))?;
    let bad = |line: usize, reason: String| ReportError::PriceFile {
        path: path.to_owned(),
        line: line as u64,
        reason,
    };
    let mut collected = Collected::default();
    if let Ok(listed) = serde_json::from_str::<Listed>(&text) {
        for (index, value) in listed.price_list.into_iter().enumerate() {
            let document = match value {
                serde_json::Value::String(text) => serde_json::from_str(&text),
                other => serde_json::from_value(other),
            };
            let document = document.map_err(|e| bad(0, format!("product {index}: {e}")))?;
            collect(&document, region, &mut collected)
                .map_err(|e| bad(0, format!("product {index}: {e}")))?;
        }
        return Ok(collected);
    }
    for document in serde_json::Deserializer::from_str(&text).into_iter::<Document>() {
        let document = document.map_err(|e| bad(e.line(), e.to_string()))?;
        collect(&document, region, &mut collected).map_err(|reason| bad(0, reason))?;
    }
    Ok(collected)
}

fn collect(document: &Document, region: &str, into: &mut Collected) -> Result<(), String> {
    let attributes = &document.product.attributes;
    let service = if document.service_code.is_empty() {
        attributes.servicecode.as_str()
    } else {
        document.service_code.as_str()
    };
    into.services.insert(service.to_owned());
    into.regions.insert(attributes.region_code.clone());
    let Some(meter) = attributes.meter(service, &document.product.product_family, region) else {
        return Ok(());
    };
    if meter.name.starts_with("BoxUsage") {
        into.instances.extend(attributes.instance());
    }
    let source = format!("price query {service} version {}", document.version);
    let dated = document.publication_date.get(..10).unwrap_or(&document.publication_date);
    let terms = document.terms.on_demand.values().filter(|t| t.offer_term_code == ON_DEMAND_TERM);
    for dimension in terms.flat_map(|t| t.price_dimensions.values()) {
        let Some(usd) = dimension.price_per_unit.get("USD") else { continue };
        let tier = tier(&dimension.begin_range, &dimension.end_range, usd)
            .map_err(|reason| format!("{meter}: {reason}"))?;
        into.add(meter.clone(), tier, dated, &source);
    }
    Ok(())
}
