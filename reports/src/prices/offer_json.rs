//! The vendor's bulk offer file as JSON, streamed: products that are not ours are skipped while
//! they are read, so a file of 9 GB needs no more memory than one of 9 MB.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::meter::Meter;
use super::offer_document::{Product, Terms, add_terms};
use super::offer_row::{Collected, SERVICES};
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
        let meter = product.collect(&self.service, &self.region, &mut self.collected);
        self.skus.extend(meter.map(|meter| (sku, meter)));
    }

    fn terms(&mut self, meter: &Meter, terms: &Terms) -> Result<(), String> {
        let source = self.source();
        add_terms(meter, terms, &self.published, &source, &mut self.collected)
    }
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
                        let terms = map.next_value::<Terms>()?;
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
