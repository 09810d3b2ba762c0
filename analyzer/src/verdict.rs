//! What is decided about one candidate, by itself: refused for what it is or does, or worth entering
//! the competition (`select`). Every decision carries its figures. The order of the rules: too rare to
//! judge, impossible, unknown, too costly.

use beehive_plan::{Budget, Constants, RootFallbacks, code};

use crate::deep_verdict::{by_deep_run, calls_home};
use crate::descriptor::Shape;
use crate::figure::time;
use crate::load::Times;
use crate::obstacle::{Obstacle, What};
use crate::prediction::Seen;
use crate::report::spoken;
use crate::transaction::Outer;

/// Invocations below which figures say nothing.
pub(crate) const INVOCATIONS_MIN: u64 = 10;
/// Processor-time samples below which their mean is only a rough figure.
pub(crate) const CPU_SAMPLES_FEW: u64 = 10;
/// Share of its latency on the processor below which a method counts as waiting.
const ON_CPU_SHARE_MIN: f64 = 0.5;

/// Share of a candidate's latency spent waiting for a monitor from which on the lock decides.
const BLOCKED_SHARE_MIN: f64 = 0.05;

/// Share of the invocations of the monitor's method that waited, below which waiting is an accident
/// (the holder lost its processor) and no contention.
const WAITING_SHARE_MIN: f64 = 0.01;

/// Calls home that are as good as unlimited.
const CALLS_HOME_MAX: f64 = 1e9;

/// What is known about a candidate.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    pub(crate) method: u32,
    pub(crate) invocations: u64,
    /// Invocations within one request or one invocation of a caller, whichever is more; at least 1.
    pub(crate) in_a_row: f64,
    pub(crate) times: Option<&'a Times>,
    pub(crate) shape: Option<Shape>,
    /// Obstacles in it or below it, with the label of the method they were seen in.
    pub(crate) obstacles: Vec<(&'a Obstacle, String)>,
    /// The transaction begun outside it, if any.
    pub(crate) transaction: Option<Outer>,
    /// What a deep run says of executing it on a worker.
    pub(crate) predicted: Option<&'a RootFallbacks>,
    /// What samples of other roots saw in methods it reaches, with the label of the method.
    pub(crate) seen_by_others: Vec<(&'a Seen, String)>,
}

/// The terms of a decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) constants: &'a Constants,
    pub(crate) budget: &'a Budget,
    /// Processor time of the server the load is a share of, µs.
    pub(crate) server_cpu_us: Option<f64>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) reason: String,
    pub(crate) change: String,
    /// Method the obstacle was seen in, if it is a place.
    pub(crate) place: Option<u32>,
    /// Path to the obstacle where a deep run saw it.
    pub(crate) path: Vec<String>,
}

impl Refusal {
    pub(crate) fn new(code: &str, reason: String, change: impl Into<String>) -> Self {
        let (code, change) = (code.to_owned(), change.into());
        Self { code, reason, change, place: None, path: Vec::new() }
    }

    /// Worth it by itself, yet adding next to nothing to the roots chosen.
    pub(crate) fn beside_chosen() -> Self {
        let reason = "adds next to nothing to what the chosen roots move".to_owned();
        Self::new(code::OFFLOAD_RARE, reason, "lower load_moved_min in [budget]")
    }
}

impl Subject<'_> {
    fn cpu_us(&self) -> Option<f64> {
        self.times.and_then(|t| t.cpu_us_mean)
    }

    /// Processor time per invocation that would move to a worker, µs: all of it, or what a deep run
    /// does not see in code that stays at the server.
    fn moved_cpu_us(&self) -> Option<f64> {
        Some(self.cpu_us()? * (1.0 - self.predicted.map_or(0.0, |predicted| predicted.home_share)))
    }

    /// Processor time saved per invocation before calls home, µs.
    pub(crate) fn gross_saved_us(&self, terms: Terms<'_>) -> Option<f64> {
        Some(self.moved_cpu_us()? - terms.constants.offload_cpu_us)
    }

    /// Processor time saved per invocation, net of the calls home that a deep run predicts, µs.
    pub(crate) fn saved_us(&self, terms: Terms<'_>) -> Option<f64> {
        let calls = self.predicted.map_or(0.0, calls_home);
        Some(self.gross_saved_us(terms)? - calls * terms.constants.call_home_cpu_us)
    }

    /// Latency an offload adds to one invocation, with the calls home that a deep run predicts, µs.
    pub(crate) fn added_latency_us(&self, terms: Terms<'_>) -> f64 {
        let calls = self.predicted.map_or(0.0, calls_home);
        terms.constants.offload_latency_us + calls * terms.constants.call_home_latency_us
    }

    /// Share of the server's processor time moved if every invocation is offloaded.
    pub(crate) fn load_moved(&self, terms: Terms<'_>) -> Option<f64> {
        let moved_us = self.saved_us(terms)? * self.invocations as f64;
        Some((moved_us / terms.server_cpu_us?).clamp(-1.0, 1.0))
    }

    /// Whether an obstacle keeps this candidate from being offloaded. A contended monitor does when
    /// its method often waits and waiting for it is a good part of the candidate's time (all waiting
    /// is charged to it), or when the candidate's time is unknown.
    pub(crate) fn is_blocked_by(&self, obstacle: &Obstacle) -> bool {
        let What::Monitor(monitor, share) = &obstacle.what else { return obstacle.is_serious };
        if share.is_some_and(|share| share < WAITING_SHARE_MIN) {
            return false;
        }
        // A deep run knows which locks come home; what else was waited for is the JVM's or a worker's own.
        let comes_home = |predicted: &RootFallbacks| {
            let same = predicted.locks.iter().filter(|lock| lock.class_name == monitor.class_name);
            same.map(|lock| lock.at_home).sum::<f64>() > 0.0
        };
        if self.predicted.is_some_and(|predicted| !comes_home(predicted)) {
            return false;
        }
        let Some(mean_us) = self.times.and_then(|t| t.latency_us_mean) else { return true };
        monitor.blocked_ns as f64 / 1e3 >= BLOCKED_SHARE_MIN * mean_us * self.invocations as f64
    }

    /// Calls home per invocation up to which something is saved and the latency budget is kept.
    pub(crate) fn calls_home_max(&self, terms: Terms<'_>) -> Option<u64> {
        let constants = terms.constants;
        let budget_us = terms.budget.added_latency_ms * 1e3 / self.in_a_row;
        let spare_us = budget_us - constants.offload_latency_us;
        let by_cpu = affordable(self.gross_saved_us(terms)?, constants.call_home_cpu_us);
        Some(by_cpu.min(affordable(spare_us, constants.call_home_latency_us)))
    }
}

/// How many times `each` fits into `spare`, within reason: free calls home have no limit.
fn affordable(spare: f64, each: f64) -> u64 {
    let times = if each > 0.0 { spare / each } else { f64::INFINITY };
    times.clamp(0.0, CALLS_HOME_MAX) as u64
}

/// The first rule that refuses the subject; `None` lets it compete.
pub(crate) fn refusal(
    subject: &Subject<'_>,
    terms: Terms<'_>,
    spoken: &dyn Fn(u32) -> String,
) -> Option<Refusal> {
    too_few(subject)
        .or_else(|| by_deep_run(subject, terms, spoken))
        .or_else(|| by_shape(subject, terms))
        .or_else(|| by_obstacle(subject, terms))
        .or_else(|| unknown_cpu(subject))
        .or_else(|| over_budget(subject, terms))
        .or_else(|| no_gain(subject, terms))
        .or_else(|| too_little_load(subject, terms))
}

fn too_few(subject: &Subject<'_>) -> Option<Refusal> {
    let calls = subject.invocations;
    (calls < INVOCATIONS_MIN).then(|| {
        let reason = match calls {
            0 => "not called in this run".to_owned(),
            1 => "called only once: too few to judge".to_owned(),
            _ => format!("called only {calls} times: too few to judge"),
        };
        let change = "record a longer run, or one whose load calls it";
        Refusal::new(code::OFFLOAD_RARE, reason, change)
    })
}

fn by_shape(subject: &Subject<'_>, terms: Terms<'_>) -> Option<Refusal> {
    let at_stake = at_stake(subject, terms);
    let refusal = match subject.shape.as_ref()? {
        // A deep run has counted what is done with it.
        Shape::OpenArgument(_) if subject.predicted.is_some() => return None,
        Shape::OpenArgument(class) => Refusal::new(
            code::OFFLOAD_STREAM_ARGUMENT,
            format!(
                "takes a {class}, which is open at the server and has no equal on a worker{at_stake}"
            ),
            "read what is needed before the call and pass plain data, so that the method below becomes the root",
        ),
        Shape::OpenResult(class) => Refusal::new(
            code::OFFLOAD_STREAM_ARGUMENT,
            format!("gives back a {class}, which would stay open on the worker{at_stake}"),
            "give back the finished data (a list, a byte array) instead of something still open",
        ),
        Shape::LaterResult(class) => Refusal::new(
            code::OFFLOAD_THREADS,
            format!(
                "gives back a {class}, which another thread completes after the method has returned{at_stake}"
            ),
            "give back the finished value, or offload the method that computes it",
        ),
    };
    Some(refusal)
}

fn by_obstacle(subject: &Subject<'_>, terms: Terms<'_>) -> Option<Refusal> {
    let rank = |what: &What| match what {
        What::Threads(_) => 0,
        What::Connection(_) => 1,
        What::Monitor(..) => 2,
    };
    let blocking = subject.obstacles.iter().filter(|(o, _)| subject.is_blocked_by(o));
    let (obstacle, label) = blocking.min_by_key(|(o, _)| (rank(&o.what), o.method))?;
    let is_own = obstacle.method == subject.method;
    let place = if is_own { "it".to_owned() } else { spoken(label) };
    let (code, change) = match obstacle.what {
        What::Threads(_) => (
            code::OFFLOAD_THREADS,
            "do the work on the calling thread, or start the threads outside the root",
        ),
        What::Connection(_) => (
            code::OFFLOAD_CONNECTION,
            "open the connection through a pool the worker can have an equal of (a DataSource), or call outside the root",
        ),
        What::Monitor(..) => (
            code::OFFLOAD_CONTENDED,
            "make the lock finer or replace it by a concurrent structure: on a worker it is held across the network",
        ),
    };
    let reason = format!("{}{}", obstacle.what.told(&place), at_stake(subject, terms));
    let place = Some(obstacle.method).filter(|&m| m != subject.method);
    Some(Refusal { place, ..Refusal::new(code, reason, change) })
}

fn unknown_cpu(subject: &Subject<'_>) -> Option<Refusal> {
    if subject.cpu_us().is_some() {
        return None;
    }
    let reason = match subject.times.and_then(|t| t.latency_us_mean) {
        Some(mean) => format!(
            "takes {} but its processor time was not sampled, so its gain is unknown",
            time(mean)
        ),
        None => "had no clock in this run, so its gain is unknown".to_owned(),
    };
    let change = "record a run with a clock on it: beehive profile --root 'class#method'";
    Some(Refusal::new(code::OFFLOAD_CPU_UNKNOWN, reason, change))
}

/// The budget is a request's: a method called many times in a row adds its latency as many times.
fn over_budget(subject: &Subject<'_>, terms: Terms<'_>) -> Option<Refusal> {
    let each_us = terms.constants.offload_latency_us;
    let added_us = each_us * subject.in_a_row;
    let budget_us = terms.budget.added_latency_ms * 1e3;
    (added_us > budget_us).then(|| {
        let budget = time(budget_us);
        if each_us > budget_us {
            let reason = format!("an offload adds at least {}, over the budget of {budget}", time(each_us));
            return Refusal::new(code::OFFLOAD_OVER_BUDGET, reason, "raise added_latency_ms in [budget]");
        }
        let reason = format!(
            "is called about {:.0} times in a row: at {} each, offloads would add {}, over the budget of {budget}",
            subject.in_a_row, time(each_us), time(added_us)
        );
        let change = "offload the caller, once for all of them, or raise added_latency_ms in [budget]";
        Refusal::new(code::OFFLOAD_OVER_BUDGET, reason, change)
    })
}

fn no_gain(subject: &Subject<'_>, terms: Terms<'_>) -> Option<Refusal> {
    let (cpu, saved) = (subject.cpu_us()?, subject.saved_us(terms)?);
    if saved > 0.0 {
        return None;
    }
    let latency = subject.times.and_then(|t| t.latency_us_mean)?;
    let cost = time(terms.constants.offload_cpu_us);
    let on_cpu = subject.times.and_then(|t| t.on_cpu_share).unwrap_or(1.0);
    let refusal = if on_cpu < ON_CPU_SHARE_MIN {
        let waiting = (1.0 - on_cpu) * 100.0;
        Refusal::new(
            code::OFFLOAD_WAITS,
            format!(
                "waits {waiting:.0} % of its time ({} on average): only {} of processor time to move against {cost} for an offload",
                time(latency),
                time(cpu)
            ),
            "its latency lies in what it waits for (a database, a lock, a remote service, a free processor): speed that up; offloading cannot",
        )
    } else {
        let stays = subject.moved_cpu_us().filter(|moved| *moved < 0.95 * cpu);
        let stays = stays.map_or(String::new(), |moved| {
            format!(" ({} of it in code that stays at the server)", time(cpu - moved))
        });
        Refusal::new(
            code::OFFLOAD_TOO_SHORT,
            format!(
                "takes {} of processor time per invocation{stays}, an offload costs the server {cost}",
                time(cpu)
            ),
            "offload a caller that does more per call, or put several calls into one",
        )
    };
    Some(refusal)
}

fn too_little_load(subject: &Subject<'_>, terms: Terms<'_>) -> Option<Refusal> {
    let moved = subject.load_moved(terms)?;
    let least = terms.budget.load_moved_min;
    (moved < least).then(|| {
        let reason = format!(
            "would move {:.2} % of the server's processor time, less than the {:.2} % asked for",
            moved * 100.0,
            least * 100.0
        );
        Refusal::new(
            code::OFFLOAD_RARE,
            reason,
            "lower load_moved_min in [budget], or record the load it matters under",
        )
    })
}

/// What a refusal costs: a clause for its reason.
pub(crate) fn at_stake(subject: &Subject<'_>, terms: Terms<'_>) -> String {
    match (subject.saved_us(terms), subject.load_moved(terms)) {
        (Some(saved), Some(moved)) if saved > 0.0 => {
            format!(
                "; without that it would move {:.1} % of the server's processor time",
                moved * 100.0
            )
        }
        (Some(saved), None) if saved > 0.0 => {
            format!("; without that it would save {} per invocation", time(saved))
        }
        (Some(_), _) => "; it would be too short anyway".to_owned(),
        (None, _) => String::new(),
    }
}
