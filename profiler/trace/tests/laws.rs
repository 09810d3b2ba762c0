//! Laws of the format: what is written reads back to the same bytes, texts too, merging is lawful,
//! damage is told and never read as data, nothing a file may hold makes the reader panic.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails loudly, helpers included"
)]

use beehive_trace::{
    Chunk, Class, ClassKind, ClassUse, Connection, Damage, Edge, Ending, Fold, Generated,
    Histogram, Method, MonitorStats, OUTSIDE, Origin, RootKind, RootStats, RunFacts, RunMode,
    ThreadGroup, Trace, TraceError, Traffic, decode_chunk, encode_chunk, file_header, merge,
    parse_text, read_trace, to_text, write_trace,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

const CLASSES: u32 = 5;
const METHODS: u32 = 7;

/// Names with what may break a line or a word.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec![
            "a.Shop",
            "a.Shop$Cart",
            "<init>",
            "lambda$buy$0",
            "",
            "%",
            "%20",
            ";x",
            "ä\u{2003}ö"
        ])
        .prop_map(str::to_owned),
        "[ -~]{0,6}",
        any::<String>(),
    ]
}

fn id() -> impl Strategy<Value = u32> {
    prop_oneof![4 => 0..METHODS, 1 => Just(OUTSIDE)]
}

/// Mostly small counters, sometimes the largest.
fn count() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0u64..1000, 1 => Just(u64::MAX)]
}

fn histogram() -> impl Strategy<Value = Histogram> {
    let buckets = btree_map(prop_oneof![0u16..1216, 1216u16..=u16::MAX], count(), 0..4);
    (buckets, count()).prop_map(|(buckets, sum_ns)| Histogram { buckets, sum_ns })
}

fn ending() -> impl Strategy<Value = Ending> {
    prop_oneof![
        Just(Ending::Unknown),
        (-1i32..2).prop_map(Ending::Exit),
        (0i32..16).prop_map(Ending::Signal),
        Just(Ending::Stopped),
        Just(Ending::Detached),
    ]
}

fn run() -> impl Strategy<Value = RunFacts> {
    let mode = select(vec![RunMode::Light, RunMode::Attached]);
    (select(vec!["", "1-1", "2-1"]), mode, vec(name(), 0..3), ending(), count()).prop_map(
        |(id, mode, class_path, ending, cpu_us)| RunFacts {
            id: id.to_owned(),
            mode,
            class_path,
            ending,
            cpu_us,
            ..RunFacts::default()
        },
    )
}

fn class() -> impl Strategy<Value = Class> {
    let kind = select(vec![ClassKind::Ordinary, ClassKind::JdkProxy, ClassKind::Generated]);
    let origin = select(vec![Origin::User, Origin::Framework, Origin::Jdk]);
    (name(), name(), kind, origin, vec(name(), 0..2)).prop_map(
        |(name, source, kind, origin, annotations)| Class {
            name,
            source,
            origin,
            kind,
            annotations,
            ..Class::default()
        },
    )
}

fn method() -> impl Strategy<Value = Method> {
    (0..CLASSES, name(), name(), any::<u16>(), vec(name(), 0..2)).prop_map(
        |(class, name, descriptor, access, annotations)| Method {
            class,
            name,
            descriptor,
            access,
            annotations,
        },
    )
}

fn root() -> impl Strategy<Value = RootStats> {
    let kind =
        select(vec![RootKind::Entry, RootKind::Annotated, RootKind::Named, RootKind::Coarse]);
    (0..METHODS, kind, histogram(), count(), count()).prop_map(
        |(method, kind, latency, cpu_ns, exceptions)| RootStats {
            method,
            kind,
            latency,
            cpu_ns,
            exceptions,
            ..RootStats::default()
        },
    )
}

fn traffic() -> impl Strategy<Value = Traffic> {
    (count(), btree_map(400u16..403, count(), 0..3), btree_map(name(), count(), 0..2), histogram())
        .prop_map(|(sent, failed_status, failed_io, latency)| Traffic {
            sent,
            failed_status,
            failed_io,
            latency,
            ..Traffic::default()
        })
}

/// Chunks in the order an agent sends them: definitions before use.
fn chunks() -> impl Strategy<Value = Vec<Chunk>> {
    let edges = vec((id(), 0..METHODS, count()), 0..12).prop_map(|rows| {
        rows.into_iter().map(|(caller, callee, count)| Edge { caller, callee, count }).collect()
    });
    let uses = vec((0..CLASSES, id()), 0..4).prop_map(|rows| {
        rows.into_iter().map(|(class, method)| ClassUse { class, method }).collect()
    });
    let threads = vec((name(), any::<bool>(), id(), count()), 0..3).prop_map(|rows| {
        let row = |(name, is_virtual, starter, started)| ThreadGroup {
            name,
            is_virtual,
            starter,
            started,
        };
        rows.into_iter().map(row).collect()
    });
    let monitors = vec((name(), id(), count(), count()), 0..3).prop_map(|rows| {
        let row = |(class_name, method, contended, blocked_ns)| MonitorStats {
            class_name,
            method,
            contended,
            blocked_ns,
        };
        rows.into_iter().map(row).collect()
    });
    let connections = vec((name(), id(), name(), count()), 0..3).prop_map(|rows| {
        let row = |(peer, method, opener, count)| Connection { peer, method, opener, count };
        rows.into_iter().map(row).collect()
    });
    let generated = vec((0..CLASSES, vec(any::<u8>(), 0..4)), 0..2).prop_map(|rows| {
        rows.into_iter().map(|(class, bytes)| Generated { class, bytes }).collect()
    });
    let losses = btree_map(name(), count(), 0..3);
    let first = (vec(run(), 0..3), vec(class(), CLASSES as usize), vec(method(), METHODS as usize));
    let tables = (edges, vec(root(), 0..4), uses, threads, monitors, connections, generated);
    (first, tables, traffic(), losses).prop_map(
        |((runs, classes, methods), tables, traffic, losses)| {
            let mut chunks: Vec<Chunk> =
                runs.into_iter().map(|r| Chunk::Run(Box::new(r))).collect();
            chunks.push(Chunk::Classes { first: 0, rows: classes });
            chunks.push(Chunk::Methods { first: 0, rows: methods });
            chunks.push(Chunk::Edges(tables.0));
            chunks.push(Chunk::Roots(tables.1));
            chunks.push(Chunk::ClassUses(tables.2));
            chunks.push(Chunk::Threads(tables.3));
            chunks.push(Chunk::Monitors(tables.4));
            chunks.push(Chunk::Connections(tables.5));
            chunks.push(Chunk::Generated(tables.6));
            chunks.push(Chunk::Traffic(traffic));
            chunks.push(Chunk::Losses(losses));
            chunks
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

fn trace() -> impl Strategy<Value = Trace> {
    chunks().prop_map(|chunks| fold(&chunks))
}

/// The file of these chunks and the offsets at which each ends.
fn file_of(chunks: &[Chunk]) -> (Vec<u8>, Vec<usize>) {
    let mut bytes = file_header().to_vec();
    let mut ends = Vec::new();
    for chunk in chunks {
        bytes.extend(encode_chunk(chunk).unwrap());
        ends.push(bytes.len());
    }
    (bytes, ends)
}

fn edge_calls(trace: &Trace) -> u64 {
    trace.edges.iter().fold(0, |sum: u64, e| sum.saturating_add(e.count))
}

proptest! {
    #[test]
    fn what_is_written_reads_back_to_the_same_bytes(trace in trace()) {
        let bytes = write_trace(&trace).unwrap();
        if trace == Trace::default() {
            prop_assert!(matches!(read_trace(&bytes), Err(TraceError::Empty)));
        } else {
            let read = read_trace(&bytes).unwrap();
            prop_assert_eq!(&read.trace, &trace);
            prop_assert_eq!(read.damage, None);
            prop_assert_eq!(write_trace(&read.trace).unwrap(), bytes);
        }
    }

    #[test]
    fn a_recorded_file_is_the_fold_of_its_chunks(chunks in chunks()) {
        let (bytes, _) = file_of(&chunks);
        prop_assert_eq!(read_trace(&bytes).unwrap().trace, fold(&chunks));
    }

    #[test]
    fn the_text_form_reads_back(trace in trace()) {
        let text = to_text(&trace).unwrap();
        let read = parse_text(&text);
        prop_assert!(read.is_ok(), "{:?} in\n{}", read, text);
        let read = read.unwrap();
        prop_assert_eq!(&read, &trace, "{}", text);
        prop_assert_eq!(to_text(&read).unwrap(), text);
    }

    #[test]
    fn merging_is_commutative_and_associative(a in trace(), b in trace(), c in trace()) {
        let all = merge(&[a.clone(), b.clone(), c.clone()]).unwrap();
        prop_assert_eq!(&merge(&[c.clone(), a.clone(), b.clone()]).unwrap(), &all);
        let left = merge(&[merge(&[a.clone(), b.clone()]).unwrap(), c.clone()]).unwrap();
        let right = merge(&[a, merge(&[b, c]).unwrap()]).unwrap();
        prop_assert_eq!(&left, &all);
        prop_assert_eq!(&right, &all);
    }

    #[test]
    fn merging_with_nothing_changes_nothing(a in trace()) {
        prop_assert_eq!(&merge(&[a.clone(), Trace::default()]).unwrap(), &a);
        prop_assert_eq!(&merge(std::slice::from_ref(&a)).unwrap(), &a);
    }

    #[test]
    fn merged_counters_add_and_sets_unite(a in trace(), b in trace()) {
        let merged = merge(&[a.clone(), b.clone()]).unwrap();
        prop_assert_eq!(edge_calls(&merged), edge_calls(&a).saturating_add(edge_calls(&b)));
        prop_assert_eq!(merged.traffic.sent, a.traffic.sent.saturating_add(b.traffic.sent));
        for (reason, count) in &merged.losses {
            let of = |t: &Trace| t.losses.get(reason).copied().unwrap_or(0);
            prop_assert_eq!(*count, of(&a).saturating_add(of(&b)));
        }
        for class in a.classes.iter().chain(&b.classes) {
            prop_assert_eq!(merged.classes.iter().filter(|c| *c == class).count(), 1);
        }
        for row in &merged.roots {
            let label = merged.method_label(row.method);
            let of = |t: &Trace| t.roots.iter()
                .filter(|r| t.methods[r.method as usize] == merged.methods[row.method as usize]
                    || t.method_label(r.method) == label)
                .fold(0u64, |sum, r| sum.saturating_add(r.exceptions));
            prop_assert!(row.exceptions <= of(&a).saturating_add(of(&b)));
        }
    }

    #[test]
    fn a_file_cut_anywhere_keeps_its_whole_chunks(chunks in chunks()) {
        let (bytes, ends) = file_of(&chunks);
        for length in 0..bytes.len() {
            let whole = ends.iter().filter(|end| **end <= length).count();
            match read_trace(&bytes[..length]) {
                Ok(read) => {
                    prop_assert!(whole > 0);
                    prop_assert_eq!(&read.trace, &fold(&chunks[..whole]));
                    prop_assert_eq!(read.damage.is_none(), ends.contains(&length));
                }
                Err(TraceError::Empty) => prop_assert_eq!(length, file_header().len()),
                Err(TraceError::WrongMagic { .. }) => prop_assert_eq!(length, 0),
                Err(TraceError::Damaged(Damage::Truncated { .. })) => prop_assert_eq!(whole, 0),
                Err(other) => prop_assert!(false, "{other:?} at {length}"),
            }
        }
    }

    #[test]
    fn a_flipped_bit_is_damage(chunks in chunks(), at in any::<proptest::sample::Index>(), bit in 0u32..8) {
        let (mut bytes, ends) = file_of(&chunks);
        let from = file_header().len();
        let at = from + at.index(bytes.len() - from);
        bytes[at] ^= 1 << bit;
        let whole = ends.iter().filter(|end| **end <= at).count();
        // Within the four bytes of its length the chunk may also seem to end elsewhere.
        let start = if whole == 0 { from } else { ends[whole - 1] };
        match read_trace(&bytes) {
            Ok(read) => {
                prop_assert!(whole > 0);
                prop_assert_eq!(read.trace, fold(&chunks[..whole]));
                match read.damage {
                    Some(Damage::BadChecksum { offset, .. }) => prop_assert_eq!(offset, start as u64),
                    Some(Damage::Truncated { offset, .. }) => {
                        prop_assert_eq!(offset, start as u64);
                        prop_assert!(at < start + 4);
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            Err(TraceError::Damaged(Damage::BadChecksum { .. })) => prop_assert_eq!(whole, 0),
            Err(TraceError::Damaged(Damage::Truncated { .. })) => {
                prop_assert!(whole == 0 && at < start + 4);
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..200), with_header in any::<bool>()) {
        let mut file = if with_header { file_header().to_vec() } else { Vec::new() };
        file.extend_from_slice(&bytes);
        let _ = read_trace(&file);
    }

    #[test]
    fn arbitrary_contents_under_a_right_checksum_never_panic(parts in vec(vec(any::<u8>(), 0..60), 1..6)) {
        let mut file = file_header().to_vec();
        for part in parts {
            file.extend_from_slice(&(part.len() as u32).to_le_bytes());
            file.extend_from_slice(&crc32fast::hash(&part).to_le_bytes());
            file.extend_from_slice(&part);
        }
        let _ = read_trace(&file);
    }

    #[test]
    fn arbitrary_text_never_panics(lines in vec("[a-z0-9. ]{0,12}(\\{[ -~]{0,20}\\})?", 0..6)) {
        let _ = parse_text(&format!("beetrace 1\n{}", lines.join("\n")));
    }

    #[test]
    fn recorded_chunks_need_no_more_than_their_own_bytes(chunk in chunks()) {
        let (bytes, ends) = file_of(&chunk);
        let mut offset = file_header().len();
        for (expected, end) in chunk.iter().zip(ends) {
            let (found, next) = decode_chunk(&bytes, offset).unwrap().unwrap();
            prop_assert_eq!(&found, expected);
            prop_assert_eq!(next, end);
            offset = next;
        }
        prop_assert!(decode_chunk(&bytes, offset).unwrap().is_none());
    }
}

/// One file of each kind of damage and a word its message must have and no other may.
fn broken_files() -> Vec<(&'static str, Vec<u8>)> {
    let chunk = encode_chunk(&Chunk::Losses([("x".to_owned(), 1)].into())).unwrap();
    let whole = [file_header().to_vec(), chunk].concat();
    let mut newer = whole.clone();
    newer[8] = 0xff;
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    vec![
        ("not a beehive trace", b"PK\x03\x04 a zip file".to_vec()),
        ("newer", newer),
        ("truncated", whole[..whole.len() - 1].to_vec()),
        ("checksum", flipped),
        ("empty", file_header().to_vec()),
    ]
}

#[test]
fn each_kind_of_bad_file_has_its_own_message() {
    let files = broken_files();
    for (word, bytes) in &files {
        let message = read_trace(bytes).unwrap_err().to_string();
        assert!(message.contains(word), "{word}: {message}");
        for (other, _) in files.iter().filter(|(other, _)| other != word) {
            assert!(!message.contains(other), "{word}: {message}");
        }
    }
}

#[test]
fn rows_of_undefined_methods_are_refused() {
    for row in [Edge { caller: 0, callee: 3, count: 1 }, Edge { caller: 9, callee: 0, count: 1 }] {
        let mut fold = Fold::default();
        fold.push(Chunk::Classes { first: 0, rows: vec![Class::default()] }).unwrap();
        fold.push(Chunk::Methods { first: 0, rows: vec![Method::default()] }).unwrap();
        fold.push(Chunk::Edges(vec![row])).unwrap();
        match fold.finish() {
            Err(TraceError::DanglingId { table: "edge", what: "method", .. }) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn definitions_must_continue_the_ids_before_them() {
    let mut fold = Fold::default();
    let gap = fold.push(Chunk::Classes { first: 1, rows: vec![Class::default()] });
    assert!(matches!(gap, Err(TraceError::DanglingId { what: "class", id: 1, .. })), "{gap:?}");
}

#[test]
fn text_errors_name_the_line() {
    for (text, line) in [
        ("beetrace 1\nedge m0\n", 2),
        ("beetrace 1\n\n; remark\nclass x a.B {}\n", 4),
        ("beetrace 1\nclass c0 a.B {not json}\n", 2),
        ("beetrace 1\nclass c0 a%zzB {}\n", 2),
        ("beetrace 1\nwhat is this\n", 2),
        ("something else\n", 1),
    ] {
        match parse_text(text) {
            Err(TraceError::Text { line: found, .. }) => assert_eq!(found, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert!(matches!(parse_text("beetrace 99\n"), Err(TraceError::NewerVersion { found: 99, .. })));
    assert!(matches!(parse_text("; only remarks\n"), Err(TraceError::Empty)));
}

#[test]
fn an_exit_status_of_zero_survives_the_text_form() {
    let run = RunFacts { id: "1".into(), ending: Ending::Exit(0), ..RunFacts::default() };
    let trace = Trace { runs: vec![run], ..Trace::default() };
    assert_eq!(parse_text(&to_text(&trace).unwrap()).unwrap(), trace);
}
