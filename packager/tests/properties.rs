//! Laws of packaging, on random class graphs: the bytes of a bundle depend on what the jars hold and
//! not on how they were zipped; nothing unloaded is shipped; every supertype is; it verifies.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use beehive_packager::{Platform, Target, make_bundle, verify, write_bundle};
use proptest::prelude::*;
use support::{TraceBuilder, jar_packed, plan_of};
use zip::CompressionMethod;

/// A random program of classes `p.C0`, `p.C1`, …; a superclass has a smaller number.
#[derive(Clone, Debug)]
struct Program {
    supers: Vec<Option<usize>>,
    mentions: Vec<BTreeSet<usize>>,
    unloaded: BTreeSet<usize>,
    second_jar: BTreeSet<usize>,
}

fn programs() -> impl Strategy<Value = Program> {
    (2usize..14).prop_flat_map(|count| {
        let some_of = move || prop::collection::btree_set(0..count, 0..4);
        let supers: Vec<_> = (0..count)
            .map(|n| prop::option::of(0..n.max(1)).prop_map(move |s| s.filter(|&s| s < n)))
            .collect();
        (supers, prop::collection::vec(some_of(), count), some_of(), some_of()).prop_map(
            |(supers, mentions, mut unloaded, second_jar)| {
                unloaded.remove(&0);
                Program { supers, mentions, unloaded, second_jar }
            },
        )
    })
}

fn name(number: usize) -> String {
    format!("p.C{number}")
}

/// A class file with one abstract method `run()V` (JVMS §4.1), made by hand.
fn class_file(number: usize, super_number: Option<usize>, mentions: &BTreeSet<usize>) -> Vec<u8> {
    let internal = |number: usize| name(number).replace('.', "/");
    let mut names =
        vec![internal(number), super_number.map_or("java/lang/Object".into(), internal)];
    names.extend(mentions.iter().map(|&n| internal(n)));
    let mut pool = Vec::new();
    let utf8 = |pool: &mut Vec<u8>, text: &str| {
        pool.push(1);
        pool.extend((text.len() as u16).to_be_bytes());
        pool.extend(text.as_bytes());
    };
    for (index, name) in (0u16..).zip(&names) {
        pool.push(7);
        pool.extend((2 * index + 2).to_be_bytes());
        utf8(&mut pool, name);
    }
    utf8(&mut pool, "run");
    utf8(&mut pool, "()V");
    let constants = 2 * names.len() as u16;
    let mut out = vec![0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 61];
    out.extend((constants + 3).to_be_bytes());
    out.extend(pool);
    // Public and abstract; this and super; no interfaces, no fields; one method; no attributes.
    for half in [0x0421, 1, 3, 0, 0, 1, 0x0401, constants + 1, constants + 2, 0, 0] {
        out.extend(u16::to_be_bytes(half));
    }
    out
}

/// Zips the program into two jars, in the order and packing given, and traces it.
fn lay_out(
    program: &Program,
    folder: &Path,
    reversed: bool,
    packing: CompressionMethod,
) -> TraceBuilder {
    let mut jars: [Vec<(String, Vec<u8>)>; 2] = Default::default();
    for number in 0..program.supers.len() {
        let bytes = class_file(number, program.supers[number], &program.mentions[number]);
        let jar = usize::from(program.second_jar.contains(&number));
        jars[jar].push((format!("{}.class", name(number).replace('.', "/")), bytes));
    }
    let mut t = TraceBuilder::on("17.0.1+1");
    let paths = [folder.join("one.jar"), folder.join("two.jar")];
    for (entries, path) in jars.iter_mut().zip(&paths) {
        if reversed {
            entries.reverse();
        }
        let entries: Vec<(&str, &[u8])> =
            entries.iter().map(|(n, b)| (n.as_str(), b.as_slice())).collect();
        std::fs::write(path, jar_packed(&entries, packing, 2000 + u16::from(reversed))).unwrap();
    }
    t = t.class_path(&[&paths[0], &paths[1]]);
    for number in (0..program.supers.len()).filter(|n| !program.unloaded.contains(n)) {
        let jar = usize::from(program.second_jar.contains(&number));
        let class = t.class(&name(number), &format!("file:{}", paths[jar].display()));
        if number == 0 {
            t.method(class, "run", "()V");
        }
    }
    t
}

/// A superclass that the trace has lost, in a jar that nothing else was loaded from, is shipped.
#[test]
fn a_lost_supertype_is_found_in_a_class_path_entry_without_a_recorded_class() {
    let program = Program {
        supers: vec![None, None, Some(1)],
        mentions: vec![BTreeSet::from([2]), BTreeSet::new(), BTreeSet::new()],
        unloaded: BTreeSet::from([1]),
        second_jar: BTreeSet::from([1]),
    };
    let folder = tempfile::tempdir().unwrap();
    let t = lay_out(&program, folder.path(), false, CompressionMethod::Stored);
    let bundle = make_bundle(&plan_of(&["p.C0#run()V"]), &t.trace, Target::Local).unwrap();
    let jars = support::classes_by_jar(&bundle.listing);
    assert_eq!(jars.iter().map(|(_, classes)| classes.len()).collect::<Vec<_>>(), [2, 1]);
}

/// What must be shipped, computed naively.
fn expected(program: &Program) -> BTreeSet<String> {
    let mut reached = BTreeSet::from([0]);
    loop {
        let mut next = reached.clone();
        for &number in &reached {
            next.extend(program.supers[number]);
            next.extend(program.mentions[number].iter().filter(|n| !program.unloaded.contains(n)));
        }
        if next == reached {
            return reached.into_iter().map(name).collect();
        }
        reached = next;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_bundle_is_its_classes_and_nothing_of_how_they_were_stored(program in programs()) {
        let folder = tempfile::tempdir().unwrap();
        let plan = plan_of(&["p.C0#run()V"]);
        let mut bundles = Vec::new();
        for (reversed, packing) in
            [(false, CompressionMethod::Stored), (true, CompressionMethod::Deflated)]
        {
            let t = lay_out(&program, folder.path(), reversed, packing);
            let bundle = make_bundle(&plan, &t.trace, Target::Local).unwrap();
            verify(folder.path(), &bundle.files, &Platform::of(&t.trace)).unwrap();
            let out = folder.path().join(format!("out-{reversed}"));
            let written = write_bundle(&bundle, &t.trace, &out).unwrap();
            bundles.push((bundle.files, written.archive_sha256));
            let shipped: BTreeMap<String, Vec<String>> =
                support::classes_by_jar(&bundle.listing).into_iter().collect();
            let shipped: BTreeSet<String> = shipped.into_values().flatten().collect();
            prop_assert_eq!(shipped, expected(&program));
        }
        prop_assert_eq!(&bundles[0], &bundles[1]);
    }
}
