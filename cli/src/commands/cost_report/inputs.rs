//! What a report is made from: settings (defaults, file, command line, in that order), prices
//! (built-in, offer files, overlay) and arrivals.

use std::path::Path;

use beehive_reports::arrivals::{read_arrivals, read_azure};
use beehive_reports::prices::{
    InstanceTable, PriceBook, apply_overlay, builtin_instances, builtin_prices, read_price_file,
};
use beehive_reports::settings::{LambdaLimits, Settings};
use beehive_reports::{ArrivalSource, ReportError};

use crate::args::cost_report::{CostReportArgs, LimitsName};
use crate::diagnostics::Failure;
use crate::exit::Exit;

/// Settings: defaults, then the file, then what was typed.
pub fn settings(args: &CostReportArgs) -> Result<Settings, Failure> {
    let mut settings = from_file(args)?;
    let (load, ways) = (&args.load, &args.ways);
    let burst = &mut settings.burst;
    burst.base_per_s = load.base.or(burst.base_per_s);
    burst.burst_per_s = load.burst.or(burst.burst_per_s);
    set(&mut burst.seconds, load.length.as_ref());
    set(&mut burst.ramp_s, load.ramp.as_ref());
    burst.switching_calm_s = load.calm.or(burst.switching_calm_s);
    set(&mut settings.seeds, load.seeds.as_ref());
    set(&mut settings.first_seed, load.seed.as_ref());
    if !ways.ways.is_empty() {
        settings.ways.clone_from(&ways.ways);
    }
    settings.slo = ways.slo.or(settings.slo);
    set(&mut settings.policy, ways.policy.as_ref());
    if let Some(server) = &ways.server {
        settings.server.instance.clone_from(server);
        settings.ec2.instance.clone_from(server);
        settings.reserved.instance.clone_from(server);
    }
    set(&mut settings.burstable.instance, ways.burstable.as_ref());
    set(&mut settings.lambda.memory_mb, ways.lambda_memory.as_ref());
    set(&mut settings.lambda.provisioned, ways.provisioned.as_ref());
    if let Some(limits) = ways.lambda_limits {
        settings.lambda.limits = match limits {
            LimitsName::Current => LambdaLimits::Current,
            LimitsName::Before202311 => LambdaLimits::Before202311,
        };
    }
    set(&mut settings.region, args.prices.region.as_ref());
    settings.lambda.is_free_tier |= args.prices.free_tier;
    Ok(settings)
}

fn set<T: Clone>(place: &mut T, value: Option<&T>) {
    if let Some(value) = value {
        place.clone_from(value);
    }
}

fn from_file(args: &CostReportArgs) -> Result<Settings, Failure> {
    let Some(path) = &args.ways.settings else { return Ok(Settings::default()) };
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|e| {
        Failure::new(Exit::Input, "bee::settings::io", format!("cannot read {shown}"))
            .because(e)
            .help(format!("check the path: ls -l {shown}"))
    })?;
    toml::from_str(&text).map_err(|e| {
        let message = format!("{shown} is no file of settings: {}", e.message());
        let failure = Failure::new(Exit::Input, "bee::settings::syntax", message)
            .help("the fields and their defaults are under `settings` of a report.json");
        match e.span() {
            Some(span) => failure.at(path, text.clone(), span),
            None => failure,
        }
    })
}

/// Prices, instance types, and the names of the files read into them.
pub fn prices(
    args: &CostReportArgs,
    settings: &Settings,
) -> Result<(PriceBook, InstanceTable, Vec<String>), ReportError> {
    let (mut prices, mut instances) = (builtin_prices(), builtin_instances());
    let mut names = Vec::new();
    let mut remember = |path: &Path| {
        names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    };
    for path in &args.prices.prices {
        read_price_file(path, &settings.region, &mut prices, &mut instances)?;
        remember(path);
    }
    if let Some(path) = &args.prices.prices_overlay {
        apply_overlay(path, &settings.region, &mut prices)?;
        remember(path);
    }
    Ok((prices, instances, names))
}

/// Arrivals from the file, whichever of its forms it has.
pub fn arrivals(args: &CostReportArgs) -> Result<Option<ArrivalSource>, ReportError> {
    let load = &args.load;
    let Some(path) = &load.arrivals else { return Ok(None) };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut source = match read_azure(path, load.function.as_deref())? {
        Some(azure) => ArrivalSource::from_azure(&name, azure),
        None => ArrivalSource::from_file(&name, read_arrivals(path, load.allow_gaps)?),
    };
    source.from_s = load.from.unwrap_or(0.0);
    source.for_s = load.length;
    Ok(Some(source))
}
