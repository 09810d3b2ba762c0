//! `beehive run`: readies the bundle, hands the arguments to the host, draws its progress, tells what
//! was measured.

mod bundle;
mod failure;
mod progress;
mod text;

use beehive_host::{RunSpec, RunSummary, run as run_host};
use beehive_measured::PlanRef;
use beehive_plan::Plan;
use sha2::{Digest, Sha256};

use crate::args::Format;
use crate::args::run::RunArgs;
use crate::commands::inputs::read_file;
use crate::diagnostics::{Failure, unreadable_plan};
use crate::exit::Exit;
use crate::printer::Printer;

/// Time the application may take to end when asked.
const GRACE: std::time::Duration = std::time::Duration::from_secs(30);

/// Runs `beehive run`.
pub fn run(args: &RunArgs, printer: &Printer) -> Result<Exit, Failure> {
    let plan = beehive_plan::read_plan(&args.plan).map_err(|e| unreadable_plan(&args.plan, e))?;
    let ready = bundle::ready(args, &plan, printer)?;
    let spec = spec_of(args, &plan, &ready)?;
    let drawn = progress::Drawn::new(printer, args);
    let result = run_host(&spec, &drawn);
    drawn.finish();
    let summary = result.map_err(|error| failure::of(error, args))?;
    tell(&summary, args, printer);
    Ok(match summary.status {
        0 => Exit::Ok,
        status => Exit::Application(status),
    })
}

fn spec_of(args: &RunArgs, plan: &Plan, ready: &bundle::Ready) -> Result<RunSpec, Failure> {
    let text = read_file(&args.plan)?;
    Ok(RunSpec {
        command: args.command.clone(),
        plan: PlanRef {
            path: args.plan.display().to_string(),
            sha256: format!("{:x}", Sha256::digest(text)),
            bundle_sha256: ready.files.digest.clone(),
            roots: ready.roots.clone(),
        },
        class_path: plan.app.class_path.clone(),
        files: ready.files.clone(),
        offload: args.offload,
        live: args.live.clone(),
        latency_goal: args.latency_goal,
        workers: args.workers,
        worker_heap_mib: args.worker_heap,
        worker_options: args.worker_options.clone(),
        closure_bytes_max: plan.budget.closure_bytes_max,
        worker_timeout: args.worker_timeout,
        load: args.load.spec(),
        duration: args.duration,
        grace: GRACE,
        output: args.measured.clone(),
        beehive_version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// The application has stdout; only a document asked for by `--format json` goes there, behind it.
fn tell(summary: &RunSummary, args: &RunArgs, printer: &Printer) {
    if printer.format() == Format::Json {
        printer.data(summary, String::new);
    } else {
        printer.note(text::of(summary, args));
    }
}
