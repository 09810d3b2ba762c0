//! CPU credits of a burstable machine, in vCPU-nanoseconds: earned at the baseline, spent by use,
//! capped, and in unlimited mode borrowed as surplus. Nothing is lost: what was earned equals what
//! was spent, kept, or spilled over the cap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::prices::Credits;

/// What happens when the balance is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditMode {
    /// Throttled to the baseline.
    Standard,
    /// Surplus credits are borrowed and charged.
    Unlimited,
}

const CREDIT_NS: u64 = 60_000_000_000;

/// The account of one machine, vCPU-nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditAccount {
    mode: CreditMode,
    vcpus: u64,
    baseline_ppm: u64,
    max: u64,
    remainder: u64,
    /// Balance kept.
    pub balance: u64,
    /// Earned since the start.
    pub earned: u64,
    /// Spent since the start, surplus included.
    pub spent: u64,
    /// Lost over the cap.
    pub spilled: u64,
    /// Borrowed and not yet paid back by earning.
    pub surplus: u64,
}

impl CreditAccount {
    /// An account of `credits` for a machine of `vcpus`, holding `start_credits` (one credit = one
    /// vCPU-minute), at most the cap.
    pub fn new(credits: &Credits, vcpus: u32, mode: CreditMode, start_credits: f64) -> Self {
        let max = credits.max * CREDIT_NS;
        let balance = ((start_credits.max(0.0) * CREDIT_NS as f64) as u64).min(max);
        Self {
            mode,
            vcpus: u64::from(vcpus),
            baseline_ppm: (credits.baseline_percent * 10_000.0).round() as u64,
            max,
            remainder: 0,
            balance,
            earned: 0,
            spent: 0,
            spilled: 0,
            surplus: 0,
        }
    }

    /// Share of a vCPU that is free for ever, in 1/1024.
    pub fn baseline_speed(&self) -> u64 {
        self.baseline_ppm * 1024 / 1_000_000
    }

    /// Settles `elapsed` ns in which `used` vCPU-ns were used. Whether the machine must run at its
    /// baseline from now on.
    pub fn settle(&mut self, elapsed: u64, used: u64) -> bool {
        let exact = elapsed * self.vcpus * self.baseline_ppm + self.remainder;
        let mut earned = exact / 1_000_000;
        self.remainder = exact % 1_000_000;
        self.earned += earned;
        self.spent += used;
        let paid_back = earned.min(self.surplus);
        self.surplus -= paid_back;
        earned -= paid_back;
        let have = self.balance + earned;
        if used > have {
            self.surplus += used - have;
            self.balance = 0;
        } else {
            self.balance = (have - used).min(self.max);
            self.spilled += have - used - self.balance;
        }
        self.mode == CreditMode::Standard && self.balance == 0
    }

    /// Surplus that is charged at the end of a life of `life_ns`: what was used above the baseline
    /// of that life beyond the credits held at its start (AWS EC2 guide: the average over 24 hours
    /// or the life of the instance, whichever is shorter). vCPU-ns; 0 in standard mode.
    pub fn charged(&self) -> u64 {
        match self.mode {
            CreditMode::Standard => 0,
            CreditMode::Unlimited => self.surplus,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const T3A_XLARGE: Credits = Credits { baseline_percent: 40.0, per_hour: 96, max: 2304 };
    const S: u64 = 1_000_000_000;

    #[test]
    fn a_full_machine_lasts_sixteen_hours_at_full_use() {
        let mut account = CreditAccount::new(&T3A_XLARGE, 4, CreditMode::Standard, 2304.0);
        let mut minutes = 0;
        while !account.settle(60 * S, 4 * 60 * S) {
            minutes += 1;
        }
        assert!((959..=960).contains(&minutes), "{minutes}");
    }

    #[test]
    fn a_fresh_machine_at_full_use_for_120_s_owes_288_vcpu_seconds() {
        let mut account = CreditAccount::new(&T3A_XLARGE, 4, CreditMode::Unlimited, 0.0);
        for _ in 0..120 {
            assert!(!account.settle(S, 4 * S));
        }
        assert_eq!(account.charged(), 288 * S);
    }

    #[test]
    fn nothing_is_lost() {
        let mut account = CreditAccount::new(&T3A_XLARGE, 4, CreditMode::Unlimited, 10.0);
        let start = account.balance;
        let mut state = 1_u64;
        for _ in 0..100_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            account.settle(S, (state >> 33) % (4 * S));
        }
        assert_eq!(
            start + account.earned + account.surplus,
            account.spent + account.balance + account.spilled
        );
    }
}
