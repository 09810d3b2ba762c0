//! Deep tables keep the laws of the format: text and binary form read back, folding and merging add
//! counters whatever the order, and a row without its root is refused.

use beehive_trace::{
    Chunk, Class, ConnectionUse, Deep, DeepRoot, FieldAccess, Fold, LockKind, LockUse, Method,
    NativeCalls, OUTSIDE, ObjectEdge, Trace, TraceError, encode_chunk, file_header, merge,
    parse_text, read_trace, to_text, write_trace,
};
use proptest::prelude::*;

fn methods() -> Vec<Chunk> {
    let classes =
        ["b.Second", "a.First"].map(|name| Class { name: name.into(), ..Class::default() });
    let method = |class, name: &str| Method {
        class,
        name: name.into(),
        descriptor: "()V".into(),
        ..Method::default()
    };
    vec![
        Chunk::Classes { first: 0, rows: classes.to_vec() },
        Chunk::Methods { first: 0, rows: vec![method(0, "second"), method(1, "first")] },
    ]
}

fn native(root: u32, user: u32, native: &str, count: u64) -> NativeCalls {
    NativeCalls { root, user, native: native.into(), count, invocations: 1 }
}

fn sample() -> Deep {
    Deep {
        roots: vec![DeepRoot { root: 0, sampled: 1, wall_us: 12, ..DeepRoot::default() }],
        natives: vec![native(0, 1, "java.lang.System#nanoTime()J", 2)],
        objects: vec![ObjectEdge {
            root: 1,
            holder: "a.First#next".into(),
            target: "b.Second".into(),
            objects: 1,
            invocations: 1,
            ..ObjectEdge::default()
        }],
        fields: vec![FieldAccess {
            field: "a.First#next".into(),
            is_volatile: true,
            reads: 3,
            ..FieldAccess::default()
        }],
        locks: vec![LockUse {
            user: OUTSIDE,
            class_name: "a.First".into(),
            kind: LockKind::Juc,
            existing: true,
            count: 1,
            ..LockUse::default()
        }],
        connections: vec![ConnectionUse {
            root: 0,
            user: OUTSIDE,
            peer: "db/10.0.0.1:5432".into(),
            bytes_in: 7,
            ..ConnectionUse::default()
        }],
        ..Deep::default()
    }
}

#[expect(clippy::unwrap_used, reason = "a test may fail loudly")]
fn fold(chunks: Vec<Chunk>) -> Trace {
    let mut fold = Fold::default();
    for chunk in chunks {
        fold.push(chunk).unwrap();
    }
    fold.finish().unwrap()
}

fn with(deep: Vec<Deep>) -> Trace {
    let mut chunks = methods();
    chunks.extend(deep.into_iter().map(|rows| Chunk::Deep(Box::new(rows))));
    fold(chunks)
}

#[test]
fn rows_follow_the_renumbered_methods_and_add_up() {
    let trace = with(vec![sample(), sample()]);
    let first = trace.methods.iter().position(|m| m.name == "first").unwrap() as u32;
    let second = trace.methods.iter().position(|m| m.name == "second").unwrap() as u32;
    assert_eq!((first, second), (0, 1), "the table is sorted by class");
    assert_eq!(trace.deep.roots.len(), 1);
    assert_eq!((trace.deep.roots[0].root, trace.deep.roots[0].sampled), (second, 2));
    let native = &trace.deep.natives[0];
    assert_eq!((native.root, native.user, native.count, native.invocations), (second, first, 4, 2));
    assert_eq!(trace.deep.locks[0].user, OUTSIDE);
}

#[test]
fn both_forms_read_back_to_the_same_bytes() {
    let trace = with(vec![sample()]);
    let bytes = write_trace(&trace).unwrap();
    assert_eq!(read_trace(&bytes).unwrap().trace, trace);
    let text = to_text(&trace).unwrap();
    assert!(text.contains("deep.native m1 m0 {\"count\":2,"), "{text}");
    assert!(text.contains("deep.lock m1 - {"), "{text}");
    assert_eq!(write_trace(&parse_text(&text).unwrap()).unwrap(), bytes);
}

#[test]
fn a_row_can_be_written_by_hand() {
    let text = "beetrace 1\nclass c0 a.A {}\nmethod m0 c0 f ()V {}\n\
                deep.root m0 {\"sampled\":10}\n\
                deep.object m0 {\"holder\":\"(this)\",\"target\":\"a.A\",\"objects\":10}\n";
    let trace = parse_text(text).unwrap();
    assert_eq!(trace.deep.roots[0].sampled, 10);
    assert_eq!(trace.deep.objects[0].holder, "(this)");
    let unknown = parse_text("beetrace 1\ndeep.nothing m0 {}\n").unwrap_err();
    assert!(matches!(unknown, TraceError::Text { line: 2, .. }), "{unknown}");
}

#[test]
fn a_root_must_be_defined() {
    let mut chunks = methods();
    let rows =
        Deep { roots: vec![DeepRoot { root: OUTSIDE, ..DeepRoot::default() }], ..Deep::default() };
    chunks.push(Chunk::Deep(Box::new(rows)));
    let mut bytes = file_header().to_vec();
    for chunk in &chunks {
        bytes.extend(encode_chunk(chunk).unwrap());
    }
    let error = read_trace(&bytes).unwrap_err();
    assert!(matches!(error, TraceError::DanglingId { table: "deep.root", .. }), "{error}");
}

fn any_deep() -> impl Strategy<Value = Deep> {
    let row = (
        0u32..2,
        prop_oneof![0u32..2, Just(OUTSIDE)],
        prop::sample::select(vec!["a", "b", "c"]),
        0u64..1000,
    );
    prop::collection::vec(row, 0..8).prop_map(|rows| Deep {
        natives: rows
            .into_iter()
            .map(|(root, user, name, count)| native(root, user, name, count))
            .collect(),
        ..sample()
    })
}

proptest! {
    #[test]
    fn merging_adds_in_any_order(a in any_deep(), b in any_deep(), c in any_deep()) {
        let (a, b, c) = (with(vec![a]), with(vec![b]), with(vec![c]));
        let all = merge(&[a.clone(), b.clone(), c.clone()]).unwrap();
        prop_assert_eq!(&merge(&[c.clone(), a.clone(), b.clone()]).unwrap(), &all);
        let left = merge(&[merge(&[a.clone(), b.clone()]).unwrap(), c.clone()]).unwrap();
        prop_assert_eq!(&left, &all);
        let sum = |t: &Trace| t.deep.natives.iter().map(|row| row.count).sum::<u64>();
        prop_assert_eq!(sum(&a) + sum(&b) + sum(&c), sum(&all));
    }
}
