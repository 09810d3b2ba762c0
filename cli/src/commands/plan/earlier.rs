//! The plan of an earlier build, for `--compare`: from its trace or traces, its `plan.toml` or the JSON
//! of `plan`. What a file is, its first bytes tell and not its name.

use std::path::{Path, PathBuf};

use beehive_analyzer::{Comparison, Options, Verdict, compare, judge, make_plan};
use beehive_plan::{Plan, PlanError, parse_plan};
use beehive_trace::{MAGIC, TraceError};

use super::sources::{Sources, read_sources};
use crate::args::plan::PlanArgs;
use crate::diagnostics::{Failure, unreadable_plan, unreadable_trace};
use crate::exit::Exit;

/// The earlier plan; `None` without `--compare`. Traces are planned with `options`.
pub fn earlier(
    paths: &[PathBuf],
    output: &Path,
    options: &Options<'_>,
) -> Result<Option<Plan>, Failure> {
    for path in paths {
        let bytes = std::fs::read(path).map_err(|cause| unreadable(path, cause))?;
        match plan_of(path, &bytes)? {
            Some(plan) if paths.len() == 1 => return Ok(Some(plan)),
            Some(_) => return Err(mixed(path)),
            None => {}
        }
    }
    if paths.is_empty() {
        return Ok(None);
    }
    let Sources { trace, source, damage, notes } = read_sources(paths, output)?;
    let options = Options { source, damage, notes, ..options.clone() };
    Ok(Some(make_plan(&trace, &options).plan))
}

/// The plan in a file of text; `None` for anything that is no text or a plain file of another kind.
fn plan_of(path: &Path, bytes: &[u8]) -> Result<Option<Plan>, Failure> {
    if bytes.starts_with(MAGIC) {
        return Ok(None);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Ok(None) };
    let failed = |error| unreadable_plan(path, error);
    if text.trim_start().starts_with('{') {
        let bad = |e: serde_json::Error| PlanError::Syntax { message: e.to_string(), span: None };
        let plan: Plan = serde_json::from_str(text).map_err(|e| failed(bad(e)))?;
        // Through the text form, whose reader checks version and figures.
        let bad = |e: toml::ser::Error| PlanError::Syntax { message: e.to_string(), span: None };
        let text = toml::to_string(&plan).map_err(|e| failed(bad(e)))?;
        return parse_plan(&text).map(Some).map_err(failed);
    }
    parse_plan(text).map(Some).map_err(failed)
}

fn unreadable(path: &Path, source: std::io::Error) -> Failure {
    unreadable_trace(path, TraceError::Io { action: "read", path: path.to_owned(), source })
}

fn mixed(path: &Path) -> Failure {
    let message = format!("--compare {} is a plan and stands beside others", path.display());
    Failure::new(Exit::Usage, "bee::compare::mixed", message)
        .help("give one plan, or the traces of one build: --compare light.beetrace --compare deep.beetrace")
}

/// What changed, with the rules judged.
pub fn compared(args: &PlanArgs, old: &Plan, new: &Plan) -> Comparison {
    let mut comparison = compare(old, new);
    comparison.gates = judge(&comparison, &args.fail_on);
    comparison
}

/// A failure for the first rule that is broken, else for the first that cannot be judged.
pub fn judged(comparison: &Comparison) -> Result<(), Failure> {
    let first = |verdict| comparison.gates.iter().find(|gate| gate.verdict == verdict);
    if let Some(gate) = first(Verdict::Broken) {
        let others = comparison.gates.iter().filter(|g| g.verdict == Verdict::Broken).count() - 1;
        let more = if others > 0 { format!(" (and {others} more rules)") } else { String::new() };
        let message = format!("--fail-on {} is broken: {}{more}", gate.rule, gate.reason);
        return Err(Failure::new(Exit::Worse, "bee::gate::broken", message)
            .help("the comparison above names what changed; the plan was written all the same"));
    }
    if let Some(gate) = first(Verdict::Unknown) {
        let message = format!("--fail-on {} cannot be judged: {}", gate.rule, gate.reason);
        return Err(Failure::new(Exit::Input, "bee::gate::unknown", message).help(
            "give the deep traces of both builds as well: beehive plan new.beetrace new-deep.beetrace \
             --compare old.beetrace --compare old-deep.beetrace",
        ));
    }
    Ok(())
}
