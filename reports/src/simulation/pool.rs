//! Workers of a function platform: one request at a time each, the newest idle one first (as
//! SimFaaS and, by observation, Lambda route), gone after `keep_alive` of idleness. Owns no
//! clock: callers say when. Expiry is settled lazily but counted to the exact instant.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A worker's place; may be used again by a later worker.
pub type WorkerId = u32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Gone,
    Busy,
    Idle,
}

#[derive(Clone, Debug)]
struct Worker {
    state: State,
    born: u64,
    created_at: u64,
    idle_since: u64,
    invocations: u32,
}

/// Sums over all workers, ns and counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PoolTally {
    /// Workers started.
    pub started: u64,
    /// Worker-time between creation and release or expiry, ns.
    pub alive_ns: u64,
    /// Worker-time busy (starting, serving, shadow), ns.
    pub busy_ns: u64,
    /// Most workers alive at once.
    pub alive_max: u64,
}

/// The workers.
#[derive(Debug)]
pub struct WorkerPool {
    keep_alive_ns: u64,
    workers: Vec<Worker>,
    free: Vec<WorkerId>,
    idle: BinaryHeap<(u64, WorkerId)>,
    expiries: BinaryHeap<Reverse<(u64, u64, WorkerId)>>,
    alive: u64,
    busy: u64,
    tally: PoolTally,
}

impl WorkerPool {
    /// No workers yet.
    pub fn new(keep_alive_ns: u64) -> Self {
        Self {
            keep_alive_ns,
            workers: Vec::new(),
            free: Vec::new(),
            idle: BinaryHeap::new(),
            expiries: BinaryHeap::new(),
            alive: 0,
            busy: 0,
            tally: PoolTally::default(),
        }
    }

    /// Workers alive.
    pub fn alive(&self) -> u64 {
        self.alive
    }

    /// Workers busy or starting.
    pub fn busy(&self) -> u64 {
        self.busy
    }

    /// Invocations a worker has begun, the running one included.
    pub fn invocations(&self, id: WorkerId) -> u32 {
        self.workers.get(id as usize).map_or(0, |w| w.invocations)
    }

    /// Lets workers expire whose idle time ended by `now`.
    pub fn expire(&mut self, now: u64) {
        while let Some(&Reverse((due, born, id))) = self.expiries.peek() {
            if due > now {
                break;
            }
            self.expiries.pop();
            self.expire_one(due, born, id);
        }
    }

    /// An idle worker became due; if it worked meanwhile its expiry moves.
    fn expire_one(&mut self, due: u64, born: u64, id: WorkerId) {
        let keep = self.keep_alive_ns;
        let Some(worker) = self.workers.get_mut(id as usize) else { return };
        if worker.born != born || worker.state == State::Gone {
            return;
        }
        let since = if worker.state == State::Idle { worker.idle_since } else { due };
        if since.saturating_add(keep) > due {
            self.expiries.push(Reverse((since.saturating_add(keep), born, id)));
            return;
        }
        worker.state = State::Gone;
        self.tally.alive_ns += due - worker.created_at;
        self.alive -= 1;
        self.free.push(id);
    }

    /// The newest idle worker, now busy.
    pub fn take(&mut self, now: u64) -> Option<WorkerId> {
        self.expire(now);
        while let Some((born, id)) = self.idle.pop() {
            let Some(worker) = self.workers.get_mut(id as usize) else { continue };
            if worker.born == born && worker.state == State::Idle {
                worker.state = State::Busy;
                worker.invocations += 1;
                worker.idle_since = now;
                self.busy += 1;
                return Some(id);
            }
        }
        None
    }

    /// A new worker, busy with starting from `now` on.
    pub fn create(&mut self, now: u64) -> WorkerId {
        self.expire(now);
        self.tally.started += 1;
        let born = self.tally.started;
        let worker =
            Worker { state: State::Busy, born, created_at: now, idle_since: now, invocations: 1 };
        let id = if let Some(id) = self.free.pop() {
            if let Some(place) = self.workers.get_mut(id as usize) {
                *place = worker;
            }
            id
        } else {
            self.workers.push(worker);
            (self.workers.len() - 1) as WorkerId
        };
        if self.keep_alive_ns != u64::MAX {
            self.expiries.push(Reverse((now.saturating_add(self.keep_alive_ns), born, id)));
        }
        self.alive += 1;
        self.busy += 1;
        self.tally.alive_max = self.tally.alive_max.max(self.alive);
        id
    }

    /// A busy worker is idle from `now` on.
    pub fn release(&mut self, id: WorkerId, now: u64) {
        let Some(worker) = self.workers.get_mut(id as usize) else { return };
        debug_assert_eq!(worker.state, State::Busy, "only a busy worker can be released");
        self.tally.busy_ns += now - worker.idle_since;
        worker.state = State::Idle;
        worker.idle_since = now;
        self.busy -= 1;
        self.idle.push((worker.born, id));
    }

    /// Ends the run at `now`: workers still alive are counted up to it.
    pub fn close(&mut self, now: u64) -> PoolTally {
        self.expire(now);
        for worker in &mut self.workers {
            match worker.state {
                State::Gone => continue,
                State::Busy => self.tally.busy_ns += now.saturating_sub(worker.idle_since),
                State::Idle => {}
            }
            self.tally.alive_ns += now.saturating_sub(worker.created_at);
            worker.state = State::Gone;
        }
        self.tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_idle_worker_is_taken_first() {
        let mut pool = WorkerPool::new(1000);
        let (old, new) = (pool.create(0), pool.create(1));
        pool.release(new, 10);
        pool.release(old, 20);
        assert_eq!(pool.take(30), Some(new));
        assert_eq!(pool.take(30), Some(old));
        assert_eq!(pool.take(30), None);
    }

    #[test]
    fn a_worker_expires_exactly_keep_alive_after_its_last_use() {
        let mut pool = WorkerPool::new(100);
        let worker = pool.create(0);
        pool.release(worker, 10);
        assert_eq!(pool.take(50), Some(worker));
        pool.release(worker, 60);
        pool.expire(159);
        assert_eq!(pool.alive(), 1);
        pool.expire(5000);
        assert_eq!(pool.alive(), 0);
        let tally = pool.close(9000);
        assert_eq!((tally.alive_ns, tally.busy_ns, tally.started), (160, 20, 1));
        assert_eq!(pool.take(9001), None);
    }

    #[test]
    fn a_place_used_again_is_another_worker() {
        let mut pool = WorkerPool::new(100);
        let first = pool.create(0);
        pool.release(first, 0);
        pool.expire(1000);
        let second = pool.create(1000);
        assert_eq!(first, second);
        pool.release(second, 1001);
        assert_eq!(pool.take(1002), Some(second));
        assert_eq!(pool.take(1002), None);
    }
}
