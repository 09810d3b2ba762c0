//! Files that are no libraries, libraries that cannot be judged, jars in jars, and damaged bytes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail loudly"
)]

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use beehive_natives::{NativesError, natives_of_file, natives_of_jdk};
use proptest::prelude::*;

/// A real library with native methods: the JDK's `libzip.so`.
fn zip_library() -> Vec<u8> {
    let mut homes: Vec<PathBuf> =
        std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    if let Ok(installed) = std::fs::read_dir("/usr/lib/jvm") {
        homes.extend(installed.filter_map(|entry| Some(entry.ok()?.path())));
    }
    homes.sort();
    let read = homes.iter().find_map(|home| std::fs::read(home.join("lib/libzip.so")).ok());
    read.expect("a JDK with lib/libzip.so in JAVA_HOME or /usr/lib/jvm")
}

fn written(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn jar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in entries {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn each_kind_of_wrong_file_has_its_own_message() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str, bytes: &[u8]| {
        natives_of_file(&written(folder.path(), name, bytes)).unwrap_err()
    };
    let good = zip_library();
    let not_elf = error("a.so", b"MZ\x90\x00 a DLL");
    assert!(matches!(not_elf, NativesError::NotElf { .. }), "{not_elf}");
    let empty = error("empty.so", b"");
    assert!(matches!(empty, NativesError::NotElf { .. }), "{empty}");
    let mut arm = good.clone();
    arm[18..20].copy_from_slice(&183u16.to_le_bytes());
    assert_eq!(
        error("arm.so", &arm).to_string(),
        "arm.so is for AARCH64, and only x86-64 is analysed"
    );
    // Words of 32 bits for the same processor: the header is read in that layout, or damaged in it.
    let mut narrow = good.clone();
    narrow[4] = 1;
    assert_eq!(
        error("narrow.so", &narrow).to_string(),
        "narrow.so is for 32-bit X86_64, and only x86-64 is analysed"
    );
    let cut = error("cut.so", &good[..100]);
    assert!(matches!(cut, NativesError::Malformed { .. }), "{cut}");
    let no_jar = error("x.jar", b"PK\x03\x04 but no jar");
    assert!(matches!(no_jar, NativesError::Jar { .. }), "{no_jar}");
    let missing = natives_of_file(&folder.path().join("none")).unwrap_err();
    assert!(matches!(missing, NativesError::Io { .. }), "{missing}");
    let no_jdk = natives_of_jdk(folder.path()).unwrap_err();
    assert!(matches!(no_jdk, NativesError::Io { .. }), "{no_jdk}");
}

#[test]
fn a_library_alone_is_judged_by_its_symbols() {
    let folder = tempfile::tempdir().unwrap();
    let found = natives_of_file(&written(folder.path(), "libzip.so", &zip_library())).unwrap();
    let rows = &found.libraries[0].rows;
    let row =
        rows.iter().find(|row| row.native.method == "Java_java_util_zip_Inflater_end").unwrap();
    assert_eq!(row.proposal.category, beehive_natives::Category::HiddenState);
    assert!(rows.len() > 20, "{}", rows.len());
}

/// The library loses what a loader does not need: section headers and their names.
#[test]
fn a_stripped_library_is_judged_alike() {
    let folder = tempfile::tempdir().unwrap();
    let whole = zip_library();
    let mut stripped = whole.clone();
    stripped[40..48].fill(0);
    stripped[58..64].fill(0);
    let judge = |bytes: &[u8]| {
        let file = natives_of_file(&written(folder.path(), "libzip.so", bytes)).unwrap();
        let rows = file.libraries.into_iter().flat_map(|library| library.rows);
        rows.map(|row| (row.native, row.proposal.category)).collect::<Vec<_>>()
    };
    assert_eq!(judge(&stripped), judge(&whole));
}

#[test]
fn jars_in_jars_are_opened_and_other_platforms_named() {
    let folder = tempfile::tempdir().unwrap();
    let library = zip_library();
    let mut arm = library.clone();
    arm[18..20].copy_from_slice(&183u16.to_le_bytes());
    let inner = jar(&[
        ("native/linux/libzip.so", &library),
        ("native/arm/libzip.so", &arm),
        ("native/windows/zip.dll", b"MZ"),
        ("native/broken/libzip.so", b"nothing"),
    ]);
    let fat = jar(&[("BOOT-INF/lib/zip.jar", &inner), ("BOOT-INF/lib/bad.jar", b"PK\x03\x04")]);
    let found = natives_of_file(&written(folder.path(), "app.jar", &fat)).unwrap();
    assert_eq!(found.libraries.len(), 1);
    assert!(
        found.libraries[0].place.ends_with("app.jar!/BOOT-INF/lib/zip.jar!/native/linux/libzip.so")
    );
    let reasons: Vec<&str> = found.left_out.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(reasons.len(), 4, "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("AARCH64")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("operating system")), "{reasons:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn damaged_bytes_are_judged_or_refused_but_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        header_only: bool,
    ) {
        let mut bytes = zip_library();
        let reach = if header_only { 4096 } else { bytes.len() };
        for (at, value) in changes {
            bytes[at.index(reach)] = value;
        }
        let folder = tempfile::tempdir().unwrap();
        let _ = natives_of_file(&written(folder.path(), "libzip.so", &bytes));
    }
}
