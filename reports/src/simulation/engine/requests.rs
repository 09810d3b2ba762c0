//! A request's way: admitted by a machine, on its processor, perhaps on a worker, waiting, done.

use rand::RngExt;

use super::super::event::Event;
use super::super::node::Admission;
use super::super::policy::Load;
use super::super::pool::WorkerId;
use super::super::scenario::{Extra, Mode, WorkersSpec};
use super::Engine;
use super::capacity::PROVISIONED;
use crate::workload::{Demand, OffloadCost};

/// First back-off of a refused call, ms; it doubles with each attempt.
const BACK_OFF_MS: f64 = 100.0;

/// Where a request is going.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Route {
    /// All on the server.
    #[default]
    Local,
    /// Its root on a worker, after the server's part.
    Offload,
    /// All on a worker.
    Whole,
}

/// A request inside.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Request {
    arrived: u64,
    demand: Demand,
    node: u32,
    route: Route,
    worker: WorkerId,
    attempts: u32,
}

/// Requests inside, by slot.
#[derive(Debug, Default)]
pub(super) struct Slab {
    requests: Vec<Request>,
    free: Vec<u32>,
}

impl Slab {
    fn insert(&mut self, request: Request) -> u32 {
        if let Some(slot) = self.free.pop() {
            if let Some(place) = self.requests.get_mut(slot as usize) {
                *place = request;
            }
            return slot;
        }
        self.requests.push(request);
        (self.requests.len() - 1) as u32
    }

    fn get(&self, slot: u32) -> Request {
        self.requests.get(slot as usize).copied().unwrap_or_default()
    }

    fn get_mut(&mut self, slot: u32) -> Option<&mut Request> {
        self.requests.get_mut(slot as usize)
    }

    fn remove(&mut self, slot: u32) {
        self.free.push(slot);
    }
}

impl Engine<'_> {
    /// A request arrives.
    pub(super) fn arrive(&mut self) {
        let demand = self.scenario.workload.draw(&mut self.draws);
        self.sensed.arrivals += 1;
        self.inside += 1;
        if self.is_counted(self.now) {
            self.outcome.arrived += 1;
            self.outcome.burst_arrived += u64::from(self.scenario.burst.contains(&self.now));
            if let Some(bucket) = self.timeline.at(self.now, self.scenario.bucket_ns) {
                bucket.arrived += 1;
            }
        }
        let node = self.least_loaded();
        let request =
            Request { arrived: self.now, demand, node: node as u32, ..Request::default() };
        let slot = self.requests.insert(request);
        if self.is_sent_whole(node) {
            self.send_whole(slot);
            return;
        }
        self.admit(slot, node);
    }

    fn admit(&mut self, slot: u32, node: usize) {
        let Some(place) = self.nodes.get_mut(node) else { return };
        match place.admit(slot) {
            Admission::Started => self.start(slot),
            Admission::Queued => self.outcome.queued += u64::from(self.is_counted(self.now)),
            Admission::Dropped => self.drop_request(slot),
        }
    }

    /// The serving machine with the fewest requests inside per vCPU.
    fn least_loaded(&self) -> usize {
        let load = |index: usize| {
            self.nodes
                .get(index)
                .map_or((u64::MAX, 1), |n| (u64::from(n.inside()), u64::from(n.size().vcpus)))
        };
        let mut best = self.serving.first().copied().unwrap_or(0);
        for &candidate in self.serving.iter().skip(1) {
            let ((a, b), (c, d)) = (load(candidate), load(best));
            if a.saturating_mul(d) < c.saturating_mul(b) {
                best = candidate;
            }
        }
        best
    }

    fn workers(&self) -> Option<&WorkersSpec> {
        match &self.scenario.extra {
            Extra::Workers(spec) => Some(spec),
            _ => None,
        }
    }

    fn load_of(&self, node: usize) -> Load {
        let (backlog, vcpus) =
            self.nodes.get(node).map_or((0, 1), |n| (n.backlog(), n.size().vcpus));
        Load {
            backlog,
            vcpus,
            cpu_ms: self.cpu_ms,
            wait_ms: self.wait_ms,
            is_overloaded: self.sensed.is_overloaded,
        }
    }

    fn is_sent_whole(&mut self, node: usize) -> bool {
        if self.workers().is_none_or(|w| w.mode != Mode::WholeRequest) {
            return false;
        }
        let load = self.load_of(node);
        self.steering.wants(&load)
    }

    /// A request has its thread: choose its route and put it on the processor.
    fn start(&mut self, slot: u32) {
        let request = self.requests.get(slot);
        let mut cpu_ns = request.demand.cpu_ns;
        if let Some(cost) = self.offload_cost(&request.demand) {
            let load = self.load_of(request.node as usize);
            if self.steering.wants(&load) {
                self.sensed.wishes += 1;
                cpu_ns = scaled_ns(cost.cpu_left_ms, &request.demand);
                if let Some(place) = self.requests.get_mut(slot) {
                    place.route = Route::Offload;
                }
            }
        }
        self.run_on_node(slot, request.node as usize, cpu_ns);
    }

    fn offload_cost(&self, demand: &Demand) -> Option<OffloadCost> {
        self.workers().filter(|w| w.mode == Mode::Root)?;
        self.scenario.workload.classes.get(usize::from(demand.class))?.offload
    }

    fn run_on_node(&mut self, slot: u32, node: usize, cpu_ns: u64) {
        let factor = self.warm_up_of(node);
        let cpu_ns = if factor > 1.0 { (cpu_ns as f64 * factor) as u64 } else { cpu_ns };
        if let Some(place) = self.nodes.get_mut(node) {
            place.run(self.now, slot, cpu_ns);
        }
    }

    /// A request leaves the processor of `node`.
    pub(super) fn processor_done(&mut self, node: usize) {
        let Some(slot) = self.nodes.get_mut(node).and_then(|n| n.finish(self.now)) else { return };
        let request = self.requests.get(slot);
        if request.route == Route::Offload {
            self.send_root(slot, request);
        } else {
            self.wait(slot, request.demand.wait_ns);
        }
    }

    fn wait(&mut self, slot: u32, wait_ns: u64) {
        if wait_ns == 0 {
            self.complete(slot);
        } else {
            self.timers.push(self.now + wait_ns, Event::WaitOver(slot));
        }
    }

    /// The root of a request goes to an idle worker; without one it runs at home and a new worker
    /// gets it as a shadow execution.
    fn send_root(&mut self, slot: u32, request: Request) {
        let Some(cost) = self.offload_cost(&request.demand) else { return };
        let Some(worker) = self.take_worker() else {
            self.outcome.kept_home += u64::from(self.is_counted(request.arrived));
            if let Some(place) = self.requests.get_mut(slot) {
                place.route = Route::Local;
            }
            let done_ns = scaled_ns(cost.cpu_left_ms, &request.demand);
            let left_ns = request.demand.cpu_ns.saturating_sub(done_ns).max(1);
            self.run_on_node(slot, request.node as usize, left_ns);
            self.maybe_start_worker();
            return;
        };
        let took_ns = self.root_ns(&cost, &request.demand, worker);
        self.invoke(slot, worker, took_ns, took_ns);
    }

    fn root_ns(&self, cost: &OffloadCost, demand: &Demand, worker: WorkerId) -> u64 {
        let Some(spec) = self.workers() else { return 0 };
        let age = self.age_of(worker);
        let cpu_ms = cost.worker_cpu_ms / spec.vcpu_share.min(1.0) * spec.warm_up.factor_at(age);
        scaled_ns(cpu_ms + cost.worker_wait_ms, demand) + (cost.added_ms * 1e6) as u64
    }

    /// The request is on `worker` for `took_ns`, of which `billed_ns` count as service.
    fn invoke(&mut self, slot: u32, worker: WorkerId, took_ns: u64, billed_ns: u64) {
        let Some(place) = self.requests.get_mut(slot) else { return };
        place.worker = worker;
        let arrived = place.arrived;
        self.outcome.workers.invocations += 1;
        let billed_ms = billed_ns.div_ceil(1_000_000);
        self.outcome.workers.served_ms += billed_ms;
        if worker & PROVISIONED != 0 {
            self.outcome.workers.provisioned_ms += billed_ms;
        }
        if self.is_counted(arrived) {
            self.outcome.offloaded += 1;
            if let Some(bucket) = self.timeline.at(arrived, self.scenario.bucket_ns) {
                bucket.offloaded += 1;
            }
        }
        self.timers.push(self.now + took_ns, Event::WorkerOver(slot));
    }

    /// The whole request goes to a worker, a new one if none is idle; refused, it comes back later.
    pub(super) fn send_whole(&mut self, slot: u32) {
        let request = self.requests.get(slot);
        let Some(spec) = self.workers().cloned() else { return };
        let idle = self.take_worker();
        let (worker, start_ns) = if let Some(worker) = idle {
            (worker, 0)
        } else if self.gate.allows(self.now, self.pool.alive()) {
            let start_ns = spec.start.sample(&mut self.start_draws);
            self.bill_start(start_ns);
            (self.pool.create(self.now), start_ns)
        } else {
            self.refused(slot, request, &spec);
            return;
        };
        if let Some(place) = self.requests.get_mut(slot) {
            place.route = Route::Whole;
        }
        let age = self.age_of(worker);
        let slower = spec.warm_up.factor_at(age) / spec.vcpu_share.min(1.0);
        let cpu_ns = (request.demand.cpu_ns as f64 * slower) as u64;
        let served_ns = cpu_ns + request.demand.wait_ns;
        self.invoke(slot, worker, start_ns + served_ns, served_ns);
    }

    fn refused(&mut self, slot: u32, request: Request, spec: &WorkersSpec) {
        self.outcome.workers.refused += 1;
        let attempts = request.attempts + 1;
        if attempts >= spec.attempts_max {
            self.drop_request(slot);
            return;
        }
        if let Some(place) = self.requests.get_mut(slot) {
            place.attempts = attempts;
        }
        // Full jitter over an exponential back-off.
        let ceiling_ms = BACK_OFF_MS * f64::from(2_u32.saturating_pow(attempts.min(16)));
        let wait_ns = (ceiling_ms * self.back_off.random::<f64>() * 1e6) as u64;
        self.timers.push(self.now + wait_ns.max(1), Event::Retry(slot));
    }

    /// A request's part on its worker is over.
    pub(super) fn worker_over(&mut self, slot: u32) {
        let request = self.requests.get(slot);
        self.release_worker(request.worker);
        if request.route == Route::Whole {
            self.leave(slot, request);
            return;
        }
        let wait_ms = self.offload_cost(&request.demand).map_or(0.0, |c| c.wait_left_ms);
        self.wait(slot, scaled_ns(wait_ms, &request.demand));
    }

    /// A request on a machine is answered; its thread goes to the next.
    pub(super) fn complete(&mut self, slot: u32) {
        let request = self.requests.get(slot);
        let node = request.node as usize;
        let next = self.nodes.get_mut(node).and_then(super::super::node::Node::release_thread);
        self.leave(slot, request);
        match next {
            Some(next) => self.start(next),
            None => self.maybe_gone(node),
        }
    }

    fn leave(&mut self, slot: u32, request: Request) {
        self.inside -= 1;
        self.requests.remove(slot);
        if !self.is_counted(request.arrived) {
            return;
        }
        let latency = self.now - request.arrived;
        self.outcome.answered += 1;
        self.outcome.latency_sum_ns += u128::from(latency);
        self.outcome.ended_at = self.now;
        self.record(request.arrived, latency);
    }

    fn record(&mut self, arrived: u64, latency: u64) {
        if self.scenario.burst.contains(&arrived) {
            self.outcome.burst.record(latency);
        }
        if let Some(bucket) = self.timeline.at(arrived, self.scenario.bucket_ns) {
            bucket.latencies.record(latency);
        }
    }

    fn drop_request(&mut self, slot: u32) {
        let request = self.requests.get(slot);
        self.inside -= 1;
        self.requests.remove(slot);
        if !self.is_counted(request.arrived) {
            return;
        }
        self.outcome.dropped += 1;
        if let Some(bucket) = self.timeline.at(request.arrived, self.scenario.bucket_ns) {
            bucket.dropped += 1;
        }
    }

    pub(super) fn is_counted(&self, arrived: u64) -> bool {
        arrived >= self.scenario.measured_from_ns
    }
}

/// A mean time scaled by the factor of one request, ns.
fn scaled_ns(mean_ms: f64, demand: &Demand) -> u64 {
    (mean_ms * 1e6 * f64::from(demand.factor) / 65_536.0) as u64
}
