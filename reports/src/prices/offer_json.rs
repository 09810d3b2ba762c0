//! The vendor's bulk offer file as JSON, streamed: products that are not ours are skipped while
//! they are read, so a file of 9 GB needs no more memory than one of 9 MB.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::meter::Meter;
use super::offer_row::{Attributes, Collected, ON_DEMAND_TERM, SERVICES, tier};
use crate::ReportError;

/// Reads the offer file at `path`, keeping the prices of `region`.
pub(super) fn read(path: &Path, region: &str) -> Result<Collected, ReportError> {
    let mut state = State { region: region.to_owned(), ..State::default() };
    pass(path, &mut state)?;
    if state.has_terms_first {
        // JSON promises no order. Now that the products are known, read the terms again.
        state.has_terms_first = false;
        pass(path, &mut state)?;
    }
    Ok(state.collected)
}

fn pass(path: &Path, state: &mut State) -> Result<(), ReportError> {
    let file = File::open(path).map_err(ReportError::read(path))?;
    let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(1 << 20, file));
    At { level: Level::Document, state }.deserialize(&mut reader).map_err(|e| {
        ReportError::PriceFile {
            path: path.to_owned(),
            line: e.line() as u64,
            reason: e.to_string(),
        }
    })
}

#[derive(Default)]
struct State {
    region: String,
    service: String,
    version: String,
    published: String,
    skus: BTreeMap<String, Meter>,
    has_products: bool,
    has_terms_first: bool,
    collected: Collected,
}

impl State {
    fn source(&self) -> String {
        format!("offer file {} version {}", self.service, self.version)
    }

    fn is_ours(&self) -> bool {
        self.service.is_empty() || SERVICES.contains(&self.service.as_str())
    }

    fn product(&mut self, sku: String, product: &Product) {
        let attributes = &product.attributes;
        let service = if self.service.is_empty() {
            attributes.servicecode.as_str()
        } else {
            self.service.as_str()
        };
        self.collected.services.insert(service.to_owned());
        if !attributes.region_code.is_empty() && self.collected.regions.len() < 64 {
            self.collected.regions.insert(attributes.region_code.clone());
        }
        let Some(meter) = attributes.meter(service, &product.product_family, &self.region) else {
            return;
        };
        if meter.name.starts_with("BoxUsage") {
            self.collected.instances.extend(attributes.instance());
        }
        self.skus.insert(sku, meter);
    }

    fn terms(&mut self, meter: &Meter, terms: &BTreeMap<String, Term>) -> Result<(), String> {
        terms
            .values()
            .filter(|t| t.offer_term_code == ON_DEMAND_TERM)
            .flat_map(|t| t.price_dimensions.values())
            .try_for_each(|d| self.dimension(meter, d))
    }

    fn dimension(&mut self, meter: &Meter, dimension: &Dimension) -> Result<(), String> {
        let Some(usd) = dimension.price_per_unit.get("USD") else { return Ok(()) };
        let tier = tier(&dimension.begin_range, &dimension.end_range, usd)
            .map_err(|reason| format!("{meter}: {reason}"))?;
        let dated = self.published.get(..10).unwrap_or(&self.published).to_owned();
        let source = self.source();
        self.collected.add(meter.clone(), tier, &dated, &source);
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    #[serde(default)]
    product_family: String,
    #[serde(default)]
    attributes: Attributes,
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

/// Where in the file a map stands.
#[derive(Clone, Copy)]
enum Level {
    Document,
    Products,
    Terms,
    OnDemand,
}

/// A map of the file, read entry by entry into the state.
struct At<'a> {
    level: Level,
    state: &'a mut State,
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of an offer file")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { level, state } = self;
        while let Some(key) = map.next_key::<String>()? {
            match level {
                Level::Document => document_entry(&key, &mut map, state)?,
                Level::Products => {
                    let product = map.next_value()?;
                    state.product(key, &product);
                }
                Level::Terms if key == "OnDemand" => {
                    map.next_value_seed(At { level: Level::OnDemand, state })?;
                }
                Level::Terms => skip(&mut map)?,
                Level::OnDemand => match state.skus.get(&key).cloned() {
                    None => skip(&mut map)?,
                    Some(meter) => {
                        let terms = map.next_value::<BTreeMap<String, Term>>()?;
                        state.terms(&meter, &terms).map_err(A::Error::custom)?;
                    }
                },
            }
        }
        Ok(())
    }
}

fn document_entry<'de, A: MapAccess<'de>>(
    key: &str,
    map: &mut A,
    state: &mut State,
) -> Result<(), A::Error> {
    match key {
        "offerCode" => {
            state.service = map.next_value()?;
            state.collected.services.insert(state.service.clone());
        }
        "version" => state.version = map.next_value()?,
        "publicationDate" => state.published = map.next_value()?,
        "products" if state.is_ours() && !state.has_products => {
            state.has_products = true;
            map.next_value_seed(At { level: Level::Products, state })?;
        }
        "terms" if state.is_ours() && state.has_products => {
            map.next_value_seed(At { level: Level::Terms, state })?;
        }
        "terms" => {
            state.has_terms_first = state.is_ours();
            skip(map)?;
        }
        _ => skip(map)?,
    }
    Ok(())
}

fn skip<'de, A: MapAccess<'de>>(map: &mut A) -> Result<(), A::Error> {
    map.next_value::<IgnoredAny>().map(drop)
}
