//! `beehive profile`: hands the arguments to the recorder, draws its progress, tells what came of it.

mod deep;
mod progress;

use beehive_record::{ProfileSpec, ProfileSummary, Subject, profile};
use beehive_trace::{Ending, RunFacts};

use crate::args::Format;
use crate::args::profile::ProfileArgs;
use crate::commands::start_failure::{self, Started};
use crate::commands::traffic;
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::printer::Printer;

/// Runs `beehive profile`.
pub fn run(args: &ProfileArgs, printer: &Printer) -> Result<Exit, Failure> {
    let mut spec = spec_of(args);
    spec.deep = deep::settings(args, printer)?;
    let drawn = progress::Drawn::new(printer, args);
    let result = profile(&spec, &drawn);
    drawn.finish();
    let started = Started { verb: "profile", output: &args.output };
    let summary = result.map_err(|error| start_failure::of(error, started))?;
    tell(&summary, args, printer);
    Ok(match summary.status {
        0 => Exit::Ok,
        status => Exit::Application(status),
    })
}

fn spec_of(args: &ProfileArgs) -> ProfileSpec {
    let subject = match args.pid {
        Some(pid) => Subject::Attach(pid),
        None => Subject::Launch(args.command.clone()),
    };
    let mut spec = ProfileSpec::new(subject, args.output.clone());
    spec.duration = args.duration;
    spec.app_packages.clone_from(&args.app_packages);
    spec.named_roots.clone_from(&args.roots);
    spec.exact = args.exact;
    spec.interval = args.interval;
    env!("CARGO_PKG_VERSION").clone_into(&mut spec.beehive_version);
    spec.load = args.load.spec();
    spec
}

/// The application has stdout; only a document asked for by `--format json` goes there, behind it.
fn tell(summary: &ProfileSummary, args: &ProfileArgs, printer: &Printer) {
    if printer.format() == Format::Json {
        printer.data(summary, String::new);
    } else {
        printer.note(text(summary, args));
    }
    if summary.entries == 0 {
        printer.warning(nothing_called(summary));
    } else if summary.sampled == Some(0) {
        printer.warning(nothing_sampled(args));
    }
}

fn nothing_called(summary: &ProfileSummary) -> &'static str {
    if summary.methods == 0 && summary.classes > 0 {
        "no class of the application counted as yours; name its packages with --app-package com.yours"
    } else if summary.methods == 0 {
        "the application ended before any class of its own was used"
    } else {
        "no method of yours was called while recording; let requests come in, e.g. with --load"
    }
}

fn nothing_sampled(args: &ProfileArgs) -> &'static str {
    if args.from.is_some() {
        "no invocation was sampled to its end: the methods that the light run has timed were not called, or not for long enough"
    } else {
        "no invocation was sampled: name the methods to sample, by the trace of a light run (--from light.beetrace) or by --root"
    }
}

fn text(summary: &ProfileSummary, args: &ProfileArgs) -> String {
    let mut lines = vec![String::new()];
    lines.extend(summary.runs.iter().map(|run| run_line(run, &summary.ending)));
    lines.push(format!(
        "  {} calls of {} user methods in {} entries; {} timed{}",
        summary.calls,
        summary.methods,
        summary.entries,
        summary.timed_methods,
        summary.sampled.map_or(String::new(), |n| format!("; {n} invocations sampled"))
    ));
    if args.load.load.is_some() {
        lines.extend(traffic::lines(&summary.traffic, args.load.rate));
    }
    let losses: u64 = summary.losses.values().sum();
    if losses > 0 {
        let reasons = summary.losses.iter().map(|(reason, count)| format!("{reason} {count}"));
        let reasons = reasons.collect::<Vec<_>>().join(", ");
        lines.push(format!("  lost or left alone: {reasons}"));
    }
    let output = summary.output.display();
    lines.push(format!(
        "wrote {output} ({} bytes); next: beehive plan {output}",
        summary.output_bytes
    ));
    lines.join("\n")
}

fn run_line(run: &RunFacts, ending: &Ending) -> String {
    let ending = match ending {
        Ending::Exit(code) => format!("it ended with status {code}"),
        Ending::Signal(signal) => format!("signal {signal} ended it"),
        Ending::Stopped => "ended by beehive".to_owned(),
        Ending::Detached => "the agent left it running".to_owned(),
        Ending::Unknown => "its end was not seen".to_owned(),
    };
    let ready = match run.ready_ms {
        0 => String::new(),
        ms => format!(", answered after {:.1} s", ms as f64 / 1e3),
    };
    format!(
        "recorded {:.1} s of {} on {} {}{ready}; {ending}",
        run.duration_ms as f64 / 1e3,
        run.main,
        run.vm_name,
        run.jdk_build
    )
}
