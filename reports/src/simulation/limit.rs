//! Limits of a function platform: environments at once, and how fast new ones may appear
//! (a bucket that refills continuously, in integer billionths of an environment).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Scaling limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScaleLimit {
    /// Environments at once, all functions of the account.
    pub concurrency_max: u64,
    /// New environments allowed at once.
    pub burst: u64,
    /// New environments allowed per minute after that.
    pub refill_per_minute: u64,
}

impl ScaleLimit {
    /// Lambda since November 2023: 1,000 environments per function every 10 s, refilled
    /// continuously, under 1,000 of the account (AWS Lambda guide, scaling behaviour).
    pub const LAMBDA: Self = Self { concurrency_max: 1000, burst: 1000, refill_per_minute: 6000 };

    /// Lambda before November 2023 in us-east-1: 3,000 at once, then 500 a minute, under the
    /// account's 1,000 by default (AWS operator guide).
    pub const LAMBDA_BEFORE_2023_11: Self =
        Self { concurrency_max: 1000, burst: 3000, refill_per_minute: 500 };

    /// No limit.
    pub const NONE: Self =
        Self { concurrency_max: u64::MAX, burst: u64::MAX, refill_per_minute: 0 };
}

/// A [`ScaleLimit`] at work.
#[derive(Debug)]
pub struct ScaleGate {
    limit: ScaleLimit,
    tokens: u128,
    settled_at: u64,
}

const TOKEN: u128 = 60_000_000_000;

impl ScaleGate {
    /// With a full bucket at time 0.
    pub fn new(limit: ScaleLimit) -> Self {
        Self { limit, tokens: u128::from(limit.burst) * TOKEN, settled_at: 0 }
    }

    /// Whether one more environment may start at `now` beside `alive` others; takes its token.
    pub fn allows(&mut self, now: u64, alive: u64) -> bool {
        let earned = u128::from(now - self.settled_at) * u128::from(self.limit.refill_per_minute);
        self.settled_at = now;
        self.tokens = (self.tokens + earned).min(u128::from(self.limit.burst) * TOKEN);
        if alive >= self.limit.concurrency_max || self.tokens < TOKEN {
            return false;
        }
        self.tokens -= TOKEN;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_refills_continuously_and_is_not_saved_up() {
        let limit = ScaleLimit { concurrency_max: 5000, burst: 1000, refill_per_minute: 6000 };
        let mut gate = ScaleGate::new(limit);
        let granted = (0..3000).filter(|_| gate.allows(0, 0)).count();
        assert_eq!(granted, 1000);
        assert!(!gate.allows(9_999_999, 0));
        assert!(gate.allows(10_000_000, 0), "one every 10 ms");
        let later = (0..3000).filter(|_| gate.allows(3_600_000_000_000, 0)).count();
        assert_eq!(later, 1000);
    }

    #[test]
    fn the_account_caps_what_is_alive() {
        let mut gate = ScaleGate::new(ScaleLimit::LAMBDA);
        assert!(gate.allows(0, 999));
        assert!(!gate.allows(0, 1000));
    }
}
