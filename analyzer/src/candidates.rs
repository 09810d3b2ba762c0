//! Which methods may become roots: those a framework calls (by annotation, also on supertypes), the
//! outermost user methods of a thread, those a person names, or the most called ones when there are
//! none of these. Decides nothing about their worth (`verdict` does).

use std::collections::{BTreeMap, BTreeSet};

use beehive_trace::{RootKind, class_stereotype, method_mapping};

use crate::graph::CallGraph;
use crate::hierarchy::{BRIDGE, Hierarchy};
use crate::pattern::MethodPattern;
use crate::proxy;

const STATIC: u16 = 0x0008;
const PRIVATE: u16 = 0x0002;
const ABSTRACT: u16 = 0x0400;
const SYNTHETIC: u16 = 0x1000;
/// Methods proposed by number of calls when nothing else makes a method a candidate.
const HOT_MAX: usize = 20;

/// Candidates by method id, with why each is one (`@GetMapping`, `entry`, `named`, `hot`).
pub(crate) fn find(
    hierarchy: &Hierarchy<'_>,
    graph: &CallGraph,
    named: &[MethodPattern],
) -> BTreeMap<u32, String> {
    let trace = hierarchy.trace();
    let clocks: BTreeMap<u32, RootKind> = trace.roots.iter().map(|r| (r.method, r.kind)).collect();
    let sampled: BTreeSet<u32> = trace.deep.roots.iter().map(|row| row.root).collect();
    let mut stereotypes = ClassStereotypes::default();
    let mut found = BTreeMap::new();
    for id in 0..trace.methods.len() as u32 {
        if !hierarchy.is_user_method(id) {
            continue;
        }
        let why = by_name(hierarchy, id, named)
            .or_else(|| by_annotation(hierarchy, id, &mut stereotypes))
            .or_else(|| by_clock(hierarchy, id, &clocks))
            .or_else(|| sampled.contains(&id).then(|| "sampled".to_owned()));
        if let Some(why) = why {
            found.insert(id, why);
        }
    }
    add_proxied(hierarchy, &clocks, &mut found);
    if found.is_empty() {
        found = hottest(hierarchy, graph);
    }
    found
}

/// Clocks the agent gave to a proxy's method stand for the method behind it.
fn add_proxied(
    hierarchy: &Hierarchy<'_>,
    clocks: &BTreeMap<u32, RootKind>,
    found: &mut BTreeMap<u32, String>,
) {
    for (&method, kind) in clocks {
        if hierarchy.is_proxy_method(method)
            && let Some(target) = proxy::target(hierarchy, method)
        {
            found.entry(target).or_insert_with(|| clock_name(*kind).to_owned());
        }
    }
}

fn by_name(hierarchy: &Hierarchy<'_>, id: u32, named: &[MethodPattern]) -> Option<String> {
    is_named(hierarchy, id, named).then(|| "named".to_owned())
}

/// Whether one of the patterns means this user method.
pub(crate) fn is_named(hierarchy: &Hierarchy<'_>, id: u32, named: &[MethodPattern]) -> bool {
    let (Some(row), Some(class)) =
        (hierarchy.trace().methods.get(id as usize), hierarchy.class_of(id))
    else {
        return false;
    };
    hierarchy.is_user_method(id)
        && named.iter().any(|p| p.matches(&class.name, &row.name, &row.descriptor))
}

/// Stereotype (or mapping that stands on the class) of each class looked at, found once.
#[derive(Default)]
struct ClassStereotypes {
    known: BTreeMap<u32, Option<&'static str>>,
}

impl ClassStereotypes {
    fn of(&mut self, hierarchy: &Hierarchy<'_>, class: u32) -> Option<&'static str> {
        let known = |name| class_stereotype(name).or_else(|| method_mapping(name));
        let find = || hierarchy.class_annotations(class).find_map(known);
        *self.known.entry(class).or_insert_with(find)
    }
}

fn by_annotation(
    hierarchy: &Hierarchy<'_>,
    id: u32,
    stereotypes: &mut ClassStereotypes,
) -> Option<String> {
    let row = hierarchy.trace().methods.get(id as usize)?;
    let is_special = row.name.starts_with('<') || row.name.starts_with("lambda$");
    if is_special || row.access & (STATIC | PRIVATE | ABSTRACT | SYNTHETIC | BRIDGE) != 0 {
        return None;
    }
    let stereotype = stereotypes.of(hierarchy, row.class);
    let mapping = hierarchy.method_annotations(id).find_map(method_mapping);
    let mapping = mapping.filter(|name| Some(*name) != stereotype);
    let names: Vec<String> = stereotype.iter().chain(&mapping).map(|n| format!("@{n}")).collect();
    (!names.is_empty()).then(|| names.join(" "))
}

fn by_clock(
    hierarchy: &Hierarchy<'_>,
    id: u32,
    clocks: &BTreeMap<u32, RootKind>,
) -> Option<String> {
    let row = hierarchy.trace().methods.get(id as usize)?;
    let kind = clocks.get(&id)?;
    (!row.name.starts_with('<')).then(|| clock_name(*kind).to_owned())
}

fn clock_name(kind: RootKind) -> &'static str {
    match kind {
        RootKind::Entry => "entry",
        RootKind::Annotated => "annotated",
        RootKind::Named => "named",
        RootKind::Coarse => "coarse",
    }
}

fn hottest(hierarchy: &Hierarchy<'_>, graph: &CallGraph) -> BTreeMap<u32, String> {
    let is_plain = |id: u32| {
        let row = hierarchy.trace().methods.get(id as usize);
        row.is_some_and(|m| !m.name.starts_with('<') && m.access & ABSTRACT == 0)
    };
    let methods = 0..hierarchy.trace().methods.len() as u32;
    let mut by_calls: Vec<(std::cmp::Reverse<u64>, u32)> = methods
        .filter(|&id| hierarchy.is_user_method(id) && is_plain(id) && graph.invocations(id) > 0)
        .map(|id| (std::cmp::Reverse(graph.invocations(id)), id))
        .collect();
    by_calls.sort_unstable();
    by_calls.truncate(HOT_MAX);
    by_calls.into_iter().map(|(_, id)| (id, "hot".to_owned())).collect()
}
