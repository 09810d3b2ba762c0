//! Puts the traces of one application together for a plan: times, counts and shares come from light
//! runs, what invocations touch from deep ones. A deep run is slowed by its probes, so its latencies and
//! processor times are taken out before anything is added up.

use beehive_trace::{RunMode, Trace, TraceError, Traffic, merge};

/// Traces joined into one.
#[derive(Debug, Default)]
pub struct Joined {
    /// The trace to plan with.
    pub trace: Trace,
    /// What a reader of the plan should know about it, one sentence each.
    pub notes: Vec<String>,
}

/// Joins light and deep traces in any order.
///
/// # Errors
/// [`TraceError::DanglingId`] if one of them refers to undefined rows.
pub fn join(traces: Vec<Trace>) -> Result<Joined, TraceError> {
    let mut notes = Vec::new();
    let is_deep = |trace: &Trace| trace.runs.iter().any(|run| run.mode == RunMode::Deep);
    let has_light = traces.iter().any(|trace| !is_deep(trace));
    let has_deep = traces.iter().any(is_deep);
    let is_merged =
        |trace: &Trace| is_deep(trace) && trace.runs.iter().any(|run| run.mode != RunMode::Deep);
    if traces.iter().any(is_merged) {
        notes.push(
            "a trace merges light and deep runs, whose times cannot be told apart any more: none of \
             them is used; give the files side by side instead"
                .to_owned(),
        );
    } else if has_deep && !has_light {
        notes.push(
            "deep runs only: their latencies and processor times are never used, so nobody knows what an \
             offload would save; give a light trace as well: beehive plan light.beetrace deep.beetrace"
                .to_owned(),
        );
    }
    let prepared = traces.into_iter().map(|trace| match (is_deep(&trace), has_light) {
        (false, _) => trace,
        (true, true) => without_counts(without_times(trace)),
        (true, false) => without_times(trace),
    });
    let mut prepared: Vec<Trace> = prepared.collect();
    let trace = if prepared.len() == 1 { prepared.swap_remove(0) } else { merge(&prepared)? };
    Ok(Joined { trace, notes })
}

/// The trace without what the probes of a deep run distort.
fn without_times(mut trace: Trace) -> Trace {
    trace.roots.clear();
    trace.monitors.clear();
    trace.traffic =
        Traffic { sent: trace.traffic.sent, ok: trace.traffic.ok, ..Traffic::default() };
    for run in &mut trace.runs {
        run.cpu_us = 0;
        run.ready_ms = 0;
        run.duration_ms = 0;
    }
    trace
}

/// The trace without the counts that a light trace beside it has.
fn without_counts(mut trace: Trace) -> Trace {
    trace.edges.clear();
    trace.threads.clear();
    trace.connections.clear();
    trace.traffic = Traffic::default();
    for run in &mut trace.runs {
        run.entries = 0;
    }
    trace
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::parse_text;

    const HEAD: &str = "class c0 a.Shop {\"origin\":\"user\"}\nmethod m0 c0 buy (I)V {}\nedge - m0 20\n\
                        root m0 {\"cpu_samples\":1,\"cpu_ns\":5,\"cpu_wall_ns\":5,\"latency\":{\"buckets\":{\"9\":20},\"sum_ns\":180}}\n";

    fn trace(mode: &str, more: &str) -> Trace {
        let run = format!("run {{\"id\":\"{mode}\",\"mode\":\"{mode}\",\"cpu_us\":100}}\n");
        parse_text(&format!("beetrace 1\n{run}{HEAD}{more}")).unwrap()
    }

    #[test]
    fn times_and_counts_are_the_light_runs_and_samples_the_deep_ones() {
        let deep = "deep.root m0 {\"sampled\":3}\n";
        let joined = join(vec![trace("deep", deep), trace("light", "")]).unwrap();
        assert_eq!(joined.notes, Vec::<String>::new());
        let trace = joined.trace;
        assert_eq!((trace.edges[0].count, trace.roots[0].latency.count()), (20, 20));
        assert_eq!(trace.runs.iter().map(|run| run.cpu_us).sum::<u64>(), 100);
        assert_eq!(trace.deep.roots[0].sampled, 3);
    }

    #[test]
    fn a_deep_trace_alone_has_no_times_and_says_so() {
        let joined = join(vec![trace("deep", "deep.root m0 {\"sampled\":3}\n")]).unwrap();
        assert!(joined.notes[0].contains("deep runs only"), "{:?}", joined.notes);
        assert!(joined.trace.roots.is_empty() && !joined.trace.edges.is_empty());
    }

    #[test]
    fn a_file_of_both_kinds_is_not_trusted() {
        let both = merge(&[trace("deep", ""), trace("light", "")]).unwrap();
        let joined = join(vec![both]).unwrap();
        assert!(joined.notes[0].contains("side by side"), "{:?}", joined.notes);
        assert!(joined.trace.roots.is_empty());
    }
}
