//! The committed class file of the probe is what its committed source compiles to.
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
fn the_class_file_is_compiled_from_the_source() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("probe");
    let jdks = jdks();
    let jdk = jdks.iter().find(|jdk| jdk.feature == 17).unwrap();
    let out = tempfile::tempdir().unwrap();
    let javac = Command::new(jdk.home.join("bin/javac"))
        .args(["--release", "17", "-Xlint:all", "-Werror", "--patch-module"])
        .arg(format!("java.base={}", folder.display()))
        .arg("-d")
        .arg(out.path())
        .arg(folder.join("BeeProbe.java"))
        .output()
        .unwrap();
    assert!(javac.status.success(), "{}", String::from_utf8_lossy(&javac.stderr));
    let compiled = std::fs::read(out.path().join("java/lang/BeeProbe.class")).unwrap();
    let committed = std::fs::read(folder.join("BeeProbe.class")).unwrap();
    assert!(compiled == committed, "BeeProbe.java was changed: compile it anew as done here");
    let classes = std::fs::read_dir(out.path().join("java/lang")).unwrap().count();
    assert_eq!(classes, 1, "the probe must be one class: no nested ones, no lambdas");
}
