//! `beehive run` on forum, on every JDK found: each kind of request is answered by an application with
//! workers as by one alone; and every input that must be refused is, before anything is started.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails loudly")]

#[allow(dead_code, reason = "shared with tests that use more of it")]
mod application;
#[path = "../../xtask/src/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with tests that use more of it")]
mod support;

use application::{Pair, ROUNDS, Setting, compare, measured, plan_roots, switch_on};
use beehive_measured::{Measured, MeasuredRoot};
use std::process::Command;
use support::{Folder, Jdk, Run, beehive, fixture, jdks};

/// Roots of forum that only compute.
const ROOTS: [&str; 3] = ["TopicPage#render(", "PasswordCheck#matches(", "PngEncoder#encode("];

#[test]
fn forum_answers_with_workers_as_it_does_alone_on_every_jdk() {
    for jdk in jdks() {
        let out = Folder::new(&format!("run-{}", jdk.feature));
        let setting = Setting::default();
        plan_roots(&setting, &jdk, &out, &ROOTS);
        // Both begin with closed gates; those of the helped one are opened while it runs.
        let pair = Pair::start([&setting, &setting], &jdk, &[], &out);
        let compared = compare(&setting, pair.alone.port, pair.helped.port);
        let so_far = pair.helped.report(&out);
        let record = measured(&out, pair.helped.port);
        let [off, all] = pair.stop(&out);
        assert!(so_far.application.duration_ms < all.application.duration_ms);
        assert!(compared > 150, "JDK {}: only {compared} answers were compared", jdk.feature);
        judge(&jdk, &off, &all);
        later_verbs_read(&out, &record);
    }
}

/// The plan is laid beside the record, and costs are reckoned with it.
fn later_verbs_read(out: &Folder, record: &str) {
    let (trace, plan) = (out.path("light.beetrace"), out.path("plan.toml"));
    let beside = beehive(&["plan", &trace, "-o", &plan, "--measured", record]);
    assert!(matches!(beside.status.code(), Some(0 | 4)), "{}", beside.stderr);
    assert!(beside.stdout.contains("measured"), "{}", beside.stdout);
    let report = out.path("report");
    let costs = beehive(&["cost-report", &plan, "--measured", record, "-o", &report]);
    assert_eq!(costs.status.code(), Some(0), "{}", costs.stderr);
    let told = out.read("report/report.json");
    assert!(told.contains("on workers (offload off, then all)"), "{told}");
}

/// What the records of both runs must say.
fn judge(jdk: &Jdk, off: &Measured, all: &Measured) {
    let roots = &all.server.as_ref().unwrap().roots;
    assert_eq!(roots.len(), ROOTS.len());
    for root in roots {
        let told = format!("JDK {}: {root:?}", jdk.feature);
        assert!(root.offloaded as usize >= ROUNDS / 2, "{told}");
        assert_eq!(root.failed, 0, "{told}");
        assert!(root.second.executions > 0 && root.steady.executions > 0, "{told}");
        let later = root.second.fallbacks.total() + root.steady.fallbacks.total();
        assert_eq!(later, 0, "fallbacks after the first execution: {told}");
        assert!(root.offloaded_latency.as_ref().unwrap().count() > 0, "{told}");
    }
    assert!(all.gaps.is_empty(), "JDK {}: {:?}", jdk.feature, all.gaps);
    assert_eq!(all.fallbacks.roots.len(), ROOTS.len());
    assert!(all.workers.lost.is_empty(), "JDK {}: {:?}", jdk.feature, all.workers.lost);
    let offloaded = |root: &MeasuredRoot| root.offloaded;
    let closed = off.server.as_ref().unwrap().roots.iter().map(offloaded).sum::<u64>();
    assert_eq!(closed, 0, "JDK {}: a closed gate lets nothing through", jdk.feature);
}

/// A small program with a plan: `counts`, whose method `root` is switched on.
struct Counts {
    out: Folder,
    jdk: Jdk,
    classes: String,
}

impl Counts {
    fn planned() -> Self {
        let (out, jdk) = (Folder::new("run-counts"), jdks().swap_remove(0));
        let counts = Self { out, jdk, classes: fixture("programs/counts/target/classes") };
        let run = beehive(&[
            "profile",
            "-o",
            &counts.out.path("app.beetrace"),
            "--",
            &counts.jdk.java(),
            "-cp",
            &counts.classes,
            "counts.Main",
        ]);
        assert!(run.status.success(), "{}", run.stderr);
        let plan = counts.out.path("plan.toml");
        let trace = counts.out.path("app.beetrace");
        let plan = beehive(&["plan", &trace, "-o", &plan, "--root", "counts.Recursion#run"]);
        assert!(matches!(plan.status.code(), Some(0 | 4)), "{}", plan.stderr);
        switch_on(&counts.out, &["counts.Recursion#run("]);
        counts
    }

    /// `beehive run` with these words before `-- java -cp … counts.Main`.
    fn run(&self, words: &[&str]) -> Run {
        self.run_on(words, &self.jdk, &self.classes)
    }

    fn run_on(&self, words: &[&str], jdk: &Jdk, classes: &str) -> Run {
        let (plan, measured) = (self.out.path("plan.toml"), self.out.path("measured.json"));
        let mut line = vec!["run", "--plan", &plan];
        if !words.contains(&"--measured") {
            line.extend(["--measured", &measured]);
        }
        line.extend(words);
        let java = jdk.java();
        line.extend(["--", &java, "-cp", classes, "counts.Main"]);
        beehive(&line)
    }
}

/// Asserts a refusal: exit status, code, and that the application printed nothing.
fn refused(run: &Run, status: i32, code: &str) {
    assert_eq!(run.status.code(), Some(status), "{}\n{}", run.stderr, run.stdout);
    assert!(run.stderr.contains(code), "{code} is not in {}", run.stderr);
    assert_eq!(run.stdout, "", "the application was started");
}

#[test]
fn what_must_be_refused_is_refused_before_the_application_starts() {
    let counts = Counts::planned();
    let bundle = counts.out.path("bundle");
    let packed = beehive(&["package", &counts.out.path("plan.toml"), "-o", &bundle]);
    assert!(packed.status.success(), "{}", packed.stderr);

    refused(&counts.run(&["--offload", "most"]), 2, "ratio=0.5");
    refused(&counts.run(&["--bundle", &counts.out.path("no-bundle")]), 9, "no-bundle");
    let elsewhere = Folder::new("run-elsewhere");
    let other = elsewhere.path("");
    refused(&counts.run_on(&[], &counts.jdk, &other), 3, "bee::run::other_application");
    if let Some(newer) = jdks().into_iter().find(|jdk| jdk.feature != counts.jdk.feature) {
        refused(&counts.run_on(&[], &newer, &counts.classes), 3, "bee::run::other_jdk");
    }

    let jar = std::fs::read_dir(counts.out.path("bundle/lib")).unwrap().next().unwrap().unwrap();
    let mut bytes = std::fs::read(jar.path()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(jar.path(), bytes).unwrap();
    refused(&counts.run(&["--bundle", &bundle]), 7, "bee::package::verification");

    let text = counts.out.read("plan.toml");
    std::fs::write(counts.out.path("plan.toml"), text.replace("Recursion#run", "Gone#run"))
        .unwrap();
    refused(&counts.run(&[]), 3, "bee::package::unknown_root");
    std::fs::write(counts.out.path("plan.toml"), text.replace("offload = true", "offload = false"))
        .unwrap();
    refused(&counts.run(&[]), 4, "bee::package::no_roots");
}

#[test]
fn a_bundle_of_another_plan_is_refused_and_one_of_this_plan_is_taken() {
    let counts = Counts::planned();
    let bundle = counts.out.path("bundle");
    let packed = beehive(&["package", &counts.out.path("plan.toml"), "-o", &bundle]);
    assert!(packed.status.success(), "{}", packed.stderr);
    let mut alone = Command::new(counts.jdk.java());
    let alone = alone.args(["-cp", &counts.classes, "counts.Main"]).output().unwrap();
    let expected = String::from_utf8(alone.stdout).unwrap();
    let run = counts.run(&["--bundle", &bundle, "--offload", "all"]);
    assert!(run.status.success(), "{}", run.stderr);
    assert_eq!(run.stdout, expected);

    let trace = counts.out.path("app.beetrace");
    let other = counts.out.path("other.toml");
    let plan = beehive(&["plan", &trace, "-o", &other, "--root", "counts.Shapes#run"]);
    assert!(matches!(plan.status.code(), Some(0 | 4)), "{}", plan.stderr);
    std::fs::rename(&other, counts.out.path("plan.toml")).unwrap();
    switch_on(&counts.out, &["counts.Shapes#run("]);
    refused(&counts.run(&["--bundle", &bundle]), 3, "bee::run::stale_bundle");
}

#[test]
fn a_record_that_cannot_be_written_is_told_after_the_application_has_ended_in_peace() {
    let counts = Counts::planned();
    let run = counts.run(&["--measured", &counts.out.path("no-such-folder/measured.json")]);
    assert_eq!(run.status.code(), Some(9), "{}", run.stderr);
    assert!(run.stderr.contains("bee::output::unwritable"), "{}", run.stderr);
    assert!(!run.stdout.is_empty(), "the application did not run: {}", run.stderr);
}
