//! Simulates every way under the same seeds and turns outcomes into the document.

use std::sync::Arc;

use rayon::prelude::*;
use rust_decimal::Decimal;

use super::Inputs;
use super::document::{
    Cost, FORMAT, FORMAT_VERSION, LatencyFacts, LeftOut, LoadFacts, Point, PriceUsed, RatioFacts,
    Report, ServiceFacts, Source, WayReport,
};
use super::load::LoadPlan;
use super::verdict::{Judged, verdict};
use crate::ReportError;
use crate::arrivals::Arrivals;
use crate::billing::{CostLine, Invoice, Pricing, Use, machine_seconds, uses};
use crate::results::{Curve, Estimate, RatioDefinition, crossings, curve};
use crate::settings::{Goal, RESERVED_NOTE, Settings};
use crate::simulation::{Outcome, Scenario, Timeline, random, run};
use crate::ways::{Ground, WayId};
use crate::workload::Workload;

/// Most buckets of a timeline.
const BUCKETS_MAX: f64 = 1200.0;

/// What no line charges.
const NOT_PRICED: [&str; 6] = [
    "the server itself, the load balancer and the database: the same in every way",
    "data transfer: between zones $0.01/GB each way, out to the internet $0.09/GB after 100 GB",
    "NAT gateways, public addresses, disks, images kept in a registry",
    "logs and metrics, which grow with the number of workers",
    "taxes, support plans, committed-use discounts (give them with --prices-overlay)",
    "work: operating OpenWhisk hosts or tuning autoscaling is not free",
];

/// One way with its runs.
struct Ran {
    way: WayId,
    adds: String,
    outcomes: Vec<Outcome>,
    timeline: Timeline,
    uses: Vec<Vec<Use>>,
}

pub(super) fn assemble(
    inputs: &Inputs<'_>,
    workload: Workload,
    load: &LoadPlan,
) -> Result<Report, ReportError> {
    let settings = inputs.settings;
    let workload = Arc::new(workload);
    let ground = ground(inputs, &workload, load);
    let goal = goal(inputs);
    let pricing =
        Pricing { book: inputs.prices, region: &settings.region, lambda: &settings.lambda };
    let (mut ways, mut left_out, mut judged, mut curves) = (vec![], vec![], vec![], vec![]);
    let (mut requests_simulated, mut prices) = (0, Vec::new());
    for &way in &settings.ways {
        if let Some(reason) = refusal(way, &workload) {
            left_out.push(LeftOut { way, reason });
            continue;
        }
        let ran = simulate(way, &ground, &load.arrivals, inputs)?;
        requests_simulated += ran.outcomes.iter().map(|o| o.arrived).sum::<u64>();
        let seconds = [load.window_s, load.burst_s.end - load.burst_s.start];
        let totals: Vec<f64> = ran.uses.iter().map(|u| pricing.dollars(u)).collect();
        let invoice = pricing.invoice(&summed(&ran.uses), settings.seeds);
        prices_used(&invoice.lines, &mut prices);
        if invoice.unpriced == 0 && load.has_single_burst {
            let held = crate::money::to_f64(invoice.held());
            curves.extend(curve(way, &totals, held, seconds));
        }
        let report = way_report(&ran, invoice, &totals, goal, &ground);
        judged.push(Judged {
            way,
            is_met: report.latency.is_met,
            total: report.cost.total,
            totals,
        });
        ways.push(report);
    }
    prices.sort_by(|a, b| (&a.meter, a.usd).cmp(&(&b.meter, b.usd)));
    Ok(Report {
        format: FORMAT.to_owned(),
        version: FORMAT_VERSION,
        source: source(inputs, load),
        load: load_facts(inputs, load, &pricing, requests_simulated),
        goal,
        verdict: verdict(&judged),
        ratio: ratio(curves),
        sweeps: Vec::new(),
        notes: notes(inputs, &workload, load, &ways),
        ways,
        left_out,
        not_priced: NOT_PRICED.map(str::to_owned).to_vec(),
        prices,
        workload: Arc::unwrap_or_clone(workload),
        settings: settings.clone(),
    })
}

fn ground<'a>(inputs: &Inputs<'a>, workload: &Arc<Workload>, load: &LoadPlan) -> Ground<'a> {
    let ns = |s: f64| (s * 1e9) as u64;
    let bucket_s = (load.window_s / BUCKETS_MAX).ceil().max(1.0);
    Ground {
        settings: inputs.settings,
        workload: Arc::clone(workload),
        instances: inputs.instances,
        sizing: load.sizing,
        burst: ns(load.burst_s.start)..ns(load.burst_s.end),
        window_ns: ns(load.window_s),
        measured_from_ns: ns(load.warm_up_s),
        bucket_ns: ns(bucket_s),
    }
}

/// The goal asked for, or p99 within twice the recorded p99.
fn goal(inputs: &Inputs<'_>) -> Goal {
    let recorded = inputs.plan.traffic.latency_ms_p99.unwrap_or(0.0);
    inputs.settings.slo.unwrap_or(Goal { quantile: 0.99, ms: 2.0 * recorded })
}

fn refusal(way: WayId, workload: &Workload) -> Option<String> {
    (way.is_beehive() && workload.offloadable_share() <= 0.0).then(|| {
        "the plan has no root with `offload = true` whose calls and costs are known".into()
    })
}

fn simulate(
    way: WayId,
    ground: &Ground<'_>,
    arrivals: &Arrivals,
    inputs: &Inputs<'_>,
) -> Result<Ran, ReportError> {
    let settings = inputs.settings;
    let scenario = ground.scenario(way)?;
    let buckets = scenario.window_ns.div_ceil(scenario.bucket_ns) as usize;
    let (timeline, mut outcomes) = run_seeds(&scenario, arrivals, settings, buckets);
    outcomes.sort_by_key(|(seed, _)| *seed);
    let outcomes: Vec<Outcome> = outcomes.into_iter().map(|(_, o)| o).collect();
    let times = [scenario.window_ns, scenario.burst.end - scenario.burst.start];
    let uses = outcomes
        .iter()
        .map(|o| uses(way, o, times, settings, inputs.instances))
        .collect::<Result<_, _>>()?;
    Ok(Ran { way, adds: super::verdict::adds(way, &scenario, settings), outcomes, timeline, uses })
}

/// All seeds of one way. Timelines are sums of counts, outcomes are sorted afterwards: how the
/// seeds were spread over threads cannot be seen in the result.
fn run_seeds(
    scenario: &Scenario,
    arrivals: &Arrivals,
    settings: &Settings,
    buckets: usize,
) -> (Timeline, Vec<(u64, Outcome)>) {
    let first = settings.first_seed;
    let seeds: Vec<u64> = (first..first.saturating_add(u64::from(settings.seeds))).collect();
    seeds
        .into_par_iter()
        .with_min_len(4)
        .fold(
            || (Timeline::new(buckets), Vec::new()),
            |(mut timeline, mut outcomes), seed| {
                outcomes.push((seed, run(scenario, arrivals, seed, &mut timeline)));
                (timeline, outcomes)
            },
        )
        .reduce_with(|(mut timeline, mut outcomes), (other, more)| {
            timeline.add(&other);
            outcomes.extend(more);
            (timeline, outcomes)
        })
        .unwrap_or_default()
}

/// The lines of all runs added up; each run has the same lines in the same order.
fn summed(uses: &[Vec<Use>]) -> Vec<Use> {
    let mut sum = uses.first().cloned().unwrap_or_default();
    for run in uses.iter().skip(1) {
        for (total, one) in sum.iter_mut().zip(run) {
            total.quantity += one.quantity;
        }
    }
    sum
}

fn way_report(
    ran: &Ran,
    invoice: Invoice,
    totals: &[f64],
    goal: Goal,
    ground: &Ground<'_>,
) -> WayReport {
    let timeline = timeline(&ran.timeline, ran.outcomes.len(), ground.bucket_ns);
    let zero = Estimate { mean: 0.0, low: 0.0, high: 0.0 };
    let estimate = Estimate::of(totals).unwrap_or(zero);
    let burst_requests = mean(&ran.outcomes, |o| o.burst_arrived as f64);
    WayReport {
        way: ran.way,
        title: ran.way.title().to_owned(),
        adds: ran.adds.clone(),
        latency: latency(ran, goal, ground),
        service: service(ran),
        cost: Cost {
            total: invoice.total(),
            known: invoice.known,
            estimate,
            unpriced: invoice.unpriced,
            per_million_requests: estimate.mean / burst_requests.max(1.0) * 1e6,
            lines: invoice.lines,
        },
        timeline,
    }
}

fn mean(outcomes: &[Outcome], figure: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(figure).sum::<f64>() / outcomes.len().max(1) as f64
}

fn latency(ran: &Ran, goal: Goal, ground: &Ground<'_>) -> LatencyFacts {
    let quantile = |q: f64| {
        let values: Option<Vec<f64>> =
            ran.outcomes.iter().map(|o| o.burst.quantile_ms(q)).collect();
        values.and_then(|v| Estimate::of(&v))
    };
    let within: Vec<f64> = ran
        .outcomes
        .iter()
        .map(|o| o.burst.count_within(goal.ms) as f64 / (o.burst_arrived as f64).max(1.0))
        .collect();
    let within_goal = Estimate::of(&within).unwrap_or(Estimate { mean: 0.0, low: 0.0, high: 0.0 });
    LatencyFacts {
        p50_ms: quantile(0.50),
        p95_ms: quantile(0.95),
        p99_ms: quantile(0.99),
        within_goal,
        is_met: within_goal.mean >= goal.quantile,
        recovered_after_s: recovered_after_s(&ran.timeline, goal, ground),
    }
}

/// Time from the burst's start to the end of the last bucket that broke the goal; `None` if the
/// last bucket of all still breaks it.
fn recovered_after_s(timeline: &Timeline, goal: Goal, ground: &Ground<'_>) -> Option<f64> {
    let first = (ground.burst.start / ground.bucket_ns) as usize;
    let mut last_bad = None;
    for (index, bucket) in timeline.buckets.iter().enumerate().skip(first) {
        if bucket.arrived == 0 {
            continue;
        }
        let slow = bucket.arrived.saturating_sub(bucket.latencies.count_within(goal.ms));
        let allowed = (1.0 - goal.quantile) * bucket.arrived as f64;
        // Two standard deviations more than allowed are chance, in a bucket of few requests.
        if slow as f64 > allowed + 2.0 * allowed.sqrt() + 1.0 {
            last_bad = Some(index);
        }
    }
    match last_bad {
        None => Some(0.0),
        Some(index) if index + 1 == timeline.buckets.len() => None,
        Some(index) => {
            let end_ns = (index as u64 + 1) * ground.bucket_ns;
            Some((end_ns - ground.burst.start) as f64 / 1e9)
        }
    }
}

fn service(ran: &Ran) -> ServiceFacts {
    let of = |figure: fn(&Outcome) -> f64| mean(&ran.outcomes, figure);
    let requests = of(|o| o.arrived as f64);
    let offloaded = of(|o| o.offloaded as f64);
    let kept_home = of(|o| o.kept_home as f64);
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    ServiceFacts {
        requests,
        lost_share: share(of(|o| (o.dropped + o.unfinished) as f64), requests),
        offloaded_share: share(offloaded, requests),
        kept_home_share: share(kept_home, kept_home + offloaded),
        refused: of(|o| o.workers.refused as f64),
        machines: of(|o| o.machines.len() as f64),
        workers_started: of(|o| o.workers.starts as f64),
        workers_max: of(|o| o.workers.tally.alive_max as f64),
        start_s: start_s(&ran.outcomes),
        throttled_s: of(|o| o.throttled_ns as f64 / 1e9),
    }
}

fn start_s(outcomes: &[Outcome]) -> Option<f64> {
    let (mut total_s, mut count) = (0.0, 0_u64);
    for outcome in outcomes {
        for life in &outcome.machines {
            total_s += (life.ready_at - life.requested_at) as f64 / 1e9;
            count += 1;
        }
        total_s += outcome.workers.start_ms as f64 / 1e3;
        count += outcome.workers.starts;
    }
    (count > 0).then(|| total_s / count as f64)
}

fn timeline(timeline: &Timeline, seeds: usize, bucket_ns: u64) -> Vec<Point> {
    let seeds = seeds.max(1) as f64;
    let bucket_s = bucket_ns as f64 / 1e9;
    let per_s = seeds * bucket_s;
    timeline
        .buckets
        .iter()
        .enumerate()
        .map(|(index, bucket)| Point {
            t_s: index as f64 * bucket_s,
            requests_per_s: bucket.arrived as f64 / per_s,
            p50_ms: bucket.latencies.quantile_ms(0.50),
            p95_ms: bucket.latencies.quantile_ms(0.95),
            p99_ms: bucket.latencies.quantile_ms(0.99),
            offloaded_share: bucket.offloaded as f64 / (bucket.arrived as f64).max(1.0),
            lost_per_s: bucket.dropped as f64 / per_s,
            machines: bucket.machines as f64 / seeds,
            workers: bucket.workers as f64 / seeds,
        })
        .collect()
}

fn prices_used(lines: &[CostLine], into: &mut Vec<PriceUsed>) {
    for line in lines {
        let Some(usd) = line.price else { continue };
        let used = PriceUsed {
            meter: line.meter.clone(),
            usd,
            unit: line.price_unit.clone(),
            dated: line.dated.clone(),
            source: line.source.clone(),
            mark: line.mark,
        };
        if !into.contains(&used) {
            into.push(used);
        }
    }
}

fn ratio(curves: Vec<Curve>) -> RatioFacts {
    RatioFacts { definition: RatioDefinition::ShareOfTime, crossings: crossings(&curves), curves }
}

fn source(inputs: &Inputs<'_>, load: &LoadPlan) -> Source {
    let settings = inputs.settings;
    Source {
        plan: inputs.plan_name.to_owned(),
        trace_sha256: inputs.plan.trace.sha256.clone(),
        app: inputs.plan.app.main.clone(),
        arrivals: load.arrivals_words.clone(),
        generator: random::GENERATOR.to_owned(),
        seeds: [settings.first_seed, u64::from(settings.seeds)],
        price_files: inputs.price_files.to_vec(),
    }
}

fn load_facts(
    inputs: &Inputs<'_>,
    load: &LoadPlan,
    pricing: &Pricing<'_>,
    requests_simulated: u64,
) -> LoadFacts {
    let (sizing, instance) = (&load.sizing, &inputs.settings.server.instance);
    let window = Decimal::from_f64_retain(load.window_s).unwrap_or_default();
    let server_s = window * Decimal::from(sizing.servers);
    let bill = pricing.invoice(&[machine_seconds("server", instance, server_s, "")], 1);
    LoadFacts {
        has_single_burst: load.has_single_burst,
        base_per_s: load.load.base_per_s,
        burst_per_s: load.load.burst_per_s,
        burst_from_s: load.burst_s.start,
        burst_s: load.burst_s.end - load.burst_s.start,
        window_s: load.window_s,
        server: instance.clone(),
        servers: sizing.servers,
        server_vcpus: sizing.server_vcpus,
        base_use: sizing.base_vcpus / sizing.server_vcpus,
        burst_use: sizing.burst_vcpus / sizing.server_vcpus,
        server_cost: bill.total(),
        requests_simulated,
    }
}

fn notes(
    inputs: &Inputs<'_>,
    workload: &Workload,
    load: &LoadPlan,
    ways: &[WayReport],
) -> Vec<String> {
    let mut notes = load.notes.clone();
    notes.extend(workload.notes.iter().cloned());
    if inputs.plan.app.cpus > 0 {
        notes.push(format!(
            "processor times were recorded on a machine with {} processors; a vCPU is taken to be \
             as fast",
            inputs.plan.app.cpus
        ));
    }
    if ways.iter().any(|w| w.way == WayId::Reserved) {
        notes.push(RESERVED_NOTE.to_owned());
    }
    if load.has_single_burst {
        notes.push(
            "cost against burst ratio: the straight lines take bursts far enough apart that none \
             profits from capacity the one before left; --sweep burst-ratio simulates them closer"
                .to_owned(),
        );
    }
    let unpriced: usize = ways.iter().map(|w| w.cost.unpriced).sum();
    if unpriced > 0 {
        notes.push(format!(
            "{unpriced} lines have no known price and show `?`: give one with --prices or \
             --prices-overlay"
        ));
    }
    notes
}
