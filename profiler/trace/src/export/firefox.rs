//! Firefox Profiler "processed profile" JSON (format version 47): one thread whose samples are the
//! call paths, weighted by calls. There is no time axis in a light trace, so samples stand one a
//! millisecond; the call tree and the flame graph are what is meant to be looked at.

use serde_json::{Value, json};
use std::collections::BTreeMap;

use super::tree::{Tree, tree_of};
use crate::model::Trace;

/// The profile as a JSON document.
pub fn to_firefox_profile(trace: &Trace) -> String {
    let tree = tree_of(trace);
    let run = trace.runs.first();
    json!({
        "meta": {
            "version": 29,
            "preprocessedProfileVersion": 47,
            "product": run.map_or("beehive", |r| r.main.as_str()),
            "interval": 1,
            "startTime": run.map_or(0, |r| r.start_unix_ms),
            "processType": 0,
            "stackwalk": 0,
            "debug": false,
            "symbolicated": true,
            "categories": [{"name": "user", "color": "blue", "subcategories": ["Other"]}],
            "markerSchema": [],
            "platform": run.map_or("", |r| r.platform.as_str()),
            "sampleUnits": {"time": "ms", "eventDelay": "ms", "threadCPUDelta": "ns"},
        },
        "libs": [],
        "pages": [],
        "counters": [],
        "threads": [thread(trace, &tree)],
    })
    .to_string()
}

/// String and function tables in order of first use.
#[derive(Default)]
struct Tables {
    strings: Vec<String>,
    func_of: BTreeMap<u32, usize>,
}

impl Tables {
    fn func(&mut self, trace: &Trace, method: u32) -> usize {
        let next = self.func_of.len();
        *self.func_of.entry(method).or_insert_with(|| {
            self.strings.push(trace.method_label(method));
            next
        })
    }
}

fn thread(trace: &Trace, tree: &Tree) -> Value {
    let mut tables = Tables::default();
    let frames: Vec<usize> = tree.nodes.iter().map(|n| tables.func(trace, n.method)).collect();
    let n = tables.strings.len();
    let stacks = tree.nodes.len();
    json!({
        "name": "calls of user methods", "processType": "default", "isMainThread": true,
        "processStartupTime": 0, "processShutdownTime": null, "registerTime": 0,
        "unregisterTime": null, "pausedRanges": [], "pid": "1", "tid": 1,
        "markers": {"length": 0, "category": [], "data": [], "endTime": [], "name": [],
                    "phase": [], "startTime": []},
        "samples": {
            "length": stacks, "weightType": "samples",
            "stack": (0..stacks).collect::<Vec<_>>(),
            "time": (0..stacks).collect::<Vec<_>>(),
            "weight": self_calls(tree),
        },
        "stackTable": {
            "length": stacks, "frame": &frames,
            "category": vec![0; stacks], "subcategory": vec![0; stacks],
            "prefix": tree.nodes.iter().map(|node| node.parent).collect::<Vec<_>>(),
        },
        "frameTable": {
            "length": n, "func": (0..n).collect::<Vec<_>>(),
            "address": vec![-1; n], "inlineDepth": vec![0; n], "category": vec![0; n],
            "subcategory": vec![0; n], "nativeSymbol": vec![Value::Null; n],
            "innerWindowID": vec![0; n], "implementation": vec![Value::Null; n],
            "line": vec![Value::Null; n], "column": vec![Value::Null; n],
        },
        "funcTable": {
            "length": n, "name": (0..n).collect::<Vec<_>>(), "isJS": vec![false; n],
            "relevantForJS": vec![false; n], "resource": vec![-1; n],
            "fileName": vec![Value::Null; n], "lineNumber": vec![Value::Null; n],
            "columnNumber": vec![Value::Null; n],
        },
        "resourceTable": {"length": 0, "lib": [], "name": [], "host": [], "type": []},
        "nativeSymbols": {"length": 0, "address": [], "functionSize": [], "libIndex": [], "name": []},
        "stringArray": tables.strings,
    })
}

/// Weight of each path as a sample: its own calls.
fn self_calls(tree: &Tree) -> Vec<u64> {
    tree.nodes.iter().map(|node| node.calls.round() as u64).collect()
}
