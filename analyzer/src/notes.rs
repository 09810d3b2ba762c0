//! What a reader of the plan should know about its figures, one sentence each: damage, losses, no
//! driven load, runs on different JDKs, one class from several sources. Notes, not errors.

use std::collections::BTreeSet;

use beehive_trace::{Ending, OUTSIDE, RunFacts, RunMode, Trace};

use crate::hierarchy::Hierarchy;
use crate::load::total;
use crate::options::Options;

/// Class names shown of a list; the rest is counted.
const SHOWN_MAX: usize = 3;

/// Notes on `trace`, in a fixed order.
pub(crate) fn notes(hierarchy: &Hierarchy<'_>, options: &Options<'_>) -> Vec<String> {
    let trace = hierarchy.trace();
    let mut notes = options.notes.clone();
    notes.extend(options.damage.as_ref().map(|damage| {
        format!("the trace file is damaged ({damage}); everything before that is used")
    }));
    of_runs(trace, &mut notes);
    of_traffic(trace, &mut notes);
    if !trace.losses.is_empty() {
        let losses: Vec<String> =
            trace.losses.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        notes.push(format!("lost or left alone by the agent: {}", losses.join(", ")));
    }
    of_classes(hierarchy, options, &mut notes);
    of_places(trace, &mut notes);
    notes
}

fn of_runs(trace: &Trace, notes: &mut Vec<String>) {
    let builds: BTreeSet<&str> = trace.runs.iter().map(|r| r.jdk_build.as_str()).collect();
    if builds.len() > 1 {
        let builds: Vec<&str> = builds.into_iter().collect();
        notes.push(format!(
            "the trace merges runs on different JDKs ({}); a worker needs the build of the server it serves",
            builds.join(", ")
        ));
    }
    if trace.runs.iter().any(|r| r.mode == RunMode::Attached) {
        notes.push(
            "recorded by attaching to a running JVM: what was called and loaded before is missing"
                .to_owned(),
        );
    }
    let is_busy = |r: &&RunFacts| r.cpus > 0 && r.load_average_centi > 100 * u64::from(r.cpus);
    if let Some(run) = trace.runs.iter().filter(is_busy).max_by_key(|r| r.load_average_centi) {
        notes.push(format!(
            "the machine was busy when the run began (load {:.1} on {} processors): latencies hold waiting for a processor",
            run.load_average_centi as f64 / 100.0,
            run.cpus
        ));
    }
    let cut = trace.runs.iter().filter(|r| r.ending == Ending::Unknown).count();
    if cut > 0 {
        notes.push(format!("{cut} of {} runs stop before their end", trace.runs.len()));
    }
    if trace.runs.is_empty() {
        notes.push("the trace names no run: host, JDK and processor time are unknown".to_owned());
    }
}

fn of_traffic(trace: &Trace, notes: &mut Vec<String>) {
    let traffic = &trace.traffic;
    if traffic.sent == 0 {
        notes.push(
            "no load was driven by beehive (--load): requests are counted by entries into user code, and shares of processor time are of the whole run, start-up included"
                .to_owned(),
        );
        return;
    }
    let failed = total(traffic.failed_status.values().chain(traffic.failed_io.values()).copied());
    if failed > 0 {
        notes.push(format!(
            "{failed} of {} requests failed; their times are among the figures",
            traffic.sent
        ));
    }
}

fn of_classes(hierarchy: &Hierarchy<'_>, options: &Options<'_>, notes: &mut Vec<String>) {
    let several: Vec<(&str, usize)> = hierarchy.names_of_several_sources().collect();
    if !several.is_empty() {
        let names: Vec<&str> = several.iter().map(|(name, _)| *name).take(SHOWN_MAX).collect();
        let more = if several.len() > SHOWN_MAX { ", …" } else { "" };
        notes.push(format!(
            "{} classes came from more than one code source ({}{more}): the plan tells of the copy called most",
            several.len(),
            names.join(", ")
        ));
    }
    let methods = 0..hierarchy.trace().methods.len() as u32;
    let has_user_methods = methods.into_iter().any(|m| hierarchy.is_user_method(m));
    if !has_user_methods {
        let hint = if options.app_packages.is_empty() {
            "name your packages with --app-package when recording"
        } else {
            "the agent leaves other code alone: record again with the same --app-package"
        };
        notes.push(format!("no user method was recorded: {hint}"));
    }
}

fn of_places(trace: &Trace, notes: &mut Vec<String>) {
    let outside = trace.monitors.iter().filter(|m| m.method == OUTSIDE);
    let blocked_ns = total(outside.map(|m| m.blocked_ns));
    if blocked_ns > 0 {
        notes.push(format!(
            "threads waited {:.1} ms for monitors outside user methods; no candidate is charged with that",
            blocked_ns as f64 / 1e6
        ));
    }
}
