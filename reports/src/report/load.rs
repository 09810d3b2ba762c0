//! The load of a report: the settings' burst or a file's arrivals, the server they meet, and where
//! the burst lies in the window.

use std::ops::Range;

use super::Inputs;
use crate::ReportError;
use crate::arrivals::{ArrivalFile, Arrivals, Azure, Mmpp, Segment, segments_of};
use crate::settings::Burst;
use crate::ways::{Load, Sizing};
use crate::workload::Workload;

/// Arrivals from a file.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrivalSource {
    /// Name, for the report.
    pub name: String,
    /// The arrivals.
    pub arrivals: Arrivals,
    /// Their length, s.
    pub seconds: f64,
    /// How many.
    pub count: u64,
    /// Where the window starts within them, s.
    pub from_s: f64,
    /// Length of the window; `None` = to the end.
    pub for_s: Option<f64>,
}

impl ArrivalSource {
    /// Arrivals one by one.
    pub fn from_file(name: &str, file: ArrivalFile) -> Self {
        Self {
            name: name.to_owned(),
            seconds: file.seconds(),
            count: file.instants.len() as u64,
            arrivals: Arrivals::Instants(file.instants.into()),
            from_s: 0.0,
            for_s: None,
        }
    }

    /// An Azure trace.
    pub fn from_azure(name: &str, azure: Azure) -> Self {
        Self {
            name: name.to_owned(),
            arrivals: azure.arrivals,
            seconds: azure.seconds,
            count: azure.count,
            from_s: 0.0,
            for_s: None,
        }
    }

    /// The window's length, s.
    fn window_s(&self) -> Result<f64, ReportError> {
        let left_s = self.seconds - self.from_s;
        let wanted_s = self.for_s.unwrap_or(left_s);
        // The last arrival ends the file, not the second it lies in.
        if wanted_s > left_s.ceil() || left_s <= 0.0 {
            return Err(ReportError::BurstTooLong { burst_s: wanted_s, arrivals_s: left_s });
        }
        Ok(wanted_s.max(1.0))
    }
}

/// The load as simulated.
#[derive(Clone, Debug)]
pub(super) struct LoadPlan {
    pub load: Load,
    pub sizing: Sizing,
    pub arrivals: Arrivals,
    pub arrivals_words: String,
    pub window_s: f64,
    pub burst_s: Range<f64>,
    pub warm_up_s: f64,
    /// Whether there is one burst in a calm window; else the whole window is judged.
    pub has_single_burst: bool,
    pub notes: Vec<String>,
}

pub(super) fn load(inputs: &Inputs<'_>, workload: &Workload) -> Result<LoadPlan, ReportError> {
    let server = &inputs.settings.server;
    let vcpu = inputs.instances.get(&server.instance)?.vcpu;
    let sized = |load| Sizing::new(load, workload, vcpu, server.count, server.target_use);
    let vcpus = vcpu * server.count.unwrap_or(1);
    let mut plan = match &inputs.arrivals {
        None => generated(inputs, Load::typical(workload, vcpus), sized),
        Some(source) => from_file(source, sized)?,
    };
    notes(&mut plan);
    Ok(plan)
}

fn generated(inputs: &Inputs<'_>, typical: Load, sized: impl Fn(Load) -> Sizing) -> LoadPlan {
    let burst = &inputs.settings.burst;
    let base_per_s = burst.base_per_s.unwrap_or(match burst.burst_per_s {
        Some(rate) => rate / 4.0,
        None => typical.base_per_s,
    });
    let burst_per_s = burst.burst_per_s.unwrap_or(4.0 * base_per_s);
    let load = Load { base_per_s, burst_per_s };
    let mut notes = Vec::new();
    if burst.steps.is_empty() && (burst.base_per_s.is_none() || burst.burst_per_s.is_none()) {
        notes.push(format!(
            "rates not given: base {base_per_s}/s, burst {burst_per_s}/s taken (half of one \
             server, and four times the base)"
        ));
    }
    let window_s = burst.window_s();
    let (arrivals, arrivals_words, load) = shape(burst, load);
    let is_plain = burst.steps.is_empty() && burst.switching_calm_s.is_none();
    let burst_s = if is_plain {
        burst.before_s..burst.before_s + burst.seconds
    } else {
        notes.push(WHOLE_WINDOW.to_owned());
        burst.warm_up_s.min(window_s / 10.0)..window_s
    };
    let warm_up_s = if is_plain { burst.warm_up_s } else { burst_s.start };
    let sizing = sized(load);
    LoadPlan {
        load,
        sizing,
        arrivals,
        arrivals_words,
        window_s,
        burst_s,
        warm_up_s,
        has_single_burst: is_plain,
        notes,
    }
}

/// Said when there is no single burst.
const WHOLE_WINDOW: &str = "the load has no single burst: the whole window counts as burst, goals are judged over all of it";

/// The arrivals of the settings, in words too, and the rates the server is sized for.
fn shape(burst: &Burst, load: Load) -> (Arrivals, String, Load) {
    let Load { base_per_s, burst_per_s } = load;
    if !burst.steps.is_empty() {
        let expected: f64 = burst.steps.iter().map(Segment::expected).sum();
        let peak = burst.steps.iter().map(|s| s.from_per_s.max(s.to_per_s)).fold(0.0, f64::max);
        let load = Load { base_per_s: expected / burst.window_s(), burst_per_s: peak };
        let words = format!("Poisson, {} steps, peak {peak}/s", burst.steps.len());
        return (Arrivals::Rates(burst.steps.clone().into()), words, load);
    }
    if let Some(calm_s) = burst.switching_calm_s {
        let mmpp = Mmpp {
            calm_per_s: base_per_s,
            busy_per_s: burst_per_s,
            calm_s,
            busy_s: burst.seconds,
            seconds: burst.window_s(),
        };
        let words = format!(
            "switching between {base_per_s}/s for {calm_s} s and {burst_per_s}/s for {} s on \
             average",
            burst.seconds
        );
        return (Arrivals::Switching(mmpp), words, load);
    }
    let times = [burst.before_s, burst.seconds, burst.after_s(), burst.ramp_s];
    let words = format!(
        "Poisson, {base_per_s}/s, then {burst_per_s}/s for {} s, then {base_per_s}/s",
        burst.seconds
    );
    (Arrivals::Rates(segments_of(base_per_s, burst_per_s, times).into()), words, load)
}

/// A file's arrivals are all burst: goals are judged over the whole window, and the server is
/// sized for the mean rate.
fn from_file(
    source: &ArrivalSource,
    sized: impl Fn(Load) -> Sizing,
) -> Result<LoadPlan, ReportError> {
    let window_s = source.window_s()?;
    let from_ns = (source.from_s * 1e9) as u64;
    let window_ns = (window_s * 1e9) as u64;
    let within: Vec<u64> = source
        .arrivals
        .stream(0)
        .filter(|t| (from_ns..from_ns + window_ns).contains(t))
        .map(|t| t - from_ns)
        .collect();
    let mean_per_s = within.len() as f64 / window_s;
    let load = Load { base_per_s: mean_per_s, burst_per_s: peak_per_s(&within, window_s) };
    let is_whole = source.from_s <= 0.0 && source.for_s.is_none();
    let arrivals =
        if is_whole { source.arrivals.clone() } else { Arrivals::Instants(within.into()) };
    let notes = vec![WHOLE_WINDOW.to_owned()];
    Ok(LoadPlan {
        load,
        sizing: sized(load),
        arrivals,
        arrivals_words: format!(
            "{}, {} arrivals in {:.0} s",
            source.name, source.count, source.seconds
        ),
        window_s,
        burst_s: 0.0..window_s,
        warm_up_s: 0.0,
        has_single_burst: false,
        notes,
    })
}

/// Highest rate over ten seconds (a tenth of the window if that is shorter).
fn peak_per_s(instants: &[u64], window_s: f64) -> f64 {
    let span_s = (window_s / 10.0).min(10.0);
    let span_ns = (span_s * 1e9) as u64;
    let mut oldest = instants.iter().peekable();
    let mut inside = 0_usize;
    let mut peak = 0;
    for now in instants {
        inside += 1;
        while oldest.next_if(|old| **old + span_ns < *now).is_some() {
            inside -= 1;
        }
        peak = peak.max(inside);
    }
    peak as f64 / span_s
}

fn notes(plan: &mut LoadPlan) {
    let sizing = &plan.sizing;
    if sizing.base_vcpus > sizing.server_vcpus {
        plan.notes.push(format!(
            "the base load alone needs {:.1} vCPUs, the server has {}: it is overloaded before \
             any burst",
            sizing.base_vcpus, sizing.server_vcpus
        ));
    } else if sizing.is_burst_borne() {
        plan.notes.push(format!(
            "the server bears this burst by itself ({:.1} of {} vCPUs busy): nothing has to be \
             added, try a higher --burst",
            sizing.burst_vcpus, sizing.server_vcpus
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_is_that_of_the_densest_ten_seconds() {
        let calm = (0..100).map(|i| i * 1_000_000_000);
        let busy = (0..300).map(|i| 50_000_000_000 + i * 10_000_000);
        let mut instants: Vec<u64> = calm.chain(busy).collect();
        instants.sort_unstable();
        let peak = peak_per_s(&instants, 100.0);
        assert!((30.0..32.0).contains(&peak), "{peak}");
    }
}
