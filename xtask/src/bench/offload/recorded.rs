//! Records forum and plans it, with exactly the wanted roots switched on: what runs to be measured begin with.

use std::path::{Path, PathBuf};

use super::REQUESTS;
use crate::jdk::Jdk;
use crate::process::{Step, command, free_port, root, run as run_command};

/// Records forum on this JDK, plans it and switches exactly the methods on whose names hold one of
/// `wanted`; gives the plan. `extra` are arguments of the application.
pub fn plan_forum(
    beehive: &str,
    jar: &Path,
    jdk: &Jdk,
    wanted: &[&str],
    extra: &[String],
) -> Step<PathBuf> {
    plan_recorded(beehive, jdk, &record_forum(beehive, jar, jdk, REQUESTS, extra)?, wanted)
}

/// Records forum on this JDK under the load of one of its files of requests; gives the trace.
pub fn record_forum(
    beehive: &str,
    jar: &Path,
    jdk: &Jdk,
    load: &str,
    extra: &[String],
) -> Step<PathBuf> {
    let trace = root().join(format!("target/offload-{}.beetrace", jdk.feature));
    let port = free_port()?;
    let mut profile =
        command(beehive, &["--quiet", "profile", "--duration", "15s", "--rate", "40/s"]);
    profile.args(["--load", &format!("fixtures/apps/forum/{load}")]);
    profile.args(["--target", &format!("http://127.0.0.1:{port}"), "-o"]).arg(&trace);
    profile.args(["--", &jdk.tool("java"), "-jar"]).arg(jar).arg(format!("--server.port={port}"));
    profile.args(extra);
    run_command(profile.stdout(std::process::Stdio::null()))?;
    Ok(trace)
}

/// Plans a record and switches exactly the methods on whose names hold one of `wanted`; gives the plan.
pub fn plan_recorded(beehive: &str, jdk: &Jdk, trace: &Path, wanted: &[&str]) -> Step<PathBuf> {
    let plan = root().join(format!("target/offload-{}.toml", jdk.feature));
    // What an earlier run has switched on by hand must not stay.
    let _ = std::fs::remove_file(&plan);
    let mut make = command(beehive, &["--quiet", "plan"]);
    make.arg(trace).arg("-o").arg(&plan).stdout(std::process::Stdio::null());
    // It may say that nothing is worth offloading: the roots are switched on by hand.
    make.status().map_err(|e| format!("cannot plan: {e}"))?;
    let text = std::fs::read_to_string(&plan).map_err(|e| e.to_string())?;
    let is_there = |name: &&str| {
        text.lines().any(|line| line.starts_with("method = ") && line.contains(*name))
    };
    if let Some(missing) = wanted.iter().find(|name| !is_there(name)) {
        return Err(format!("{} has no candidate {missing}", plan.display()));
    }
    std::fs::write(&plan, switched(&text, wanted)).map_err(|e| e.to_string())?;
    Ok(plan)
}

/// A plan's text with only the candidates switched on whose methods hold one of `wanted`.
fn switched(text: &str, wanted: &[&str]) -> String {
    let mut is_wanted = false;
    text.lines().fold(String::new(), |text, line| {
        if let Some(method) = line.strip_prefix("method = ") {
            is_wanted = wanted.iter().any(|name| method.contains(name));
        }
        let is_switch = line.starts_with("offload = ");
        let line = if is_switch { format!("offload = {is_wanted}") } else { line.to_owned() };
        text + &line + "\n"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_wanted_roots_are_switched_on() {
        let text =
            "method = \"a.B#c()V\"\noffload = true\nmethod = \"a.B#d()V\"\noffload = false\n";
        let wanted =
            "method = \"a.B#c()V\"\noffload = false\nmethod = \"a.B#d()V\"\noffload = true\n";
        assert_eq!(switched(text, &["B#d("]), wanted);
    }
}
