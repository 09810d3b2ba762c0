//! Turns what the probe class drained into rows of the trace. The keys' layout is that of
//! `BeeProbe.key`: the high half is the caller's id, or, with the sign bit and not -1, what else is
//! counted and an index; the low half is the method's id.

use beehive_trace::{Edge, RootKind, RootStats};
use std::collections::BTreeMap;

use crate::note::row_of;

const LATENCY_BUCKET: u32 = 1;
const LATENCY_SUM_NS: u32 = 2;
const EXCEPTIONS: u32 = 3;
const CPU_SAMPLES: u32 = 4;
const CPU_SUM_NS: u32 = 5;
const CPU_WALL_NS: u32 = 6;
const VIRTUAL_STARTS: u32 = 7;
const DENSE_WEIGHT: u32 = 8;
const DENSE_SQUARES: u32 = 9;
const DENSE_CPU_NS: u32 = 10;
const DENSE_WALL_NS: u32 = 11;
/// Method ids from here on are the probe class's own calibration.
const CALIBRATION: u32 = 0x3fff_fff0;
/// High half of the key of a call from outside.
const FROM_OUTSIDE: u32 = u32::MAX;

/// One drain, as increments.
#[derive(Debug, Default)]
pub(crate) struct Drained {
    /// Totals of the run so far.
    pub(crate) totals: Totals,
    /// Calls since the last drain.
    pub(crate) edges: Vec<Edge>,
    /// Timed invocations since the last drain, by method row.
    pub(crate) roots: BTreeMap<u32, RootStats>,
    /// Samples of processor time of rare roots since the last drain, by method row.
    pub(crate) dense: BTreeMap<u32, DenseSamples>,
    /// Virtual threads started since the last drain, with the starter's row.
    pub(crate) virtual_starts: Vec<(u32, u64)>,
}

/// Totals the probe class keeps for the whole run.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Totals {
    pub(crate) owners_lost: u64,
    pub(crate) notes_dropped: u64,
    pub(crate) unbalanced: u64,
}

/// Samples of processor time of a root that is rare so far, each weighted by the invocations it was
/// picked from.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DenseSamples {
    /// Sum of the weights, and of their squares.
    pub(crate) weight: u64,
    pub(crate) squares: u64,
    /// Weighted sums of processor time and latency, ns.
    pub(crate) cpu_ns: u64,
    pub(crate) wall_ns: u64,
}

/// Reads the answer of `BeeProbe.drain`.
pub(crate) fn read_drained(longs: &[i64]) -> Drained {
    let mut drained = Drained::default();
    let (head, pairs) = longs.split_at_checked(3).unwrap_or((longs, &[]));
    if let &[owners_lost, notes_dropped, unbalanced] = head {
        let [owners_lost, notes_dropped, unbalanced] =
            [owners_lost, notes_dropped, unbalanced].map(|n| n.max(0) as u64);
        drained.totals = Totals { owners_lost, notes_dropped, unbalanced };
    }
    for pair in pairs.chunks_exact(2) {
        if let &[key, amount] = pair {
            drained.take(key as u64, amount.max(0) as u64);
        }
    }
    drained
}

impl Drained {
    fn take(&mut self, key: u64, amount: u64) {
        let (high, low) = ((key >> 32) as u32, key as u32);
        if (CALIBRATION..i32::MAX as u32).contains(&low) {
            return;
        }
        let callee = row_of(low as i32);
        if high == FROM_OUTSIDE || high >> 31 == 0 {
            let caller = row_of(high as i32);
            self.edges.push(Edge { caller, callee, count: amount });
            return;
        }
        let (what, index) = (high >> 16 & 0x7fff, high as u16);
        if what == VIRTUAL_STARTS {
            self.virtual_starts.push((callee, amount));
            return;
        }
        let root = self.roots.entry(callee).or_default();
        root.method = callee;
        root.kind = RootKind::Entry;
        match what {
            LATENCY_BUCKET => root.latency.add_bucket(index, amount),
            LATENCY_SUM_NS => root.latency.sum_ns += amount,
            EXCEPTIONS => root.exceptions += amount,
            CPU_SAMPLES => root.cpu_samples += amount,
            CPU_SUM_NS => root.cpu_ns += amount,
            CPU_WALL_NS => root.cpu_wall_ns += amount,
            _ => self.dense.entry(callee).or_default().take(what, amount),
        }
    }
}

impl DenseSamples {
    fn take(&mut self, what: u32, amount: u64) {
        match what {
            DENSE_WEIGHT => self.weight += amount,
            DENSE_SQUARES => self.squares += amount,
            DENSE_CPU_NS => self.cpu_ns += amount,
            DENSE_WALL_NS => self.wall_ns += amount,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::OUTSIDE;

    fn key(what: u32, index: u32, id: u32) -> i64 {
        (u64::from(0x8000_0000 | what << 16 | index) << 32 | u64::from(id)) as i64
    }

    #[test]
    fn keys_tell_calls_from_clocks() {
        let longs = [
            2,
            3,
            4,
            (5i64 << 32) | 7,
            10,
            (-1i64 << 32) | 7,
            11,
            key(LATENCY_BUCKET, 1215, 7),
            12,
            key(LATENCY_SUM_NS, 0, 7),
            13,
            key(VIRTUAL_STARTS, 0, 0),
            14,
            (-1i64 << 32) | i64::from(CALIBRATION),
            15,
        ];
        let drained = read_drained(&longs);
        assert_eq!(drained.totals.unbalanced, 4);
        assert_eq!(
            drained.edges,
            [
                Edge { caller: 4, callee: 6, count: 10 },
                Edge { caller: OUTSIDE, callee: 6, count: 11 }
            ]
        );
        let root = &drained.roots[&6];
        assert_eq!((root.latency.buckets[&1215], root.latency.sum_ns), (12, 13));
        assert_eq!(drained.virtual_starts, [(OUTSIDE, 14)]);
        assert_eq!(drained.roots.len(), 1);
    }
}
