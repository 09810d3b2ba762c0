//! A machine: processor sharing over its vCPUs under a cap of threads, requests beyond the cap
//! wait in arrival order. Exact in integers: service is counted in 1/1024 ns of virtual time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// Full speed of a vCPU; a throttled machine runs at a fraction of it.
pub const FULL_SPEED: u64 = 1024;

/// Size of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSize {
    /// Virtual processors.
    pub vcpus: u32,
    /// Requests handled at once; more wait.
    pub threads: u32,
    /// Requests that may wait; more are refused.
    pub queue_max: u32,
}

/// What became of a request offered to a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It has a thread.
    Started,
    /// It waits for a thread.
    Queued,
    /// Refused.
    Dropped,
}

/// A machine at work.
#[derive(Debug)]
pub struct Node {
    size: NodeSize,
    speed: u64,
    running: BinaryHeap<Reverse<(u64, u32)>>,
    queue: VecDeque<u32>,
    threads_held: u32,
    service: u64,
    settled_at: u64,
    busy_vcpu_ns: u64,
    next_at: u64,
}

impl Node {
    /// An idle machine at time `now`, ns.
    pub fn new(size: NodeSize, now: u64) -> Self {
        Self {
            size,
            speed: FULL_SPEED,
            running: BinaryHeap::new(),
            queue: VecDeque::new(),
            threads_held: 0,
            service: 0,
            settled_at: now,
            busy_vcpu_ns: 0,
            next_at: u64::MAX,
        }
    }

    /// When the next request leaves the processor; `u64::MAX` if none runs.
    pub fn next_at(&self) -> u64 {
        self.next_at
    }

    /// Requests on the processor.
    pub fn running(&self) -> u32 {
        self.running.len() as u32
    }

    /// Requests on the processor or waiting for a thread.
    pub fn backlog(&self) -> u32 {
        (self.running.len() + self.queue.len()) as u32
    }

    /// Requests inside, wherever.
    pub fn inside(&self) -> u32 {
        self.threads_held + self.queue.len() as u32
    }

    /// Size.
    pub fn size(&self) -> NodeSize {
        self.size
    }

    /// vCPU-nanoseconds used until `now`.
    pub fn busy_vcpu_ns(&mut self, now: u64) -> u64 {
        self.settle(now);
        self.busy_vcpu_ns
    }

    /// Offers a request. If it is [`Admission::Started`], the caller runs it.
    pub fn admit(&mut self, request: u32) -> Admission {
        if self.threads_held < self.size.threads {
            self.threads_held += 1;
            Admission::Started
        } else if (self.queue.len() as u32) < self.size.queue_max {
            self.queue.push_back(request);
            Admission::Queued
        } else {
            Admission::Dropped
        }
    }

    /// Puts a request that holds a thread on the processor for `cpu_ns`.
    pub fn run(&mut self, now: u64, request: u32, cpu_ns: u64) {
        self.settle(now);
        self.running.push(Reverse((self.service + cpu_ns * FULL_SPEED, request)));
        self.schedule(now);
    }

    /// Takes the request whose processor time ends at `now`.
    pub fn finish(&mut self, now: u64) -> Option<u32> {
        self.settle(now);
        let Reverse((due, _)) = self.running.peek()?;
        if *due > self.service {
            self.schedule(now);
            return None;
        }
        let Reverse((_, request)) = self.running.pop()?;
        self.schedule(now);
        Some(request)
    }

    /// Gives back a thread; the request that gets it, if one waited.
    pub fn release_thread(&mut self) -> Option<u32> {
        let next = self.queue.pop_front();
        if next.is_none() {
            self.threads_held -= 1;
        }
        next
    }

    /// Changes the speed from `now` on, in 1/1024 of a full vCPU.
    pub fn set_speed(&mut self, now: u64, speed: u64) {
        self.settle(now);
        self.speed = speed.max(1);
        self.schedule(now);
    }

    /// Whether it runs slower than full speed.
    pub fn is_throttled(&self) -> bool {
        self.speed < FULL_SPEED
    }

    fn settle(&mut self, now: u64) {
        let elapsed = now - self.settled_at;
        self.settled_at = now;
        let running = self.running.len() as u64;
        if running == 0 || elapsed == 0 {
            return;
        }
        let parallel = running.min(u64::from(self.size.vcpus));
        self.busy_vcpu_ns += elapsed * parallel * self.speed / FULL_SPEED;
        self.service += if running == parallel {
            elapsed * self.speed
        } else {
            elapsed * parallel * self.speed / running
        };
    }

    fn schedule(&mut self, now: u64) {
        let Some(Reverse((due, _))) = self.running.peek() else {
            self.next_at = u64::MAX;
            return;
        };
        let left = due.saturating_sub(self.service);
        let running = self.running.len() as u64;
        let parallel = running.min(u64::from(self.size.vcpus));
        // Rounded up, so that at `next_at` the service is surely complete.
        let wait = if let Some(product) = left.checked_mul(running) {
            product.div_ceil(parallel * self.speed)
        } else {
            let product = u128::from(left) * u128::from(running);
            product.div_ceil(u128::from(parallel * self.speed)) as u64
        };
        self.next_at = now + wait;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: NodeSize = NodeSize { vcpus: 2, threads: 3, queue_max: 1 };

    #[test]
    fn three_requests_share_two_processors() {
        let mut node = Node::new(SIZE, 0);
        for request in 0..3 {
            assert_eq!(node.admit(request), Admission::Started);
            node.run(0, request, 200);
        }
        assert_eq!(node.next_at(), 300);
        assert_eq!(node.finish(300), Some(0));
        assert_eq!(node.busy_vcpu_ns(300), 600);
    }

    #[test]
    fn beyond_the_threads_requests_wait_and_beyond_the_queue_they_are_refused() {
        let mut node = Node::new(SIZE, 0);
        let fates: Vec<_> = (0..5).map(|r| node.admit(r)).collect();
        assert_eq!(fates[3], Admission::Queued);
        assert_eq!(fates[4], Admission::Dropped);
        assert_eq!(node.release_thread(), Some(3));
        assert_eq!(node.inside(), 3);
        assert_eq!(node.release_thread(), None);
        assert_eq!(node.inside(), 2);
    }

    #[test]
    fn a_throttled_machine_takes_longer_and_uses_less() {
        let mut node = Node::new(SIZE, 0);
        node.admit(0);
        node.run(0, 0, 1000);
        node.set_speed(500, FULL_SPEED / 2);
        assert_eq!(node.next_at(), 1500);
        assert_eq!(node.finish(1500), Some(0));
        assert_eq!(node.busy_vcpu_ns(1500), 1000);
    }
}
