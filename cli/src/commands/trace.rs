//! `beehive trace`: looking at traces and turning them into other forms.

use std::path::Path;

use beehive_trace::{Trace, to_firefox_profile, to_folded};
use serde::Serialize;

use crate::args::trace::{ExportForm, TraceAction};
use crate::commands::inputs::read_trace;
use crate::diagnostics::{Failure, unreadable_trace, unwritable};
use crate::exit::Exit;
use crate::printer::Printer;

/// Runs `beehive trace …`.
pub fn run(action: TraceAction, printer: &Printer) -> Result<Exit, Failure> {
    match action {
        TraceAction::Show { trace } => {
            let data = read_trace(&trace, printer)?;
            let summary = Summary::of(&data);
            printer.data(&summary, || summary.text());
        }
        TraceAction::Text { trace } => {
            let data = read_trace(&trace, printer)?;
            let text = beehive_trace::to_text(&data).map_err(|e| unreadable_trace(&trace, e))?;
            printer.line_of_data(&text);
        }
        TraceAction::Pack { text, output } => {
            let form = std::fs::read_to_string(&text).map_err(|source| {
                let path = text.clone();
                unreadable_trace(
                    &text,
                    beehive_trace::TraceError::Io { action: "read", path, source },
                )
            })?;
            let data = beehive_trace::parse_text(&form).map_err(|e| unreadable_trace(&text, e))?;
            write(&output, &data)?;
        }
        TraceAction::Merge { traces, output } => {
            let parts: Vec<Trace> =
                traces.iter().map(|path| read_trace(path, printer)).collect::<Result<_, _>>()?;
            let merged = beehive_trace::merge(&parts).map_err(|e| unreadable_trace(&output, e))?;
            write(&output, &merged)?;
            printer.note(format!("{} runs in {}", merged.runs.len(), output.display()));
        }
        TraceAction::Export { trace, to, output } => {
            export(&trace, to, output.as_deref(), printer)?;
        }
    }
    Ok(Exit::Ok)
}

fn write(path: &Path, trace: &Trace) -> Result<(), Failure> {
    beehive_trace::write_trace_file(path, trace).map_err(|e| unwritable(path, e))
}

fn export(
    trace: &Path,
    to: ExportForm,
    output: Option<&Path>,
    printer: &Printer,
) -> Result<(), Failure> {
    let data = read_trace(trace, printer)?;
    let text = match to {
        ExportForm::Firefox => to_firefox_profile(&data),
        ExportForm::Folded => to_folded(&data),
    };
    match output {
        Some(path) => std::fs::write(path, text).map_err(|e| unwritable(path, e))?,
        None => printer.line_of_data(&text),
    }
    Ok(())
}

/// What `trace show` tells.
#[derive(Serialize)]
struct Summary<'a> {
    runs: &'a [beehive_trace::RunFacts],
    classes: usize,
    user_methods: usize,
    edges: usize,
    calls: u64,
    timed_methods: usize,
    connections: &'a [beehive_trace::Connection],
    threads: &'a [beehive_trace::ThreadGroup],
    requests_sent: u64,
    losses: &'a std::collections::BTreeMap<String, u64>,
}

impl<'a> Summary<'a> {
    fn of(trace: &'a Trace) -> Self {
        Self {
            runs: &trace.runs,
            classes: trace.classes.len(),
            user_methods: trace.methods.len(),
            edges: trace.edges.len(),
            calls: trace.edges.iter().map(|e| e.count).sum(),
            timed_methods: trace.roots.len(),
            connections: &trace.connections,
            threads: &trace.threads,
            requests_sent: trace.traffic.sent,
            losses: &trace.losses,
        }
    }

    fn text(&self) -> String {
        let mut lines = Vec::new();
        for run in self.runs {
            lines.push(format!(
                "run {}: {} on {} ({}), {:.1} s, {}, ended: {:?}",
                run.id,
                run.main,
                run.vm_name,
                run.jdk_build,
                run.duration_ms as f64 / 1000.0,
                run.platform,
                run.ending,
            ));
            let cost = &run.overhead;
            lines.push(format!(
                "  agent: {} of {} classes rewritten, class hook {} ms, own thread {} ms CPU, {} probe pairs of {:.1} ns",
                cost.classes_rewritten, cost.classes_seen, cost.class_hook_us / 1000,
                cost.agent_thread_cpu_us / 1000, cost.probe_pairs, cost.probe_pair_ps as f64 / 1000.0,
            ));
        }
        lines.push(format!(
            "{} classes, {} user methods ({} timed), {} edges, {} calls",
            self.classes, self.user_methods, self.timed_methods, self.edges, self.calls
        ));
        if self.requests_sent > 0 {
            lines.push(format!("{} requests driven", self.requests_sent));
        }
        for c in self.connections {
            lines.push(format!("connection to {} by {}: {}", c.peer, c.opener, c.count));
        }
        for t in self.threads {
            lines.push(format!("threads {}: {}", t.name, t.started));
        }
        if self.losses.is_empty() {
            lines.push("nothing lost".to_owned());
        }
        for (reason, count) in self.losses {
            lines.push(format!("lost or left alone: {reason}: {count}"));
        }
        lines.join("\n")
    }
}
