//! `beehive plan`: from a trace to `plan.toml`, a table and a picture.

use std::path::{Path, PathBuf};

use beehive_analyzer::{
    Options, PlanTable, Planned, assumed_constants, make_plan, plan_table, scene,
};
use beehive_plan::{Constants, Plan, PlanError, SourceTrace, parse_plan, render_plan, write_plan};
use beehive_trace::{ReadTrace, Trace, TraceError, read_trace};
use comfy_table::{ContentArrangement, Table, presets};
use sha2::{Digest, Sha256};

use crate::args::plan::{CostArgs, PlanArgs};
use crate::diagnostics::{Failure, unreadable_plan, unreadable_trace, unwritable};
use crate::exit::Exit;
use crate::printer::Printer;

/// Methods drawn; more cannot be read on one page.
const GRAPH_BOXES_MAX: usize = 60;

/// Runs `beehive plan`.
pub fn run(args: &PlanArgs, printer: &Printer) -> Result<Exit, Failure> {
    let (read, source) = read_source(args)?;
    if read.trace.methods.is_empty() {
        return Err(no_methods(args, &read.trace));
    }
    let old = read_old(&args.output)?;
    let options = options(args, &read, source, old.as_ref().map(|(_, plan)| plan));
    let planned = make_plan(&read.trace, &options);
    let text = render_plan(&planned.plan, old.as_ref().map(|(text, _)| text.as_str()))
        .map_err(|e| unreadable_plan(&args.output, e))?;
    if let Some(path) = &args.graph {
        draw(path, &read.trace, &planned)?;
    }
    write_plan(&args.output, &text).map_err(|e| unwritable(&args.output, cause(e)))?;
    tell(args, &planned, printer);
    let is_empty = planned.plan.offloaded().next().is_none();
    Ok(if is_empty { Exit::NothingToOffload } else { Exit::Ok })
}

/// Reads the trace once, for its contents and its hash.
fn read_source(args: &PlanArgs) -> Result<(ReadTrace, SourceTrace), Failure> {
    let path = &args.trace;
    let bytes = std::fs::read(path).map_err(|source| {
        unreadable_trace(path, TraceError::Io { action: "read", path: path.clone(), source })
    })?;
    let read = read_trace(&bytes).map_err(|e| unreadable_trace(path, e))?;
    let hash = Sha256::digest(&bytes);
    let source = SourceTrace {
        path: relative(path, &args.output).display().to_string(),
        sha256: format!("{hash:x}"),
        runs: Vec::new(),
        more: Vec::new(),
    };
    Ok((read, source))
}

/// The trace's path as seen from the plan's folder, so that both can be moved together.
fn relative(trace: &Path, plan: &Path) -> PathBuf {
    let (Ok(trace_full), Some(Ok(folder))) = (
        trace.canonicalize(),
        plan.parent()
            .map(|p| if p.as_os_str().is_empty() { Path::new(".") } else { p }.canonicalize()),
    ) else {
        return trace.to_owned();
    };
    trace_full.strip_prefix(&folder).map_or(trace_full.clone(), Path::to_owned)
}

fn no_methods(args: &PlanArgs, trace: &Trace) -> Failure {
    let shown = args.trace.display();
    let message = format!("{shown} holds no user method: there is nothing to plan with");
    let help = if trace.classes.is_empty() {
        "record a run that gets requests: beehive profile --load requests.http -- java -jar app.jar"
    } else {
        "classes were loaded, but none counted as yours: record again with --app-package com.yours"
    };
    Failure::new(Exit::Input, "bee::plan::no_methods", message).help(help)
}

/// The plan that stands at the output, if any, with its text.
fn read_old(path: &Path) -> Result<Option<(String, Plan)>, Failure> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            let error = PlanError::Io { action: "read", path: path.to_owned(), source };
            return Err(unreadable_plan(path, error));
        }
    };
    let plan = parse_plan(&text).map_err(|e| {
        unreadable_plan(path, e)
            .help("nothing was written; mend the file, or plan to another with -o")
    })?;
    Ok(Some((text, plan)))
}

fn options<'a>(
    args: &PlanArgs,
    read: &ReadTrace,
    source: SourceTrace,
    old: Option<&'a Plan>,
) -> Options<'a> {
    Options {
        source,
        added_latency_ms: args.budget,
        constants: constants(&args.costs, old),
        named_roots: args.roots.clone(),
        app_packages: args.app_packages.clone(),
        old,
        damage: read.damage.as_ref().map(ToString::to_string),
    }
}

/// The constants with those of the command line put in; `None` when it gives none.
fn constants(costs: &CostArgs, old: Option<&Plan>) -> Option<Constants> {
    let given =
        [costs.offload_cpu, costs.call_home_cpu, costs.offload_latency, costs.call_home_latency];
    if given.iter().all(Option::is_none) {
        return None;
    }
    let kept = old.map(|old| old.constants.clone()).filter(|c| *c != Constants::default());
    let mut constants = kept.unwrap_or_else(assumed_constants);
    let slots = [
        &mut constants.offload_cpu_us,
        &mut constants.call_home_cpu_us,
        &mut constants.offload_latency_us,
        &mut constants.call_home_latency_us,
    ];
    for (slot, given) in slots.into_iter().zip(given) {
        *slot = given.unwrap_or(*slot);
    }
    "given on the command line".clone_into(&mut constants.source);
    Some(constants)
}

fn draw(path: &Path, trace: &Trace, planned: &Planned) -> Result<(), Failure> {
    let scene = scene(trace, planned, GRAPH_BOXES_MAX);
    let is_dot = path.extension().is_some_and(|ending| ending == "dot");
    let text = if is_dot { scene.to_dot() } else { scene.to_svg() };
    std::fs::write(path, text).map_err(|e| unwritable(path, e))
}

fn tell(args: &PlanArgs, planned: &Planned, printer: &Printer) {
    let plan = &planned.plan;
    let table = plan_table(plan, args.top);
    printer.data(plan, || screen(&table));
    for note in &plan.notes {
        printer.note(format!("note: {note}"));
    }
    for pattern in &planned.unmatched_roots {
        printer.warning(format!("--root {pattern} matches no user method of the trace"));
    }
    let shown = args.output.display();
    if let Some(path) = &args.graph {
        printer.note(format!("drew {}", path.display()));
    }
    if plan.offloaded().next().is_none() {
        printer.note(format!(
            "nothing is worth offloading in this run; {shown} says why for each of {} candidates",
            plan.roots.refused.len()
        ));
        return;
    }
    let moved = plan
        .expected
        .load_moved
        .map_or("an unknown share".to_owned(), |share| format!("up to {:.0} %", share * 100.0));
    printer.note(format!(
        "wrote {shown}: {} roots move {moved} of the server's processor time; costs of an offload: {}",
        plan.offloaded().count(),
        plan.constants.source
    ));
    printer.note(format!("next: edit {shown} if you like, then: beehive package {shown}"));
}

/// The table as it stands on the screen, the reasons below it.
fn screen(table: &PlanTable) -> String {
    let mut out = Table::new();
    out.load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    out.set_header(&table.titles);
    for row in &table.rows {
        out.add_row(&row.cells);
    }
    let mut lines = vec![out.to_string(), String::new()];
    for row in table.rows.iter().filter(|row| row.is_notable) {
        let method = row.cells.get(1).map_or("", String::as_str);
        let mark = if row.is_offloaded { "+" } else { "-" };
        lines.push(format!("{mark} {method}: {}", row.why));
        lines.extend(row.change.as_ref().map(|change| format!("    to change it: {change}")));
    }
    let left_out = table.left_out;
    if left_out > 0 {
        lines.push(format!("{left_out} more candidates are in the plan (--top shows more)"));
    }
    if table.rows.iter().any(|row| !row.is_notable) {
        lines.push("the plan tells the reason for each of the others".to_owned());
    }
    lines.join("\n")
}

/// The system's reason behind a plan that could not be written.
fn cause(error: PlanError) -> std::io::Error {
    match error {
        PlanError::Io { source, .. } => source,
        other => std::io::Error::other(other.to_string()),
    }
}
