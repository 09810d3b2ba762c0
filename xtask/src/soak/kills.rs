//! Kills workers of a run, one at each due time, by turns: of those that have settled the one that has worked
//! most since the last look, the oldest, the busiest again; then the youngest of all, which may not even be
//! connected. A worker killed young is restarted later and later by the pool, so most must live a while.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::bench::server::cpu_ticks;

/// The pool restarts a worker that has lived that long without delay.
const SETTLED: Duration = Duration::from_millis(2_500);
/// Turns until they begin anew.
const TURNS: u64 = 4;

/// What is known of a worker.
#[derive(Clone, Copy, Debug)]
struct Seen {
    since: Instant,
    ticks: u64,
    worked: u64,
}

/// Kills at most so many.
#[derive(Debug)]
pub struct Killer {
    every: Duration,
    due: Instant,
    at_most: u64,
    seen: BTreeMap<u32, Seen>,
    /// Workers killed.
    pub kills: u64,
}

impl Killer {
    /// One that begins after the first interval.
    pub fn new(every: Duration, at_most: u64) -> Self {
        Self { every, due: Instant::now() + every, at_most, seen: BTreeMap::new(), kills: 0 }
    }

    /// Whether all have been killed that were to be.
    pub fn is_done(&self) -> bool {
        self.kills >= self.at_most
    }

    /// Looks at the workers, and kills one if it is time; one that is missing is killed when it is there.
    pub fn tick(&mut self, workers: &[u32]) {
        let now = Instant::now();
        if now < self.due || self.is_done() {
            return;
        }
        self.look(workers, now);
        let Some(victim) = self.victim(workers, now) else { return };
        let killed = Command::new("kill").args(["-9", &victim.to_string()]).status();
        self.kills += u64::from(killed.is_ok_and(|status| status.success()));
        self.seen.remove(&victim);
        self.due = now + self.every;
    }

    fn look(&mut self, workers: &[u32], now: Instant) {
        self.seen.retain(|pid, _| workers.contains(pid));
        for pid in workers {
            let ticks = cpu_ticks(*pid);
            let seen = self.seen.entry(*pid).or_insert(Seen { since: now, ticks, worked: 0 });
            seen.worked = ticks.saturating_sub(seen.ticks);
            seen.ticks = ticks;
        }
    }

    fn victim(&self, workers: &[u32], now: Instant) -> Option<u32> {
        let settled = self.seen.iter().filter(|(_, seen)| now - seen.since >= SETTLED);
        match self.kills % TURNS {
            1 => settled.min_by_key(|(_, seen)| seen.since).map(|(pid, _)| *pid),
            3 => workers.last().copied(),
            _ => settled.max_by_key(|(_, seen)| seen.worked).map(|(pid, _)| *pid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_is_killed_before_its_time_or_after_the_last() {
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        let mut killer = Killer::new(Duration::ZERO, 1);
        killer.tick(&[]);
        killer.tick(&[child.id()]);
        assert_eq!(killer.kills, 0, "it has not lived long enough");
        killer.kills = 0;
        killer.at_most = 0;
        killer.tick(&[child.id()]);
        assert!(killer.is_done() && killer.kills == 0);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
