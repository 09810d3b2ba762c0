//! `cargo xtask tidy`: what the compiler does not check of the source tree: heads of files, lengths,
//! the direction of dependencies, where `unsafe` and the terminal may be used, stray paths.

use std::path::Path;

use crate::fixtures::files_below;
use crate::process::{Step, command, output_of, root, say};

/// Longest file, tests, tables and generated code apart.
const FILE_LINES_MAX: usize = 600;

/// Checks the tree; fails with every finding.
pub fn run() -> Step {
    let mut findings = Vec::new();
    for path in tracked_files() {
        check_file(&path, &mut findings);
    }
    check_dependencies(&mut findings)?;
    check_codes(&mut findings)?;
    if findings.is_empty() {
        say("tidy: nothing found");
        return Ok(());
    }
    Err(format!("tidy found:\n  {}", findings.join("\n  ")))
}

fn tracked_files() -> Vec<String> {
    let listed =
        output_of(&mut command("git", &["ls-files", "--cached", "--others", "--exclude-standard"]));
    match listed {
        Some(text) => text.lines().map(str::to_owned).collect(),
        // A source archive without git: everything outside the build folders.
        None => files_below(&root(), "")
            .iter()
            .filter_map(|path| Some(path.strip_prefix(root()).ok()?.display().to_string()))
            .filter(|path| !path.contains("target/"))
            .collect(),
    }
}

fn check_file(path: &str, findings: &mut Vec<String>) {
    let Ok(text) = std::fs::read_to_string(root().join(path)) else { return };
    let extension = Path::new(path).extension().and_then(|e| e.to_str()).unwrap_or_default();
    let is_code = matches!(extension, "rs" | "java");
    if is_code && !has_head(&text) {
        findings.push(format!("{path}: no head saying what it owns"));
    }
    let lines = text.lines().count();
    if is_code && lines > FILE_LINES_MAX && !is_exempt(path) {
        findings.push(format!("{path}: {lines} lines, at most {FILE_LINES_MAX}"));
    }
    if extension == "rs" && !path.starts_with("profiler/jvm/") {
        for (number, line) in (1..).zip(text.lines()) {
            let code = line.split("//").next().unwrap_or_default();
            if UNSAFE.iter().any(|word| code.contains(&word.concat())) {
                findings.push(format!("{path}:{number}: unsafe outside profiler/jvm"));
            }
        }
    }
    for (number, line) in (1..).zip(text.lines()) {
        if STRAY.iter().any(|stray| line.contains(&stray.concat())) {
            findings
                .push(format!("{path}:{number}: a path of one machine or the host of a registry"));
        }
    }
}

/// Kept in pieces so that this file does not find itself.
const UNSAFE: &[[&str; 2]] = &[["unsafe", " {"], ["unsafe", " fn"], ["unsafe", " impl"]];

/// Kept in pieces so that this file does not find itself.
const STRAY: &[[&str; 2]] = &[
    ["/wo", "rk/"],
    ["/ro", "ot/"],
    ["repo.mav", "en"],
    ["repo1.mav", "en"],
    ["index.crat", "es.io"],
    ["pypi", ".org"],
    ["registry.np", "mjs"],
    ["deb.deb", "ian"],
];

fn has_head(text: &str) -> bool {
    let heads = ["//!", "/*", "/**", "//"];
    text.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| {
        heads.iter().any(|head| line.trim_start().starts_with(head)) || line.starts_with("#![")
    })
}

/// Tests and tables may be long; a probe is one class, so that no other is loaded inside it.
fn is_exempt(path: &str) -> bool {
    path.starts_with("profiler/agent/probe/")
        || path.contains("/tests/")
        || path.contains("table")
        || path.contains("generated")
}

/// Who may depend on whom: data crates on the left of the line, `cli` alone sees all.
const ALLOWED: &[(&str, &[&str])] = &[
    ("profiler/trace", &[]),
    ("profiler/classfile", &[]),
    ("profiler/jvm", &[]),
    ("profiler/natives", &["classfile"]),
    ("profiler/agent", &["classfile", "jvm", "trace"]),
    ("profiler/record", &["trace"]),
    ("profiler/embed", &[]),
    ("analyzer", &["natives", "plan", "trace"]),
    ("analyzer/plan", &[]),
    ("packager", &["classfile", "plan", "rewriting", "trace"]),
    ("runtime/agent", &["classfile", "jvm", "rewriting"]),
    ("runtime/rewriting", &["classfile"]),
    ("runtime/host", &["measured", "record", "trace"]),
    ("runtime/measured", &["plan", "trace"]),
    ("reports", &["measured", "plan"]),
];

/// Libraries that only `cli` may use.
const TERMINAL: &[&str] = &["clap", "miette", "indicatif", "comfy-table", "anstream"];

fn check_dependencies(findings: &mut Vec<String>) -> Step {
    for (member, allowed) in ALLOWED {
        let path = root().join(member).join("Cargo.toml");
        if !path.is_file() {
            continue;
        }
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{member}: {e}"))?;
        let shipped = text.split("[dev-dependencies]").next().unwrap_or_default();
        let after = shipped.split("[dependencies]").nth(1).unwrap_or_default();
        for line in after.lines().take_while(|line| !line.starts_with('[')) {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if name.strip_prefix("beehive-").is_some_and(|own| !allowed.contains(&own)) {
                findings.push(format!("{member} depends on {name}: against the line"));
            }
            if TERMINAL.contains(&name) {
                findings.push(format!("{member} depends on {name}: only cli talks to terminals"));
            }
        }
    }
    Ok(())
}

/// Every diagnostic code of the command must stand in `docs/errors.md`, and no others.
fn check_codes(findings: &mut Vec<String>) -> Step {
    let page = std::fs::read_to_string(root().join("docs/errors.md")).map_err(|e| e.to_string())?;
    let documented = codes_in(&page, '`');
    let mut used = std::collections::BTreeSet::new();
    for path in files_below(&root().join("cli/src"), "rs") {
        used.extend(codes_in(&std::fs::read_to_string(path).map_err(|e| e.to_string())?, '"'));
    }
    for code in used.difference(&documented) {
        findings.push(format!("docs/errors.md does not explain {code}"));
    }
    for code in documented.difference(&used) {
        findings.push(format!("docs/errors.md explains {code}, which nothing uses"));
    }
    Ok(())
}

/// Words like `bee::area::what` between two `quote`s.
fn codes_in(text: &str, quote: char) -> std::collections::BTreeSet<String> {
    let words = text.split(quote);
    words
        .filter(|word| word.starts_with("bee::") && !word.contains(' '))
        .map(str::to_owned)
        .collect()
}
