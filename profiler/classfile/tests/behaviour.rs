//! What rewritten code does when it runs: counts are exact, results are the same, arguments
//! arrive, calls can be replaced. On every JDK, as a current class file with frames and as an
//! old one without.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "these are tests"
)]

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use beehive_classfile::opcode::{INVOKESTATIC, IRETURN};
use beehive_classfile::{
    Action, Emitter, Instruction, Kind, MethodPlan, MethodView, OpcodeSet, Probes, Rewriter,
    StaticMethod,
};
use support::jdks::{self, Jdk};

/// Entry and exits of all methods, in one of three shapes, told apart by id.
struct Counting {
    enter: StaticMethod,
    exit: StaticMethod,
    given: StaticMethod,
    replaced: StaticMethod,
    /// Keeps the old code, chosen at entry by this.
    choice: Option<StaticMethod>,
    /// Replaces `next(int)` at its call sites, by way of a scratch variable.
    replace: bool,
    ids: BTreeMap<String, i32>,
}

impl Counting {
    fn new(rewriter: &mut Rewriter, replace: bool, choice: Option<&str>) -> Self {
        let constants = rewriter.constants();
        let mut declare =
            |name, descriptor| constants.static_method("Counts", name, descriptor).unwrap();
        Self {
            enter: declare("enter", "(I)V"),
            exit: declare("exit", "(I)V"),
            given: declare("given", "(JDFLjava/lang/Object;I)V"),
            replaced: declare("replaced", "(I)I"),
            replace,
            choice: choice.map(|name| declare(name, "()I")),
            ids: BTreeMap::new(),
        }
    }

    fn id(&self, method: MethodView<'_, '_>) -> i32 {
        self.ids[&key(method)]
    }
}

fn key(method: MethodView<'_, '_>) -> String {
    format!("{}.{}", method.class().name(), method.name())
}

impl Probes for Counting {
    fn opcodes(&self) -> OpcodeSet {
        OpcodeSet::of(&[INVOKESTATIC])
    }

    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        let next = self.ids.len() as i32;
        self.ids.entry(key(method)).or_insert(next);
        let plan = MethodPlan::ENTRY | MethodPlan::RETURNS | MethodPlan::HANDLER;
        let plan = if self.replace { plan | MethodPlan::INSTRUCTIONS } else { plan };
        if self.choice.is_some() { plan | MethodPlan::DUPLICATE } else { plan }
    }

    fn choose(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.invokestatic(self.choice.unwrap());
    }

    fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        if method.name() == "wide" {
            emit.load_parameters(method);
            emit.invokestatic(self.given);
        }
        emit.push_int(self.id(method));
        emit.invokestatic(self.enter);
    }

    fn at_return(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        if at.opcode() == IRETURN {
            // The value may be taken away and put back.
            let slot = emit.scratch(0);
            emit.store(Kind::Int, slot);
            emit.push_int(self.id(at.method()));
            emit.invokestatic(self.exit);
            emit.load(Kind::Int, slot);
            return;
        }
        emit.push_int(self.id(at.method()));
        emit.invokestatic(self.exit);
    }

    fn at_throw(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(self.id(method));
        emit.invokestatic(self.exit);
    }

    fn before(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        if at.member().is_some_and(|member| member.name == "next") {
            emit.invokestatic(self.replaced);
            return Action::Replace;
        }
        Action::Keep
    }
}

/// Standard output of a program, by line.
fn run(jdk: &Jdk, folder: &Path) -> Vec<String> {
    let mut java = Command::new(jdk.tool("java"));
    java.args(["-XX:+UnlockDiagnosticVMOptions", "-XX:+BytecodeVerificationLocal", "-Xcomp"]);
    java.args(["-XX:TieredStopAtLevel=1", "-XX:CompileCommand=quiet"]);
    java.args(["-XX:CompileCommand=compileonly,Truth*::*", "-cp"]);
    let output = java.arg(folder).arg("Truth").current_dir(folder).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The program and its probe class, compiled once as a class file of Java 17 and one of Java 8.
static COMPILED: LazyLock<[tempfile::TempDir; 2]> = LazyLock::new(|| {
    // The oldest JDK: a later one may no longer write the old format.
    let jdk = jdks::all().swap_remove(0);
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java");
    ["17", "8"].map(|release| {
        let folder = tempfile::tempdir().unwrap();
        let mut javac = Command::new(jdk.tool("javac"));
        javac.args(["--release", release, "-nowarn", "-d"]).arg(folder.path());
        javac.arg(sources.join("Truth.java")).arg(sources.join("Counts.java"));
        let output = javac.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        folder
    })
});

/// Puts the compiled classes into `folder`; those of the program get version `major`.
fn compile(folder: &Path, major: Option<u8>) {
    let compiled = COMPILED[usize::from(major.is_some())].path();
    for name in ["Counts.class", "Counts$1.class"] {
        std::fs::copy(compiled.join(name), folder.join(name)).unwrap();
    }
    for name in PROGRAM {
        let mut bytes = std::fs::read(compiled.join(name)).unwrap();
        bytes[7] = major.unwrap_or(bytes[7]);
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

const PROGRAM: [&str; 3] = ["Truth.class", "Truth$Base.class", "Truth$Derived.class"];

/// Rewrites the program in place; gives the id of each method.
fn rewrite(folder: &Path, replace: bool, choice: Option<&str>) -> BTreeMap<String, i32> {
    let mut rewriter = Rewriter::new();
    let mut probes = Counting::new(&mut rewriter, replace, choice);
    for name in PROGRAM {
        let path = folder.join(name);
        let bytes = std::fs::read(&path).unwrap();
        let written = rewriter.rewrite(&bytes, &mut probes).unwrap().bytes_or(&bytes).to_vec();
        std::fs::write(path, written).unwrap();
    }
    assert_eq!(rewriter.tally().left_alone_total(), 0);
    assert_eq!(rewriter.tally().handlers_omitted, 0);
    probes.ids
}

/// Calls of each method of `Truth`, counted by hand: (entered, left).
const EXPECTED: [(&str, (u32, u32)); 16] = [
    ("Truth.main", (1, 1)),
    ("Truth.fibonacci", (177, 177)),
    ("Truth.loopAtStart", (1, 1)),
    ("Truth.thrower", (15, 15)),
    ("Truth.catcher", (1, 1)),
    ("Truth.wide", (1, 1)),
    ("Truth.half", (1, 1)),
    ("Truth.third", (1, 1)),
    ("Truth.self", (1, 1)),
    ("Truth.switches", (5, 5)),
    ("Truth.locked", (2, 2)),
    ("Truth.constructors", (1, 1)),
    ("Truth.<init>", (2, 2)),
    // n = 4..8: super(…) is reached unless n is 7, fails for 6; the rest fails for 5.
    ("Truth$Base.<init>", (4, 4)),
    // Entered before super(…): failures of its argument (7) and in it (6) are not seen, the
    // one after it (5) is.
    ("Truth$Derived.<init>", (5, 3)),
    // 5 arguments of super(…), 4 in Base, 3 after.
    ("Truth.failing", (12, 12)),
];

#[test]
fn counts_are_exact_and_results_the_same() {
    for jdk in jdks::all() {
        for major in [None, Some(49), Some(50), Some(52)] {
            let folder = tempfile::tempdir().unwrap();
            compile(folder.path(), major);
            let plain = run(&jdk, folder.path());
            let ids = rewrite(folder.path(), false, None);
            let probed = run(&jdk, folder.path());
            assert_eq!(probed[0], plain[0], "JDK {} major {major:?}", jdk.feature);
            assert!(probed.contains(&"given 1 2.0 3.0 4 5".to_owned()), "{probed:?}");
            for (method, (entered, left)) in EXPECTED {
                let line = format!("#{} {entered} {left}", ids[method]);
                assert!(probed.contains(&line), "{method}: no `{line}` in {probed:?}");
            }
        }
    }
}

#[test]
fn old_code_kept_beside_runs_when_it_is_chosen() {
    for jdk in jdks::all() {
        for major in [None, Some(49), Some(50)] {
            for (choice, runs_probes) in [("chosen", true), ("notChosen", false)] {
                let folder = tempfile::tempdir().unwrap();
                compile(folder.path(), major);
                let plain = run(&jdk, folder.path());
                let ids = rewrite(folder.path(), false, Some(choice));
                let probed = run(&jdk, folder.path());
                assert_eq!(probed[0], plain[0], "JDK {} major {major:?}", jdk.feature);
                for (method, (entered, left)) in EXPECTED {
                    let line = format!("#{} {entered} {left}", ids[method]);
                    assert_eq!(probed.contains(&line), runs_probes, "{method}: {probed:?}");
                }
            }
        }
    }
}

#[test]
fn a_call_can_be_replaced() {
    for jdk in jdks::all() {
        let folder = tempfile::tempdir().unwrap();
        compile(folder.path(), None);
        let calls = |line: &str| line.rsplit(' ').next().unwrap().parse::<u32>().unwrap();
        let plain = calls(&run(&jdk, folder.path())[0]);
        let ids = rewrite(folder.path(), true, None);
        let probed = run(&jdk, folder.path());
        assert_eq!(calls(&probed[0]), 1000 * plain);
        let next = format!("#{} ", ids["Truth.next"]);
        assert!(!probed.iter().any(|line| line.starts_with(&next)), "{probed:?}");
    }
}
