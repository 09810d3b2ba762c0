//! `cargo xtask test`: everything CI runs, in the order in which it fails fastest.

use crate::jdk::Jdk;
use crate::process::{self, Step, cargo, command, root, say};
use crate::{fixtures, probe, soak, tidy, tools};

/// Seed of the random inputs of property tests, so that a run turns red only for a change of the
/// code; `PROPTEST_RNG_SEED=…` explores others.
const PROPERTY_SEED: &str = "1";

/// Installs what is missing, checks the tree, builds the fixtures, runs all tests.
pub fn run() -> Step {
    let required = required_jdks()?;
    let jdks = tools::jdks(&required)?;
    tools::chromium()?;
    tools::postgresql()?;
    tools::mariadb()?;
    tidy::run()?;
    checked(&["fmt", "--all", "--check"])?;
    checked(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    probe::check()?;
    fixtures::build_tested()?;
    for jdk in &jdks {
        say(&format!("tests run on JDK {} at {}", jdk.version, jdk.home.display()));
    }
    test_runtime_jar(&jdks)?;
    let mut tests = cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    let needed: Vec<String> = required.iter().map(u32::to_string).collect();
    if std::env::var_os("PROPTEST_RNG_SEED").is_none() {
        tests.env("PROPTEST_RNG_SEED", PROPERTY_SEED);
    }
    process::run(tests.env("BEEHIVE_REQUIRE_JDKS", needed.join(",")))?;
    soaks()
}

/// The runtime jar lives in servers and workers: its tests run on each JDK, side by side, for they wait a lot.
fn test_runtime_jar(jdks: &[Jdk]) -> Step {
    let on = |jdk: &Jdk| {
        let folder = format!("-Dbuild.folder=target/jdk-{}", jdk.feature);
        let pom = "runtime/java/pom.xml";
        let mut maven = command("mvn", &["-q", "-B", "-f", pom, &folder, "verify"]);
        maven.env("JAVA_HOME", &jdk.home);
        maven
    };
    if let Some(first) = jdks.first() {
        // Two Mavens must not fetch the same plug-ins and libraries at once: this fetches them all.
        process::run(on(first).arg("-Dtest=FrameTest"))?;
    }
    process::run_together(&mut jdks.iter().map(on).collect::<Vec<_>>())
}

/// Steps of their own, not tests: the binary of the tests just run is there, and need not be built again
/// with other features.
fn soaks() -> Step {
    let beehive = root().join("target/debug/beehive").display().to_string();
    say("forum answers under a deep run as without one");
    soak::run_short(&beehive)?;
    say("forum loses no update when workers are killed");
    soak::offload::run_short(&beehive)
}

fn checked(arguments: &[&str]) -> Step {
    process::run(&mut cargo(arguments))
}

/// Feature versions that must be there, from `BEEHIVE_REQUIRE_JDKS` (e.g. `17,25`); none by default.
fn required_jdks() -> Step<Vec<u32>> {
    let wanted = std::env::var("BEEHIVE_REQUIRE_JDKS").unwrap_or_default();
    let numbers = wanted.split(',').map(str::trim).filter(|word| !word.is_empty());
    numbers
        .map(|word| {
            word.parse().map_err(|_| format!("BEEHIVE_REQUIRE_JDKS: `{word}` is no version"))
        })
        .collect()
}
