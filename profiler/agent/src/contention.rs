//! Waits for monitors, from the event before to the event after. Told apart by the identity hashes of
//! thread and monitor, not by the system's thread: a virtual thread may go on on another carrier.

use std::collections::HashMap;
use std::time::Instant;

/// A thread and the monitor it waits for. Two pairs of equal hashes would have to wait at one time to
/// be mixed up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct WaitKey {
    pub(crate) thread: i32,
    pub(crate) monitor: i32,
}

/// Waits under way. A thread that dies waiting leaves its entry; only a killed VM does that.
#[derive(Debug, Default)]
pub(crate) struct Waits(HashMap<WaitKey, Instant>);

impl Waits {
    /// The wait begins.
    pub(crate) fn begin(&mut self, key: WaitKey) {
        self.0.insert(key, Instant::now());
    }

    /// The wait is over: how long it was, ns; `None` if its begin is not known.
    pub(crate) fn end(&mut self, key: WaitKey) -> Option<u64> {
        Some(self.0.remove(&key)?.elapsed().as_nanos() as u64)
    }
}
