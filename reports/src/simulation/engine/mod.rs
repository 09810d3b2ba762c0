//! The loop: takes whatever happens next (an arrival, a request leaving a processor, a timer) and
//! hands it on. Requests are in `requests`, capacity that comes and goes in `capacity`.

mod capacity;
mod requests;

use rand_pcg::Pcg64Mcg;

use super::credits::CreditAccount;
use super::event::{Event, EventHeap};
use super::limit::ScaleGate;
use super::node::Node;
use super::outcome::{MachineLife, Outcome};
use super::policy::Steering;
use super::pool::WorkerPool;
use super::random::{Stream, stream};
use super::recorder::Timeline;
use super::scenario::{Extra, Scenario};
use crate::arrivals::Arrivals;
use requests::Slab;

/// Longest time after the window's end that requests are followed, ns.
const DRAIN_NS: u64 = 600_000_000_000;

/// How often CPU credits are settled, ns.
const CREDIT_PERIOD_NS: u64 = 100_000_000;

/// Runs `scenario` under `arrivals` with `seed`, adding to `timeline`.
pub fn run(
    scenario: &Scenario,
    arrivals: &Arrivals,
    seed: u64,
    timeline: &mut Timeline,
) -> Outcome {
    let mut engine = Engine::new(scenario, seed, timeline);
    let window = scenario.window_ns;
    let mut stream = arrivals.stream(seed).take_while(|t| *t < window);
    let mut arrival = stream.next().unwrap_or(u64::MAX);
    loop {
        let (node, done_at) = engine.next_done();
        let timer_at = engine.timers.next_at();
        let now = arrival.min(timer_at).min(done_at);
        if now == u64::MAX || now > window.saturating_add(DRAIN_NS) || engine.is_over(now, arrival)
        {
            break;
        }
        engine.step_to(now);
        if done_at == now {
            engine.processor_done(node);
        } else if timer_at == now {
            engine.timer();
        } else {
            engine.arrive();
            arrival = stream.next().unwrap_or(u64::MAX);
        }
    }
    engine.close()
}

/// A machine beside the server.
#[derive(Debug)]
struct Machine {
    node: usize,
    life: MachineLife,
    state: MachineState,
    credits: Option<CreditAccount>,
    used_settled: u64,
    settled_at: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MachineState {
    Starting,
    InService,
    Draining,
    Gone,
}

/// What the controller counted since it last looked.
#[derive(Debug, Default)]
struct Sensed {
    arrivals: u64,
    wishes: u64,
    wishes_before: u64,
    low_since: Option<u64>,
    is_overloaded: bool,
}

struct Engine<'a> {
    scenario: &'a Scenario,
    now: u64,
    timers: EventHeap,
    /// The server's machines, then the others in order of their coming.
    nodes: Vec<Node>,
    /// Nodes that take requests.
    serving: Vec<usize>,
    machines: Vec<Machine>,
    requests: Slab,
    pool: WorkerPool,
    /// Workers kept ready and paid for; they are used first and never go.
    provisioned: WorkerPool,
    gate: ScaleGate,
    steering: Steering,
    starting: u64,
    sensed: Sensed,
    draws: Pcg64Mcg,
    start_draws: Pcg64Mcg,
    back_off: Pcg64Mcg,
    cpu_ms: f64,
    wait_ms: f64,
    worker_ms: f64,
    timeline: &'a mut Timeline,
    outcome: Outcome,
    inside: u64,
}

impl<'a> Engine<'a> {
    fn new(scenario: &'a Scenario, seed: u64, timeline: &'a mut Timeline) -> Self {
        let (keep_alive, limit, policy) = match &scenario.extra {
            Extra::Workers(w) => (w.keep_alive_ns, w.limit, w.policy),
            _ => (0, super::ScaleLimit::NONE, super::Policy::Fixed { ratio: 0.0 }),
        };
        let workload = &scenario.workload;
        let mut engine = Self {
            scenario,
            now: 0,
            timers: EventHeap::default(),
            nodes: (0..scenario.servers).map(|_| Node::new(scenario.server, 0)).collect(),
            serving: (0..scenario.servers as usize).collect(),
            machines: Vec::new(),
            requests: Slab::default(),
            pool: WorkerPool::new(keep_alive),
            provisioned: WorkerPool::new(u64::MAX),
            gate: ScaleGate::new(limit),
            steering: Steering::new(policy),
            starting: 0,
            sensed: Sensed::default(),
            draws: stream(seed, Stream::Requests),
            start_draws: stream(seed, Stream::StartUp),
            back_off: stream(seed, Stream::BackOff),
            cpu_ms: workload.cpu_ms_mean(),
            wait_ms: workload.latency_ms_mean() - workload.cpu_ms_mean(),
            worker_ms: 0.0,
            timeline,
            outcome: Outcome::default(),
            inside: 0,
        };
        engine.open();
        engine
    }

    /// The node whose request leaves its processor first, and when.
    fn next_done(&self) -> (usize, u64) {
        let mut first = (0, u64::MAX);
        for (index, node) in self.nodes.iter().enumerate() {
            if node.next_at() < first.1 {
                first = (index, node.next_at());
            }
        }
        first
    }

    /// Whether nothing that counts can still happen: the arrivals are over and nobody is inside.
    fn is_over(&self, now: u64, arrival: u64) -> bool {
        now >= self.scenario.window_ns && arrival == u64::MAX && self.inside == 0
    }

    fn step_to(&mut self, now: u64) {
        let from = self.now.max(self.scenario.measured_from_ns);
        if now > from {
            self.outcome.inside_area_ns += u128::from(now - from) * u128::from(self.inside);
        }
        self.now = now;
    }

    fn timer(&mut self) {
        match self.timers.pop() {
            Some(Event::WaitOver(request)) => self.complete(request),
            Some(Event::WorkerOver(request)) => self.worker_over(request),
            Some(Event::WorkerReady(worker)) => self.worker_ready(worker),
            Some(Event::ShadowOver(worker)) => self.release_worker(worker),
            Some(Event::NodeStage(machine)) => self.machine_ready(machine as usize),
            Some(Event::Retry(request)) => self.send_whole(request),
            Some(Event::Control) => self.control(),
            Some(Event::Credits) => self.settle_credits(),
            Some(Event::Sample) => self.sample(),
            None => {}
        }
    }
}
