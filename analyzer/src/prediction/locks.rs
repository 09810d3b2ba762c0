//! Locks of a root: which of them are taken at home, told one by one and as causes of fallbacks.

use std::collections::BTreeMap;

use beehive_plan::{FallbackKind, Handling, LockUse};
use beehive_trace::{LockKind, LockUse as LockRow};

use super::causes::{Cause, Scene, cause};
use super::handling::Judge;
use super::region::Region;
use super::rows::Rows;

/// Locks as the report tells them.
pub(crate) fn lock_uses(
    rows: Rows<'_>,
    judge: &Judge<'_>,
    region: &Region<'_>,
    label: &dyn Fn(u32) -> String,
) -> Vec<LockUse> {
    let mut uses: Vec<LockUse> = rows
        .locks
        .iter()
        .map(|row| {
            let (share, why) = share_at_home(judge, region, row);
            let count = rows.each(row.count);
            LockUse {
                class_name: row.class_name.clone(),
                kind: kind_name(row.kind).to_owned(),
                user: label(row.user),
                count,
                at_home: count * share,
                why: why.to_owned(),
            }
        })
        .collect();
    uses.sort_by(|a, b| {
        let rest = |u: &LockUse| (u.class_name.clone(), u.kind.clone(), u.user.clone());
        b.at_home
            .total_cmp(&a.at_home)
            .then(b.count.total_cmp(&a.count))
            .then_with(|| rest(a).cmp(&rest(b)))
    });
    uses
}

/// Share of the acquisitions that come home, and why.
fn share_at_home(judge: &Judge<'_>, region: &Region<'_>, row: &LockRow) -> (f64, &'static str) {
    let class = row.class_name.as_str();
    if !row.existing {
        return (0.0, "made by the execution itself");
    }
    if row.kind == LockKind::StaticMethod {
        let is_own = judge.has_own_statics(class) || judge.stays_home(class);
        return if is_own {
            (0.0, "the class's own on each side")
        } else {
            (1.0, "shared with the server's threads")
        };
    }
    let judged = judge.judge(class);
    let is_lock = class.starts_with("java.util.concurrent.locks.")
        || judge
            .types
            .lineage(class)
            .iter()
            .any(|up| up.starts_with("java.util.concurrent.locks."));
    match judged.handling {
        Handling::Shipped => (region.used_weight(class), "shared with the server's threads"),
        Handling::Pinned if is_lock || row.kind == LockKind::Juc => {
            (region.shipped_weight(class), "shared with the server's threads")
        }
        Handling::Pinned => (0.0, "taken inside a call that comes home anyway"),
        Handling::ReadCopy => (0.0, "part of a change that comes home"),
        Handling::ByName | Handling::Equivalent | Handling::WorkersOwn | Handling::Refused => {
            (0.0, "the worker has one of its own")
        }
    }
}

/// The word of the trace's text form.
const fn kind_name(kind: LockKind) -> &'static str {
    match kind {
        LockKind::Monitor => "monitor",
        LockKind::Method => "method",
        LockKind::StaticMethod => "static_method",
        LockKind::Juc => "juc",
        LockKind::Wait => "wait",
    }
}

/// Locks that come home, by the class of the lock object.
pub(super) fn lock_causes(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    let mut users: BTreeMap<&str, u32> = BTreeMap::new();
    for row in scene.rows.locks.iter().filter(|row| row.existing) {
        users.entry(&row.class_name).or_insert(row.user);
    }
    let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
    for lock in scene.locks {
        *counts.entry(&lock.class_name).or_default() += lock.at_home;
    }
    for (class, count) in counts {
        let path = users.get(class).map_or_else(Vec::new, |&user| (scene.calls_to)(user));
        let why = "a lock shared with the server's threads is taken at home";
        found.push(cause(FallbackKind::Lock, class, count, why, path));
    }
}
