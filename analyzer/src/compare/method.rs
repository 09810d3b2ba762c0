//! One method then and now. Counts are means over the invocations that were sampled and exact for
//! them; only what differs by more than the four digits a plan keeps counts as changed.

use beehive_plan::{Candidate, FallbackKind, NativeCategory};
use serde::{Deserialize, Serialize};

use crate::verdict::CPU_SAMPLES_FEW;

/// Share by which mean processor times of one build differ from recording to recording however many
/// samples there are: other compilations by the JVM, other neighbours on the machine.
const CPU_DRIFT: f64 = 0.25;
/// A plan keeps four digits of a figure.
const DIGITS: f64 = 5e-4;

/// A figure before and now; `None` is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// In the old plan.
    pub before: Option<f64>,
    /// In the new plan.
    pub now: Option<f64>,
}

impl Pair {
    pub(crate) fn known([before, now]: [f64; 2]) -> Self {
        Self { before: Some(before), now: Some(now) }
    }

    /// Sums of both sides; unknown as soon as a term is.
    pub(crate) fn sum(pairs: impl Iterator<Item = Self>) -> Self {
        let add = |a: Option<f64>, b: Option<f64>| Some(a? + b?);
        pairs.fold(Self::known([0.0, 0.0]), |sum, pair| Self {
            before: add(sum.before, pair.before),
            now: add(sum.now, pair.now),
        })
    }

    /// How much more it is now, if both are known.
    pub fn growth(self) -> Option<f64> {
        Some(self.now? - self.before?)
    }

    /// Whether both are known and differ by more than the digits a plan keeps.
    pub fn is_changed(self) -> bool {
        let size = self.before.unwrap_or(0.0).abs().max(self.now.unwrap_or(0.0).abs());
        self.growth().is_some_and(|growth| growth.abs() > DIGITS * size)
    }

    fn of(candidates: [&Candidate; 2], figure: impl Fn(&Candidate) -> Option<f64>) -> Self {
        let [before, now] = candidates.map(figure);
        Self { before, now }
    }
}

/// What can be said of two processor times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CpuChange {
    /// One of them was not sampled.
    #[default]
    Unknown,
    /// One of them rests on too few samples.
    FewSamples,
    /// They differ by no more than two recordings of the same build do.
    WithinNoise,
    /// More than that now.
    More,
    /// Less than that now.
    Less,
}

/// A method that both plans know.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MethodChange {
    /// The method.
    pub method: String,
    /// Whether it was to be offloaded.
    pub offload_before: bool,
    /// Whether it is to be offloaded.
    pub offload_now: bool,
    /// Invocations per request: exact counts of each recording.
    pub calls_per_request: Pair,
    /// Fallbacks per execution in the steady state, all kinds.
    pub fallbacks: Pair,
    /// The same by kind: those that changed.
    pub fallbacks_by_kind: Vec<KindChange>,
    /// Fallbacks of the first execution on a new worker, all kinds.
    pub fallbacks_first: Pair,
    /// Fallbacks per request in the steady state.
    pub fallbacks_per_request: Pair,
    /// Native calls per execution by category: those that changed.
    pub natives_by_category: Vec<CategoryChange>,
    /// Native calls per request that are neither pure-heap nor stateless.
    pub natives_per_request: Pair,
    /// Objects of the initial closure in the server's heap, bytes.
    pub closure_bytes: Pair,
    /// Processor time of an invocation, µs.
    pub cpu_us_mean: Pair,
    /// What the two processor times say.
    pub cpu: CpuChange,
    /// Invocations whose processor time was sampled, before and now.
    pub cpu_samples: [u64; 2],
}

/// Fallbacks of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct KindChange {
    /// The kind.
    pub kind: FallbackKind,
    /// Per execution in the steady state.
    #[serde(flatten)]
    pub per_execution: Pair,
}

/// Native calls of one category.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CategoryChange {
    /// The category.
    pub category: NativeCategory,
    /// Calls per execution.
    #[serde(flatten)]
    pub per_execution: Pair,
}

impl MethodChange {
    pub(crate) fn of(before: &Candidate, now: &Candidate) -> Self {
        let both = [before, now];
        let of = |figure: fn(&Candidate) -> Option<f64>| Pair::of(both, figure);
        let cpu_us_mean = of(|c| c.cpu_us_mean);
        let cpu_samples = both.map(|c| c.cpu_samples);
        Self {
            method: now.method.clone(),
            offload_before: before.offload,
            offload_now: now.offload,
            calls_per_request: of(|c| c.calls_per_request),
            fallbacks: of(|c| Some(c.fallbacks?.tenth.total())),
            fallbacks_by_kind: kinds(both),
            fallbacks_first: of(|c| Some(c.fallbacks?.first.total())),
            fallbacks_per_request: of(|c| Some(c.fallbacks?.tenth.total() * c.calls_per_request?)),
            natives_by_category: categories(both),
            natives_per_request: of(|c| Some(not_free(c)? * c.calls_per_request?)),
            closure_bytes: of(|c| c.closure_bytes),
            cpu_us_mean,
            cpu: cpu_change(cpu_us_mean, cpu_samples),
            cpu_samples,
        }
    }

    /// How much the comparison turns on it: fallbacks per request that came or went.
    pub(crate) fn weight(&self) -> f64 {
        self.fallbacks_per_request.growth().map_or(0.0, f64::abs)
    }
}

fn kinds(both: [&Candidate; 2]) -> Vec<KindChange> {
    let all = FallbackKind::ALL.into_iter().map(|kind| KindChange {
        kind,
        per_execution: Pair::of(both, |c| Some(c.fallbacks.as_ref()?.tenth.get(kind))),
    });
    all.filter(|change| change.per_execution.is_changed()).collect()
}

fn categories(both: [&Candidate; 2]) -> Vec<CategoryChange> {
    let all = NativeCategory::ALL.into_iter().map(|category| CategoryChange {
        category,
        per_execution: Pair::of(both, |c| Some(c.natives.as_ref()?.get(category))),
    });
    all.filter(|change| change.per_execution.is_changed()).collect()
}

/// Native calls per execution that cost something: pure-heap and stateless ones run anywhere.
fn not_free(candidate: &Candidate) -> Option<f64> {
    let natives = candidate.natives.as_ref()?;
    let free = [NativeCategory::PureHeap, NativeCategory::Stateless];
    let costly = NativeCategory::ALL.into_iter().filter(|category| !free.contains(category));
    Some(costly.map(|category| natives.get(category)).sum())
}

/// Share by which two means of so many samples may differ and say nothing: the drift, and two standard
/// errors of their difference for times that vary as much as they are long (coefficient of variation
/// 1, as exponential ones).
pub(crate) fn noise(samples: [u64; 2]) -> f64 {
    let each = samples.map(|count| 1.0 / count.max(1) as f64);
    CPU_DRIFT + 2.0 * each.iter().sum::<f64>().sqrt()
}

fn cpu_change(times: Pair, samples: [u64; 2]) -> CpuChange {
    let (Some(growth), Some(before)) = (times.growth(), times.before) else {
        return CpuChange::Unknown;
    };
    if samples.iter().any(|count| *count < CPU_SAMPLES_FEW) {
        return CpuChange::FewSamples;
    }
    match growth {
        growth if growth.abs() <= noise(samples) * before => CpuChange::WithinNoise,
        growth if growth > 0.0 => CpuChange::More,
        _ => CpuChange::Less,
    }
}
