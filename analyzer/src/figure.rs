//! Numbers as people read them: durations with a unit, grouped counts, figures rounded to what they
//! are worth. No units but the ones in the names.

/// A duration for people: three digits and a unit.
pub(crate) fn time(us: f64) -> String {
    match us {
        us if us < 1.0 => format!("{us:.2} µs"),
        us if us < 100.0 => format!("{us:.1} µs"),
        us if us < 1e3 => format!("{us:.0} µs"),
        us if us < 1e5 => format!("{:.2} ms", us / 1e3),
        us if us < 1e6 => format!("{:.0} ms", us / 1e3),
        us => format!("{:.2} s", us / 1e6),
    }
}

/// `1234567` as `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Rounds to four digits.
pub(crate) fn four_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let digits = 3 - value.abs().log10().floor() as i32;
    // Dividing by a power of ten instead of multiplying keeps short decimals short.
    if digits >= 0 {
        let scale = 10f64.powi(digits);
        (value * scale).round() / scale
    } else {
        let scale = 10f64.powi(-digits);
        (value / scale).round() * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let shown = [0.25, 17.0, 130.0, 8420.0, 103_000.0, 2_580_000.0].map(time);
        assert_eq!(shown, ["0.25 µs", "17.0 µs", "130 µs", "8.42 ms", "103 ms", "2.58 s"]);
    }

    #[test]
    fn counts_are_grouped() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn figures_are_rounded_to_four_digits() {
        let rounded = [0.280_666, 90_671.3, -1.234_56, 0.0, f64::NAN]
            .map(|figure| four_digits(figure).to_string());
        assert_eq!(rounded, ["0.2807", "90670", "-1.235", "0", "0"]);
    }
}
