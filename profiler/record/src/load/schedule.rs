//! Which request is meant to be sent when: an arrival rate, and a sequence of picks by weight that
//! depends on the seed alone. No clock and no sending here.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::error::RecordError;

/// An arrival rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    per_second: f64,
}

impl Rate {
    /// Requests a second.
    pub fn per_second(self) -> f64 {
        self.per_second
    }

    /// Intended time of the `index`-th request, from the start of the load.
    pub(crate) fn time_of(self, index: u64) -> Duration {
        Duration::from_secs_f64(index as f64 / self.per_second)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/s", self.per_second)
    }
}

impl FromStr for Rate {
    type Err = RecordError;

    /// `50/s`, `3000/min`, `7200/h`; a bare number is per second.
    fn from_str(text: &str) -> Result<Self, RecordError> {
        let wrong = || RecordError::Argument {
            what: "rate",
            text: text.to_owned(),
            reason: "give it as 50/s, 3000/min or 7200/h".to_owned(),
        };
        let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit.trim() {
            "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            _ => return Err(wrong()),
        };
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        let per_second = number / seconds;
        let is_sane = per_second.is_finite() && per_second > 0.0 && per_second <= 1e6;
        is_sane.then_some(Self { per_second }).ok_or_else(wrong)
    }
}

/// Endless picks of indices by weight.
#[derive(Clone, Debug)]
pub(crate) struct Picks {
    /// Running sums of the weights.
    bounds: Vec<u64>,
    random: Pcg64Mcg,
}

impl Picks {
    /// Picks among `weights`; their sum must not be 0.
    pub(crate) fn new(weights: &[u32], seed: u64) -> Self {
        let mut sum = 0u64;
        let bounds = weights.iter().map(|weight| {
            sum += u64::from(*weight);
            sum
        });
        Self { bounds: bounds.collect(), random: Pcg64Mcg::seed_from_u64(seed) }
    }

    /// Index of the next pick.
    pub(crate) fn pick(&mut self) -> usize {
        let total = self.bounds.last().copied().unwrap_or_default().max(1);
        let value = self.random.random_range(0..total);
        self.bounds.partition_point(|bound| *bound <= value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_in_every_unit_and_nonsense_is_refused() {
        for (text, per_second) in [("50/s", 50.0), ("3000/min", 50.0), ("7200/h", 2.0), ("5", 5.0)]
        {
            assert!((text.parse::<Rate>().unwrap().per_second() - per_second).abs() < 1e-9);
        }
        for text in ["", "0/s", "-1/s", "50/day", "fast", "inf/s", "NaN"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
        assert_eq!("4/s".parse::<Rate>().unwrap().time_of(10), Duration::from_millis(2500));
    }

    #[test]
    fn picks_follow_the_weights_and_the_seed() {
        let draw = |seed| {
            let mut picks = Picks::new(&[8, 0, 2], seed);
            (0..10_000).map(|_| picks.pick()).collect::<Vec<_>>()
        };
        let first = draw(1);
        assert_eq!(first, draw(1));
        assert_ne!(first, draw(2));
        let count = |index| first.iter().filter(|pick| **pick == index).count();
        assert_eq!((count(1), count(3)), (0, 0));
        assert!((7_800..8_200).contains(&count(0)), "{}", count(0));
    }
}
