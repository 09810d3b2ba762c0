//! The user's own discounts and contract prices over the list prices (`--prices-overlay`).
//! An entry that matches nothing is an error: a discount silently ignored is a wrong bill.

use std::path::Path;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::book::{Mark, Price, PriceBook};
use super::meter::Meter;
use crate::ReportError;
use crate::money::parse_price;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    price: Vec<Entry>,
}

/// One `[[price]]`: which meters (`*` at the end stands for any rest), and either their price or a
/// discount in percent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    service: String,
    meter: String,
    usd: Option<String>,
    discount_percent: Option<String>,
    dated: Option<String>,
    #[serde(default)]
    add: bool,
}

/// Applies the overlay file at `path` to the prices of `region`.
///
/// # Errors
/// [`ReportError::Overlay`] naming the entry that is wrong or matches no price;
/// [`ReportError::Read`].
pub fn apply_overlay(path: &Path, region: &str, book: &mut PriceBook) -> Result<(), ReportError> {
    let text = std::fs::read_to_string(path).map_err(ReportError::read(path))?;
    let bad = |reason: String| ReportError::Overlay { path: path.to_owned(), reason };
    let overlay: Overlay = toml::from_str(&text).map_err(|e| {
        let start = e.span().map_or(0, |s| s.start);
        let line = 1 + text.bytes().take(start).filter(|b| *b == b'\n').count();
        bad(format!("line {line}: {}", e.message()))
    })?;
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    for entry in &overlay.price {
        let what = format!("{} {}", entry.service, entry.meter);
        entry.apply(region, &name, book).map_err(|reason| bad(format!("`{what}`: {reason}")))?;
    }
    Ok(())
}

impl Entry {
    fn apply(&self, region: &str, file: &str, book: &mut PriceBook) -> Result<(), String> {
        let change = self.change()?;
        let mut matched = 0;
        for (_, _, price) in
            book.rows_mut().filter(|(r, meter, _)| *r == region && self.is_match(meter))
        {
            self.change_price(price, &change, file);
            matched += 1;
        }
        match (matched, &change) {
            (0, Change::Price(usd)) if self.add && !self.meter.ends_with('*') => {
                let meter = Meter::new(&self.service, &self.meter);
                let dated = self.dated.as_deref().unwrap_or("undated");
                let price = Price::flat(meter.unit(), *usd, dated, file, Mark::User);
                book.insert(region, meter, price);
                Ok(())
            }
            (0, _) => Err(format!("matches no price of region {region}")),
            _ => Ok(()),
        }
    }

    fn change(&self) -> Result<Change, String> {
        match (&self.usd, &self.discount_percent) {
            (Some(usd), None) => parse_price(usd).map(Change::Price),
            (None, Some(percent)) => {
                let percent = parse_price(percent)?;
                if percent > Decimal::ONE_HUNDRED {
                    return Err(format!("a discount of {percent} % leaves less than nothing"));
                }
                Ok(Change::Factor(Decimal::ONE - percent / Decimal::ONE_HUNDRED))
            }
            _ => Err("needs either `usd` or `discount_percent`".to_owned()),
        }
    }

    fn change_price(&self, price: &mut Price, change: &Change, file: &str) {
        match change {
            Change::Price(usd) => {
                let dated = self.dated.clone().unwrap_or_else(|| price.dated.clone());
                *price = Price::flat(&price.unit, *usd, &dated, file, Mark::User);
            }
            Change::Factor(factor) => {
                price.scale(*factor);
                price.source = format!("{}, times {factor} by {file}", price.source);
                price.mark = Mark::User;
            }
        }
    }

    fn is_match(&self, meter: &Meter) -> bool {
        meter.service == self.service
            && match self.meter.strip_suffix('*') {
                Some(start) => meter.name.starts_with(start),
                None => meter.name == self.meter,
            }
    }
}

enum Change {
    Price(Decimal),
    Factor(Decimal),
}
