//! What the runtime inside the server counts: one record a root. The server sends it as JSON over
//! the control socket; `run` puts it into `measured.json` as it is.

use std::collections::BTreeMap;

use beehive_plan::{FallbackCounts, FallbackKind};
use beehive_trace::Histogram;
use serde::{Deserialize, Serialize};

/// Everything the server's runtime counted since its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerMeasured {
    /// One record a root, in the order of the plan.
    pub roots: Vec<MeasuredRoot>,
    /// Connections of workers admitted since the start.
    pub connections: u64,
    /// Connections lost or refused since the start.
    pub lost: u64,
    /// Objects that server and workers have numbered, all present connections together; `None` if the
    /// runtime did not tell.
    pub known_objects: Option<u64>,
}

/// What one root did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MeasuredRoot {
    /// `class#name(descriptor)`, dotted class name.
    pub method: String,
    /// Invocations that met the open gate and ended in the server.
    pub local: u64,
    /// Invocations that ended on a worker.
    pub offloaded: u64,
    /// Invocations that ended with one of beehive's own errors, because they could not be repeated.
    pub failed: u64,
    /// First execution of this root on each worker.
    pub first: Executions,
    /// Second execution on each worker.
    pub second: Executions,
    /// Third and later executions.
    pub steady: Executions,
    /// Bytes sent to workers.
    pub bytes_out: u64,
    /// Bytes received from workers.
    pub bytes_in: u64,
    /// Latency of invocations in the server, sampled; `None` if none was timed.
    pub local_latency: Option<Histogram>,
    /// Latency of offloaded invocations as their callers saw it.
    pub offloaded_latency: Option<Histogram>,
    /// Processor time of the calling thread in invocations in the server.
    pub local_cpu: Option<CpuSamples>,
    /// Processor time of the calling thread in offloaded invocations.
    pub offloaded_cpu: Option<CpuSamples>,
    /// Invocations that met the open gate and were not sent, by code.
    pub not_offloaded: BTreeMap<String, u64>,
    /// Invocations begun on a worker, taken back and run in the server, by code.
    pub rerun: BTreeMap<String, u64>,
    /// What each code of the two meant last: what could not travel, how far a rehearsal came. Of failures, too.
    pub reasons: BTreeMap<String, String>,
    /// Invocations on a worker that used the connections of the server, by code.
    pub databases_at_home: BTreeMap<String, u64>,
    /// Most frequent calls home, by method.
    pub calls: BTreeMap<String, u64>,
    /// Most frequently fetched objects, by field path or class.
    pub objects: BTreeMap<String, u64>,
}

/// Returns to the server, by kind; the words are those of [`FallbackKind`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fallbacks {
    /// Class bytes asked for.
    pub class: u64,
    /// Objects asked for.
    pub object: u64,
    /// Static fields asked for, one a class.
    pub statics: u64,
    /// Native calls executed at home.
    pub native: u64,
    /// Calls of pinned objects.
    pub call: u64,
    /// Locks taken at home.
    pub lock: u64,
}

impl Fallbacks {
    /// Those of one kind.
    pub const fn get(&self, kind: FallbackKind) -> u64 {
        match kind {
            FallbackKind::Class => self.class,
            FallbackKind::Object => self.object,
            FallbackKind::Statics => self.statics,
            FallbackKind::Native => self.native,
            FallbackKind::Call => self.call,
            FallbackKind::Lock => self.lock,
        }
    }

    /// All kinds together.
    pub fn total(&self) -> u64 {
        FallbackKind::ALL.iter().map(|&kind| self.get(kind)).sum()
    }
}

/// Executions with the fallbacks of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Executions {
    /// Executions counted.
    pub executions: u64,
    /// Their fallbacks, summed.
    #[serde(flatten)]
    pub fallbacks: Fallbacks,
}

impl Executions {
    /// Fallbacks of one execution on average; `None` without executions.
    pub fn mean(&self) -> Option<FallbackCounts> {
        if self.executions == 0 {
            return None;
        }
        let mut mean = FallbackCounts::default();
        for kind in FallbackKind::ALL {
            *mean.get_mut(kind) = self.fallbacks.get(kind) as f64 / self.executions as f64;
        }
        Some(mean)
    }
}

/// Processor times of some invocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CpuSamples {
    /// Invocations whose time was taken.
    pub samples: u64,
    /// Their sum, ns.
    pub sum_ns: u64,
}

impl CpuSamples {
    /// Mean of an invocation, µs; `None` without samples.
    pub fn mean_us(&self) -> Option<f64> {
        (self.samples > 0).then(|| self.sum_ns as f64 / self.samples as f64 / 1e3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_leaves_out_is_unknown_and_not_zero() {
        let text = r#"{"roots":[{"method":"a.B#c()V","local":3,
            "first":{"executions":2,"class":1,"object":5},"new_field":1}],"connections":1}"#;
        let read: ServerMeasured = serde_json::from_str(text).unwrap();
        let root = &read.roots[0];
        assert_eq!((root.local, root.offloaded), (3, 0));
        assert_eq!(root.local_latency, None);
        assert_eq!(root.first.mean().map(|counts| counts.total()), Some(3.0));
        assert_eq!(root.second.mean(), None);
    }

    #[test]
    fn histograms_have_the_form_of_traces() {
        let text = r#"{"method":"a.B#c()V","offloaded_latency":{"buckets":{"412":3},"sum_ns":9}}"#;
        let root: MeasuredRoot = serde_json::from_str(text).unwrap();
        assert_eq!(root.offloaded_latency.unwrap().count(), 3);
    }
}
