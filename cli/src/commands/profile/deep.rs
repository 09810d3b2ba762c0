//! `--deep` and `--from`: what a deep run samples.

use std::path::Path;

use beehive_record::deep_from;
use beehive_trace::DeepConfig;

use crate::args::profile::ProfileArgs;
use crate::commands::inputs::read_trace;
use crate::diagnostics::Failure;
use crate::exit::Exit;
use crate::printer::Printer;

/// The settings of a deep run; `None` for a light one.
pub fn settings(args: &ProfileArgs, printer: &Printer) -> Result<Option<DeepConfig>, Failure> {
    if !args.deep {
        return Ok(None);
    }
    let chosen = if let Some(light) = &args.from {
        from_light(light, printer)?
    } else {
        printer.note(
            "no light trace given (--from): annotated methods and those of --root are sampled",
        );
        DeepConfig::default()
    };
    let limits = DeepConfig { every_nth: args.every, samples_per_root_max: args.samples, ..chosen };
    Ok(Some(limits))
}

fn from_light(path: &Path, printer: &Printer) -> Result<DeepConfig, Failure> {
    let light = read_trace(path, printer)?;
    let shown = path.display();
    deep_from(&light).ok_or_else(|| {
        let message = format!("{shown} names no method to sample: it is no light trace with requests");
        Failure::new(Exit::Input, "bee::profile::from", message).help(
            "record one first: beehive profile --load requests.http -o light.beetrace -- java -jar app.jar",
        )
    })
}
