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

/// Bytes for people: three digits and a decimal unit, as payload limits are told in.
pub(crate) fn bytes(bytes: f64) -> String {
    let (value, unit) = match bytes {
        b if b < 1e3 => return format!("{b:.0} B"),
        b if b < 1e6 => (b / 1e3, "kB"),
        b => (b / 1e6, "MB"),
    };
    let digits = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.digits$} {unit}")
}

/// A mean count for people: whole numbers as such, others with three digits.
pub(crate) fn count(value: f64) -> String {
    if (value - value.round()).abs() < 5e-4 * value.abs().max(1e-3) {
        return grouped(value.round().max(0.0) as u64);
    }
    match value {
        v if v < 0.01 => "< 0.01".to_owned(),
        v if v < 9.995 => format!("{v:.2}"),
        v if v < 99.95 => format!("{v:.1}"),
        v => grouped(v.round() as u64),
    }
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
    fn bytes_have_three_digits_and_a_unit() {
        let shown = [0.0, 999.0, 1000.0, 58_230.0, 999_999.0, 8_800_000.0].map(bytes);
        assert_eq!(shown, ["0 B", "999 B", "1.00 kB", "58.2 kB", "1000 kB", "8.80 MB"]);
    }

    #[test]
    fn mean_counts_are_whole_where_they_are() {
        let shown = [0.0, 2.0, 0.0625, 12.345, 1234.56, 0.001].map(count);
        assert_eq!(shown, ["0", "2", "0.06", "12.3", "1,235", "< 0.01"]);
    }

    #[test]
    fn figures_are_rounded_to_four_digits() {
        let rounded = [0.280_666, 90_671.3, -1.234_56, 0.0, f64::NAN]
            .map(|figure| four_digits(figure).to_string());
        assert_eq!(rounded, ["0.2807", "90670", "-1.235", "0", "0"]);
    }
}
