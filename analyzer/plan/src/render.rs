//! The text of a plan. Written for a person: a head that says what may be edited, one table a method,
//! and, when there was a plan before, its comments, unknown keys and order of entries.

use std::collections::BTreeMap;

use toml_edit::{ArrayOfTables, DocumentMut, Item, Key, Table};

use crate::document::{Candidate, Plan};
use crate::edits::{keep_commented, keep_edits};
use crate::file::{PlanError, parse_plan};

/// First lines of a new plan.
const HEAD: &str = "\
# Which methods of the application run on workers during a burst. Made by `beehive plan`; made to be
# edited. `beehive plan` run again keeps what you change here:
#   offload    true or false: your choice wins over the planner's (`proposed`) and is marked
#              `by_hand = true`; remove that line to give the choice back to the planner
#   note       yours; comments are kept as well
#   [budget] and [constants]   planned with as you set them
#   [[root]] with only `method = \"com.acme.Shop#buy(I)V\"`   adds a method of your own
# Every other line is measured or reckoned and will be written anew. docs/verdicts.md explains the codes.
";

/// The text of `plan`. With `old`, the text of an earlier plan, a person's choices, notes, own
/// methods, comments and unknown keys are kept and entries keep their order; budget and constants are
/// those of `plan`, which is to be made from those of `old`.
///
/// # Errors
/// Those of [`parse_plan`] if `old` is not a plan, [`PlanError::Syntax`] if `plan` cannot be
/// expressed in TOML.
pub fn render_plan(plan: &Plan, old: Option<&str>) -> Result<String, PlanError> {
    let Some(old_text) = old else {
        let mut document = document_of(plan)?;
        document.decor_mut().set_prefix(format!("{HEAD}\n"));
        return Ok(document.to_string());
    };
    let old_plan = parse_plan(old_text)?;
    let old_document: DocumentMut = old_text.parse().map_err(PlanError::from)?;
    let methods = old_methods(&old_document);
    let is_commented = |method: &str| methods.get(method).is_some_and(|table| has_comment(table));
    let mut plan = plan.clone();
    keep_edits(&mut plan, &old_plan);
    keep_commented(&mut plan, &old_plan, is_commented);
    keep_order(&mut plan.roots.chosen, &old_plan.roots.chosen);
    keep_order(&mut plan.roots.refused, &old_plan.roots.refused);
    let mut document = document_of(&plan)?;
    transplant(document.as_table_mut(), old_document.as_table(), &methods);
    transplant_methods(&mut document, &methods);
    document.set_trailing(old_document.trailing().clone());
    let prefix = old_document.decor().prefix().cloned().unwrap_or_default();
    document.decor_mut().set_prefix(prefix);
    Ok(document.to_string())
}

impl From<toml_edit::TomlError> for PlanError {
    fn from(error: toml_edit::TomlError) -> Self {
        Self::Syntax { message: error.message().to_owned(), span: error.span() }
    }
}

/// A document with one line a field and a method's decision as dotted keys of its own table.
fn document_of(plan: &Plan) -> Result<DocumentMut, PlanError> {
    let mut document = toml_edit::ser::to_document(plan)
        .map_err(|e| PlanError::Syntax { message: e.to_string(), span: None })?;
    for (_, item) in document.iter_mut() {
        expand(item);
    }
    Ok(document)
}

/// Turns the serializer's inline tables into tables, and those inside a method into dotted keys.
fn expand(item: &mut Item) {
    let value = std::mem::take(item);
    *item = match value.into_table() {
        Ok(table) => Item::Table(table),
        Err(other) => match other.into_array_of_tables() {
            Ok(tables) => Item::ArrayOfTables(tables),
            Err(other) => other,
        },
    };
    if let Some(tables) = item.as_array_of_tables_mut() {
        tables.iter_mut().for_each(dot_inner_tables);
    }
    if let Some(table) = item.as_table_mut() {
        dot_inner_tables(table);
    }
    if let Some(array) = item.as_array_mut() {
        one_a_line(array);
    }
}

/// Tables inside a method that read best as one line a field; others stay on one line as a whole.
const DOTTED: [&str; 2] = ["decision", "fallbacks"];

fn dot_inner_tables(method: &mut Table) {
    for (key, item) in method.iter_mut() {
        if DOTTED.contains(&key.get())
            && (item.is_inline_table() || item.is_table())
            && let Ok(mut table) = std::mem::take(item).into_table()
        {
            table.set_dotted(true);
            *item = Item::Table(table);
        }
        if let Some(array) = item.as_array_mut().filter(|a| a.len() > 1) {
            one_a_line(array);
        }
    }
}

fn one_a_line(array: &mut toml_edit::Array) {
    let is_long = array.iter().map(|v| v.to_string().len()).sum::<usize>() > 80;
    if is_long {
        array.iter_mut().for_each(|value| value.decor_mut().set_prefix("\n    "));
        array.set_trailing("\n");
        array.set_trailing_comma(true);
    }
}

/// Puts entries that stood in the old list into their old order; the places of the others, which the
/// planner ranked, stay.
fn keep_order(entries: &mut [Candidate], old: &[Candidate]) {
    let place: BTreeMap<&str, usize> =
        old.iter().enumerate().map(|(place, c)| (c.method.as_str(), place)).collect();
    let mut known: Vec<(usize, Candidate)> =
        entries.iter().filter_map(|c| Some((*place.get(c.method.as_str())?, c.clone()))).collect();
    known.sort_by_key(|(place, _)| *place);
    let mut known = known.into_iter();
    for entry in entries.iter_mut().filter(|c| place.contains_key(c.method.as_str())) {
        if let Some((_, next)) = known.next() {
            *entry = next;
        }
    }
}

/// Fields of ours that a new text may leave out because they are empty; other absent keys are a
/// person's own and are kept.
const MAY_BE_ABSENT: &[&str] = &[
    "ready_ms",
    "rate_per_s",
    "latency_ms_p50",
    "latency_ms_p99",
    "cpu_ms_per_request",
    "load_moved",
    "cpu_ms_saved_per_request",
    "root",
    "refused",
    "by_hand",
    "note",
    "calls_per_request",
    "latency_us_p50",
    "latency_us_p99",
    "latency_us_mean",
    "cpu_us_mean",
    "cpu_us_saved",
    "added_latency_us",
    "calls_home_max",
    "change",
    "more",
    "whole_request",
    "observed",
    "fallbacks",
    "first",
    "second",
    "tenth",
    "calls_home",
    "closure_objects",
    "closure_bytes",
    "natives",
];

/// Tables of the old text's methods, by method.
type OldMethods<'a> = BTreeMap<&'a str, &'a Table>;

fn old_methods(old: &DocumentMut) -> OldMethods<'_> {
    let lists = ["root", "refused"].map(|list| old.get(list).and_then(Item::as_array_of_tables));
    let tables = lists.into_iter().flatten().flatten();
    tables.filter_map(|table| Some((method_name(table)?, table))).collect()
}

fn method_name(table: &Table) -> Option<&str> {
    table.get("method").and_then(Item::as_str)
}

/// Whether a person wrote a comment anywhere in a method's table.
fn has_comment(table: &Table) -> bool {
    table.to_string().contains('#') && {
        let above = table.decor().prefix().and_then(toml_edit::RawString::as_str);
        let is_comment = |text: Option<&str>| text.is_some_and(|t| t.contains('#'));
        is_comment(above)
            || table.iter().any(|(name, item)| {
                let key = table.key(name).and_then(|k| k.leaf_decor().prefix()?.as_str());
                let after = item.as_value().and_then(|v| v.decor().suffix()?.as_str());
                is_comment(key) || is_comment(after)
            })
    }
}

/// Copies comments and unknown keys of `old` into `new`, table by table; methods are matched by name
/// wherever they stood.
fn transplant(new: &mut Table, old: &Table, methods: &OldMethods<'_>) {
    *new.decor_mut() = old.decor().clone();
    for (name, old_item) in old {
        match new.get_mut(name) {
            Some(item) => transplant_item(item, old_item, methods),
            None if !MAY_BE_ABSENT.contains(&name) => {
                new.insert(name, old_item.clone());
            }
            None => {}
        }
        if let (Some(mut key), Some(old_key)) = (new.key_mut(name), old.key(name)) {
            keep_comments(&mut key, old_key);
        }
    }
}

fn transplant_item(new: &mut Item, old: &Item, methods: &OldMethods<'_>) {
    match (new, old) {
        (Item::Table(new), Item::Table(old)) => transplant(new, old, methods),
        (Item::Value(new), Item::Value(old)) => {
            let suffix = old.decor().suffix().cloned().unwrap_or_default();
            new.decor_mut().set_suffix(suffix);
        }
        _ => {}
    }
}

fn keep_comments(key: &mut toml_edit::KeyMut<'_>, old: &Key) {
    *key.leaf_decor_mut() = old.leaf_decor().clone();
}

fn transplant_methods(document: &mut DocumentMut, methods: &OldMethods<'_>) {
    for list in ["root", "refused"] {
        let tables = document.get_mut(list).and_then(Item::as_array_of_tables_mut);
        for table in tables.into_iter().flat_map(ArrayOfTables::iter_mut) {
            let old = method_name(table).and_then(|name| methods.get(name).copied());
            if let Some(old) = old {
                transplant(table, old, methods);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{PredictedFallbacks, TraceFile, Unknown, WholeRequest};
    use crate::fallback::NativeCounts;
    use std::collections::BTreeSet;

    fn keys(table: &Table, found: &mut BTreeSet<String>) {
        for (name, item) in table {
            found.insert(name.to_owned());
            if let Some(inner) = item.as_table() {
                keys(inner, found);
            }
            item.as_array_of_tables().into_iter().flatten().for_each(|inner| keys(inner, found));
        }
    }

    fn keys_of(plan: &Plan) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        keys(document_of(plan).unwrap().as_table(), &mut found);
        found
    }

    /// An old value of a field that became empty must not come back as if a person had added it.
    #[test]
    fn every_field_that_can_be_empty_is_known() {
        let some = Some(1.0);
        let text = |text: &str| Some(text.to_owned());
        let full = Candidate {
            by_hand: true,
            note: text("n"),
            calls_per_request: some,
            latency_us_p50: some,
            latency_us_p99: some,
            latency_us_mean: some,
            cpu_us_mean: some,
            load_moved: some,
            cpu_us_saved: some,
            added_latency_us: some,
            calls_home_max: Some(1),
            fallbacks: Some(PredictedFallbacks::default()),
            calls_home: some,
            closure_objects: some,
            closure_bytes: some,
            natives: Some(NativeCounts::default()),
            unknown: vec![Unknown::Cpu],
            ..Candidate::default()
        };
        let mut plan = Plan::default();
        plan.app.ready_ms = Some(1);
        plan.traffic.rate_per_s = some;
        plan.traffic.latency_ms_p50 = some;
        plan.traffic.latency_ms_p99 = some;
        plan.traffic.cpu_ms_per_request = some;
        plan.trace.more = vec![TraceFile::default()];
        plan.whole_request = Some(WholeRequest {
            load_moved: some,
            cpu_us_saved: some,
            calls_home: some,
            closure_bytes: some,
            observed: some,
            ..WholeRequest::default()
        });
        plan.expected.load_moved = some;
        plan.expected.cpu_ms_saved_per_request = some;
        let mut with_change = full.clone();
        with_change.decision.change = text("c");
        plan.roots.chosen = vec![with_change];
        plan.roots.refused = vec![full];
        let mut empty = Plan::default();
        let always: BTreeSet<String> = keys_of(&empty);
        empty.roots.chosen = vec![Candidate::default()];
        let entries = keys_of(&empty);
        let optional: BTreeSet<String> =
            keys_of(&plan).difference(&entries).cloned().chain(["root".into()]).collect();
        let listed: BTreeSet<String> =
            MAY_BE_ABSENT.iter().map(|name| (*name).to_owned()).collect();
        assert!(!always.contains("root"));
        assert_eq!(optional, listed);
    }
}
