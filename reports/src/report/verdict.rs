//! Which way is cheapest within the goal, and the others beside it, seed by seed.

use rust_decimal::Decimal;

use super::document::{Compared, Verdict};
use crate::results::Estimate;
use crate::settings::Settings;
use crate::simulation::{CreditMode, Extra, Policy, Scenario};
use crate::ways::WayId;

/// A way as it is judged.
pub(super) struct Judged {
    pub way: WayId,
    pub is_met: bool,
    pub total: Option<Decimal>,
    pub totals: Vec<f64>,
}

/// The cheapest way that meets the goal and whose every line has a price.
pub(super) fn verdict(judged: &[Judged]) -> Option<Verdict> {
    let met: Vec<&Judged> = judged.iter().filter(|j| j.is_met && j.total.is_some()).collect();
    let best = met.iter().min_by_key(|j| j.total)?;
    let mut others: Vec<_> = met.iter().filter(|j| j.way != best.way).collect();
    others.sort_by_key(|j| j.total);
    let others = others
        .into_iter()
        .filter_map(|j| {
            Some(Compared {
                way: j.way,
                difference: Estimate::of_difference(&j.totals, &best.totals)?,
                ratio: Estimate::of_ratio(&j.totals, &best.totals),
            })
        })
        .collect();
    let missed = judged.iter().filter(|j| !j.is_met).map(|j| j.way).collect();
    Some(Verdict { way: best.way, others, missed })
}

/// What a way adds to the server, in words.
pub(super) fn adds(way: WayId, scenario: &Scenario, settings: &Settings) -> String {
    match (&scenario.extra, way) {
        (Extra::None, _) => "nothing".to_owned(),
        (Extra::Machines(spec), WayId::Fargate) => {
            let fargate = &settings.fargate;
            format!(
                "tasks of {} vCPU / {} GB when the load needs them, looked at every {} s",
                fargate.vcpu, fargate.memory_gb, spec.scaler.period_s
            )
        }
        (Extra::Machines(spec), _) => format!(
            "{} machines when the load needs them, looked at every {} s",
            settings.ec2.instance, spec.scaler.period_s
        ),
        (Extra::Standing(spec), WayId::Burstable) => {
            let burstable = &settings.burstable;
            let mode = match burstable.mode {
                CreditMode::Standard => "standard",
                CreditMode::Unlimited => "unlimited",
            };
            let start = spec.credits.as_ref().map_or(0.0, |(_, _, start)| *start);
            format!(
                "{} x {} always there, {mode} credits, {start} each at the start",
                spec.count, burstable.instance
            )
        }
        (Extra::Standing(spec), _) => {
            format!("{} x {} always there", spec.count, settings.reserved.instance)
        }
        (Extra::Workers(spec), _) => {
            let what = match way {
                WayId::BeehiveOpenwhisk => {
                    format!("roots on one-vCPU slots of {}", settings.openwhisk.host_instance)
                }
                WayId::BeehiveLambda => format!("roots at {} MB", settings.lambda.memory_mb),
                _ => format!("whole requests at {} MB", settings.lambda.memory_mb),
            };
            let when = match spec.policy {
                Policy::Fixed { ratio } => format!("{:.0} % of them in overload", ratio * 100.0),
                Policy::Queue { per_vcpu } => {
                    format!("when {per_vcpu} requests per vCPU are in the server")
                }
                Policy::Slo { ms } => format!("when the server is predicted to take over {ms} ms"),
            };
            format!("{what}, {when}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(way: WayId, is_met: bool, cents: i64) -> Judged {
        let total = Decimal::new(cents, 2);
        Judged { way, is_met, total: Some(total), totals: vec![cents as f64 / 100.0; 3] }
    }

    #[test]
    fn a_cheap_way_that_misses_the_goal_does_not_win() {
        let all = [
            judged(WayId::Ec2, false, 1),
            judged(WayId::Reserved, true, 9),
            judged(WayId::BeehiveLambda, true, 3),
        ];
        let verdict = verdict(&all).unwrap();
        assert_eq!(verdict.way, WayId::BeehiveLambda);
        assert_eq!(verdict.missed, [WayId::Ec2]);
        assert!((verdict.others[0].ratio.unwrap().mean - 3.0).abs() < 1e-9);
    }

    #[test]
    fn nobody_wins_when_all_miss_or_no_price_is_known() {
        let unknown = Judged { total: None, ..judged(WayId::Ec2, true, 1) };
        assert!(verdict(&[unknown, judged(WayId::Fargate, false, 1)]).is_none());
    }
}
