//! What rewritten programs do when they run, with hooks that stand in for the runtime: for a worker the
//! same as before, also when objects' contents are taken away between touches; gates answer or let
//! the method run. On every JDK, as current class files and as old ones.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use beehive_classfile::ClassView;
use beehive_rewriting::{ClassIndex, Root, ServerRewriter, WorkerRewriter};
use support::jdks::{self, Jdk};
use support::linking::compile;

/// A program with its hooks, compiled.
struct Program {
    folder: tempfile::TempDir,
    main: &'static str,
}

impl Program {
    fn compile(jdk: &Jdk, main: &'static str, release: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java");
        let hooks: Vec<PathBuf> =
            std::fs::read_dir(sources.join("hook")).unwrap().map(|f| f.unwrap().path()).collect();
        let hook_classes = folder.path().join("hooks");
        compile(jdk, &hook_classes, &["--release", "17"], &hooks);
        let plain = folder.path().join("plain");
        let class_path = hook_classes.display().to_string();
        let arguments = ["--release", release, "-cp", &class_path];
        compile(jdk, &plain, &arguments, &[sources.join(format!("{main}.java"))]);
        Self { folder, main }
    }

    fn classes(&self) -> BTreeMap<String, Vec<u8>> {
        let files = std::fs::read_dir(self.folder.path().join("plain")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let read = |path: PathBuf| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())
        };
        paths.map(read).collect()
    }

    /// The same as class files of before Java 5. They name classes in code, which no class file of that time did;
    /// as they are, a JVM refuses them.
    fn old_classes(&self) -> BTreeMap<String, Vec<u8>> {
        let mut classes = self.classes();
        for bytes in classes.values_mut() {
            bytes[4..8].copy_from_slice(&[0, 3, 0, 45]);
        }
        classes
    }

    /// Writes classes into the folder `name`.
    fn store(&self, name: &str, classes: &BTreeMap<String, Vec<u8>>) {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, bytes) in classes {
            std::fs::write(folder.join(file), bytes).unwrap();
        }
    }

    fn run(&self, jdk: &Jdk, classes: &str, options: &[&str]) -> Vec<String> {
        let mut java = Command::new(jdk.tool("java"));
        java.args(["-XX:+UnlockDiagnosticVMOptions", "-XX:+BytecodeVerificationLocal", "-ea"]);
        java.args(["-XX:TieredStopAtLevel=1"]).args(options);
        let path = self.folder.path();
        let class_path =
            format!("{}:{}", path.join("hooks").display(), path.join(classes).display());
        java.args(["-cp", &class_path, "dev.beehive.runtime.hook.Run", self.main]);
        let output = java.current_dir(path).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "JDK {}: {text}\n{errors}", jdk.feature);
        text.lines().map(str::to_owned).collect()
    }
}

/// The classes as a worker has them; `knows_all` is how the packager rewrites, else as the server does
/// on demand.
fn for_worker(classes: &BTreeMap<String, Vec<u8>>, knows_all: bool) -> BTreeMap<String, Vec<u8>> {
    let mut rewriter = WorkerRewriter::new().unwrap().keeping_initialisers();
    let mut all = ClassIndex::new(true, Vec::new());
    for bytes in classes.values() {
        all.add(&ClassView::parse(bytes).unwrap());
    }
    let mut rewrite = |(file, bytes): (&String, &Vec<u8>)| {
        let view = ClassView::parse(bytes).unwrap();
        let mut alone = ClassIndex::new(false, Vec::new());
        alone.add(&view);
        // The server knows what is above a class.
        let mut above = view.super_name().map(|name| name.to_string());
        while let Some(bytes) =
            above.as_ref().and_then(|name| classes.get(&format!("{name}.class")))
        {
            let view = ClassView::parse(bytes).unwrap();
            alone.add(&view);
            above = view.super_name().map(|name| name.to_string());
        }
        let new = rewriter.rewrite(bytes, if knows_all { &all } else { &alone }).unwrap();
        assert!(new.left_alone.is_empty(), "{:?}", new.left_alone);
        (file.clone(), new.bytes.unwrap_or_else(|| bytes.clone()))
    };
    classes.iter().map(&mut rewrite).collect()
}

/// Numbers after `#`.
fn counted(lines: &[String], what: &str) -> u64 {
    let line = lines.iter().find_map(|line| line.strip_prefix(&format!("#{what} ")));
    line.unwrap().parse().unwrap()
}

fn printed(lines: &[String]) -> Vec<&String> {
    lines.iter().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn a_program_rewritten_for_a_worker_does_the_same() {
    for jdk in jdks::all() {
        let program = Program::compile(&jdk, "Worked", "17");
        let plain = program.run(&jdk, "plain", &[]);
        for knows_all in [true, false] {
            program.store("worker", &for_worker(&program.classes(), knows_all));
            let worker = program.run(&jdk, "worker", &[]);
            assert_eq!(printed(&worker), printed(&plain), "JDK {}", jdk.feature);
            println!("{worker:?}");
            assert_eq!(counted(&worker, "held"), 0);
            assert!(counted(&worker, "entered") > 4000);
            assert!(counted(&worker, "acquired") > 5 && counted(&worker, "released") > 3);
            assert!(counted(&worker, "linked") > 5 && counted(&worker, "redirected") >= 8);
        }
        assert_eq!(counted(&plain, "entered") + counted(&plain, "linked"), 0);
    }
}

#[test]
fn every_touch_of_a_shell_brings_its_contents_first() {
    for jdk in jdks::all() {
        let program = Program::compile(&jdk, "Shells", "17");
        let plain = program.run(&jdk, "plain", &[]);
        for knows_all in [true, false] {
            program.store("worker", &for_worker(&program.classes(), knows_all));
            let worker = program.run(&jdk, "worker", &[]);
            assert_eq!(printed(&worker), printed(&plain), "JDK {}", jdk.feature);
            assert!(counted(&worker, "filled") > 30, "{worker:?}");
        }
        assert_eq!(counted(&plain, "filled"), 0);
    }
}

#[test]
fn what_reaches_beyond_the_jvm_is_asked_for_first() {
    for jdk in jdks::all() {
        let program = Program::compile(&jdk, "Effects", "17");
        let plain = program.run(&jdk, "plain", &[]);
        program.store("worker", &for_worker(&program.classes(), true));
        let worker = program.run(&jdk, "worker", &[]);
        assert_eq!(printed(&worker), printed(&plain), "JDK {}", jdk.feature);
        let asked: Vec<&str> =
            worker.iter().filter_map(|line| line.strip_prefix("#effect ")).collect();
        let expected = [
            "temporary",
            "new java.io.FileOutputStream a",
            "new java.io.FileOutputStream a",
            "new java.io.FileWriter a",
            "new java.io.RandomAccessFile a",
            "java.nio.file.Files#copy b",
            "java.nio.file.Files#copy b",
            "java.nio.file.Files#writeString b",
            "java.io.File#setLastModified a",
            "java.io.File#delete a",
            "java.nio.file.Files#deleteIfExists b",
        ];
        assert_eq!(asked[..expected.len()], expected, "JDK {}", jdk.feature);
        assert!(asked[expected.len()].starts_with("java.io.File#delete effects"), "{asked:?}");
        let rest = ["java.lang.System#setProperty", "url http://localhost:1/x"];
        assert_eq!(asked[expected.len() + 1..], rest);
        assert!(!plain.iter().any(|line| line.starts_with("#effect ")));
    }
}

#[test]
fn classes_of_before_java_5_have_barriers_too() {
    for jdk in jdks::all() {
        let program = Program::compile(&jdk, "Shells", "8");
        let plain = program.run(&jdk, "plain", &[]);
        for knows_all in [true, false] {
            program.store("worker", &for_worker(&program.old_classes(), knows_all));
            let worker = program.run(&jdk, "worker", &[]);
            assert_eq!(printed(&worker), printed(&plain), "JDK {}", jdk.feature);
            assert!(counted(&worker, "filled") > 30, "{worker:?}");
        }
    }
}

/// The classes with gates at the four roots of `Gates`.
fn for_server(classes: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let roots = [
        "Gates#loop(I)I",
        "Gates#add(JIDZC)J",
        "Gates#text(Ljava/lang/String;[I)Ljava/lang/String;",
        "Gates#nothing(BSF)V",
    ];
    let roots = (0..).zip(roots.map(|root| root.parse::<Root>().unwrap()));
    let mut rewriter = ServerRewriter::new(roots).unwrap();
    let rewritten: BTreeMap<String, Vec<u8>> = classes
        .iter()
        .map(|(file, bytes)| {
            let new = rewriter.rewrite(bytes).unwrap().map(<[u8]>::to_vec);
            (file.clone(), new.unwrap_or_else(|| bytes.clone()))
        })
        .collect();
    assert_eq!(rewriter.tally().gates.len(), 4);
    rewritten
}

#[test]
fn a_gate_lets_its_method_run_or_answers_for_it() {
    for jdk in jdks::all() {
        for release in ["17", "8"] {
            let program = Program::compile(&jdk, "Gates", release);
            let plain = program.run(&jdk, "plain", &[]);
            assert_eq!(plain[..5], ["loop 3", "add 104", "text gt2", "ran g123.0", "nothing done"]);
            program.store("server", &for_server(&program.classes()));
            let closed = program.run(&jdk, "server", &[]);
            assert_eq!(printed(&closed), printed(&plain));
            let local = ["-Dopen.0=local", "-Dopen.1=local", "-Dopen.2=local", "-Dopen.3=local"];
            let open = program.run(&jdk, "server", &local);
            let ran: Vec<&String> =
                printed(&open).into_iter().filter(|line| !line.starts_with("gate")).collect();
            assert_eq!(ran, printed(&plain));
            assert!(open.contains(&"gate 1 true [1, 2, 3.5, true, a]".to_owned()), "{open:?}");
            assert!(open.contains(&"gate 3 false [1, 2, 3.0]".to_owned()), "{open:?}");
            let answered = ["-Dopen.1=77", "-Dopen.2=some", "-Dopen.3=null", "-Dopen.0=throw"];
            let answers = program.run(&jdk, "server", &answered);
            for line in
                ["add 77", "text some", "nothing done", "loop java.io.IOException: from the worker"]
            {
                assert!(answers.contains(&line.to_owned()), "no `{line}` in {answers:?}");
            }
        }
    }
}
