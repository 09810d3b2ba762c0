//! Settings out of range are found before anything is simulated, each named as the user names it.

use super::Settings;
use crate::ReportError;
use crate::simulation::{Law, Policy};

/// Checks that the settings can be simulated.
///
/// # Errors
/// [`ReportError::Setting`] for the first that cannot.
pub fn check(settings: &Settings) -> Result<(), ReportError> {
    let burst = &settings.burst;
    above_zero("burst.seconds (--for)", burst.seconds)?;
    not_negative("burst.before_s", burst.before_s)?;
    not_negative("burst.after_s", burst.after_s())?;
    not_negative("burst.ramp_s", burst.ramp_s)?;
    for (name, rate) in [
        ("burst.base_per_s (--base)", burst.base_per_s),
        ("burst.burst_per_s (--burst)", burst.burst_per_s),
    ] {
        rate.map_or(Ok(()), |r| above_zero(name, r))?;
    }
    if !(0.0..=burst.before_s).contains(&burst.warm_up_s) {
        return Err(setting("burst.warm_up_s", &burst.warm_up_s, "within 0..burst.before_s"));
    }
    burst.switching_calm_s.map_or(Ok(()), |s| above_zero("burst.switching_calm_s", s))?;
    for step in &burst.steps {
        above_zero("burst.steps.seconds", step.seconds)?;
        not_negative("burst.steps.from_per_s", step.from_per_s)?;
        not_negative("burst.steps.to_per_s", step.to_per_s)?;
    }
    if settings.seeds < 2 {
        return Err(setting("seeds", &settings.seeds, "at least 2, for an interval"));
    }
    if settings.ways.is_empty() {
        return Err(setting("ways", "empty", "at least one"));
    }
    in_share("server.target_use", settings.server.target_use)?;
    if settings.server.threads == 0 || settings.server.count == Some(0) {
        return Err(setting("server.threads and server.count", &0, "at least 1"));
    }
    if let Some(goal) = settings.slo {
        above_zero("slo", goal.ms)?;
        in_share("slo", goal.quantile)?;
    }
    if let Policy::Fixed { ratio } = settings.policy
        && !(0.0..=1.0).contains(&ratio)
    {
        return Err(setting("policy", &ratio, "a ratio within 0..1"));
    }
    not_negative("calls_home", settings.calls_home)?;
    check_platforms(settings)
}

fn check_platforms(settings: &Settings) -> Result<(), ReportError> {
    above_zero("ec2.scaling.period_s", settings.ec2.scaling.period_s)?;
    above_zero("fargate.scaling.period_s", settings.fargate.scaling.period_s)?;
    above_zero("workers.period_s", settings.workers.period_s)?;
    let stages = settings.ec2.stages.iter().chain(&settings.fargate.stages);
    for stage in stages {
        law("stages", &stage.takes)?;
    }
    law("lambda.start", &settings.lambda.start)?;
    law("openwhisk.start", &settings.openwhisk.start)?;
    if !(128..=10_240).contains(&settings.lambda.memory_mb) {
        return Err(setting("lambda.memory_mb", &settings.lambda.memory_mb, "128..10240"));
    }
    if settings.fargate.vcpu == 0 || settings.fargate.memory_gb == 0 {
        return Err(setting("fargate.vcpu and fargate.memory_gb", &0, "at least 1"));
    }
    Ok(())
}

fn setting(name: &'static str, value: &(impl ToString + ?Sized), must: &str) -> ReportError {
    ReportError::Setting { name, value: value.to_string(), must: must.to_owned() }
}

fn above_zero(name: &'static str, value: f64) -> Result<(), ReportError> {
    if value.is_finite() && value > 0.0 { Ok(()) } else { Err(setting(name, &value, "above 0")) }
}

fn not_negative(name: &'static str, value: f64) -> Result<(), ReportError> {
    if value.is_finite() && value >= 0.0 { Ok(()) } else { Err(setting(name, &value, "0 or more")) }
}

fn in_share(name: &'static str, value: f64) -> Result<(), ReportError> {
    if value > 0.0 && value < 1.0 { Ok(()) } else { Err(setting(name, &value, "within 0..1")) }
}

fn law(name: &'static str, law: &Law) -> Result<(), ReportError> {
    match law.fault() {
        Some(fault) => Err(setting(name, &fault, "a law of durations")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Break = fn(&mut Settings);

    #[test]
    fn the_defaults_pass_and_each_nonsense_is_named() {
        assert!(check(&Settings::default()).is_ok());
        let cases: [(&str, Break); 6] = [
            ("--base", |s| s.burst.base_per_s = Some(-1.0)),
            ("--for", |s| s.burst.seconds = f64::NAN),
            ("seeds", |s| s.seeds = 1),
            ("warm_up", |s| s.burst.warm_up_s = 90.0),
            ("lambda.memory_mb", |s| s.lambda.memory_mb = 64),
            ("lambda.start", |s| s.lambda.start = Law::fixed(-1.0)),
        ];
        for (name, break_it) in cases {
            let mut settings = Settings::default();
            break_it(&mut settings);
            let message = check(&settings).unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
    }
}
