//! The report as a whole: deterministic to the byte, in bounds that reason gives, its bills adding
//! up, its text form readable back.

mod sample;

use beehive_reports::render::{explain, from_json, lines_csv, timeline_csv, to_json, to_text};
use beehive_reports::settings::{Goal, Settings};
use beehive_reports::simulation::{Law, Policy};
use beehive_reports::ways::WayId;
use beehive_reports::{Report, ReportError};
use rust_decimal::Decimal;
use sample::{plan, quick, report_of};

fn bytes(report: &Report) -> Result<Vec<String>, ReportError> {
    Ok(vec![
        to_json(report)?,
        lines_csv(report)?,
        timeline_csv(report)?,
        to_text(report),
        explain(report),
    ])
}

#[test]
fn one_thread_and_two_give_the_same_bytes() {
    let settings = quick();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| bytes(&report_of(&settings)).unwrap())
    };
    let one = on(1);
    assert_eq!(one, on(2));
    assert_eq!(one, on(3));
    let other = Settings { first_seed: 99, ..settings.clone() };
    assert_ne!(one[0], to_json(&report_of(&other)).unwrap());
}

#[test]
fn json_reads_back_as_the_same_report() {
    let report = report_of(&quick());
    let path = std::path::Path::new("report.json");
    let text = to_json(&report).unwrap();
    assert!(from_json(path, &text).unwrap() == report);
    let error = from_json(path, "{\"format\":\"other\"}").unwrap_err();
    assert!(matches!(error, ReportError::NotAReport { .. }));
}

#[test]
fn every_bill_is_the_sum_of_quantity_times_price() {
    let report = report_of(&quick());
    assert_eq!(report.ways.len(), 7);
    for way in &report.ways {
        let mut sum = Decimal::ZERO;
        for line in &way.cost.lines {
            let product = line.quantity / line.per * line.price.unwrap();
            let amount = line.amount.unwrap();
            assert!((product - amount).abs() < Decimal::new(1, 12), "{} {}", way.title, line.line);
            assert!(!line.dated.is_empty() && !line.source.is_empty());
            sum += amount;
        }
        assert_eq!(way.cost.total, Some(sum), "{}", way.title);
        let mean = way.cost.estimate.mean;
        let total: f64 = sum.to_string().parse().unwrap();
        assert!((mean - total).abs() < 1e-9, "{}: {mean} against {total}", way.title);
    }
}

#[test]
fn machines_that_start_at_once_are_as_good_as_standing_ones() {
    let mut settings = quick();
    settings.ways = vec![WayId::Ec2, WayId::Reserved];
    settings.ec2.stages.clear();
    settings.ec2.scaling.health_check_s = 0.0;
    settings.ec2.scaling.warm_up.factor = 1.0;
    settings.ec2.scaling.period_s = 0.5;
    settings.ec2.scaling.machines_max = 2;
    settings.reserved.count = Some(2);
    let mut plan = plan();
    plan.app.ready_ms = Some(0);
    let report = sample::report_from(&plan, &settings);
    // The half second until the scaler looks is in the last percent, not in the 95th.
    let p95 = |way| report.way(way).unwrap().latency.p95_ms.unwrap().mean;
    let (ec2, ideal) = (p95(WayId::Ec2), p95(WayId::Reserved));
    assert!((ec2 / ideal - 1.0).abs() < 0.03, "{ec2} against {ideal}");
}

#[test]
fn workers_that_start_at_once_and_warm_leave_no_spike() {
    let mut settings = quick();
    settings.ways = vec![WayId::BeehiveLambda];
    let slow = report_of(&settings);
    settings.lambda.start = Law::fixed(0.0);
    settings.workers.warm_up.factor = 1.0;
    let fast = report_of(&settings);
    let first_second = |r: &Report| r.ways[0].timeline[60].p99_ms.unwrap();
    assert!(first_second(&fast) < 0.8 * first_second(&slow));
}

#[test]
fn cost_grows_with_the_load() {
    let mut last = [0.0; 7];
    for burst in [60.0, 150.0, 250.0, 400.0] {
        let mut settings = quick();
        settings.burst.burst_per_s = Some(burst);
        let report = report_of(&settings);
        for (way, last) in report.ways.iter().zip(&mut last) {
            let cost = way.cost.estimate.mean;
            assert!(cost >= *last * 0.999, "{} at {burst}/s: {cost} after {last}", way.title);
            *last = cost;
        }
    }
    assert!(last.iter().all(|c| *c > 0.0));
}

#[test]
fn a_burst_the_server_bears_costs_nothing_on_demand_and_says_so() {
    let mut settings = quick();
    settings.burst.base_per_s = Some(20.0);
    settings.burst.burst_per_s = Some(30.0);
    settings.ways = vec![WayId::Ec2, WayId::BeehiveLambda];
    let report = report_of(&settings);
    assert_eq!(report.way(WayId::Ec2).unwrap().cost.total, Some(Decimal::ZERO));
    assert!(report.notes.iter().any(|n| n.contains("bears this burst by itself")));
}

#[test]
fn policies_offload_what_they_promise() {
    let share = |policy| {
        let settings = Settings { policy, ways: vec![WayId::BeehiveLambda], ..quick() };
        let report = report_of(&settings);
        let burst: Vec<_> =
            report.ways[0].timeline.iter().filter(|p| (90.0..150.0).contains(&p.t_s)).collect();
        burst.iter().map(|p| p.offloaded_share).sum::<f64>() / burst.len() as f64
    };
    let fixed = share(Policy::Fixed { ratio: 0.5 });
    // The plan's root is in 80 % of the requests; half of those go.
    assert!((fixed - 0.4).abs() < 0.02, "{fixed}");
    let patient = share(Policy::Slo { ms: 2000.0 });
    let hasty = share(Policy::Slo { ms: 60.0 });
    assert!(patient < hasty, "{patient} {hasty}");
}

#[test]
fn limits_before_november_2023_let_fewer_environments_grow() {
    let mut settings = quick();
    settings.ways = vec![WayId::Lambda];
    settings.burst.burst_per_s = Some(400.0);
    settings.lambda.concurrency_max = 5;
    let report = report_of(&settings);
    let service = &report.ways[0].service;
    assert!(service.refused > 0.0 && service.workers_max <= 5.0);
    assert!(service.lost_share > 0.0, "after six attempts a request is given up");
}

#[test]
fn credits_run_out_in_standard_mode_and_are_charged_in_unlimited() {
    let mut settings = quick();
    settings.ways = vec![WayId::Burstable];
    settings.burstable.start_credits = Some(0.0);
    settings.burstable.instance = "t3.medium".into();
    settings.burst.burst_per_s = Some(250.0);
    settings.burstable.count = Some(2);
    let unlimited = report_of(&settings);
    let has_surplus = |r: &Report| r.ways[0].cost.lines.iter().any(|l| l.line == "surplus credits");
    assert!(has_surplus(&unlimited));
    settings.burstable.mode = beehive_reports::simulation::CreditMode::Standard;
    let standard = report_of(&settings);
    assert!(!has_surplus(&standard));
    assert!(standard.ways[0].service.throttled_s > 0.0);
    let p99 = |r: &Report| r.ways[0].latency.p99_ms.unwrap().mean;
    assert!(p99(&standard) > 2.0 * p99(&unlimited));
}

#[test]
fn without_roots_the_beehive_ways_are_left_out_with_the_reason() {
    let mut plan = plan();
    plan.roots.chosen[0].offload = false;
    let report = sample::report_from(&plan, &quick());
    assert_eq!(report.ways.len(), 5);
    assert_eq!(report.left_out.len(), 2);
    assert!(to_text(&report).contains("BeeHive on Lambda: left out, the plan has no root"));
}

#[test]
fn an_instance_without_a_price_shows_a_question_mark_and_cannot_win() {
    let mut settings = quick();
    settings.ways = vec![WayId::Burstable];
    settings.burstable.instance = "t2.xlarge".into();
    settings.slo = Some(Goal { quantile: 0.5, ms: 10_000.0 });
    let report = report_of(&settings);
    assert_eq!(report.ways[0].cost.total, None);
    assert_eq!(report.unpriced(), 2);
    assert!(report.verdict.is_none());
    assert!(to_text(&report).contains("+ ?"));
    assert!(lines_csv(&report).unwrap().contains(",?,"));
}

#[test]
fn switching_loads_and_steps_are_judged_over_the_whole_window() {
    let mut settings = quick();
    settings.ways = vec![WayId::BeehiveLambda];
    settings.burst.switching_calm_s = Some(30.0);
    settings.burst.seconds = 10.0;
    let switching = report_of(&settings);
    assert!(switching.notes.iter().any(|n| n.contains("no single burst")));
    assert!(switching.source.arrivals.starts_with("switching between 50/s"));
    settings.burst.switching_calm_s = None;
    settings.burst.steps = vec![
        beehive_reports::arrivals::Segment::constant(40.0, 20.0),
        beehive_reports::arrivals::Segment { seconds: 40.0, from_per_s: 20.0, to_per_s: 220.0 },
    ];
    let steps = report_of(&settings);
    assert!((steps.load.window_s - 80.0).abs() < 1e-9);
    assert!((steps.load.base_per_s - 70.0).abs() < 1e-9);
    let last = steps.ways[0].timeline[78].requests_per_s;
    assert!((last / 217.0 - 1.0).abs() < 0.2, "{last}");
}
