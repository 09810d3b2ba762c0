//! Rounds the figures of a plan: more than four digits are noise, and a later plan would change them all.
//! Counts stay within the integers of TOML.

use beehive_plan::{FallbackCounts, FallbackKind, NativeCategory, NativeCounts, Plan};

use crate::figure::four_digits;

/// Largest integer of TOML.
const INTEGER_MAX: u64 = i64::MAX as u64;

/// Rounds all figures to four digits.
pub(crate) fn round(plan: &mut Plan) {
    plan.traffic.requests = plan.traffic.requests.min(INTEGER_MAX);
    for entry in plan.roots.chosen.iter_mut().chain(&mut plan.roots.refused) {
        entry.invocations = entry.invocations.min(INTEGER_MAX);
        entry.cpu_samples = entry.cpu_samples.min(INTEGER_MAX);
        for figure in [
            &mut entry.calls_per_request,
            &mut entry.latency_us_p50,
            &mut entry.latency_us_p99,
            &mut entry.latency_us_mean,
            &mut entry.cpu_us_mean,
            &mut entry.load_moved,
            &mut entry.cpu_us_saved,
            &mut entry.added_latency_us,
            &mut entry.calls_home,
            &mut entry.closure_objects,
            &mut entry.closure_bytes,
        ] {
            *figure = figure.map(four_digits);
        }
        entry.natives.iter_mut().for_each(natives);
        for counts in
            entry.fallbacks.iter_mut().flat_map(|f| [&mut f.first, &mut f.second, &mut f.tenth])
        {
            fallbacks(counts);
        }
    }
    let traffic = &mut plan.traffic;
    for figure in [
        &mut traffic.rate_per_s,
        &mut traffic.latency_ms_p50,
        &mut traffic.latency_ms_p99,
        &mut traffic.cpu_ms_per_request,
        &mut plan.expected.load_moved,
        &mut plan.expected.cpu_ms_saved_per_request,
    ] {
        *figure = figure.map(four_digits);
    }
    let whole = plan.whole_request.iter_mut();
    let figures = whole.flat_map(|whole| {
        [
            &mut whole.load_moved,
            &mut whole.cpu_us_saved,
            &mut whole.calls_home,
            &mut whole.closure_bytes,
            &mut whole.observed,
        ]
    });
    figures.for_each(|figure| *figure = figure.map(four_digits));
}

fn natives(counts: &mut NativeCounts) {
    for category in NativeCategory::ALL {
        let slot = counts.get_mut(category);
        *slot = four_digits(*slot);
    }
}

fn fallbacks(counts: &mut FallbackCounts) {
    for kind in FallbackKind::ALL {
        let slot = counts.get_mut(kind);
        *slot = four_digits(*slot);
    }
}
