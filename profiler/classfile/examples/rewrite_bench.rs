//! Classes per second of the rewriter beside ASM 9.9, JIT-warm, on every class of JDK 17 (or
//! the oldest JDK found): the same insertion, one thread each, passes taking turns in one run.
//! Run with `cargo run --release -p beehive-classfile --example rewrite_bench`. Maven brings
//! ASM. An argument that is a number is the count of passes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench may fail loudly"
)]

#[path = "../tests/support/jdks.rs"]
#[allow(dead_code, reason = "only the search is used")]
mod jdks;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use beehive_classfile::{
    Emitter, Instruction, JImage, MethodPlan, MethodView, Probes, Rewriter, StaticMethod,
};

const ASM: &str = "org.ow2.asm:asm:9.9";
const WARM_UP_PASSES: usize = 6;
const PASSES: usize = 9;

/// One insertion that both sides do; `ours` is `None` where there is no such thing here.
struct Variant {
    title: &'static str,
    asm: &'static str,
    ours: Option<Work>,
}

#[derive(Clone, Copy)]
enum Work {
    Plan(MethodPlan),
    Reencode,
}

fn variants() -> [Variant; 4] {
    let returns = MethodPlan::ENTRY | MethodPlan::RETURNS;
    let handler = returns | MethodPlan::HANDLER;
    let row = |title, asm, ours| Variant { title, asm, ours };
    [
        row("entry + each return", "returns", Some(Work::Plan(returns))),
        row("entry + each return + handler", "handler", Some(Work::Plan(handler))),
        row("entry + each return, ASM with a new pool", "returns-new-pool", None),
        row("nothing inserted, methods copied", "copy", Some(Work::Plan(MethodPlan::NONE))),
    ]
}

struct EnterExit {
    plan: MethodPlan,
    enter: StaticMethod,
    exit: StaticMethod,
    id: i32,
}

impl Probes for EnterExit {
    fn plan(&mut self, _method: MethodView<'_, '_>) -> MethodPlan {
        self.id += 1;
        self.plan
    }

    fn at_entry(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(self.id);
        emit.invokestatic(self.enter);
    }

    fn at_return(&mut self, _at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(self.id);
        emit.invokestatic(self.exit);
    }

    fn at_throw(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(self.id);
        emit.invokestatic(self.exit);
    }
}

/// One pass: how long, and what came out.
struct Pass {
    took: Duration,
    methods: u64,
    bytes: u64,
}

/// One pass of this crate over the corpus.
fn our_pass(classes: &[Vec<u8>], work: Work) -> Pass {
    let (mut rewriter, plan) = match work {
        Work::Plan(plan) => (Rewriter::new(), plan),
        Work::Reencode => (Rewriter::new().with_reencoding(), MethodPlan::NONE),
    };
    rewriter = rewriter.with_huge_method_limit(u32::MAX);
    let constants = rewriter.constants();
    let mut declare = |name| constants.static_method("java/lang/BeeProbe", name, "(I)V").unwrap();
    let mut probes = EnterExit { plan, enter: declare("enter"), exit: declare("exit"), id: 0 };
    let mut bytes = 0;
    let start = Instant::now();
    for class in classes {
        bytes += rewriter.rewrite(class, &mut probes).unwrap().bytes_or(class).len() as u64;
    }
    let took = start.elapsed();
    assert!(rewriter.tally().left_alone_total() < 20, "{:?}", rewriter.tally());
    Pass { took, methods: rewriter.tally().methods_changed, bytes }
}

/// The JVM that runs ASM.
struct Asm {
    child: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Asm {
    fn start(jdk: &jdks::Jdk, folder: &Path, corpus: &Path) -> Self {
        let asm = fetch_asm(folder);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/java/AsmBench.java");
        let mut javac = Command::new(jdk.tool("javac"));
        javac.arg("-cp").arg(&asm).arg("-d").arg(folder).arg(source);
        assert!(javac.status().unwrap().success(), "javac failed");
        let path = std::env::join_paths([folder.to_owned(), asm]).unwrap();
        let mut java = Command::new(jdk.tool("java"));
        java.args(["-XX:+UseSerialGC", "-Xms2g", "-Xmx2g", "-cp"]).arg(path);
        java.arg("AsmBench").arg(corpus).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = java.spawn().unwrap();
        let commands = child.stdin.take().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, commands, answers }
    }

    fn pass(&mut self, variant: &str) -> Pass {
        writeln!(self.commands, "{variant}").unwrap();
        self.commands.flush().unwrap();
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let numbers: Vec<u64> = line.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [nanos, methods, bytes] = numbers[..] else { panic!("the JVM said {line:?}") };
        Pass { took: Duration::from_nanos(nanos), methods, bytes }
    }
}

impl Drop for Asm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Has Maven copy ASM's jar into `folder`.
fn fetch_asm(folder: &Path) -> PathBuf {
    let mut maven = Command::new("mvn");
    maven.args(["--batch-mode", "--quiet", "-Dstyle.color=never", "dependency:copy"]);
    maven.arg(format!("-Dartifact={ASM}"));
    maven.arg(format!("-DoutputDirectory={}", folder.display())).current_dir(folder);
    let done = maven.output().unwrap_or_else(|error| panic!("mvn does not start: {error}"));
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(done.status.success(), "mvn could not fetch {ASM}: {said}");
    let name = ASM.splitn(3, ':').skip(1).collect::<Vec<_>>().join("-");
    folder.join(name + ".jar")
}

/// Every class of the JDK, and a file with each after its length.
fn corpus(jdk: &jdks::Jdk, folder: &Path) -> (Vec<Vec<u8>>, PathBuf) {
    let image = JImage::open_jdk(&jdk.home).unwrap();
    let mut classes = Vec::new();
    let mut all = Vec::new();
    for class in image.classes() {
        let mut bytes = Vec::new();
        image.read(class, &mut bytes).unwrap();
        all.extend((bytes.len() as u32).to_be_bytes());
        all.extend(&bytes);
        classes.push(bytes);
    }
    let path = folder.join("corpus");
    std::fs::write(&path, all).unwrap();
    (classes, path)
}

/// Classes per second: median (slowest–fastest).
struct Rate {
    median: f64,
    text: String,
}

fn rate(classes: usize, mut passes: Vec<Pass>) -> Rate {
    passes.sort_by_key(|pass| pass.took);
    let speed = |pass: &Pass| classes as f64 / pass.took.as_secs_f64();
    let median = speed(&passes[passes.len() / 2]);
    let (slowest, fastest) = (speed(&passes[passes.len() - 1]), speed(&passes[0]));
    let Pass { methods, bytes, .. } = passes[0];
    let text = format!(
        "{median:>9.0} classes/s ({slowest:.0}–{fastest:.0}), {methods} methods, {bytes} bytes out"
    );
    Rate { median, text }
}

/// `ours-only` leaves ASM out, for a profiler.
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let passes = arguments.iter().find_map(|word| word.parse().ok()).unwrap_or(PASSES);
    let jdk = jdks::all().swap_remove(0);
    let folder = std::env::temp_dir().join(format!("rewrite-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (classes, file) = corpus(&jdk, &folder);
    let input: usize = classes.iter().map(Vec::len).sum();
    println!("{} classes of JDK {}, {input} bytes, one thread", classes.len(), jdk.feature);
    if arguments.iter().any(|word| word == "ours-only") {
        ours_only(&classes, passes);
    } else {
        let mut asm = Asm::start(&jdk, &folder, &file);
        for variant in variants() {
            compare(&variant, &classes, &mut asm, passes);
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn ours_only(classes: &[Vec<u8>], passes: usize) {
    let reencode = ("every method written anew", Work::Reencode);
    let works = variants().into_iter().filter_map(|row| row.ours.map(|work| (row.title, work)));
    for (title, work) in works.chain([reencode]) {
        let all = (0..passes).map(|_| our_pass(classes, work)).collect();
        println!("{title}: {}", rate(classes.len(), all).text);
    }
}

fn compare(variant: &Variant, classes: &[Vec<u8>], asm: &mut Asm, passes: usize) {
    for _ in 0..WARM_UP_PASSES {
        asm.pass(variant.asm);
    }
    let (mut theirs, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..passes {
        theirs.push(asm.pass(variant.asm));
        let work = variant.ours.unwrap_or(Work::Plan(MethodPlan::ENTRY | MethodPlan::RETURNS));
        ours.push(our_pass(classes, work));
    }
    let (theirs, ours) = (rate(classes.len(), theirs), rate(classes.len(), ours));
    println!("{}: {:.2}x ASM", variant.title, ours.median / theirs.median);
    println!("    beehive {}", ours.text);
    println!("    ASM 9.9 {}", theirs.text);
}
