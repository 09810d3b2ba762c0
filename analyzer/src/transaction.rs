//! Which candidates run inside a transaction that another method begins. A worker has a connection of
//! its own: it can begin a transaction, not join one of the server's. Told as evidence; a light run
//! does not know whether the candidate uses the database at all.

use crate::components::Components;
use crate::graph::CallGraph;
use crate::hierarchy::Hierarchy;
use crate::sharing::shares_under;

/// Annotations that begin a transaction around a method.
const TRANSACTIONAL: &[&str] = &[
    "org.springframework.transaction.annotation.Transactional",
    "jakarta.transaction.Transactional",
    "javax.transaction.Transactional",
];

const PUBLIC: u16 = 0x0001;

/// A method that begins a transaction and the share of invocations inside any such.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Outer {
    /// The method most invocations run under.
    pub(crate) method: u32,
    /// Share of the candidate's invocations inside a transaction begun outside it, 0..=1.
    pub(crate) share: f64,
}

/// For each candidate: the transaction begun outside it, if any.
pub(crate) fn outer_transactions(
    hierarchy: &Hierarchy<'_>,
    graph: &CallGraph,
    components: &Components,
    candidates: &[u32],
) -> Vec<Option<Outer>> {
    let methods = 0..graph.entry();
    let beginners: Vec<u32> =
        methods.filter(|&m| graph.invocations(m) > 0 && begins(hierarchy, m)).collect();
    if beginners.is_empty() {
        return vec![None; candidates.len()];
    }
    let shares = shares_under(graph, components, &beginners, candidates);
    shares
        .into_iter()
        .map(|shares| {
            let (index, _) = *shares.first()?;
            let share = shares.iter().map(|(_, share)| f64::from(*share)).sum();
            Some(Outer { method: *beginners.get(index as usize)?, share })
        })
        .collect()
}

fn begins(hierarchy: &Hierarchy<'_>, method: u32) -> bool {
    if !hierarchy.is_user_method(method) {
        return false;
    }
    let Some(row) = hierarchy.trace().methods.get(method as usize) else { return false };
    let is_named = |name: &str| TRANSACTIONAL.contains(&name);
    // On a class it means the public methods, to which proxies apply it.
    let is_public = row.access & PUBLIC != 0 && !row.name.starts_with('<');
    hierarchy.method_annotations(method).any(is_named)
        || (is_public && hierarchy.class_annotations(row.class).any(is_named))
}
