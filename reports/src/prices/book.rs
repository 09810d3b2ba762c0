//! The price book: what each meter costs in each region, in tiers, with date and source.
//! An absent price stays absent: callers get `None` and count it, never zero.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::meter::Meter;

/// How sure a price is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// Read in the named source.
    Source,
    /// From general knowledge; to be confirmed.
    Knowledge,
    /// From a file the user gave.
    User,
}

/// Price of one range of monthly use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tier {
    /// First unit of the month this price is for.
    pub from: Decimal,
    /// Where it ends; `None` = no end.
    pub to: Option<Decimal>,
    /// Dollars per unit.
    pub usd: Decimal,
}

/// Price of a meter in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Price {
    /// Unit the tiers are in: `h`, `vCPU-h`, `GB-h`, `GB-s`, `request`, `GB`, `LCU-h`.
    pub unit: String,
    /// Tiers in rising order.
    pub tiers: Vec<Tier>,
    /// Day the source was read, or the publication date of an offer file.
    pub dated: String,
    /// Where the price was read.
    pub source: String,
    /// How sure it is.
    pub mark: Mark,
}

/// A piece of a quantity that falls into one tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TierPart {
    /// Amount in that tier, in the price's unit.
    pub quantity: Decimal,
    /// Dollars per unit.
    pub usd: Decimal,
}

impl Price {
    /// A price of one tier without end.
    pub fn flat(unit: &str, usd: Decimal, dated: &str, source: &str, mark: Mark) -> Self {
        Self {
            unit: unit.to_owned(),
            tiers: vec![Tier { from: Decimal::ZERO, to: None, usd }],
            dated: dated.to_owned(),
            source: source.to_owned(),
            mark,
        }
    }

    /// Splits `quantity` (in this price's unit), used after `used` units of the month, over the
    /// tiers. What no tier covers is left out, so the parts may sum to less.
    pub fn split(&self, used: Decimal, quantity: Decimal) -> Vec<TierPart> {
        let end = used + quantity;
        self.tiers
            .iter()
            .filter_map(|tier| {
                let from = tier.from.max(used);
                let to = tier.to.map_or(end, |t| t.min(end));
                (to > from).then(|| TierPart { quantity: to - from, usd: tier.usd })
            })
            .collect()
    }

    /// Multiplies every tier by `factor`.
    pub fn scale(&mut self, factor: Decimal) {
        for tier in &mut self.tiers {
            tier.usd = (tier.usd * factor).normalize();
        }
    }
}

/// All prices known, by region and meter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceBook {
    rows: BTreeMap<(String, Meter), Price>,
}

impl PriceBook {
    /// Price of `meter` in `region`.
    pub fn get(&self, region: &str, meter: &Meter) -> Option<&Price> {
        self.rows.get(&(region.to_owned(), meter.clone()))
    }

    /// Puts a price, over the one that was there.
    pub fn insert(&mut self, region: &str, meter: Meter, price: Price) {
        self.rows.insert((region.to_owned(), meter), price);
    }

    /// All rows as (region, meter, price), in order.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &Meter, &Price)> {
        self.rows.iter().map(|((region, meter), price)| (region.as_str(), meter, price))
    }

    /// As [`PriceBook::rows`], to change prices in place.
    pub fn rows_mut(&mut self) -> impl Iterator<Item = (&str, &Meter, &mut Price)> {
        self.rows.iter_mut().map(|((region, meter), price)| (region.as_str(), meter, price))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn a_quantity_that_crosses_tiers_is_split_at_the_boundary() {
        let mut price = Price::flat("GB-s", dec("0.0000166667"), "d", "s", Mark::Source);
        price.tiers[0].to = Some(dec("6000000000"));
        price.tiers.push(Tier { from: dec("6000000000"), to: None, usd: dec("0.000015") });
        let parts = price.split(dec("5999999990"), dec("30"));
        assert_eq!(
            parts,
            [
                TierPart { quantity: dec("10"), usd: dec("0.0000166667") },
                TierPart { quantity: dec("20"), usd: dec("0.000015") },
            ]
        );
        assert!(price.split(dec("1"), Decimal::ZERO).is_empty());
    }
}
