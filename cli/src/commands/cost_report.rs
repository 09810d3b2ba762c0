//! `beehive cost-report`: from a plan, a burst and prices to a report folder and a verdict.

mod failure;
mod inputs;

use std::path::Path;

use beehive_reports::compare::{Comparison, compare};
use beehive_reports::goals::{Demand, Judgement, judge};
use beehive_reports::output::{report_files, write_files};
use beehive_reports::preset::{PresetKind, make_preset};
use beehive_reports::prices::{InstanceTable, PriceBook};
use beehive_reports::render::{explain, from_json, lines_csv, sweeps_csv, timeline_csv, to_text};
use beehive_reports::sweep::make_sweep;
use beehive_reports::{Inputs, Report, ReportError, make_report};
use serde::Serialize;

use super::inputs::read_measured_run;
use crate::args::cost_report::{CostReportArgs, CsvName};
use crate::diagnostics::{Failure, unreadable_plan};
use crate::exit::Exit;
use crate::printer::Printer;
use failure::failure;

/// Runs `beehive cost-report`.
pub fn run(args: &CostReportArgs, printer: &Printer) -> Result<Exit, Failure> {
    let failed = |error| failure(error, args);
    let settings = inputs::settings(args)?;
    let (prices, instances, price_files) = inputs::prices(args, &settings).map_err(failed)?;
    if let Some(kind) = args.answer.preset {
        return preset(args, kind, (&prices, &instances), &settings.region, printer);
    }
    let Some(plan_path) = &args.plan else { return Ok(Exit::Usage) };
    let plan = beehive_plan::read_plan(plan_path).map_err(|e| unreadable_plan(plan_path, e))?;
    let arrivals = inputs::arrivals(args).map_err(failed)?;
    let old = earlier(args).map_err(failed)?;
    let measured = args.measured.as_deref().map(read_measured_run).transpose()?;
    let name = plan_path.file_name().unwrap_or_default().to_string_lossy();
    let inputs = Inputs {
        plan: &plan,
        plan_name: &name,
        measured: measured.as_ref(),
        settings: &settings,
        arrivals,
        prices: &prices,
        price_files: &price_files,
        instances: &instances,
    };
    let progress = printer.spinner();
    progress.set_message(format!("simulating {} bursts a way", settings.seeds));
    progress.enable_steady_tick(std::time::Duration::from_millis(100));
    let report = report(args, &inputs);
    progress.finish_and_clear();
    let report = report.map_err(failed)?;
    let files = report_files(&report).map_err(failed)?;
    let written = write_files(&args.output, &files).map_err(failed)?;
    let comparison = old.map(|old| compare(&old, &report));
    answer(args, &report, comparison.as_ref(), printer).map_err(failed)?;
    if let Some(page) = written.first() {
        printer.note(format!("{} and {} more files written", page.display(), written.len() - 1));
    }
    judged(args, &report)
}

/// The report with its sweeps.
fn report(args: &CostReportArgs, inputs: &Inputs<'_>) -> Result<Report, ReportError> {
    let mut report = make_report(inputs)?;
    for request in &args.answer.sweep {
        let base_per_s = report.load.base_per_s;
        let sweep = make_sweep(inputs, request.kind, request.values.as_deref(), base_per_s)?;
        report.sweeps.push(sweep);
    }
    Ok(report)
}

fn earlier(args: &CostReportArgs) -> Result<Option<Report>, ReportError> {
    let Some(path) = &args.answer.compare else { return Ok(None) };
    let text = std::fs::read_to_string(path)
        .map_err(|source| ReportError::Read { path: path.clone(), source })?;
    from_json(path, &text).map(Some)
}

/// What the verb answers in JSON.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<&'a Comparison>,
}

fn answer(
    args: &CostReportArgs,
    report: &Report,
    comparison: Option<&Comparison>,
    printer: &Printer,
) -> Result<(), ReportError> {
    if let Some(which) = args.answer.csv {
        printer.line_of_data(&match which {
            CsvName::Lines => lines_csv(report)?,
            CsvName::Timeline => timeline_csv(report)?,
            CsvName::Sweep => sweeps_csv(report)?,
        });
        return Ok(());
    }
    printer.data(&Answer { report, comparison }, || {
        let explained =
            if args.answer.explain { format!("{}\n", explain(report)) } else { String::new() };
        let compared = comparison.map_or_else(String::new, |c| format!("{}\n", c.to_text()));
        // The verdict stands last, where the eye is.
        format!("{explained}{compared}{}", to_text(report))
    });
    Ok(())
}

fn judged(args: &CostReportArgs, report: &Report) -> Result<Exit, Failure> {
    let demand =
        Demand { cost_max: args.answer.fail_above, is_latency_demanded: args.ways.slo.is_some() };
    match judge(report, demand).map_err(|e| failure(e, args))? {
        Judgement::Met => Ok(Exit::Ok),
        Judgement::Missed(reason) => Err(Failure::new(Exit::Goal, "bee::goal::missed", reason)
            .help(format!(
                "see what it is made of: beehive cost-report {} --explain",
                shown(args.plan.as_deref())
            ))),
    }
}

fn shown(plan: Option<&Path>) -> String {
    plan.map_or_else(|| "plan.toml".to_owned(), |p| p.display().to_string())
}

fn preset(
    args: &CostReportArgs,
    kind: PresetKind,
    (prices, instances): (&PriceBook, &InstanceTable),
    region: &str,
    printer: &Printer,
) -> Result<Exit, Failure> {
    let preset = make_preset(kind, prices, region, instances).map_err(|e| failure(e, args))?;
    printer.data(&preset, || {
        let explained =
            if args.answer.explain { format!("{}\n", preset.explain()) } else { String::new() };
        format!("{explained}{}", preset.to_text())
    });
    Ok(Exit::Ok)
}
