//! Workers: Lambda by request and GB-second with 1 ms grain, its starts billed too; OpenWhisk,
//! which has no meter of its own, by the vCPU slots its containers hold on hosts.

use rust_decimal::Decimal;

use super::{HOUR_S, Purpose, Use};
use crate::money::seconds;
use crate::prices::{InstanceType, Meter};
use crate::settings::LambdaSettings;
use crate::simulation::Outcome;

/// Requests to Lambda.
pub fn lambda_requests(count: u64) -> Use {
    Use {
        line: "requests",
        meter: Meter::lambda_request(),
        quantity: Decimal::from(count),
        unit: "requests",
        per: Decimal::ONE,
        purpose: Purpose::Serving,
        is_held: false,
        rule: "each invocation, shadow executions included".to_owned(),
    }
}

/// Duration on Lambda: `ms` milliseconds at `memory_mb`.
pub fn lambda_duration(
    line: &'static str,
    meter: Meter,
    ms: u64,
    memory_mb: u32,
    rule: &str,
) -> Use {
    Use {
        line,
        meter,
        quantity: gb_seconds(ms, memory_mb),
        unit: "GB-s",
        per: Decimal::ONE,
        purpose: Purpose::Serving,
        is_held: false,
        rule: format!("{rule} x {memory_mb} MB / 1024"),
    }
}

fn gb_seconds(ms: u64, memory_mb: u32) -> Decimal {
    (Decimal::from(ms) * Decimal::from(memory_mb) / Decimal::from(1_024_000)).normalize()
}

fn starting(one: Use) -> Use {
    Use { purpose: Purpose::Starting, ..one }
}

pub(super) fn lambda(outcome: &Outcome, lambda: &LambdaSettings, window_ns: u64) -> Vec<Use> {
    let workers = &outcome.workers;
    let (mb, on_demand) = (lambda.memory_mb, Meter::lambda_duration(lambda.is_arm));
    let start_ms = if lambda.is_init_billed { workers.start_ms } else { 0 };
    let grain = "each up to the next ms";
    let served_ms = workers.served_ms - workers.provisioned_ms;
    let mut uses = vec![
        lambda_requests(workers.invocations + workers.shadows),
        lambda_duration("duration", on_demand.clone(), served_ms, mb, grain),
        starting(lambda_duration(
            "start (INIT)",
            on_demand.clone(),
            start_ms,
            mb,
            "billed since 2025-08",
        )),
        starting(lambda_duration("shadow executions", on_demand, workers.shadow_ms, mb, grain)),
    ];
    if lambda.provisioned > 0 {
        let meter = Meter::lambda_provisioned_duration(lambda.is_arm);
        let ms = workers.provisioned_ms;
        uses.push(lambda_duration("duration, provisioned", meter, ms, mb, grain));
        let held_ms = window_ns / 1_000_000 * u64::from(lambda.provisioned);
        let meter = Meter::lambda_provisioned(lambda.is_arm);
        let mut held = lambda_duration("provisioned, held", meter, held_ms, mb, "all the time");
        held.is_held = true;
        held.purpose = Purpose::Waiting;
        uses.push(held);
    }
    uses
}

/// Seconds of vCPU slots on hosts of OpenWhisk.
pub fn slot_seconds(line: &'static str, quantity_s: Decimal, host: &InstanceType) -> Use {
    Use {
        line,
        meter: Meter::on_demand(&host.name),
        quantity: quantity_s,
        unit: "slot-s",
        per: HOUR_S * Decimal::from(host.vcpu),
        purpose: Purpose::Serving,
        is_held: false,
        rule: format!(
            "one of the {} vCPUs of a {} from container start to idle release",
            host.vcpu, host.name
        ),
    }
}

pub(super) fn openwhisk(outcome: &Outcome, host: &InstanceType) -> Vec<Use> {
    let tally = &outcome.workers.tally;
    let idle = tally.alive_ns - tally.busy_ns.min(tally.alive_ns);
    vec![
        slot_seconds("slots at work", seconds(tally.busy_ns.min(tally.alive_ns)), host),
        Use { purpose: Purpose::Waiting, ..slot_seconds("slots held idle", seconds(idle), host) },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::WorkerUse;

    #[test]
    fn a_vcpu_of_lambda_for_a_second_is_1769_mb() {
        assert_eq!(gb_seconds(1000, 1769).to_string(), "1.7275390625");
        assert_eq!(gb_seconds(1, 1024), Decimal::new(1, 3));
    }

    #[test]
    fn every_millisecond_is_on_exactly_one_line() {
        let workers = WorkerUse {
            invocations: 10,
            served_ms: 100,
            provisioned_ms: 30,
            starts: 2,
            start_ms: 400,
            shadows: 2,
            shadow_ms: 50,
            ..WorkerUse::default()
        };
        let outcome = Outcome { workers, ..Outcome::default() };
        let settings =
            LambdaSettings { memory_mb: 1024, provisioned: 1, ..LambdaSettings::default() };
        let uses = lambda(&outcome, &settings, 1_000_000_000);
        let quantities: Vec<_> = uses.iter().map(|u| (u.line, u.quantity.to_string())).collect();
        assert_eq!(
            quantities,
            [
                ("requests", "12".to_owned()),
                ("duration", "0.07".to_owned()),
                ("start (INIT)", "0.4".to_owned()),
                ("shadow executions", "0.05".to_owned()),
                ("duration, provisioned", "0.03".to_owned()),
                ("provisioned, held", "1".to_owned()),
            ]
        );
    }
}
