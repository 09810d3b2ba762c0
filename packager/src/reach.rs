//! Which classes a root reaches. Begins with the root's class, the user methods below it in the call
//! graph and the classes first used under them; follows what class files mention, restricted to
//! classes that the recorded run loaded; supertypes always. Where connections to databases are asked
//! for, the recorded drivers too: no application names them, and a worker opens connections of its own.
//! What is not reached is not lost: a worker asks home for it, at the price of a class fallback.

use std::collections::{BTreeMap, BTreeSet};

use beehive_trace::Trace;

use crate::application::{Application, ClassIndex, Place};
use crate::error::PackageError;

/// What one root reaches.
#[derive(Clone, Debug)]
pub struct Reach {
    /// `class#name(descriptor)`.
    pub method: String,
    /// User methods below the root in the call graph, itself included.
    pub methods: usize,
    /// Classes reached, those without bytes included.
    pub classes: BTreeSet<ClassIndex>,
}

/// Reach of each of `roots`, in their order.
///
/// # Errors
/// An unknown root, a root without a class file, or a class file that cannot be used.
pub fn reach_of_roots(
    app: &mut Application<'_>,
    trace: &Trace,
    roots: &[&str],
) -> Result<Vec<Reach>, PackageError> {
    let callees = callees(trace);
    let mut uses: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for class_use in &trace.class_uses {
        uses.entry(class_use.method).or_default().push(class_use.class);
    }
    let mut reaches = Vec::with_capacity(roots.len());
    for root in roots {
        let methods = methods_below(trace, &callees, root)?;
        let used = methods.iter().filter_map(|method| uses.get(method)).flatten().copied();
        let own = methods.iter().filter_map(|&m| trace.methods.get(m as usize)).map(|m| m.class);
        let rows: BTreeSet<u32> = used.chain(own).collect();
        let mut seeds: BTreeSet<ClassIndex> =
            rows.into_iter().flat_map(|row| app.of_row(row)).collect();
        seeds.insert(class_of_root(app, root)?);
        let classes = closure(app, seeds)?;
        check_root_class(app, root)?;
        reaches.push(Reach { method: (*root).to_owned(), methods: methods.len(), classes });
    }
    Ok(reaches)
}

fn callees(trace: &Trace) -> BTreeMap<u32, Vec<u32>> {
    let mut callees: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for edge in &trace.edges {
        callees.entry(edge.caller).or_default().push(edge.callee);
    }
    callees
}

fn methods_below(
    trace: &Trace,
    callees: &BTreeMap<u32, Vec<u32>>,
    root: &str,
) -> Result<BTreeSet<u32>, PackageError> {
    let ids = 0..trace.methods.len() as u32;
    let mut pending: Vec<u32> = ids.filter(|&id| trace.method_label(id) == root).collect();
    if pending.is_empty() {
        return Err(PackageError::UnknownRoot { method: root.to_owned() });
    }
    let mut seen: BTreeSet<u32> = pending.iter().copied().collect();
    while let Some(method) = pending.pop() {
        let next = callees.get(&method).into_iter().flatten();
        pending.extend(next.filter(|&&callee| seen.insert(callee)));
    }
    Ok(seen)
}

fn closure(
    app: &mut Application<'_>,
    seeds: BTreeSet<ClassIndex>,
) -> Result<BTreeSet<ClassIndex>, PackageError> {
    let mut seen = followed(app, seeds)?;
    if seen.iter().any(|&class| app.asks_for_connections(class)) {
        seen.extend(app.drivers());
        seen = followed(app, seen)?;
    }
    Ok(seen)
}

fn followed(
    app: &mut Application<'_>,
    seeds: BTreeSet<ClassIndex>,
) -> Result<BTreeSet<ClassIndex>, PackageError> {
    let mut pending: Vec<ClassIndex> = seeds.iter().copied().collect();
    let mut seen = seeds;
    while let Some(class) = pending.pop() {
        let links = app.links(class)?;
        pending.extend(links.iter().copied().filter(|&link| seen.insert(link)));
    }
    Ok(seen)
}

fn class_name(root: &str) -> &str {
    root.split('#').next().unwrap_or(root)
}

fn class_of_root(app: &Application<'_>, root: &str) -> Result<ClassIndex, PackageError> {
    let class = class_name(root);
    app.find(class).ok_or_else(|| PackageError::RootWithoutClass {
        method: root.to_owned(),
        class: class.to_owned(),
        reason: "it belongs to the JDK",
    })
}

fn check_root_class(app: &Application<'_>, root: &str) -> Result<(), PackageError> {
    let class = class_name(root);
    let found = app.find(class).and_then(|index| app.class(index));
    if found.is_some_and(|class| class.place != Place::Nowhere) {
        return Ok(());
    }
    Err(PackageError::RootWithoutClass {
        method: root.to_owned(),
        class: class.to_owned(),
        reason: "it was made at run time and the trace does not hold its bytes",
    })
}
