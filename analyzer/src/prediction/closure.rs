//! The initial closure of a root: the observed references between existing objects, cut where a
//! reference leads to something that does not travel. Objects of the application count when they were
//! used; objects of the JDK always, because they travel whole with what refers to them.

use std::collections::BTreeMap;

use beehive_plan::{ClosureEdge, ClosurePart, Handling, InitialClosure};
use beehive_trace::ObjectEdge;

use super::handling::Judge;
use super::region::{Holder, Region, leads_on};
use super::rows::Rows;

/// Samples below which nothing can be said about what others would show.
const SAMPLES_MIN: u64 = 3;
/// Weight below which nothing is told of an edge.
const WEIGHT_MIN: f64 = 1e-3;

/// What the first execution of a root is sent.
pub(crate) fn initial_closure(
    rows: Rows<'_>,
    judge: &Judge<'_>,
    region: &Region<'_>,
) -> InitialClosure {
    let is_jdk = |name: &str| judge.types.is_jdk(name);
    let mut closure = InitialClosure::default();
    let mut parts: BTreeMap<&str, ClosurePart> = BTreeMap::new();
    for row in rows.objects {
        let weight = region.holder_weight(&row.holder, &row.target);
        if weight < WEIGHT_MIN {
            continue;
        }
        let edge = edge(rows, judge, region, row, weight);
        if !leads_on(edge.handling) && !region.is_direct(row, &is_jdk) {
            continue;
        }
        if edge.sent > 0.0 {
            closure.objects += edge.sent;
            closure.heap_bytes += edge.heap_bytes;
            let part = parts.entry(&row.target).or_default();
            part.objects += edge.sent;
            part.heap_bytes += edge.heap_bytes;
        }
        closure.edges.push(edge);
    }
    closure.edges.sort_by(|a, b| {
        let by_bytes = b.heap_bytes.total_cmp(&a.heap_bytes);
        by_bytes.then_with(|| (&a.holder, &a.target).cmp(&(&b.holder, &b.target)))
    });
    closure.classes = parts
        .into_iter()
        .map(|(name, part)| ClosurePart { class_name: name.to_owned(), ..part })
        .collect();
    closure.classes.sort_by(|a, b| {
        b.heap_bytes.total_cmp(&a.heap_bytes).then_with(|| a.class_name.cmp(&b.class_name))
    });
    closure
}

fn edge(
    rows: Rows<'_>,
    judge: &Judge<'_>,
    region: &Region<'_>,
    row: &ObjectEdge,
    weight: f64,
) -> ClosureEdge {
    let handling = region.judged(&row.target).map_or(Handling::Shipped, |judged| judged.handling);
    let is_whole = judge.types.is_jdk(&row.target);
    let (objects, bytes) =
        if is_whole { (row.objects, row.bytes) } else { (row.used, row.used_bytes) };
    let sent = if leads_on(handling) { weight } else { 0.0 };
    ClosureEdge {
        holder: row.holder.clone(),
        target: row.target.clone(),
        handling,
        objects: rows.each(row.objects) * weight,
        sent: rows.each(objects) * sent,
        heap_bytes: rows.each(bytes) * sent,
        share: rows.share(row.invocations),
        path: holder_path(region, &row.holder),
    }
}

/// Fields from the root to the object that holds the reference.
fn holder_path(region: &Region<'_>, holder: &str) -> Vec<String> {
    match Holder::of(holder) {
        Holder::Field(class) => region.path_to_holder(class),
        _ => Vec::new(),
    }
}

/// Expected references an execution follows that none of the samples did: by Good and Turing the
/// number of kinds seen in one sample only, divided by the number of samples (I. J. Good, "The
/// population frequencies of species and the estimation of population parameters", Biometrika 1953).
/// `earlier` executions on the worker have taught it as much as further samples would.
pub(crate) fn unseen_edges(rows: Rows<'_>, region: &Region<'_>, earlier: u32) -> Option<f64> {
    if rows.root.sampled < SAMPLES_MIN {
        return None;
    }
    let is_single = |row: &&ObjectEdge| row.invocations == 1 && row.objects > 0;
    let single = rows.objects.iter().filter(is_single).filter(|row| {
        let handling = region.judged(&row.target).map(|judged| judged.handling);
        row.used > 0 && handling == Some(Handling::Shipped)
    });
    let weights = single.map(|row| region.holder_weight(&row.holder, &row.target));
    Some(weights.sum::<f64>() / (rows.root.sampled as f64 + f64::from(earlier)))
}
