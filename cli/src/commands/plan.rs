//! `beehive plan`: from traces to `plan.toml`, the predicted fallbacks beside it, a table, a picture.

mod earlier;
mod measured;
mod sources;

use std::path::{Path, PathBuf};

use beehive_analyzer::{
    Beside, Comparison, Options, PlanTable, Planned, assumed_constants, make_plan, plan_page,
    plan_table, scene, why,
};
use beehive_plan::{
    Constants, FallbackReport, Plan, PlanError, parse_plan, render_plan, write_plan,
};
use beehive_trace::Trace;
use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use crate::args::plan::{CostArgs, PlanArgs};
use crate::diagnostics::{Failure, unreadable_plan, unwritable};
use crate::exit::Exit;
use crate::printer::Printer;
use sources::{Sources, read_sources};

/// Methods drawn; more cannot be read on one page.
const GRAPH_BOXES_MAX: usize = 60;

/// What `--format json` prints: the plan and the predictions behind it.
#[derive(Serialize)]
struct Output<'a> {
    #[serde(flatten)]
    plan: &'a Plan,
    predicted: &'a FallbackReport,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a Comparison>,
    #[serde(skip_serializing_if = "Option::is_none")]
    measured: Option<&'a Beside>,
}

/// What the plan was laid beside, for the tables below it.
#[derive(Clone, Copy)]
struct Others<'a> {
    predicted: Option<&'a Path>,
    comparison: Option<&'a Comparison>,
    measured: Option<&'a Beside>,
}

/// Runs `beehive plan`.
pub fn run(args: &PlanArgs, printer: &Printer) -> Result<Exit, Failure> {
    let sources = read_sources(&args.traces, &args.output)?;
    if sources.trace.methods.is_empty() {
        return Err(no_methods(args, &sources));
    }
    let old = read_old(&args.output)?;
    let options = options(args, &sources, old.as_ref().map(|(_, plan)| plan));
    let before = earlier::earlier(&args.compare, &args.output, &options)?;
    let planned = make_plan(&sources.trace, &options);
    if let Some(method) = &args.why {
        return tell_why(method, &sources.trace, &planned, printer);
    }
    let measured = args.measured.as_ref();
    let measured =
        measured.map(|path| measured::laid_beside(path, &planned.predicted)).transpose()?;
    let text = render_plan(&planned.plan, old.as_ref().map(|(text, _)| text.as_str()))
        .map_err(|e| unreadable_plan(&args.output, e))?;
    if let Some(path) = &args.graph {
        draw(path, &sources.trace, &planned)?;
    }
    if let Some(path) = &args.html {
        write_page(path, &sources.trace, &planned)?;
    }
    write_plan(&args.output, &text).map_err(|e| unwritable(&args.output, cause(e)))?;
    let predicted = write_predictions(&args.output, &planned.predicted)?;
    let comparison = before.map(|before| earlier::compared(args, &before, &planned.plan));
    let others = Others {
        predicted: predicted.as_deref(),
        comparison: comparison.as_ref(),
        measured: measured.as_ref(),
    };
    tell(args, &planned, others, printer);
    comparison.as_ref().map_or(Ok(()), earlier::judged)?;
    let is_empty = planned.plan.offloaded().next().is_none();
    Ok(if is_empty { Exit::NothingToOffload } else { Exit::Ok })
}

/// Writes the predictions beside the plan: `plan.predicted.json`. Without any, one that stands there
/// from an earlier plan is emptied, because it would be taken for this plan's.
fn write_predictions(plan: &Path, predicted: &FallbackReport) -> Result<Option<PathBuf>, Failure> {
    let path = plan.with_extension("predicted.json");
    if predicted.roots.is_empty() && !path.exists() {
        return Ok(None);
    }
    let failed = |e| unwritable(&path, e);
    let text =
        serde_json::to_string_pretty(predicted).map_err(|e| failed(std::io::Error::other(e)))?;
    // Through the plan's writer, which replaces a file only when the new one is complete.
    write_plan(&path, &(text + "\n")).map_err(|e| failed(cause(e)))?;
    Ok(Some(path))
}

/// `--why`: everything about the methods named; nothing is written.
fn tell_why(
    method: &str,
    trace: &Trace,
    planned: &Planned,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let told = why(trace, planned, method);
    if told.is_empty() {
        let message = format!("no method of the trace that was called matches {method}");
        return Err(Failure::new(Exit::Input, "bee::plan::no_such_method", message)
            .help("class#name, `*` for any part, e.g. --why 'Shop*#buy'; beehive plan lists the candidates"));
    }
    printer.data(&told, || {
        told.iter().map(beehive_analyzer::Why::to_text).collect::<Vec<_>>().join("\n")
    });
    Ok(Exit::Ok)
}

fn no_methods(args: &PlanArgs, sources: &Sources) -> Failure {
    let names: Vec<String> = args.traces.iter().map(|path| path.display().to_string()).collect();
    let shown = names.join(" ");
    let damage = sources.damage.as_ref();
    let rest = damage.map_or(String::new(), |damage| format!("; the file is damaged: {damage}"));
    let message = format!("{shown} holds no user method: there is nothing to plan with{rest}");
    let help = if damage.is_some() {
        "its methods may have stood behind the damage: take a whole copy of the file, or record again"
    } else if sources.trace.classes.is_empty() {
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

fn options<'a>(args: &PlanArgs, sources: &Sources, old: Option<&'a Plan>) -> Options<'a> {
    Options {
        source: sources.source.clone(),
        added_latency_ms: args.budget,
        closure_bytes_max: args.closure_limit,
        constants: constants(&args.costs, old),
        named_roots: args.roots.clone(),
        app_packages: args.app_packages.clone(),
        old,
        damage: sources.damage.clone(),
        notes: sources.notes.clone(),
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

/// Through the plan's writer, which replaces a file only when the new one is complete.
fn write_page(path: &Path, trace: &Trace, planned: &Planned) -> Result<(), Failure> {
    let bug = |e| Failure::new(Exit::Bug, "bee::plan::page", "the page cannot be made").because(e);
    let html = plan_page(trace, planned).map_err(bug)?;
    write_plan(path, &html).map_err(|e| unwritable(path, cause(e)))
}

fn tell(args: &PlanArgs, planned: &Planned, others: Others, printer: &Printer) {
    let Others { predicted, comparison, measured } = others;
    let plan = &planned.plan;
    let table = plan_table(plan, args.top);
    let output = Output { plan, predicted: &planned.predicted, comparison, measured };
    printer.data(&output, || {
        let compared = comparison.map(|comparison| comparison.to_text(&compared(args)));
        let beside = measured.map(Beside::to_text);
        let parts = [Some(screen(&table)), compared, beside];
        parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
    });
    for note in &plan.notes {
        printer.note(format!("note: {note}"));
    }
    for pattern in &planned.unmatched_roots {
        printer.warning(format!("--root {pattern} matches no user method of the trace"));
    }
    if let Some(path) = predicted {
        printer.note(format!("wrote {}: predicted fallbacks with their causes", path.display()));
    }
    let shown = args.output.display();
    if let Some(path) = &args.graph {
        printer.note(format!("drew {}", path.display()));
    }
    if let Some(path) = &args.html {
        printer.note(format!("wrote {}: the plan as a page", path.display()));
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

/// What the plan was compared with, for the head of the comparison.
fn compared(args: &PlanArgs) -> String {
    let names: Vec<String> = args.compare.iter().map(|path| path.display().to_string()).collect();
    names.join(" and ")
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
