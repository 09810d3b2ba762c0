//! Numbers as a person reads them.

/// `value` with three significant digits, thousands kept whole: 0.123, 12.3, 1,230.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return "?".to_owned();
    }
    let magnitude = value.abs();
    let text = match magnitude {
        0.0 => return "0".to_owned(),
        m if m >= 999.5 => return grouped(value.round() as i64),
        m if m >= 99.95 => format!("{value:.0}"),
        m if m >= 9.995 => format!("{value:.1}"),
        m if m >= 0.9995 => format!("{value:.2}"),
        m if m >= 0.0995 => format!("{value:.3}"),
        m if m >= 0.00995 => format!("{value:.4}"),
        m if m >= 0.000_995 => format!("{value:.5}"),
        _ => format!("{value:.6}"),
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// An integer with commas between thousands.
fn grouped(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if value < 0 { format!("-{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_digits_are_enough() {
        let shown: Vec<_> =
            [0.0, 0.123_456, 0.000_123_4, 12.345, 200.0, 1234.5, 1_234_567.0, -12_345.0, f64::NAN]
                .map(number)
                .to_vec();
        assert_eq!(
            shown,
            ["0", "0.123", "0.000123", "12.3", "200", "1,235", "1,234,567", "-12,345", "?"]
        );
    }
}
