//! The table and the proposal over every JDK on this machine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use beehive_natives::{Category, Found, JdkNatives, ReviewedTable, natives_of_jdk};

/// Homes of the JDKs from 17 on: `JAVA_HOME`, the usual folder, and the one on `PATH`.
fn jdk_homes() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> =
        std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    if let Ok(installed) = std::fs::read_dir("/usr/lib/jvm") {
        homes.extend(installed.filter_map(|entry| Some(entry.ok()?.path())));
    }
    for folder in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
        if let Ok(java) = folder.join("java").canonicalize() {
            homes.extend(java.ancestors().nth(2).map(Path::to_owned));
        }
    }
    let mut homes: Vec<PathBuf> = homes
        .into_iter()
        .filter_map(|home| home.canonicalize().ok())
        .filter(|home| home.join("lib/modules").exists())
        .collect();
    homes.sort();
    homes.dedup();
    homes
}

fn jdks() -> Vec<JdkNatives> {
    let jdks: Vec<JdkNatives> =
        jdk_homes().iter().map(|home| natives_of_jdk(home).unwrap()).collect();
    assert!(!jdks.is_empty(), "no JDK in JAVA_HOME, /usr/lib/jvm, PATH");
    let required = std::env::var("BEEHIVE_REQUIRE_JDKS").unwrap_or_default();
    for wanted in required.split(',').filter_map(|word| word.trim().parse::<u16>().ok()) {
        assert!(jdks.iter().any(|jdk| jdk.feature == wanted), "JDK {wanted} is required");
    }
    jdks
}

#[test]
fn every_native_method_of_a_reviewed_jdk_has_a_row_and_every_row_a_method() {
    for jdk in jdks().iter().filter(|jdk| jdk.is_reviewed) {
        let without: Vec<String> = jdk
            .rows
            .iter()
            .filter(|row| row.reason.is_none())
            .map(|row| row.native.to_string())
            .collect();
        assert!(without.is_empty(), "{}: no row for {without:#?}", jdk.version);
        let table = ReviewedTable::get().rows().iter();
        let rows = table.filter(|row| row.features().any(|feature| feature == jdk.feature)).count();
        assert_eq!(rows, jdk.rows.len(), "{}: rows without a method", jdk.version);
        assert_eq!(jdk.matrix.total() as usize, rows);
    }
}

#[test]
fn what_is_known_of_some_methods_is_found_in_their_machine_code() {
    let expected: BTreeMap<&str, (Category, &str)> = BTreeMap::from([
        ("java.lang.System#arraycopy", (Category::PureHeap, "JVM_ArrayCopy")),
        ("java.lang.Class#isInstance", (Category::PureHeap, "JNI function 32")),
        ("java.lang.Double#doubleToRawLongBits", (Category::Stateless, "")),
        ("java.util.zip.Inflater#inflateBytesBytes", (Category::HiddenState, "")),
        ("java.util.zip.CRC32#updateByteBuffer0", (Category::HiddenState, "memory")),
        ("java.io.FileInputStream#open0", (Category::Host, "open")),
        ("java.lang.ProcessImpl#forkAndExec", (Category::Host, "")),
        ("sun.nio.ch.Net#connect0", (Category::Network, "connect")),
        ("sun.nio.ch.Net#socket0", (Category::Network, "")),
        (
            "sun.nio.fs.UnixNativeDispatcher#unlinkat0",
            (Category::Unknown, "unresolved indirect call"),
        ),
        ("sun.nio.ch.SocketDispatcher#read0", (Category::Unknown, "read")),
        ("jdk.internal.misc.Unsafe#putInt", (Category::Unknown, "inside libjvm.so")),
        ("java.lang.Object#hashCode", (Category::Unknown, "no library")),
    ]);
    for jdk in jdks() {
        for (name, (category, evidence)) in &expected {
            let (class, method) = name.split_once('#').unwrap();
            let row =
                jdk.rows.iter().find(|r| r.native.class == class && r.native.method == method);
            let proposal = &row.unwrap_or_else(|| panic!("{}: no {name}", jdk.version)).proposal;
            let told =
                format!("{} {name}: {} {}", jdk.version, proposal.category, proposal.evidence);
            assert_eq!(proposal.category, *category, "{told}");
            assert!(proposal.evidence.contains(evidence), "{told}");
        }
    }
}

/// Floors below what was measured on JDK 17.0.15 and 25.0.3; a drop means that something broke.
#[test]
fn the_proposal_agrees_with_the_review_and_is_never_harmless_by_mistake() {
    for jdk in jdks().iter().filter(|jdk| jdk.is_reviewed) {
        let matrix = &jdk.matrix;
        let shown = format!("{} {matrix:?}", jdk.version);
        assert!(matrix.committed() * 100 >= matrix.total() * 60, "{shown}");
        assert!(matrix.agreed() * 100 >= matrix.committed() * 80, "{shown}");
        for harmless in [Category::PureHeap, Category::Stateless] {
            assert_eq!(matrix.cell(Category::Host, harmless), 0, "{shown}");
            assert_eq!(matrix.cell(Category::Unknown, harmless), 0, "{shown}");
            assert_eq!(matrix.cell(Category::HiddenState, harmless), 0, "{shown}");
        }
        // What a class initialiser once asked the network stack is a constant afterwards.
        for row in jdk.rows.iter().filter(|row| row.category == Category::Network) {
            let is_cached = row.native.descriptor.starts_with("()");
            assert!(row.proposal.category != Category::Stateless || is_cached, "{}", row.native);
        }
        let found = jdk.rows.iter().filter(|row| row.proposal.found != Found::Nowhere).count();
        assert!(found * 100 >= jdk.rows.len() * 90, "{found} of {}", jdk.rows.len());
    }
}
