//! The rules of a gate in a build: `fallbacks+10%`, `closure-bytes+64KB`, `roots-1`. Owns their
//! grammar and their arithmetic; what a measure means is told in `measure`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Sums of floating point differ in the last digits with the order of their terms.
const ROUNDING: f64 = 1e-9;

/// What a rule watches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measure {
    /// Fallbacks per request in the steady state.
    Fallbacks,
    /// Native calls per request that a worker cannot run by itself.
    Natives,
    /// Bytes of the initial closures of one request.
    ClosureBytes,
    /// Methods refused now that were not before.
    Refusals,
    /// Methods to be offloaded.
    Roots,
}

impl Measure {
    /// All of them, in the order they are told in.
    pub const ALL: [Self; 5] =
        [Self::Fallbacks, Self::Natives, Self::ClosureBytes, Self::Refusals, Self::Roots];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fallbacks => "fallbacks",
            Self::Natives => "natives",
            Self::ClosureBytes => "closure-bytes",
            Self::Refusals => "refusals",
            Self::Roots => "roots",
        }
    }

    /// Whether less of it is worse.
    fn is_good(self) -> bool {
        self == Self::Roots
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much worse a measure may become.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allowance {
    /// By so much.
    Absolute(f64),
    /// By this share of what it was, in percent.
    Percent(f64),
}

/// One rule: fails the build when the measure became worse by more than the allowance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What it watches.
    pub measure: Measure,
    /// How much worse that may become.
    pub allowance: Allowance,
}

impl Rule {
    /// Whether `new` beside `old` keeps the rule.
    pub fn holds(&self, old: f64, new: f64) -> bool {
        let worse = if self.measure.is_good() { old - new } else { new - old };
        worse <= self.spare(old) + ROUNDING * old.abs().max(1.0)
    }

    /// How much worse it may become when it was `old`.
    fn spare(&self, old: f64) -> f64 {
        match self.allowance {
            Allowance::Absolute(by) => by,
            Allowance::Percent(percent) => old * percent / 100.0,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.measure.is_good() { '-' } else { '+' };
        match self.allowance {
            Allowance::Absolute(by) => write!(f, "{}{sign}{by}", self.measure),
            Allowance::Percent(by) => write!(f, "{}{sign}{by}%", self.measure),
        }
    }
}

impl FromStr for Rule {
    type Err = String;

    /// The error is a sentence for the person who typed the rule.
    fn from_str(text: &str) -> Result<Self, String> {
        let at = sign(text).ok_or_else(|| {
            format!("`{text}` says no amount; write it like fallbacks+10% or fallbacks+2")
        })?;
        let (name, rest) = text.split_at(at);
        let measure = measure(name)?;
        let wanted = if measure.is_good() { '-' } else { '+' };
        let amount = rest.strip_prefix(wanted).ok_or_else(|| wrong_sign(measure))?;
        Ok(Self { measure, allowance: allowance(text, measure, amount)? })
    }
}

/// Where the sign stands; a hyphen before a letter belongs to a name.
fn sign(text: &str) -> Option<usize> {
    let is_letter =
        |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    let found =
        text.char_indices().find(|&(at, c)| at > 0 && (c == '+' || c == '-' && !is_letter(at + 1)));
    found.map(|(at, _)| at)
}

fn measure(name: &str) -> Result<Measure, String> {
    let found = Measure::ALL.into_iter().find(|m| m.name() == name.trim());
    found.ok_or_else(|| {
        let all = Measure::ALL.map(Measure::name).join(", ");
        let why = if matches!(name.trim(), "cpu" | "latency" | "calls") {
            ", because times of two recordings differ by noise and calls by the load"
        } else {
            ""
        };
        format!("`{name}` cannot be a gate{why}; there are {all}")
    })
}

fn wrong_sign(measure: Measure) -> String {
    if measure.is_good() {
        format!("fewer {measure} are worse: write {measure}-1, or {measure}-0 for none lost")
    } else {
        format!("more {measure} are worse: write {measure}+10% or {measure}+0")
    }
}

fn allowance(text: &str, measure: Measure, amount: &str) -> Result<Allowance, String> {
    let bad = || format!("`{amount}` in `{text}` is no amount; write 2, 10% or 64KB");
    let (number, is_percent, factor) = if let Some(number) = amount.strip_suffix('%') {
        (number, true, 1.0)
    } else {
        let digits = amount.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = amount.get(digits.len()..).unwrap_or_default();
        (digits, false, byte_unit(unit, measure).ok_or_else(bad)?)
    };
    let is_plain = number.chars().all(|c| c.is_ascii_digit() || c == '.');
    let value: f64 = number.parse().ok().filter(|_| is_plain).ok_or_else(bad)?;
    Ok(if is_percent { Allowance::Percent(value) } else { Allowance::Absolute(value * factor) })
}

/// Units of bytes are decimal, as in payload limits.
fn byte_unit(unit: &str, measure: Measure) -> Option<f64> {
    match unit {
        "" => Some(1.0),
        "B" if measure == Measure::ClosureBytes => Some(1.0),
        "kB" | "KB" if measure == Measure::ClosureBytes => Some(1e3),
        "MB" if measure == Measure::ClosureBytes => Some(1e6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> Rule {
        text.parse().unwrap()
    }

    #[test]
    fn rules_are_read_and_told_alike() {
        for text in ["fallbacks+10%", "fallbacks+2", "natives+0", "closure-bytes+5%", "roots-1"] {
            assert_eq!(rule(text).to_string(), text);
        }
        assert_eq!(rule("closure-bytes+64KB").allowance, Allowance::Absolute(64_000.0));
        assert_eq!(rule("fallbacks+0.5").allowance, Allowance::Absolute(0.5));
        assert_eq!(rule("roots-25%").allowance, Allowance::Percent(25.0));
    }

    #[test]
    fn what_cannot_be_read_is_told_with_what_can() {
        let told = |text: &str| text.parse::<Rule>().unwrap_err();
        assert!(told("fallbacks").contains("says no amount"));
        assert!(told("").contains("says no amount"));
        assert!(told("+10%").contains("says no amount"));
        assert!(told("speed+10%").contains("there are fallbacks, natives"));
        assert!(told("cpu+10%").contains("noise"));
        assert!(told("roots+1").contains("write roots-1"));
        assert!(told("fallbacks-1").contains("write fallbacks+10%"));
        assert!(told("fallbacks+ten").contains("no amount"));
        assert!(told("fallbacks+10KB").contains("no amount"));
        assert!(told("fallbacks+").contains("no amount"));
        assert!(told("fallbacks+1e9").contains("no amount"));
        assert!(told("fallbacks+-1").contains("no amount"));
        assert!(told("closure-bytes").contains("says no amount"));
    }

    #[test]
    fn a_rule_holds_up_to_its_allowance_and_no_further() {
        assert!(rule("fallbacks+10%").holds(10.0, 11.0));
        assert!(!rule("fallbacks+10%").holds(10.0, 11.01));
        assert!(rule("fallbacks+10%").holds(0.0, 0.0));
        assert!(!rule("fallbacks+10%").holds(0.0, 0.01), "a tenth of nothing is nothing");
        assert!(rule("fallbacks+2").holds(0.1 + 0.2, 2.3));
        assert!(rule("roots-1").holds(3.0, 2.0));
        assert!(!rule("roots-1").holds(3.0, 1.0));
        assert!(rule("roots-0").holds(3.0, 4.0));
        assert!(!rule("refusals+0").holds(0.0, 1.0));
    }
}
