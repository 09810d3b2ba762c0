//! What the packager's tests share: real JDKs, classes compiled from text, jars made by hand, and a
//! trace builder. Nothing here goes through the code under test.
#![allow(dead_code, reason = "each test program uses its own part")]

pub mod shop;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use beehive_plan::{Candidate, Plan, Roots};
use beehive_trace::{
    Class, ClassKind, ClassUse, Edge, Generated, Method, OUTSIDE, Origin, RunFacts, Trace,
};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// A JDK on this machine.
#[derive(Clone, Debug)]
pub struct Jdk {
    pub home: PathBuf,
    pub feature: u16,
}

impl Jdk {
    /// Every JDK from 17 on: `JAVA_HOME`, the usual folder, and the one on `PATH`. Panics if none.
    pub fn all() -> Vec<Self> {
        let mut homes: Vec<PathBuf> =
            std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
        if let Ok(installed) = std::fs::read_dir("/usr/lib/jvm") {
            homes.extend(installed.filter_map(|entry| Some(entry.ok()?.path())));
        }
        for folder in std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()) {
            if let Ok(javac) = folder.join("javac").canonicalize() {
                homes.extend(javac.ancestors().nth(2).map(Path::to_owned));
            }
        }
        let mut found: BTreeMap<PathBuf, u16> = BTreeMap::new();
        for home in homes.into_iter().filter_map(|home| home.canonicalize().ok()) {
            if let Some(feature) = feature_of(&home).filter(|&feature| feature >= 17) {
                found.insert(home, feature);
            }
        }
        assert!(
            !found.is_empty(),
            "no JDK 17 or later with javac in JAVA_HOME, /usr/lib/jvm, PATH"
        );
        let required = std::env::var("BEEHIVE_REQUIRE_JDKS").unwrap_or_default();
        for wanted in required.split(',').filter_map(|word| word.trim().parse::<u16>().ok()) {
            assert!(found.values().any(|&feature| feature == wanted), "JDK {wanted} is required");
        }
        found.into_iter().map(|(home, feature)| Self { home, feature }).collect()
    }

    /// The oldest one.
    pub fn any() -> Self {
        Self::all().into_iter().min_by_key(|jdk| jdk.feature).unwrap()
    }

    /// Compiles sources (path → text) for Java 17 and gives the class files by path.
    pub fn compile(
        &self,
        sources: &[(&str, &str)],
        class_path: &[&Path],
    ) -> BTreeMap<String, Vec<u8>> {
        let work = tempfile::tempdir().unwrap();
        let classes = work.path().join("classes");
        std::fs::create_dir(&classes).unwrap();
        let mut command = Command::new(self.home.join("bin/javac"));
        command
            .current_dir(work.path())
            .args(["--release", "17", "-g", "-proc:none", "-d"])
            .arg(&classes);
        if !class_path.is_empty() {
            command.arg("-cp").arg(std::env::join_paths(class_path).unwrap());
        }
        for (path, text) in sources {
            let file = work.path().join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, text).unwrap();
            command.arg(file);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "javac: {}", String::from_utf8_lossy(&output.stderr));
        let mut files = BTreeMap::new();
        collect(&classes, &classes, &mut files);
        files
    }

    /// Runs `java` and gives its standard output; panics with its error output if it fails.
    pub fn java(&self, class_path: &[PathBuf], arguments: &[&str]) -> String {
        let mut command = Command::new(self.home.join("bin/java"));
        command.current_dir(std::env::temp_dir()).args(["-Xverify:all", "-Xshare:auto", "-cp"]);
        command.arg(std::env::join_paths(class_path).unwrap()).args(arguments);
        let output = command.output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} {arguments:?}: {error}", self.home.display());
        String::from_utf8(output.stdout).unwrap()
    }
}

fn feature_of(home: &Path) -> Option<u16> {
    if !home.join("bin/javac").exists() {
        return None;
    }
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let line = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    line.split(['.', '"', '-']).next()?.parse().ok()
}

/// Files below `folder` by path relative to `root`.
pub fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

/// A jar as other tools make it: deflated, dated today's way, in the order given.
pub fn jar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    jar_packed(entries, CompressionMethod::Deflated, 2024)
}

/// A jar with its nested jars stored, as Spring Boot's plugin makes it.
pub fn fat_jar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    jar_packed(entries, CompressionMethod::Stored, 2025)
}

pub fn jar_packed(entries: &[(&str, &[u8])], method: CompressionMethod, year: u16) -> Vec<u8> {
    let date = DateTime::from_date_and_time(year, 7, 9, 12, 30, 0).unwrap();
    let options = SimpleFileOptions::default().compression_method(method).last_modified_time(date);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        if name.ends_with('/') {
            writer.add_directory(*name, options).unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes).unwrap();
        }
    }
    writer.finish().unwrap().into_inner()
}

/// Entries of `files` whose path begins with `prefix`, as a jar takes them.
pub fn below<'a>(files: &'a BTreeMap<String, Vec<u8>>, prefix: &str) -> Vec<(&'a str, &'a [u8])> {
    let wanted = files.iter().filter(|(path, _)| path.starts_with(prefix));
    wanted.map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect()
}

/// Builds a trace row by row; ids are handed out in the order of the calls.
#[derive(Default)]
pub struct TraceBuilder {
    pub trace: Trace,
}

impl TraceBuilder {
    /// A trace of one run on JDK `build`.
    pub fn on(build: &str) -> Self {
        let mut builder = Self::default();
        builder.trace.runs.push(RunFacts { jdk_build: build.to_owned(), ..RunFacts::default() });
        builder
    }

    pub fn class_path(mut self, entries: &[&Path]) -> Self {
        let entries = entries.iter().map(|entry| entry.display().to_string());
        self.trace.runs[0].class_path = entries.collect();
        self
    }

    pub fn class(&mut self, name: &str, source: &str) -> u32 {
        self.row(Class { name: name.to_owned(), source: source.to_owned(), ..Class::default() })
    }

    pub fn jdk_class(&mut self, name: &str) -> u32 {
        self.row(Class { name: name.to_owned(), origin: Origin::Jdk, ..Class::default() })
    }

    pub fn made_class(&mut self, name: &str, super_name: &str, bytes: Option<&[u8]>) -> u32 {
        let row = self.row(Class {
            name: name.to_owned(),
            kind: ClassKind::Subclass,
            super_name: super_name.to_owned(),
            ..Class::default()
        });
        if let Some(bytes) = bytes {
            self.trace.generated.push(Generated { class: row, bytes: bytes.to_vec() });
        }
        row
    }

    pub fn row(&mut self, class: Class) -> u32 {
        self.trace.classes.push(class);
        self.trace.classes.len() as u32 - 1
    }

    pub fn method(&mut self, class: u32, name: &str, descriptor: &str) -> u32 {
        self.trace.methods.push(Method {
            class,
            name: name.to_owned(),
            descriptor: descriptor.to_owned(),
            ..Method::default()
        });
        self.trace.methods.len() as u32 - 1
    }

    pub fn call(&mut self, caller: Option<u32>, callee: u32) {
        self.trace.edges.push(Edge { caller: caller.unwrap_or(OUTSIDE), callee, count: 1 });
    }

    pub fn first_use(&mut self, class: u32, method: u32) {
        self.trace.class_uses.push(ClassUse { class, method });
    }
}

/// A plan that offloads `methods`.
pub fn plan_of(methods: &[&str]) -> Plan {
    let candidate = |method: &&str| Candidate {
        method: (*method).to_owned(),
        offload: true,
        ..Candidate::default()
    };
    let chosen = methods.iter().map(candidate).collect();
    Plan { version: 1, roots: Roots { chosen, ..Roots::default() }, ..Plan::default() }
}

/// Names of the classes in each jar of a listing, by jar path.
pub fn classes_by_jar(listing: &beehive_packager::Listing) -> Vec<(String, Vec<String>)> {
    let names = |jar: &beehive_packager::ListedJar| {
        (jar.path.clone(), jar.classes.iter().map(|class| class.name.clone()).collect())
    };
    listing.jars.iter().map(names).collect()
}
