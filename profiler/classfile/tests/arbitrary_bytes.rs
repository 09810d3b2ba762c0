//! Arbitrary bytes never panic: random ones, real classes with bytes changed, and the seeds
//! of the fuzz target.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use std::path::Path;
use std::sync::LazyLock;

use beehive_classfile::JImage;
use proptest::prelude::*;
use support::exercise::exercise;
use support::jdks;

/// Real classes with much in them, small enough that a changed byte is likely to matter.
static CLASSES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let jdk = jdks::all().pop().unwrap();
    let image = JImage::open_jdk(&jdk.home).unwrap();
    let names = [
        "java/lang/Object",
        "java/lang/Integer",
        "java/lang/ref/Reference",
        "java/util/ArrayList",
        "java/util/HashMap",
        "java/util/Optional",
        "java/util/Scanner",
        "java/util/concurrent/locks/ReentrantLock",
        "java/lang/annotation/RetentionPolicy",
        "java/lang/FunctionalInterface",
        "java/time/Duration",
        "java/text/SimpleDateFormat",
        "module-info",
    ];
    let read = |name| {
        let mut bytes = Vec::new();
        image.read(image.find_class("java.base", name).unwrap(), &mut bytes).unwrap();
        bytes
    };
    names.into_iter().map(read).collect()
});

/// One change to a class.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    SetShort(usize, u16),
    Cut(usize),
    Insert(usize, u8),
    Remove(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<usize>();
    prop_oneof![
        6 => (at, any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        4 => (at, 0..300_u16).prop_map(|(at, short)| Change::SetShort(at, short)),
        1 => at.prop_map(Change::Cut),
        1 => (at, any::<u8>()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        1 => at.prop_map(Change::Remove),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let length = bytes.len().max(1);
    match *change {
        _ if bytes.len() < 2 => {}
        Change::Set(at, byte) => bytes[at % length] = byte,
        Change::SetShort(at, short) => {
            let at = at % (length - 1);
            bytes[at..at + 2].copy_from_slice(&short.to_be_bytes());
        }
        Change::Cut(at) => bytes.truncate(at % length),
        Change::Insert(at, byte) => bytes.insert(at % length, byte),
        Change::Remove(at) => {
            bytes.remove(at % length);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 6000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        exercise(&bytes);
        let framed = [b"\xca\xfe\xba\xbe\0\0\0\x3d\0\x08".as_slice(), &bytes].concat();
        exercise(&framed);
    }

    #[test]
    fn changed_classes_never_panic(
        class in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(change(), 1..8),
    ) {
        let mut bytes = class.get(&CLASSES).clone();
        for change in &changes {
            apply(&mut bytes, change);
        }
        exercise(&bytes);
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_never_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/rewrite");
    let mut count = 0;
    for seed in std::fs::read_dir(corpus).unwrap() {
        exercise(&std::fs::read(seed.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 4, "{count} seeds");
}

#[test]
fn every_prefix_of_a_class_is_an_error_not_a_panic() {
    for class in CLASSES.iter().filter(|class| class.len() < 8_000) {
        for end in 0..class.len() {
            exercise(&class[..end]);
        }
    }
}

#[test]
fn many_changed_classes_are_still_read() {
    // Else the property above would only test the first check of the parser.
    let mut read = 0;
    for class in CLASSES.iter() {
        for at in (0..class.len()).step_by(7) {
            let mut bytes = class.clone();
            bytes[at] ^= 0x15;
            read += usize::from(beehive_classfile::ClassView::parse(&bytes).is_ok());
            exercise(&bytes);
        }
    }
    assert!(read > 5_000, "{read} read");
}
