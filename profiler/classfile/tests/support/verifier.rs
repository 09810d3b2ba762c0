//! Starts a JVM with full verification on rewritten classes and tells which do not link.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::every_probe::PROBE_CLASS;
use super::jdks::Jdk;

/// Stands for a module of classes that have none.
pub const NO_MODULE: &str = "-";

/// A folder with one jar of rewritten classes for each module, and one for those of none.
pub struct Patched {
    root: PathBuf,
    jars: BTreeMap<String, ZipWriter<File>>,
    /// `module class` for each class.
    list: String,
}

/// What the JVM said.
#[derive(Debug)]
pub struct Linked {
    pub count: usize,
    /// Problem of each class that did not link.
    pub failed: BTreeMap<String, String>,
}

impl Patched {
    /// Only the probe class and the program that links, compiled by `jdk`.
    pub fn new(root: &Path, jdk: &Jdk) -> Self {
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java");
        let compile = |arguments: &[&str], source: &str| {
            let mut javac = Command::new(jdk.tool("javac"));
            javac.args(arguments).arg("-d").arg(root).arg(sources.join(source));
            let output = javac.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        let patch = format!("java.base={}", sources.display());
        compile(&["--patch-module", &patch], "BeeProbe.java");
        compile(&[], "LinkAll.java");
        let mut patched =
            Self { root: root.to_owned(), jars: BTreeMap::new(), list: String::new() };
        let probe = std::fs::read(root.join(format!("{PROBE_CLASS}.class"))).unwrap();
        patched.store("java.base", PROBE_CLASS, &probe);
        patched
    }

    fn jar(&self, module: &str) -> PathBuf {
        self.root.join(format!("{module}.jar"))
    }

    fn store(&mut self, module: &str, name: &str, bytes: &[u8]) {
        let path = self.jar(module);
        let open = || ZipWriter::new(File::create(path).unwrap());
        let jar = self.jars.entry(module.to_owned()).or_insert_with(open);
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        jar.start_file(format!("{name}.class"), stored).unwrap();
        jar.write_all(bytes).unwrap();
    }

    /// Adds a class that is to be linked.
    pub fn add(&mut self, module: &str, name: &str, bytes: &[u8]) {
        self.store(module, name, bytes);
        let name = name.replace('/', ".");
        self.list.extend([module, " ", &name, "\n"]);
    }

    /// Links all classes that were added, every one verified.
    pub fn link(mut self, jdk: &Jdk) -> Linked {
        let list = self.root.join("classes.txt");
        std::fs::write(&list, &self.list).unwrap();
        let mut java = Command::new(jdk.tool("java"));
        java.args(["-XX:+UnlockDiagnosticVMOptions", "-XX:+BytecodeVerificationLocal"]);
        java.args(["-XX:+BytecodeVerificationRemote", "-XX:+UseSerialGC", "-Xshare:off"]);
        java.args(["-XX:TieredStopAtLevel=1", "-Xmx2g", "--add-modules", "ALL-SYSTEM"]);
        for (module, jar) in std::mem::take(&mut self.jars) {
            jar.finish().unwrap();
            if module != NO_MODULE {
                let jar = self.jar(&module);
                java.arg("--patch-module").arg(format!("{module}={}", jar.display()));
            }
        }
        java.arg("-cp").arg(&self.root).arg("LinkAll").arg(&list).arg(self.jar(NO_MODULE));
        // A crash leaves its report in the folder that goes away.
        read(&java.current_dir(&self.root).output().unwrap())
    }
}

fn read(output: &std::process::Output) -> Linked {
    let text = String::from_utf8_lossy(&output.stdout);
    let count = text.lines().find_map(|line| line.strip_prefix("LINKED "));
    let Some(count) = count else {
        panic!("the JVM ended early: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    };
    let failed = text.lines().filter_map(|line| line.strip_prefix("FAILED "));
    let failed = failed.filter_map(|line| line.split_once(' '));
    let failed = failed.map(|(class, problem)| (class.to_owned(), problem.to_owned()));
    Linked { count: count.parse().unwrap(), failed: failed.collect() }
}
