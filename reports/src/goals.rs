//! Goals given on the command line: a cost the cheapest way within the latency goal must not
//! exceed. Owns the judgement; the exit code is the command line's.

use rust_decimal::Decimal;

use crate::ReportError;
use crate::report::Report;

/// What was demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Most dollars the cheapest way within the latency goal may cost.
    pub cost_max: Option<Decimal>,
    /// Whether some way has to meet the latency goal.
    pub is_latency_demanded: bool,
}

/// How it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Nothing was demanded, or it is met.
    Met,
    /// Not met, with the reason in one sentence.
    Missed(String),
}

/// Judges `report` by `demand`.
///
/// # Errors
/// [`ReportError::UnjudgedGoal`] if a way that could meet the demand has lines without a price.
pub fn judge(report: &Report, demand: Demand) -> Result<Judgement, ReportError> {
    let within: Vec<_> = report.ways.iter().filter(|w| w.latency.is_met).collect();
    if demand.is_latency_demanded && within.is_empty() {
        return Ok(Judgement::Missed(format!("no way keeps {} in this burst", report.goal)));
    }
    let Some(cost_max) = demand.cost_max else { return Ok(Judgement::Met) };
    let cheapest = within.iter().filter_map(|w| Some((w.cost.total?, w))).min_by_key(|(t, _)| *t);
    if let Some((total, _)) = cheapest
        && total <= cost_max
    {
        return Ok(Judgement::Met);
    }
    // An unpriced way might be cheap enough: nobody can tell.
    if let Some(way) = within.iter().find(|w| w.cost.total.is_none() && w.cost.known <= cost_max) {
        return Err(ReportError::UnjudgedGoal {
            way: way.title.clone(),
            unknown: way.cost.unpriced,
        });
    }
    Ok(Judgement::Missed(match cheapest {
        Some((total, way)) => format!(
            "{} is the cheapest way within {} and costs ${}, more than ${cost_max}",
            way.title,
            report.goal,
            crate::money::fixed(total, 6)
        ),
        None => format!("no way keeps {} in this burst", report.goal),
    }))
}
