//! A Poisson process that switches between a calm and a busy state with exponential stays
//! (MMPP-2): arrivals as bursty as real ones, without a file.

use rand_pcg::Pcg64Mcg;
use serde::{Deserialize, Serialize};

use crate::simulation::law::exponential;

/// The two states.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mmpp {
    /// Rate while calm, requests/s.
    pub calm_per_s: f64,
    /// Rate while busy, requests/s.
    pub busy_per_s: f64,
    /// Mean stay in the calm state, s.
    pub calm_s: f64,
    /// Mean stay in the busy state, s.
    pub busy_s: f64,
    /// Length of the whole, s.
    pub seconds: f64,
}

/// See [`super::ArrivalStream::Switching`].
#[derive(Debug)]
pub struct MmppStream {
    mmpp: Mmpp,
    rng: Pcg64Mcg,
    now_s: f64,
    stay_until_s: f64,
    is_busy: bool,
}

impl MmppStream {
    pub(super) fn new(mmpp: Mmpp, mut rng: Pcg64Mcg) -> Self {
        let stay_until_s = mmpp.calm_s * exponential(&mut rng);
        Self { mmpp, rng, now_s: 0.0, stay_until_s, is_busy: false }
    }
}

impl Iterator for MmppStream {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        loop {
            let rate = if self.is_busy { self.mmpp.busy_per_s } else { self.mmpp.calm_per_s };
            let next_s = self.now_s + exponential(&mut self.rng) / rate;
            if next_s < self.stay_until_s {
                self.now_s = next_s;
                return (next_s < self.mmpp.seconds).then_some((next_s * 1e9) as u64);
            }
            if self.stay_until_s >= self.mmpp.seconds {
                return None;
            }
            // Without memory: drawing anew from the switch on changes nothing in law.
            self.now_s = self.stay_until_s;
            self.is_busy = !self.is_busy;
            let stay_s = if self.is_busy { self.mmpp.busy_s } else { self.mmpp.calm_s };
            self.stay_until_s += stay_s * exponential(&mut self.rng);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Arrivals;
    use super::*;

    #[test]
    fn it_has_its_mean_rate_and_is_burstier_than_poisson() {
        let mmpp = Mmpp {
            calm_per_s: 10.0,
            busy_per_s: 100.0,
            calm_s: 9.0,
            busy_s: 1.0,
            seconds: 20_000.0,
        };
        let instants: Vec<_> = Arrivals::Switching(mmpp).stream(1).collect();
        let rate = instants.len() as f64 / 20_000.0;
        assert!((rate / 19.0 - 1.0).abs() < 0.05, "{rate}");
        let gaps: Vec<_> = instants.windows(2).map(|w| (w[1] - w[0]) as f64).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let var = gaps.iter().map(|g| (g - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!(var.sqrt() / mean > 1.3);
    }
}
