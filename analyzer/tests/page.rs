//! The HTML page of a plan: the same bytes twice, every section there, hostile names harmless, what is
//! unknown told as unknown. How it looks is checked in a browser by the command's tests.

#![expect(clippy::unwrap_used, reason = "a test fails loudly, helpers included")]

use std::path::Path;

use beehive_analyzer::{Options, Planned, make_plan, plan_page};
use beehive_plan::{
    ClosureEdge, ClosurePart, Execution, FallbackCause, FallbackCounts, FallbackKind,
    InitialClosure, LockUse, NativeCategory, NativeCounts, NativeUse, Observed, PredictedFallbacks,
    Refusal, RootFallbacks,
};
use beehive_trace::{Trace, parse_text};

fn trace(name: &str) -> Trace {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/traces").join(name);
    parse_text(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The plan of a trace with a prediction for its first root, made up.
fn predicted(trace: &Trace) -> Planned {
    let mut planned = make_plan(trace, &Options::default());
    let root = planned.plan.roots.chosen.first_mut().unwrap();
    let first =
        FallbackCounts { object: 12.0, statics: 3.0, call: 1.0, ..FallbackCounts::default() };
    let tenth = FallbackCounts { call: 1.0, ..FallbackCounts::default() };
    root.fallbacks = Some(PredictedFallbacks { first, second: tenth, tenth });
    root.closure_bytes = Some(58_000.0);
    let cause = |kind, what: &str, per_execution| FallbackCause {
        kind,
        what: what.to_owned(),
        per_execution,
        why: "it is pinned".to_owned(),
        path: vec!["forum.TopicController#show".to_owned(), what.to_owned()],
    };
    let execution = |number, fallbacks, causes| Execution { number, fallbacks, causes };
    let calls = || vec![cause(FallbackKind::Call, "forum.Counter#add", 1.0)];
    let edge = |holder: &str, target: &str, heap_bytes, path: &[&str]| ClosureEdge {
        holder: holder.to_owned(),
        target: target.to_owned(),
        objects: 4.0,
        sent: 4.0,
        heap_bytes,
        share: 1.0,
        path: path.iter().map(|p| (*p).to_owned()).collect(),
        ..ClosureEdge::default()
    };
    let part = |class_name: &str, objects, heap_bytes| ClosurePart {
        class_name: class_name.to_owned(),
        objects,
        heap_bytes,
    };
    planned.predicted.roots.push(RootFallbacks {
        method: root.method.clone(),
        observed: Observed { executions: 40, ..Observed::default() },
        executions: vec![
            execution(
                1,
                first,
                [calls(), vec![cause(FallbackKind::Object, "forum.Topic", 12.0)]].concat(),
            ),
            execution(2, tenth, calls()),
            execution(10, tenth, calls()),
        ],
        closure: InitialClosure {
            objects: 321.0,
            heap_bytes: 58_000.0,
            classes: vec![
                part("forum.Topic", 40.0, 20_000.0),
                part("byte[]", 200.0, 30_000.0),
                part("java.util.ArrayList", 81.0, 8_000.0),
            ],
            edges: vec![
                edge("(this)", "forum.TopicController", 1_000.0, &[]),
                edge("forum.TopicController#words", "java.util.ArrayList", 27_000.0, &["(this)"]),
                edge("(argument 1)", "forum.Topic", 30_000.0, &[]),
            ],
            ..InitialClosure::default()
        },
        native_counts: NativeCounts { pure_heap: 70.0, host: 2.0, ..NativeCounts::default() },
        natives: vec![NativeUse {
            native: "java.lang.Object#hashCode()I".to_owned(),
            category: NativeCategory::PureHeap,
            count: 70.0,
            ..NativeUse::default()
        }],
        locks: vec![LockUse {
            class_name: "forum.Counter".to_owned(),
            count: 2.0,
            ..LockUse::default()
        }],
        refusals: vec![Refusal {
            code: "OFFLOAD_HOST_RESOURCE".to_owned(),
            reason: "opens a file".to_owned(),
            ..Refusal::default()
        }],
        ..RootFallbacks::default()
    });
    planned
}

fn page(trace: &Trace, planned: &Planned) -> String {
    let html = plan_page(trace, planned).unwrap();
    assert_eq!(plan_page(trace, planned).unwrap(), html, "the same plan gives the same bytes");
    for forbidden in ["NaN", "inf\"", "<script", "http://", "https://", "url(http"] {
        let rest = html.replace("http://www.w3.org/2000/svg", "");
        assert!(!rest.contains(forbidden), "{forbidden} in the page");
    }
    html
}

#[test]
fn a_deep_plan_shows_fallbacks_natives_and_closures() {
    let trace = trace("spring.txt");
    let html = page(&trace, &predicted(&trace));
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plan-page.html");
    std::fs::write(file, &html).unwrap();
    for part in [
        "are worth offloading and move up to",
        "16 · 1 · 1",
        "58.0 kB in 321 objects",
        "TopicController#words → ArrayList",
        "Fallbacks of the 1st execution",
        "forum.Counter#add",
        "java.lang.Object#hashCode()I",
        "opens a file.",
        "<svg role=\"img\" aria-label=\"Call graph\"",
        "<svg role=\"img\" aria-label=\"By field path\"",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
}

#[test]
fn a_light_plan_says_unknown_and_how_to_learn_it() {
    let trace = trace("spring.txt");
    let html = page(&trace, &make_plan(&trace, &Options::default()));
    for part in [
        "Unknown for every method: nothing was sampled by a deep run.",
        "beehive profile --deep --from app.beetrace",
        "java -jar app.jar",
        "Unknown: natives, objects of the closure, locks, calls home",
        "<td data-head=\"Closure\">?</td>",
    ] {
        assert!(html.contains(part), "{part} is missing");
    }
}

#[test]
fn an_empty_plan_has_a_page() {
    let trace = Trace::default();
    let html = page(&trace, &make_plan(&trace, &Options::default()));
    assert!(html.contains("Nothing is worth offloading in this run"));
}

#[test]
fn names_cannot_break_out_of_the_page() {
    let hostile = "x<img/src=q>&\"'\u{202e}\u{7}";
    let text = format!(
        r#"beetrace 1
        class c0 a.{hostile} {{"origin":"user"}}
        method m0 c0 f ()V {{}}
        edge - m0 1200
        root m0 {{"kind":"entry","latency":{{"buckets":{{"640":1200}},"sum_ns":12000000000}},"cpu_samples":10,"cpu_ns":90000000,"cpu_wall_ns":100000000}}
        "#
    );
    let trace = parse_text(&text).unwrap();
    let mut planned = predicted(&trace);
    let root = planned.predicted.roots.first_mut().unwrap();
    for name in [
        &mut root.closure.classes[0].class_name,
        &mut root.closure.edges[0].holder,
        &mut root.executions[0].causes[0].what,
        &mut root.natives[0].native,
        &mut root.locks[0].why,
        &mut root.refusals[0].reason,
    ] {
        hostile.clone_into(name);
    }
    let html = page(&trace, &planned);
    assert!(!html.contains("<img"), "a tag came through");
    assert!(
        !html.contains('\u{202e}') && !html.contains('\u{7}'),
        "an invisible letter came through"
    );
    assert!(html.contains("img/src=q"));
}
