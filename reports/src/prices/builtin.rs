//! The price table carried in the binary (`fixtures/prices/list-prices.csv`), one dated and
//! sourced row a tier. Regions and architectures are columns of it, not code.

use rust_decimal::Decimal;
use serde::Deserialize;

use super::book::{Mark, Price, PriceBook, Tier};
use super::meter::Meter;
use crate::money::parse_price;

const TABLE: &str = include_str!("../../../fixtures/prices/list-prices.csv");

#[derive(Deserialize)]
struct Row {
    service: String,
    meter: String,
    region: String,
    unit: String,
    tier_from: Decimal,
    tier_to: Option<Decimal>,
    usd: String,
    read_on: String,
    source: String,
    mark: String,
}

/// The built-in list prices.
pub fn builtin_prices() -> PriceBook {
    let mut book = PriceBook::default();
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(TABLE.as_bytes());
    // A row that cannot be read is left out, so its price is unknown and shown as `?`; the test
    // below holds the table to having none.
    for row in reader.deserialize::<Row>().flatten() {
        let Ok(usd) = parse_price(&row.usd) else { continue };
        let tier = Tier { from: row.tier_from, to: row.tier_to, usd };
        let meter = Meter::new(&row.service, &row.meter);
        let price = match book.get(&row.region, &meter) {
            Some(known) => {
                let mut known = known.clone();
                known.tiers.push(tier);
                known
            }
            None => Price {
                unit: row.unit,
                tiers: vec![tier],
                dated: row.read_on,
                source: row.source,
                mark: if row.mark == "S" { Mark::Source } else { Mark::Knowledge },
            },
        };
        book.insert(&row.region, meter, price);
    }
    book
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_read_dated_and_in_its_meters_unit() {
        let lines = TABLE.lines().filter(|l| !l.starts_with('#') && !l.is_empty()).count() - 1;
        let book = builtin_prices();
        let tiers: usize = book.rows().map(|(_, _, p)| p.tiers.len()).sum();
        assert_eq!(tiers, lines);
        for (_, meter, price) in book.rows() {
            assert_eq!(price.unit, meter.unit(), "{meter}");
            assert!(price.dated.len() == 10 && price.source.len() > 10, "{meter}");
            assert_eq!(price.tiers[0].from, Decimal::ZERO, "{meter}");
            for pair in price.tiers.windows(2) {
                assert_eq!(pair[0].to, Some(pair[1].from), "{meter}");
            }
            assert_eq!(price.tiers.last().unwrap().to.is_some(), meter.name.contains("Out-Bytes"));
        }
    }
}
