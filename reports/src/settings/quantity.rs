//! Quantities as a person types them: `200/s`, `120s`, `p99=200ms`, `queue:1.5`.

use super::Goal;
use crate::simulation::Policy;

/// A rate: `200/s`, `12000/min`, or a bare number a second. Requests a second.
///
/// # Errors
/// What is wrong, with an example.
pub fn parse_rate(text: &str) -> Result<f64, String> {
    let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
    let per = match unit.trim() {
        "s" => 1.0,
        "min" | "m" => 60.0,
        _ => return Err(format!("`{text}` is no rate, write e.g. 200/s")),
    };
    let value: f64 =
        number.trim().parse().map_err(|_| format!("`{text}` is no rate, write e.g. 200/s"))?;
    if !value.is_finite() || value <= 0.0 {
        return Err(format!("`{text}`: a rate must be above 0"));
    }
    Ok(value / per)
}

/// A duration with its unit: `250ms`, `120s`, `2min`, `1h`. Seconds.
///
/// # Errors
/// What is wrong, with an example.
pub fn parse_seconds(text: &str) -> Result<f64, String> {
    let bad = || format!("`{text}` is no duration, write e.g. 120s or 250ms");
    let digits = text
        .trim()
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-'))
        .ok_or_else(bad)?;
    let (number, unit) = text.trim().split_at(digits);
    let factor = match unit.trim() {
        "us" | "µs" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "min" | "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(bad()),
    };
    let value: f64 = number.parse().map_err(|_| bad())?;
    if !value.is_finite() || value < 0.0 {
        return Err(format!("`{text}`: a duration must not be negative"));
    }
    Ok(value * factor)
}

/// A goal for latency: `p99=200ms`, `p99.9=1s`.
///
/// # Errors
/// What is wrong, with an example.
pub fn parse_goal(text: &str) -> Result<Goal, String> {
    let bad = || format!("`{text}` is no goal, write e.g. p99=200ms");
    let (percentile, time) = text.split_once('=').ok_or_else(bad)?;
    let percent: f64 =
        percentile.trim().strip_prefix('p').and_then(|p| p.parse().ok()).ok_or_else(bad)?;
    if !(0.0..100.0).contains(&percent) {
        return Err(format!("`{text}`: the percentile must be in 0..100"));
    }
    // p99.9 is meant as 0.999, not as what the division leaves.
    let quantile = (percent * 1e6).round() / 1e8;
    Ok(Goal { quantile, ms: parse_seconds(time)? * 1e3 })
}

/// A policy: `fixed:0.5`, `queue:1.5`, `slo:200ms`.
///
/// # Errors
/// What is wrong, with the choices.
pub fn parse_policy(text: &str) -> Result<Policy, String> {
    let bad = || format!("`{text}` is no policy, write fixed:0.5, queue:1.5 or slo:200ms");
    let (name, value) = text.split_once(':').ok_or_else(bad)?;
    match name {
        "fixed" => match value.parse::<f64>() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(Policy::Fixed { ratio }),
            _ => Err(format!("`{text}`: the ratio must be in 0..1")),
        },
        "queue" => match value.parse::<f64>() {
            Ok(per_vcpu) if per_vcpu >= 0.0 && per_vcpu.is_finite() => {
                Ok(Policy::Queue { per_vcpu })
            }
            _ => Err(bad()),
        },
        "slo" => Ok(Policy::Slo { ms: parse_seconds(value)? * 1e3 }),
        _ => Err(bad()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_with_their_units() {
        assert_eq!(parse_rate("200/s"), Ok(200.0));
        assert_eq!(parse_rate("120/min"), Ok(2.0));
        assert_eq!(parse_seconds("250ms"), Ok(0.25));
        assert_eq!(parse_seconds("2min"), Ok(120.0));
        assert_eq!(parse_goal("p99.9=1s"), Ok(Goal { quantile: 0.999, ms: 1000.0 }));
        assert_eq!(parse_policy("queue:1.5"), Ok(Policy::Queue { per_vcpu: 1.5 }));
        assert_eq!(parse_policy("slo:200ms"), Ok(Policy::Slo { ms: 200.0 }));
    }

    #[test]
    fn nonsense_is_refused_with_an_example() {
        for text in ["-5/s", "NaN/s", "inf", "0/s", "5/fortnight"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
        for text in ["-5s", "5", "", "s", "5 parsecs"] {
            assert!(parse_seconds(text).is_err(), "{text}");
        }
        for text in ["99=2s", "p100=1s", "p99"] {
            assert!(parse_goal(text).is_err(), "{text}");
        }
        for text in ["fixed:2", "queue", "magic:1"] {
            assert!(parse_policy(text).is_err(), "{text}");
        }
    }
}
