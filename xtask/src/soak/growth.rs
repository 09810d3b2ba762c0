//! Memory and id tables over a soak: taken every few seconds, shown by tenths of the time, and in the last
//! quarter no larger than in the second, when everything has been used once.

use std::fmt::Write;

use crate::process::Step;

/// Growth from the second quarter to the last that is none: the collector's and the compiler's freedom.
const GROWTH_MAX_PERCENT: u64 = 10;
/// Samples below which nothing can be said.
const SAMPLES_MIN: usize = 24;

/// A quantity over time.
#[derive(Clone, Debug, Default)]
pub struct Series {
    samples: Vec<u64>,
}

impl Series {
    /// Takes one; what could not be read is left out.
    pub fn push(&mut self, sample: Option<u64>) {
        self.samples.extend(sample);
    }

    /// The largest of each tenth of the time.
    pub fn tenths(&self) -> String {
        let part = self.samples.len().div_ceil(10).max(1);
        self.samples.chunks(part).fold(String::new(), |mut text, part| {
            let _ = write!(text, "{} ", part.iter().max().copied().unwrap_or_default());
            text
        })
    }

    /// Fails when it has grown by more than `slack` and the percentage allowed.
    pub fn must_be_flat(&self, name: &str, slack: u64) -> Step {
        if self.samples.len() < SAMPLES_MIN {
            return Ok(());
        }
        let quarter = self.samples.len() / 4;
        let largest = |from: usize| {
            self.samples.iter().skip(from).take(quarter).max().copied().unwrap_or_default()
        };
        let (second, last) = (largest(quarter), largest(3 * quarter));
        if last > second + slack + second * GROWTH_MAX_PERCENT / 100 {
            return Err(format!(
                "{name} grows: {second} in the second quarter, {last} in the last"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(samples: impl Iterator<Item = u64>) -> Series {
        Series { samples: samples.collect() }
    }

    #[test]
    fn what_levels_off_is_flat_and_what_climbs_is_not() {
        let settles = series((0..100).map(|n| 500 + n.min(20)));
        settles.must_be_flat("memory", 0).unwrap();
        let climbs = series((0..100).map(|n| 500 + 5 * n));
        assert!(climbs.must_be_flat("memory", 0).unwrap_err().contains("memory grows"));
        assert_eq!(series(1..=20).tenths(), "2 4 6 8 10 12 14 16 18 20 ");
    }
}
