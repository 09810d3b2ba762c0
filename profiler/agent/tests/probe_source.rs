//! The committed class files of the probes are what their committed sources compile to.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail loudly"
)]

mod host;

use host::jdks;
use std::path::Path;
use std::process::Command;

#[test]
fn the_class_files_are_compiled_from_the_sources() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("probe");
    let jdks = jdks();
    let jdk = jdks.iter().find(|jdk| jdk.feature == 17).unwrap();
    let out = tempfile::tempdir().unwrap();
    let files = |folder: &Path, extension: &str| {
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|found| found == extension))
            .collect();
        files.sort();
        files
    };
    let javac = Command::new(jdk.home.join("bin/javac"))
        .args(["--release", "17", "-Xlint:all", "-Werror", "--patch-module"])
        .arg(format!("java.base={}", folder.display()))
        .arg("-d")
        .arg(out.path())
        .args(files(&folder, "java"))
        .output()
        .unwrap();
    assert!(javac.status.success(), "{}", String::from_utf8_lossy(&javac.stderr));
    let compiled = files(&out.path().join("java/lang"), "class");
    let committed = files(&folder, "class");
    let names = |files: &[std::path::PathBuf]| -> Vec<String> {
        files.iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&compiled), names(&committed), "no nested classes, no lambdas, none missing");
    for (compiled, committed) in compiled.iter().zip(&committed) {
        let same = std::fs::read(compiled).unwrap() == std::fs::read(committed).unwrap();
        assert!(same, "{}: the source was changed: cargo xtask probe", committed.display());
    }
}
