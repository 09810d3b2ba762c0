//! Capacity that comes and goes: machines that start in stages and leave, workers that start and
//! shadow, the controller that decides, credits that run out.

use super::super::credits::CreditAccount;
use super::super::event::Event;
use super::super::node::{FULL_SPEED, Node, NodeSize};
use super::super::outcome::{MachineLife, Outcome};
use super::super::pool::WorkerId;
use super::super::scenario::{Extra, MachinesSpec, Mode, StandingSpec, WorkersSpec};
use super::{CREDIT_PERIOD_NS, Engine, Machine, MachineState};
use crate::simulation::law::ns;

/// Marks the id of a provisioned worker.
pub(super) const PROVISIONED: WorkerId = 1 << 31;

/// Use of workers the controller plans with.
const WORKER_USE: f64 = 0.7;

/// The server counts as overloaded above the first share of its vCPUs, until below the second.
const OVERLOAD: (f64, f64) = (0.8, 0.7);

impl Engine<'_> {
    /// Sets up what stands there from the start and the first timers.
    pub(super) fn open(&mut self) {
        let scenario = self.scenario;
        self.timers.push(0, Event::Sample);
        match &scenario.extra {
            Extra::None => {}
            Extra::Machines(spec) => {
                self.timers.push(period_ns(spec.scaler.period_s), Event::Control);
            }
            Extra::Standing(spec) => self.open_standing(spec),
            Extra::Workers(spec) => {
                self.worker_ms = mean_worker_ms(spec, &scenario.workload);
                for _ in 0..spec.provisioned {
                    let worker = self.provisioned.create(0);
                    self.provisioned.release(worker, 0);
                }
                self.timers.push(period_ns(spec.period_s), Event::Control);
            }
        }
    }

    fn open_standing(&mut self, spec: &StandingSpec) {
        self.outcome.standing = spec.count;
        for _ in 0..spec.count {
            let credits = spec.credits.as_ref().map(|(credits, mode, start)| {
                CreditAccount::new(credits, spec.size.vcpus, *mode, *start)
            });
            let life = MachineLife {
                requested_at: 0,
                billed_from: 0,
                ready_at: 0,
                idle_from: self.scenario.window_ns,
                ended_at: self.scenario.window_ns,
            };
            let node = self.push_node(spec.size);
            self.serving.push(node);
            self.machines.push(Machine {
                node,
                life,
                state: MachineState::InService,
                credits,
                used_settled: 0,
                settled_at: 0,
            });
        }
        if spec.credits.is_some() {
            self.timers.push(CREDIT_PERIOD_NS, Event::Credits);
        }
    }

    fn push_node(&mut self, size: NodeSize) -> usize {
        self.nodes.push(Node::new(size, self.now));
        self.nodes.len() - 1
    }

    /// How many times the processor time a request takes on `node` now.
    pub(super) fn warm_up_of(&self, node: usize) -> f64 {
        let Extra::Machines(spec) = &self.scenario.extra else { return 1.0 };
        let Some(index) = node.checked_sub(self.scenario.servers as usize) else { return 1.0 };
        let Some(machine) = self.machines.get(index) else { return 1.0 };
        spec.warm_up.factor_at((self.now - machine.life.ready_at) as f64 / 1e9)
    }

    /// The controller looks at the load.
    pub(super) fn control(&mut self) {
        let scenario = self.scenario;
        let period_s = match &scenario.extra {
            Extra::Machines(spec) => {
                self.control_machines(spec);
                spec.scaler.period_s
            }
            Extra::Workers(spec) => {
                self.control_workers(spec);
                spec.period_s
            }
            _ => return,
        };
        self.sensed.arrivals = 0;
        if self.now < scenario.window_ns {
            self.timers.push(self.now + period_ns(period_s), Event::Control);
        }
    }

    fn control_workers(&mut self, spec: &WorkersSpec) {
        self.sensed.wishes_before = std::mem::take(&mut self.sensed.wishes);
        let vcpus = f64::from(self.scenario.server.vcpus * self.scenario.servers);
        let used = self.sensed.arrivals as f64 / spec.period_s * self.cpu_ms / 1e3 / vcpus;
        self.sensed.is_overloaded =
            used > OVERLOAD.0 || (self.sensed.is_overloaded && used > OVERLOAD.1);
    }

    fn control_machines(&mut self, spec: &MachinesSpec) {
        let count = self.sensed.arrivals as f64;
        // Two standard deviations of a Poisson count are not taken for load.
        let surely = (count - 2.0 * count.sqrt()).max(0.0);
        let present = self
            .machines
            .iter()
            .filter(|m| m.state != MachineState::Gone && m.state != MachineState::Draining)
            .count() as u32;
        let wanted = self.machines_for(spec, surely);
        for _ in present..wanted.max(present) {
            self.launch(spec);
        }
        self.scale_in(spec, self.machines_for(spec, count), present);
    }

    /// Machines needed for `count` requests in a period.
    fn machines_for(&self, spec: &MachinesSpec, count: f64) -> u32 {
        let vcpus = count / spec.scaler.period_s * self.cpu_ms / 1e3 / spec.scaler.target_use;
        let missing = vcpus - f64::from(self.scenario.server.vcpus * self.scenario.servers);
        ((missing / f64::from(spec.size.vcpus)).ceil().max(0.0) as u32)
            .min(spec.scaler.machines_max)
    }

    fn launch(&mut self, spec: &MachinesSpec) {
        let mut at = self.now;
        let mut billed_from = None;
        for stage in &spec.stages {
            if stage.is_billed && billed_from.is_none() {
                billed_from = Some(at);
            }
            at += stage.takes.sample(&mut self.start_draws);
        }
        let window = self.scenario.window_ns;
        let life = MachineLife {
            requested_at: self.now,
            billed_from: billed_from.unwrap_or(at),
            ready_at: at,
            idle_from: window,
            ended_at: window,
        };
        let node = self.push_node(spec.size);
        self.timers.push(at, Event::NodeStage(self.machines.len() as u32));
        self.machines.push(Machine {
            node,
            life,
            state: MachineState::Starting,
            credits: None,
            used_settled: 0,
            settled_at: 0,
        });
    }

    /// A machine passed its health check.
    pub(super) fn machine_ready(&mut self, index: usize) {
        let Some(machine) = self.machines.get_mut(index) else { return };
        if machine.state == MachineState::Starting {
            machine.state = MachineState::InService;
            self.serving.push(machine.node);
        }
    }

    fn scale_in(&mut self, spec: &MachinesSpec, wanted: u32, present: u32) {
        if wanted >= present {
            self.sensed.low_since = None;
            return;
        }
        let since = *self.sensed.low_since.get_or_insert(self.now);
        if self.now - since < period_ns(spec.scaler.cool_down_s) {
            return;
        }
        let now = self.now;
        let mut surplus = present - wanted;
        for index in (0..self.machines.len()).rev() {
            let Some(machine) = self.machines.get_mut(index) else { break };
            if surplus == 0
                || !matches!(machine.state, MachineState::InService | MachineState::Starting)
            {
                continue;
            }
            surplus -= 1;
            machine.state = MachineState::Draining;
            machine.life.idle_from =
                since.max(machine.life.billed_from).min(now.max(machine.life.billed_from));
            let node = machine.node;
            self.serving.retain(|n| *n != node);
            self.maybe_gone(node);
        }
    }

    /// A draining machine without requests goes.
    pub(super) fn maybe_gone(&mut self, node: usize) {
        let Some(index) = node.checked_sub(self.scenario.servers as usize) else { return };
        let is_empty = self.nodes.get(node).is_some_and(|n| n.inside() == 0);
        let Some(machine) = self.machines.get_mut(index) else { return };
        if machine.state == MachineState::Draining && is_empty {
            machine.state = MachineState::Gone;
            machine.life.ended_at = self.now.min(self.scenario.window_ns);
        }
    }

    /// An idle worker, provisioned ones first.
    pub(super) fn take_worker(&mut self) -> Option<WorkerId> {
        match self.provisioned.take(self.now) {
            Some(worker) => Some(worker | PROVISIONED),
            None => self.pool.take(self.now),
        }
    }

    pub(super) fn release_worker(&mut self, worker: WorkerId) {
        if worker & PROVISIONED == 0 {
            self.pool.release(worker, self.now);
        } else {
            self.provisioned.release(worker & !PROVISIONED, self.now);
        }
    }

    /// Invocations `worker` had before the running one.
    pub(super) fn age_of(&self, worker: WorkerId) -> f64 {
        let begun = if worker & PROVISIONED == 0 {
            self.pool.invocations(worker)
        } else {
            // The first of a provisioned worker was its start.
            self.provisioned.invocations(worker & !PROVISIONED).saturating_sub(1)
        };
        f64::from(begun.saturating_sub(1))
    }

    /// No worker was idle: starts one for a shadow execution, if the wishes of this or the last
    /// period need more than there are and the platform allows it.
    pub(super) fn maybe_start_worker(&mut self) {
        let Extra::Workers(spec) = &self.scenario.extra else { return };
        let wishes = self.sensed.wishes.max(self.sensed.wishes_before) as f64;
        let needed = (wishes / spec.period_s * self.worker_ms / 1e3 / WORKER_USE).ceil() as u64 + 1;
        if self.pool.busy() + self.provisioned.busy() >= needed {
            return;
        }
        if !self.gate.allows(self.now, self.pool.alive()) {
            self.outcome.workers.refused += 1;
            return;
        }
        let start_ns = spec.start.sample(&mut self.start_draws);
        self.bill_start(start_ns);
        self.starting += 1;
        let worker = self.pool.create(self.now);
        self.timers.push(self.now + start_ns, Event::WorkerReady(worker));
    }

    pub(super) fn bill_start(&mut self, start_ns: u64) {
        self.outcome.workers.starts += 1;
        self.outcome.workers.start_ms += start_ns.div_ceil(1_000_000);
    }

    /// A new worker runs its first invocation as a shadow: billed, its answer thrown away.
    pub(super) fn worker_ready(&mut self, worker: u32) {
        let Extra::Workers(spec) = &self.scenario.extra else { return };
        self.starting -= 1;
        let took_ns = ns(self.worker_ms * spec.warm_up.factor_at(0.0));
        self.outcome.workers.shadows += 1;
        self.outcome.workers.shadow_ms += took_ns.div_ceil(1_000_000);
        self.timers.push(self.now + took_ns, Event::ShadowOver(worker));
    }

    /// CPU credits are settled; machines without any run at their baseline.
    pub(super) fn settle_credits(&mut self) {
        let now = self.now;
        for machine in &mut self.machines {
            let (Some(account), Some(node)) =
                (&mut machine.credits, self.nodes.get_mut(machine.node))
            else {
                continue;
            };
            let used = node.busy_vcpu_ns(now);
            let elapsed = now - machine.settled_at;
            self.outcome.throttled_ns += if node.is_throttled() { elapsed } else { 0 };
            let is_empty = account.settle(elapsed, used - machine.used_settled);
            machine.used_settled = used;
            machine.settled_at = now;
            if is_empty != node.is_throttled() {
                let speed = if is_empty { account.baseline_speed() } else { FULL_SPEED };
                node.set_speed(now, speed);
            }
        }
        if now < self.scenario.window_ns {
            self.timers.push(now + CREDIT_PERIOD_NS, Event::Credits);
        }
    }

    /// Notes capacity for the timeline.
    pub(super) fn sample(&mut self) {
        self.pool.expire(self.now);
        let machines = self.serving.len() as u64 - u64::from(self.scenario.servers);
        let workers = self.pool.alive() + self.provisioned.alive();
        if let Some(bucket) = self.timeline.at(self.now, self.scenario.bucket_ns) {
            bucket.machines += machines;
            bucket.workers += workers;
        }
        if self.now + self.scenario.bucket_ns < self.scenario.window_ns {
            self.timers.push(self.now + self.scenario.bucket_ns, Event::Sample);
        }
    }

    /// Ends the run.
    pub(super) fn close(mut self) -> Outcome {
        let window = self.scenario.window_ns;
        let end = self.now.max(window);
        let servers = self.scenario.servers as usize;
        self.outcome.server_vcpu_ns =
            self.nodes.iter_mut().take(servers).map(|n| n.busy_vcpu_ns(end)).sum();
        self.outcome.unfinished =
            self.outcome.arrived - self.outcome.answered - self.outcome.dropped;
        self.outcome.workers.tally = self.pool.close(end);
        for machine in &self.machines {
            if let Some(account) = &machine.credits {
                self.outcome.surplus_vcpu_ns += account.charged();
                self.outcome.credit_balance_vcpu_ns += account.balance;
            }
            self.outcome.machines.push(machine.life);
        }
        self.outcome
    }
}

fn period_ns(seconds: f64) -> u64 {
    ns(seconds * 1e3).max(1)
}

/// Mean time of an invocation on a warm worker, ms.
fn mean_worker_ms(spec: &WorkersSpec, workload: &crate::workload::Workload) -> f64 {
    let share = spec.vcpu_share.min(1.0);
    if spec.mode == Mode::WholeRequest {
        let cpu_ms = workload.cpu_ms_mean();
        return cpu_ms / share + workload.latency_ms_mean() - cpu_ms;
    }
    let (mut total, mut weight) = (0.0, 0.0);
    for class in &workload.classes {
        if let Some(cost) = class.offload {
            total +=
                class.share * (cost.worker_cpu_ms / share + cost.worker_wait_ms + cost.added_ms);
            weight += class.share;
        }
    }
    if weight > 0.0 { total / weight } else { 0.0 }
}
