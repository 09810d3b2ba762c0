//! Samples of processor time of roots that are rare. They are taken more densely than others, with the
//! chance known, and kept until the run ends: only then it is known how much each of them counts beside
//! the samples that were sent. What is added then leaves the mean unbiased, and as many samples as
//! independent ones with equal chances would be worth.

use std::collections::BTreeMap;

use crate::drained::{DenseSamples, Drained};
use crate::probe_class::CPU_INTERVAL;

/// What was sampled of each root so far, by method row.
#[derive(Debug, Default)]
pub(crate) struct CpuSamples {
    roots: BTreeMap<u32, Sampled>,
}

/// Samples of one root: those kept, and those sent, each of which stands for as many invocations as
/// lie between two of them.
#[derive(Debug, Default, Clone, Copy)]
struct Sampled {
    dense: DenseSamples,
    sent: Sums,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Sums {
    samples: u64,
    cpu_ns: u64,
    wall_ns: u64,
}

impl CpuSamples {
    /// Takes note of what was drained.
    pub(crate) fn keep(&mut self, drained: &Drained) {
        for (row, root) in &drained.roots {
            let sent = &mut self.roots.entry(*row).or_default().sent;
            sent.samples += root.cpu_samples;
            sent.cpu_ns += root.cpu_ns;
            sent.wall_ns += root.cpu_wall_ns;
        }
        for (row, more) in &drained.dense {
            let dense = &mut self.roots.entry(*row).or_default().dense;
            dense.weight += more.weight;
            dense.squares += more.squares;
            dense.cpu_ns += more.cpu_ns;
            dense.wall_ns += more.wall_ns;
        }
    }

    /// Adds what was kept to the last increments.
    pub(crate) fn add_kept(&mut self, drained: &mut Drained) {
        for (row, sampled) in std::mem::take(&mut self.roots) {
            let more = sampled.kept();
            if more.samples > 0 {
                let root = drained.roots.entry(row).or_default();
                root.method = row;
                root.cpu_samples += more.samples;
                root.cpu_ns += more.cpu_ns;
                root.cpu_wall_ns += more.wall_ns;
            }
        }
    }
}

impl Sampled {
    /// What is to be added to the sums that were sent.
    ///
    /// The mean is the weighted one (Horvitz and Thompson); the number of samples is Kish's effective one,
    /// the square of the sum of weights over the sum of their squares. As no sample kept weighs more
    /// than one that was sent, both sums are at least those that were sent.
    fn kept(&self) -> Sums {
        if self.dense.weight == 0 {
            return Sums::default();
        }
        let each = f64::from(CPU_INTERVAL);
        let sent = self.sent.samples as f64;
        let weight = self.dense.weight as f64 + each * sent;
        let squares = self.dense.squares as f64 + each * each * sent;
        let samples = (weight * weight / squares).round();
        let total = |dense: u64, sent: u64| {
            ((dense as f64 + each * sent as f64) / weight * samples).round() as u64
        };
        Sums {
            samples: (samples as u64).saturating_sub(self.sent.samples),
            cpu_ns: total(self.dense.cpu_ns, self.sent.cpu_ns).saturating_sub(self.sent.cpu_ns),
            wall_ns: total(self.dense.wall_ns, self.sent.wall_ns).saturating_sub(self.sent.wall_ns),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampled(dense: [u64; 3], sent: [u64; 2]) -> Sums {
        let [weight, squares, cpu_ns] = dense;
        let [samples, sent_ns] = sent;
        let dense = DenseSamples { weight, squares, cpu_ns, wall_ns: 2 * cpu_ns };
        let sent = Sums { samples, cpu_ns: sent_ns, wall_ns: 2 * sent_ns };
        Sampled { dense, sent }.kept()
    }

    #[test]
    fn a_root_sampled_at_each_call_has_all_its_samples() {
        let kept = sampled([20, 20, 2000], [0, 0]);
        assert_eq!(kept, Sums { samples: 20, cpu_ns: 2000, wall_ns: 4000 });
        assert_eq!(sampled([0, 0, 0], [7, 700]), Sums::default());
    }

    #[test]
    fn slow_first_calls_do_not_count_for_more_than_one_each() {
        // 32 calls of 1,000 ns, then 1,600 of 100 ns of which 100 were sampled.
        let kept = sampled([32, 32, 32_000], [100, 10_000]);
        let (samples, cpu_ns) = (100 + kept.samples, 10_000 + kept.cpu_ns);
        assert_eq!(samples, 104);
        let mean = cpu_ns as f64 / samples as f64;
        let truth = (32.0 * 1000.0 + 1600.0 * 100.0) / 1632.0;
        assert!((mean - truth).abs() < 1.0, "{mean} {truth}");
        assert!(kept.wall_ns.abs_diff(2 * kept.cpu_ns) <= 1, "{kept:?}");
    }
}
