//! What the barriers of workers cost once code is compiled: kernels of `java/Kernels.java`, as compiled by
//! javac and as rewritten, with the runtime's real hooks, on each JDK. The two versions alternate, in
//! JVMs of their own; of each kernel the best round of all JVMs counts. Run by `cargo xtask bench barrier`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a measurement run by hand"
)]

#[path = "../../../profiler/classfile/tests/support/jdks.rs"]
mod jdks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use beehive_classfile::ClassView;
use beehive_rewriting::{ClassIndex, WorkerRewriter};
use jdks::Jdk;

/// JVMs of each version, rounds of each kernel in each, and milliseconds of warming up.
const JVMS: usize = 5;
const ROUNDS: &str = "60";
const WARM_UP_MS: &str = "800";

fn main() {
    for jdk in jdks::all() {
        let folder = tempfile::tempdir().unwrap();
        compile(&jdk, folder.path());
        rewrite(folder.path());
        let mut best: [BTreeMap<String, f64>; 2] = Default::default();
        for _ in 0..JVMS {
            for (version, best) in ["plain", "rewritten"].into_iter().zip(&mut best) {
                for (kernel, ns) in measure(&jdk, folder.path(), version) {
                    let known = best.entry(kernel).or_insert(ns);
                    *known = known.min(ns);
                }
            }
        }
        report(&jdk, &best);
    }
}

fn report(jdk: &Jdk, [plain, rewritten]: &[BTreeMap<String, f64>; 2]) {
    let ratios = plain.iter().map(|(kernel, ns)| (kernel, rewritten[kernel] / ns));
    let ratios: Vec<_> = ratios.collect();
    for (kernel, ratio) in &ratios {
        println!(
            "JDK {} {kernel:12} {ratio:.3}  ({:.0} us plain)",
            jdk.feature,
            plain[*kernel] / 1e3
        );
    }
    let mean = ratios.iter().map(|(_, ratio)| ratio.ln()).sum::<f64>() / ratios.len() as f64;
    println!("JDK {} geometric mean {:.3}", jdk.feature, mean.exp());
}

fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in std::fs::read_dir(folder).unwrap().flatten() {
        let path = item.path();
        if path.is_dir() {
            found.extend(sources_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "java") {
            found.push(path);
        }
    }
    found
}

fn javac(jdk: &Jdk, arguments: &[&str], to: &Path, sources: &[PathBuf]) {
    let mut javac = Command::new(jdk.tool("javac"));
    javac.args(["-nowarn"]).args(arguments).arg("-d").arg(to).args(sources);
    let output = javac.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn compile(jdk: &Jdk, folder: &Path) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let runtime = sources_below(&here.join("../java/src/main/java"));
    let exports = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";
    javac(jdk, &[exports], &folder.join("runtime"), &runtime);
    let kernels = here.join("examples/java/Kernels.java");
    javac(jdk, &["--release", "17"], &folder.join("plain"), &[kernels]);
    javac(jdk, &[], &folder.join("bench"), &[here.join("examples/java/BarrierBench.java")]);
}

fn rewrite(folder: &Path) {
    let files = std::fs::read_dir(folder.join("plain")).unwrap().flatten();
    let classes: Vec<(PathBuf, Vec<u8>)> =
        files.map(|file| (file.file_name().into(), std::fs::read(file.path()).unwrap())).collect();
    let mut index = ClassIndex::new(true, Vec::new());
    for (_, bytes) in &classes {
        index.add(&ClassView::parse(bytes).unwrap());
    }
    std::fs::create_dir_all(folder.join("rewritten")).unwrap();
    let mut rewriter = WorkerRewriter::new().unwrap().keeping_initialisers();
    for (name, bytes) in &classes {
        let new = rewriter.rewrite(bytes, &index).unwrap().bytes;
        std::fs::write(folder.join("rewritten").join(name), new.as_ref().unwrap_or(bytes)).unwrap();
    }
}

/// Best round of each kernel in one JVM, in nanoseconds.
fn measure(jdk: &Jdk, folder: &Path, version: &str) -> BTreeMap<String, f64> {
    let mut java = Command::new(jdk.tool("java"));
    java.args(["-XX:+UseSerialGC", "-Xms256m", "-Xmx256m", "-cp"]);
    java.arg(format!("{}:{}", folder.join("bench").display(), folder.join(version).display()));
    java.arg(format!("-Xbootclasspath/a:{}", folder.join("runtime").display()));
    java.args(["--add-exports", "java.base/jdk.internal.misc=ALL-UNNAMED"]);
    let output = java.args(["BarrierBench", ROUNDS, WARM_UP_MS]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    lines.map(|words| (words[0].to_owned(), words[1].parse().unwrap())).collect()
}
