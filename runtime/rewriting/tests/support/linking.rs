//! Links classes in a JVM with full verification and tells which do not link, and why.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::jdks::Jdk;

/// What the JVM said.
#[derive(Debug)]
pub struct Linked {
    pub count: usize,
    /// Problem of each class that did not link.
    pub failed: BTreeMap<String, String>,
}

/// Compiles files of `tests/java` into `folder`.
pub fn compile(jdk: &Jdk, folder: &Path, arguments: &[&str], sources: &[PathBuf]) {
    let mut javac = Command::new(jdk.tool("javac"));
    javac.args(["-nowarn", "-d"]).arg(folder).args(arguments).args(sources);
    let output = javac.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Links `classes`, internal name and bytes each, loaded by one loader.
pub fn link<'c>(jdk: &Jdk, classes: impl IntoIterator<Item = (&'c str, &'c [u8])>) -> Linked {
    let folder = tempfile::tempdir().unwrap();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java");
    compile(jdk, folder.path(), &[], &[sources.join("LinkJar.java")]);
    let jar = folder.path().join("classes.jar");
    let mut writer = ZipWriter::new(File::create(&jar).unwrap());
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in classes {
        writer.start_file(format!("{name}.class"), stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap();
    let mut java = Command::new(jdk.tool("java"));
    java.args([
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:+BytecodeVerificationRemote",
        "-XX:+UseSerialGC",
        "-Xshare:off",
    ]);
    java.args(["-XX:TieredStopAtLevel=1", "-Xmx2g", "-cp"]).arg(folder.path());
    let output = java.arg("LinkJar").arg(&jar).current_dir(folder.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(count) = text.lines().find_map(|line| line.strip_prefix("LINKED ")) else {
        panic!("the JVM ended early: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    };
    let failed = text.lines().filter_map(|line| line.strip_prefix("FAILED "));
    let failed = failed.filter_map(|line| line.split_once(' '));
    let failed = failed.map(|(class, problem)| (class.to_owned(), problem.to_owned()));
    Linked { count: count.parse().unwrap(), failed: failed.collect() }
}

/// Fails unless every class of `after` links that linked in `before`, and those that did not fail
/// for a like reason. (Libraries name optional classes that are not there, and where two applications
/// have one library in two versions, a class of one finds superclasses of the other.)
pub fn assert_still_links(before: &Linked, after: &Linked) {
    for (class, problem) in &after.failed {
        let kind = |problem: &str| problem.split(':').next().unwrap_or("").to_owned();
        let old = before.failed.get(class).map(|old| kind(old));
        assert_eq!(old, Some(kind(problem)), "{class}: {problem}");
    }
}
