//! Machines: billed by the second from `running` (EC2) or from the image pull (Fargate) to their
//! end, at least a minute. Burstable ones add surplus credits.

use rust_decimal::Decimal;

use super::{HOUR_S, Purpose, Use};
use crate::money::seconds;
use crate::prices::Meter;
use crate::settings::{Ec2, Fargate};
use crate::simulation::{MachineLife, Outcome};

/// Phases of billed machine time, ns, and what minimum and rounding add.
#[derive(Clone, Copy, Debug, Default)]
struct Phases {
    start: u64,
    serving: u64,
    cooling: u64,
    added: u64,
}

const SECOND: u64 = 1_000_000_000;

fn phases(lives: &[MachineLife], minimum_s: u64) -> Phases {
    let mut sum = Phases::default();
    for life in lives.iter().filter(|l| l.ended_at > l.billed_from) {
        let end = life.ended_at;
        let ready = life.ready_at.clamp(life.billed_from, end);
        let idle = life.idle_from.clamp(ready, end);
        let billed = (end - life.billed_from).div_ceil(SECOND).max(minimum_s) * SECOND;
        sum.start += ready - life.billed_from;
        sum.serving += idle - ready;
        sum.cooling += end - idle;
        sum.added += billed - (end - life.billed_from);
    }
    sum
}

impl Phases {
    fn named(&self) -> [(&'static str, Purpose, u64); 4] {
        [
            ("start-up", Purpose::Starting, self.start),
            ("serving", Purpose::Serving, self.serving),
            ("cooling down", Purpose::Waiting, self.cooling),
            ("minimum and rounding", Purpose::Waiting, self.added),
        ]
    }
}

/// Seconds of a machine on demand.
pub fn machine_seconds(line: &'static str, instance: &str, quantity_s: Decimal, rule: &str) -> Use {
    Use {
        line,
        meter: Meter::on_demand(instance),
        quantity: quantity_s,
        unit: "s",
        per: HOUR_S,
        purpose: Purpose::Serving,
        is_held: false,
        rule: rule.to_owned(),
    }
}

pub(super) fn on_demand(outcome: &Outcome, ec2: &Ec2) -> Vec<Use> {
    let minimum = ec2.scaling.minimum_s;
    let rule = format!("from `running` to the end, by the second, at least {minimum} s a machine");
    phases(&outcome.machines, minimum)
        .named()
        .into_iter()
        .map(|(line, purpose, ns)| Use {
            purpose,
            ..machine_seconds(line, &ec2.instance, seconds(ns), &rule)
        })
        .collect()
}

pub(super) fn fargate(outcome: &Outcome, fargate: &Fargate) -> Vec<Use> {
    let minimum = fargate.scaling.minimum_s;
    let rule =
        format!("from the image pull to the end, by the second, at least {minimum} s a task");
    phases(&outcome.machines, minimum)
        .named()
        .into_iter()
        .flat_map(|(line, purpose, ns)| {
            fargate_lines(line, seconds(ns), fargate, &rule).map(|one| Use { purpose, ..one })
        })
        .collect()
}

/// The two meters of `task_s` seconds of a task.
pub(crate) fn fargate_lines(
    line: &'static str,
    task_s: Decimal,
    fargate: &Fargate,
    rule: &str,
) -> [Use; 2] {
    let part = |meter, unit, size: u32| Use {
        line,
        meter,
        quantity: task_s * Decimal::from(size),
        unit,
        per: HOUR_S,
        purpose: Purpose::Serving,
        is_held: false,
        rule: rule.to_owned(),
    };
    [
        part(Meter::fargate_vcpu(fargate.is_arm), "vCPU-s", fargate.vcpu),
        part(Meter::fargate_memory(fargate.is_arm), "GB-s", fargate.memory_gb),
    ]
}

/// Seconds of machines that stand there all the time.
pub fn held_seconds(
    line: &'static str,
    meter: &Meter,
    quantity_s: Decimal,
    purpose: Purpose,
) -> Use {
    Use {
        line,
        meter: meter.clone(),
        quantity: quantity_s,
        unit: "s",
        per: HOUR_S,
        purpose,
        is_held: true,
        rule: "all the time, burst or not".to_owned(),
    }
}

pub(super) fn standing(
    outcome: &Outcome,
    meter: &Meter,
    [window_ns, burst_ns]: [u64; 2],
) -> Vec<Use> {
    let machines = Decimal::from(outcome.standing);
    vec![
        held_seconds("held in the burst", meter, machines * seconds(burst_ns), Purpose::Serving),
        held_seconds(
            "held outside the burst",
            meter,
            machines * seconds(window_ns - burst_ns),
            Purpose::Waiting,
        ),
    ]
}

pub(super) fn surplus(outcome: &Outcome, instance: &str) -> Use {
    Use {
        line: "surplus credits",
        meter: Meter::cpu_credits(instance),
        quantity: seconds(outcome.surplus_vcpu_ns),
        unit: "vCPU-s",
        per: HOUR_S,
        purpose: Purpose::Serving,
        is_held: false,
        rule: "use above the baseline and the credits held, unlimited mode".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(billed_from: u64, ready_at: u64, idle_from: u64, ended_at: u64) -> MachineLife {
        MachineLife {
            requested_at: 0,
            billed_from: billed_from * SECOND,
            ready_at: ready_at * SECOND,
            idle_from: idle_from * SECOND,
            ended_at: ended_at * SECOND,
        }
    }

    #[test]
    fn phases_add_up_to_what_is_billed() {
        let sum = phases(&[life(17, 40, 120, 180)], 60);
        let named = sum.named().map(|(_, _, ns)| ns / SECOND);
        assert_eq!(named, [23, 80, 60, 0]);
        let short = phases(&[life(17, 40, 40, 50)], 60);
        assert_eq!(short.named().map(|(_, _, ns)| ns / SECOND), [23, 0, 10, 27]);
    }

    #[test]
    fn a_machine_that_never_ran_costs_nothing_and_one_cut_off_in_its_start_its_minute() {
        assert_eq!(phases(&[life(50, 70, 50, 40)], 60).named().map(|p| p.2), [0; 4]);
        let cut = phases(&[life(10, 70, 600, 30)], 60);
        assert_eq!(cut.named().map(|(_, _, ns)| ns / SECOND), [20, 0, 0, 40]);
    }
}
