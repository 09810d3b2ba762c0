//! The event heap: integer nanoseconds, ties broken by the order of scheduling, so that a run is
//! the same on every machine and with any number of threads.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A request's waiting (database, network) is over.
    WaitOver(u32),
    /// A request's part on a worker is over.
    WorkerOver(u32),
    /// A worker has started.
    WorkerReady(u32),
    /// A worker has finished a shadow execution.
    ShadowOver(u32),
    /// A machine moves to its next stage of starting.
    NodeStage(u32),
    /// A refused call is tried again.
    Retry(u32),
    /// The controller looks at the load.
    Control,
    /// CPU credits are settled.
    Credits,
    /// Capacity is noted for the timeline.
    Sample,
}

/// Events in time order.
#[derive(Debug, Default)]
pub struct EventHeap {
    heap: BinaryHeap<Reverse<(u64, u32, Event)>>,
    scheduled: u32,
}

impl EventHeap {
    /// Schedules `event` at `at_ns`.
    pub fn push(&mut self, at_ns: u64, event: Event) {
        // Wraps after 4 billion events; only the order of exact ties depends on it.
        self.scheduled = self.scheduled.wrapping_add(1);
        self.heap.push(Reverse((at_ns, self.scheduled, event)));
    }

    /// When the next event is due; `u64::MAX` without one.
    pub fn next_at(&self) -> u64 {
        self.heap.peek().map_or(u64::MAX, |Reverse((at, _, _))| *at)
    }

    /// Takes the next event.
    pub fn pop(&mut self) -> Option<Event> {
        self.heap.pop().map(|Reverse((_, _, event))| event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_time_then_by_scheduling() {
        let mut heap = EventHeap::default();
        heap.push(5, Event::Control);
        heap.push(3, Event::Retry(1));
        heap.push(3, Event::Retry(0));
        assert_eq!(heap.next_at(), 3);
        let order: Vec<_> = std::iter::from_fn(|| heap.pop()).collect();
        assert_eq!(order, [Event::Retry(1), Event::Retry(0), Event::Control]);
        assert_eq!(heap.next_at(), u64::MAX);
    }
}
