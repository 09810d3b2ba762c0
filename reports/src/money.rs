//! Exact money and quantities: decimals, never floats, from the price file to the printed digit.
//! Owns rounding and formatting; knows no meter and no way.

use rust_decimal::{Decimal, RoundingStrategy};

/// Seconds, exactly, from integer nanoseconds.
pub fn seconds(ns: u64) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(ns), 9).normalize()
}

/// A decimal as a float, for statistics and charts only; money itself stays exact.
pub fn to_f64(value: Decimal) -> f64 {
    use rust_decimal::prelude::ToPrimitive;
    value.to_f64().unwrap_or(f64::NAN)
}

/// `value` with `places` digits after the point, half away from zero, as a price tag is read.
pub fn fixed(value: Decimal, places: u32) -> String {
    let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    format!("{rounded:.*}", places as usize)
}

/// Dollars as a person reads them: 4 digits after the point, 6 for sums below a cent, or `?`.
pub fn dollars(amount: Option<Decimal>) -> String {
    match amount {
        None => "?".to_owned(),
        Some(a) if a.is_zero() => "$0".to_owned(),
        Some(a) if a.abs() < Decimal::new(1, 2) => format!("${}", fixed(a, 6)),
        Some(a) => format!("${}", fixed(a, 4)),
    }
}

/// `value` with at most `places` digits after the point and no trailing zeros.
pub fn trimmed(value: Decimal, places: u32) -> String {
    value
        .round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
        .normalize()
        .to_string()
}

/// Reads a price: a plain decimal number, not negative. `NaN`, `inf` and exponents are refused.
///
/// # Errors
/// The reason, as a fragment to put behind the place.
pub fn parse_price(text: &str) -> Result<Decimal, String> {
    let text = text.trim();
    let value = Decimal::from_str_exact(text)
        .map_err(|_| format!("price `{text}` is not a decimal number"))?;
    if value.is_sign_negative() && !value.is_zero() {
        return Err(format!("price `{text}` is negative"));
    }
    Ok(value.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_keep_every_digit_and_bad_ones_say_why() {
        assert_eq!(parse_price("0.0000166667").unwrap().to_string(), "0.0000166667");
        assert_eq!(parse_price(" 0.2000000000 ").unwrap(), Decimal::new(2, 1));
        assert!(parse_price("NaN").unwrap_err().contains("not a decimal"));
        assert!(parse_price("-0.1").unwrap_err().contains("negative"));
        assert!(parse_price("").is_err());
    }

    #[test]
    fn rounding_is_away_from_zero_at_the_middle() {
        assert_eq!(fixed(Decimal::new(45, 4), 3), "0.005");
        assert_eq!(fixed(Decimal::new(44, 4), 3), "0.004");
        assert_eq!(dollars(None), "?");
        assert_eq!(dollars(Some(Decimal::new(667, 5))), "$0.006670");
    }

    #[test]
    fn nanoseconds_are_exact_seconds() {
        assert_eq!(seconds(1_500_000_001).to_string(), "1.500000001");
    }
}
