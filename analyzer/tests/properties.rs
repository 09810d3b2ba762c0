//! What must hold for a plan of any trace: it is made without panic, reads back from its text, names
//! only user methods, does not depend on the order of rows, and never promises more than there is.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use beehive_analyzer::{Options, Planned, make_plan, plan_table, scene};
use beehive_plan::{Candidate, parse_plan, render_plan};
use beehive_trace::{
    Chunk, Class, ClassKind, Connection, Edge, Fold, Histogram, Method, MonitorStats, OUTSIDE,
    Origin, RootKind, RootStats, RunFacts, ThreadGroup, Trace, Traffic,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const CLASSES: u32 = 6;
const METHODS: u32 = 24;

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0u64), 12 => 1u64..5000, 1 => Just(u64::MAX)]
}

fn id() -> impl Strategy<Value = u32> {
    prop_oneof![6 => 0..METHODS, 1 => Just(OUTSIDE)]
}

fn class(id: u32) -> impl Strategy<Value = Class> {
    let annotations = select(vec![
        "org.springframework.stereotype.Service",
        "org.springframework.transaction.annotation.Transactional",
        "x.Nothing",
    ]);
    let kind = select(vec![ClassKind::Ordinary, ClassKind::Ordinary, ClassKind::Subclass]);
    let origin = select(vec![Origin::User, Origin::User, Origin::Framework]);
    (annotations, kind, origin, 0..CLASSES).prop_map(move |(annotation, kind, origin, above)| {
        Class {
            name: format!("a.C{id}"),
            kind,
            origin,
            super_name: format!("a.C{above}"),
            annotations: vec![annotation.to_owned()],
            ..Class::default()
        }
    })
}

fn method() -> impl Strategy<Value = Method> {
    let descriptor =
        select(vec!["()V", "(I)V", "(Ljava/io/InputStream;)V", "()Lreactor/core/publisher/Mono;"]);
    let name = select(vec!["a", "b", "c", "<init>", "CGLIB$a$0"]);
    let annotation =
        select(vec!["org.springframework.web.bind.annotation.GetMapping", "x.Nothing"]);
    (0..CLASSES, name, descriptor, annotation, any::<u16>()).prop_map(
        |(class, name, descriptor, annotation, access)| Method {
            class,
            name: name.to_owned(),
            descriptor: descriptor.to_owned(),
            access: access & 0x1fff,
            annotations: vec![annotation.to_owned()],
        },
    )
}

fn root() -> impl Strategy<Value = RootStats> {
    let kind = select(vec![RootKind::Entry, RootKind::Annotated, RootKind::Named]);
    (0..METHODS, kind, 1u64..100_000_000, count(), count(), 0u64..2).prop_map(
        |(method, kind, mean_ns, calls, samples, on_cpu)| {
            let mut latency = Histogram::default();
            latency.record(mean_ns);
            latency.buckets.values_mut().for_each(|n| *n = calls);
            latency.sum_ns = mean_ns.saturating_mul(calls);
            let cpu_wall_ns = mean_ns.saturating_mul(samples);
            RootStats {
                method,
                kind,
                latency,
                cpu_samples: samples,
                cpu_ns: cpu_wall_ns * on_cpu,
                cpu_wall_ns,
                exceptions: 0,
            }
        },
    )
}

/// Rows of a trace before they are folded; the order of classes and methods is the ids' order.
fn rows() -> impl Strategy<Value = Vec<Chunk>> {
    let classes: Vec<_> = (0..CLASSES).map(class).collect();
    let edges = vec((id(), 0..METHODS, count()), 0..60).prop_map(|rows| {
        rows.into_iter()
            .map(|(caller, callee, count)| Edge { caller, callee, count })
            .collect::<Vec<_>>()
    });
    let seen = (id(), id(), id(), count());
    let first = (classes, vec(method(), METHODS as usize), edges, vec(root(), 0..16));
    (first, seen, count(), count()).prop_map(
        |((classes, methods, edges, roots), seen, sent, cpu_us)| {
            let (starter, opener, waiter, times) = seen;
            vec![
                Chunk::Run(Box::new(RunFacts { id: "1".into(), cpu_us, ..RunFacts::default() })),
                Chunk::Classes { first: 0, rows: classes },
                Chunk::Methods { first: 0, rows: methods },
                Chunk::Edges(edges),
                Chunk::Roots(roots),
                Chunk::Threads(vec![ThreadGroup {
                    starter,
                    started: times,
                    ..ThreadGroup::default()
                }]),
                Chunk::Connections(vec![Connection {
                    method: opener,
                    count: times,
                    ..Connection::default()
                }]),
                Chunk::Monitors(vec![MonitorStats {
                    method: waiter,
                    contended: times,
                    blocked_ns: times,
                    ..MonitorStats::default()
                }]),
                Chunk::Traffic(Traffic { sent, cpu_us, ..Traffic::default() }),
            ]
        },
    )
}

fn fold(chunks: &[Chunk]) -> Trace {
    let mut fold = Fold::default();
    for chunk in chunks {
        fold.push(chunk.clone()).unwrap();
    }
    fold.finish().unwrap()
}

fn planned(trace: &Trace) -> Planned {
    make_plan(trace, &Options::default())
}

fn candidates(planned: &Planned) -> impl Iterator<Item = &Candidate> {
    planned.plan.roots.chosen.iter().chain(&planned.plan.roots.refused)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_plan_reads_back_and_is_stable(chunks in rows()) {
        let trace = fold(&chunks);
        let plan = planned(&trace).plan;
        let text = render_plan(&plan, None).unwrap();
        prop_assert_eq!(&parse_plan(&text).unwrap(), &plan);
        let again = make_plan(&trace, &Options { old: Some(&plan), ..Options::default() }).plan;
        prop_assert_eq!(&again, &plan);
        prop_assert_eq!(render_plan(&again, Some(&text)).unwrap(), text);
    }

    #[test]
    fn candidates_are_user_methods_each_once(chunks in rows()) {
        let trace = fold(&chunks);
        let planned = planned(&trace);
        for candidate in candidates(&planned) {
            let id = planned.method_ids[&candidate.method];
            let method = &trace.methods[id as usize];
            let class = &trace.classes[method.class as usize];
            prop_assert_eq!(class.origin, Origin::User);
            prop_assert_eq!(class.kind, ClassKind::Ordinary);
            prop_assert!(!method.name.starts_with('<'));
            prop_assert!(candidate.methods_reached >= candidate.methods_only_here);
            prop_assert!(candidate.methods_reached <= u64::from(METHODS));
            prop_assert!(!candidate.decision.reason.is_empty());
            prop_assert_eq!(candidate.offload, candidate.decision.code == "OFFLOAD_OK");
        }
    }

    #[test]
    fn unknown_is_never_zero_and_promises_are_bounded(chunks in rows()) {
        let planned = planned(&fold(&chunks));
        for c in candidates(&planned) {
            prop_assert_eq!(c.cpu_us_mean.is_none(), c.cpu_samples == 0 || c.latency_us_mean.is_none());
            prop_assert_eq!(c.cpu_us_saved.is_none(), c.cpu_us_mean.is_none());
            prop_assert!(c.load_moved.is_none_or(|moved| (-1.0..=1.0).contains(&moved)));
            if let (Some(cpu), Some(latency)) = (c.cpu_us_mean, c.latency_us_mean) {
                prop_assert!(cpu <= latency * 1.001);
            }
            if c.offload {
                prop_assert!(c.cpu_us_saved > Some(0.0) && c.invocations >= 10);
            }
        }
        prop_assert!(planned.plan.expected.load_moved.is_none_or(|moved| moved <= 1.0));
    }

    #[test]
    fn pictures_and_tables_are_made_of_any_plan(chunks in rows()) {
        let trace = fold(&chunks);
        let planned = planned(&trace);
        let scene = scene(&trace, &planned, 12);
        prop_assert!(scene.boxes.len() <= 13);
        let svg = scene.to_svg();
        prop_assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{}", svg);
        let dot = scene.to_dot();
        prop_assert_eq!(dot.chars().nth_back(1), Some('}'));
        let table = plan_table(&planned.plan, 5);
        let all = planned.plan.roots.chosen.len() + planned.plan.roots.refused.len();
        prop_assert_eq!(table.rows.len() + table.left_out, all);
    }

    #[test]
    fn the_order_in_which_rows_were_recorded_does_not_matter(chunks in rows(), seed in any::<u64>()) {
        let mut turned = chunks.clone();
        for chunk in &mut turned {
            if let Chunk::Edges(rows) = chunk {
                let by = if rows.is_empty() { 0 } else { (seed % rows.len() as u64) as usize };
                rows.rotate_left(by);
            }
        }
        prop_assert_eq!(planned(&fold(&turned)).plan, planned(&fold(&chunks)).plan);
    }
}
