//! The answer of the price query API: one JSON document a product, either as strings in a
//! `PriceList` or one a line. Small by nature, so it is read whole.

use std::path::Path;

use serde::Deserialize;

use super::offer_document::{Product, Terms, add_terms};
use super::offer_row::Collected;
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
    terms: TermKinds,
    #[serde(default)]
    version: String,
    #[serde(default)]
    publication_date: String,
}

#[derive(Default, Deserialize)]
struct TermKinds {
    #[serde(default, rename = "OnDemand")]
    on_demand: Terms,
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
    let service = document.product.service(&document.service_code);
    let Some(meter) = document.product.collect(service, region, into) else {
        return Ok(());
    };
    let source = format!("price query {service} version {}", document.version);
    add_terms(&meter, &document.terms.on_demand, &document.publication_date, &source, into)
}
