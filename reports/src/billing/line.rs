//! Priced lines: quantity / per x price, exactly, in tiers. A line whose price is unknown stays on
//! the invoice with `?` and is counted; the total is then only a lower bound and says so.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Purpose, Use};
use crate::money::to_f64;
use crate::prices::{Mark, Meter, PriceBook};
use crate::settings::LambdaSettings;

/// A line of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CostLine {
    /// What it is for.
    pub line: String,
    /// Service and meter.
    pub meter: Meter,
    /// How much, mean over the seeds.
    pub quantity: Decimal,
    /// Unit of the quantity.
    pub unit: String,
    /// How many of that unit make one unit of the price.
    pub per: Decimal,
    /// Dollars per unit of the price; `None` = unknown.
    pub price: Option<Decimal>,
    /// Unit of the price.
    pub price_unit: String,
    /// Dollars; `None` = unknown.
    pub amount: Option<Decimal>,
    /// What it buys.
    pub purpose: Purpose,
    /// Whether it is paid without a burst too.
    pub is_held: bool,
    /// The billing rule.
    pub rule: String,
    /// Day of the price.
    pub dated: String,
    /// Source of the price.
    pub source: String,
    /// How sure the price is; `None` = unknown.
    pub mark: Option<Mark>,
}

/// A bill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Invoice {
    /// Lines.
    pub lines: Vec<CostLine>,
    /// Sum of the lines whose price is known.
    pub known: Decimal,
    /// Lines with a quantity but without a price.
    pub unpriced: usize,
}

impl Invoice {
    /// Dollars; `None` if a line has no price.
    pub fn total(&self) -> Option<Decimal> {
        (self.unpriced == 0).then_some(self.known)
    }

    /// Dollars of the lines paid without a burst too.
    pub fn held(&self) -> Decimal {
        self.lines.iter().filter(|l| l.is_held).filter_map(|l| l.amount).sum()
    }
}

/// Prices as they apply to one account.
#[derive(Clone, Copy, Debug)]
pub struct Pricing<'a> {
    /// Prices.
    pub book: &'a PriceBook,
    /// Region.
    pub region: &'a str,
    /// Use of the month before, free tier.
    pub lambda: &'a LambdaSettings,
}

/// Monthly allowances of Lambda's free tier.
const FREE_REQUESTS: u64 = 1_000_000;
const FREE_GB_S: u64 = 400_000;

impl Pricing<'_> {
    /// Prices `uses`, the sum of `runs` runs, as the mean of one.
    pub fn invoice(&self, uses: &[Use], runs: u32) -> Invoice {
        let mut used: BTreeMap<Meter, Decimal> = BTreeMap::new();
        let mut invoice = Invoice::default();
        for one in uses {
            let quantity = (one.quantity / Decimal::from(runs.max(1))).normalize();
            let before =
                used.entry(one.meter.clone()).or_insert_with(|| self.used_before(&one.meter));
            // Rounded once, so that parts of it add up to it exactly.
            let in_price_units = (quantity / one.per).round_dp(18);
            let lines = self.lines(one, in_price_units, *before);
            *before += in_price_units;
            invoice.lines.extend(lines);
        }
        for line in &invoice.lines {
            match line.amount {
                Some(amount) => invoice.known += amount,
                None => invoice.unpriced += 1,
            }
        }
        invoice
    }

    /// Dollars of one run, for statistics; unknown prices count as nothing.
    pub fn dollars(&self, uses: &[Use]) -> f64 {
        to_f64(self.invoice(uses, 1).known)
    }

    fn used_before(&self, meter: &Meter) -> Decimal {
        if *meter == Meter::lambda_request() {
            Decimal::from(self.lambda.month_requests)
        } else if *meter == Meter::lambda_duration(self.lambda.is_arm) {
            Decimal::from(self.lambda.month_gb_s)
        } else {
            Decimal::ZERO
        }
    }

    fn free(&self, meter: &Meter) -> Decimal {
        if !self.lambda.is_free_tier {
            Decimal::ZERO
        } else if *meter == Meter::lambda_request() {
            Decimal::from(FREE_REQUESTS)
        } else if *meter == Meter::lambda_duration(self.lambda.is_arm) {
            Decimal::from(FREE_GB_S)
        } else {
            Decimal::ZERO
        }
    }

    /// The lines of one use: free part, then one a tier. `quantity` and `before` are in units of
    /// the price.
    fn lines(&self, one: &Use, quantity: Decimal, before: Decimal) -> Vec<CostLine> {
        if quantity.is_zero() {
            return Vec::new();
        }
        let Some(price) = self.book.get(self.region, &one.meter) else {
            return vec![line(one, quantity, None)];
        };
        let known = |quantity: Decimal, usd: Decimal| {
            let priced = Priced { usd, dated: &price.dated, source: &price.source };
            let mut line = line(one, quantity, Some(&priced));
            line.mark = Some(price.mark);
            line
        };
        let free = (self.free(&one.meter) - before).clamp(Decimal::ZERO, quantity);
        let mut lines = Vec::new();
        if !free.is_zero() {
            let mut part = known(free, Decimal::ZERO);
            part.rule = format!("{}; within the monthly free tier", part.rule);
            lines.push(part);
        }
        let parts = price.split(before + free, quantity - free);
        let covered: Decimal = parts.iter().map(|p| p.quantity).sum();
        lines.extend(parts.into_iter().map(|p| known(p.quantity, p.usd)));
        if covered < quantity - free {
            lines.push(line(one, quantity - free - covered, None));
        }
        lines
    }
}

struct Priced<'a> {
    usd: Decimal,
    dated: &'a str,
    source: &'a str,
}

fn line(one: &Use, in_price_units: Decimal, priced: Option<&Priced<'_>>) -> CostLine {
    CostLine {
        line: one.line.to_owned(),
        meter: one.meter.clone(),
        quantity: (in_price_units * one.per).round_dp(12).normalize(),
        unit: one.unit.to_owned(),
        per: one.per,
        price: priced.map(|p| p.usd),
        price_unit: one.meter.unit().to_owned(),
        amount: priced.map(|p| (in_price_units * p.usd).normalize()),
        purpose: one.purpose,
        is_held: one.is_held,
        rule: one.rule.clone(),
        dated: priced.map_or_else(String::new, |p| p.dated.to_owned()),
        source: priced
            .as_ref()
            .map_or_else(|| "no price known".to_owned(), |p| p.source.to_owned()),
        mark: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::{lambda_duration, lambda_requests, machine_seconds};
    use crate::prices::builtin_prices;

    fn pricing<'a>(book: &'a PriceBook, lambda: &'a LambdaSettings) -> Pricing<'a> {
        Pricing { book, region: "us-east-1", lambda }
    }

    #[test]
    fn two_minutes_of_an_m4_xlarge_are_two_thirds_of_a_cent() {
        let (book, lambda) = (builtin_prices(), LambdaSettings::default());
        let invoice = pricing(&book, &lambda)
            .invoice(&[machine_seconds("serving", "m4.xlarge", Decimal::from(120), "r")], 1);
        assert_eq!(crate::money::fixed(invoice.total().unwrap(), 6), "0.006667");
        assert_eq!(invoice.lines[0].quantity, Decimal::from(120));
    }

    #[test]
    fn an_unknown_price_is_a_question_mark_and_is_counted() {
        let (book, lambda) = (builtin_prices(), LambdaSettings::default());
        let uses = [
            machine_seconds("serving", "m4.xlarge", Decimal::from(120), "r"),
            machine_seconds("serving", "m99.xlarge", Decimal::from(120), "r"),
        ];
        let invoice = pricing(&book, &lambda).invoice(&uses, 1);
        assert_eq!(invoice.total(), None);
        assert_eq!(invoice.unpriced, 1);
        assert_eq!(invoice.lines[1].amount, None);
        assert!(invoice.known > Decimal::ZERO);
    }

    #[test]
    fn the_free_tier_is_off_by_default_and_shown_as_a_line_when_on() {
        let book = builtin_prices();
        let uses = [lambda_requests(1_500_000)];
        let off = LambdaSettings::default();
        assert_eq!(pricing(&book, &off).invoice(&uses, 1).total(), Some(Decimal::new(3, 1)));
        let on = LambdaSettings { is_free_tier: true, ..off };
        let invoice = pricing(&book, &on).invoice(&uses, 1);
        assert_eq!(invoice.total(), Some(Decimal::new(1, 1)));
        assert_eq!(invoice.lines.len(), 2);
    }

    #[test]
    fn tiers_go_on_over_the_lines_of_one_meter() {
        let book = builtin_prices();
        let lambda = LambdaSettings { month_gb_s: 5_999_999_999, ..LambdaSettings::default() };
        let duration = |line| lambda_duration(line, Meter::lambda_duration(false), 1000, 1024, "r");
        let invoice = pricing(&book, &lambda).invoice(&[duration("a"), duration("b")], 1);
        let prices: Vec<_> = invoice.lines.iter().map(|l| l.price.unwrap().to_string()).collect();
        assert_eq!(prices, ["0.0000166667", "0.000015"]);
    }
}
