//! What makes an execution return to the server, each cause by itself: calls of pinned objects, locks,
//! reads of concurrent maps, volatile fields, statics, classes. `executions` adds them up.

use std::collections::{BTreeMap, BTreeSet};

use beehive_plan::{FallbackCause, FallbackKind, Handling, LockUse, NativeFate, NativeUse};
use beehive_trace::{SharedAccess, SharedKind};

use super::handling::Judge;
use super::locks::lock_causes;
use super::region::Region;
use super::rows::Rows;
use super::rules::{FETCHED_WHOLE, INTERFACES, PUBLISHING};

/// Fallbacks per execution below which a cause is not told.
const COUNT_MIN: f64 = 1e-3;

/// A cause and the executions it concerns.
#[derive(Clone, Debug)]
pub(crate) struct Cause {
    pub(crate) cause: FallbackCause,
    /// Only on a worker that has not seen it yet.
    pub(crate) is_first_only: bool,
}

/// Everything the causes of one root are told from.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'s, 'a> {
    pub(crate) rows: &'s Rows<'a>,
    pub(crate) judge: &'s Judge<'a>,
    pub(crate) region: &'s Region<'a>,
    pub(crate) natives: &'s [NativeUse],
    pub(crate) locks: &'s [LockUse],
    /// Calls from the root to a user method, outermost first.
    pub(crate) calls_to: &'s dyn Fn(u32) -> Vec<String>,
    /// Who opened the connection to a peer, by all that was recorded; empty if nobody knows.
    pub(crate) opener_of: &'s dyn Fn(&str) -> &'a str,
}

/// All causes, in no order.
pub(crate) fn causes(scene: Scene<'_, '_>) -> Vec<Cause> {
    let mut found = Vec::new();
    pinned_calls(scene, &mut found);
    atomics(scene, &mut found);
    concurrent_maps(scene, &mut found);
    volatile_fields(scene, &mut found);
    lock_causes(scene, &mut found);
    native_causes(scene, &mut found);
    statics(scene, &mut found);
    classes(scene, &mut found);
    found.retain(|cause| cause.cause.per_execution >= COUNT_MIN);
    found
}

pub(super) fn cause(
    kind: FallbackKind,
    what: impl Into<String>,
    per_execution: f64,
    why: &str,
    path: Vec<String>,
) -> Cause {
    let (what, why) = (what.into(), why.to_owned());
    let cause = FallbackCause { kind, what, per_execution, why, path };
    Cause { cause, is_first_only: false }
}

fn first_only(cause: Cause) -> Cause {
    Cause { is_first_only: true, ..cause }
}

/// Calls of pinned objects: methods of their classes entered. Containers and drivers pass a call on
/// from layer to layer, so they are counted by the interface the application calls: the layer with the
/// fewest entries is the nearest to it.
fn pinned_calls(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    let mut layers: BTreeMap<&str, Vec<(&str, f64)>> = BTreeMap::new();
    let touched = scene.rows.classes.iter().filter(|row| row.calls > 0);
    for row in touched {
        let name = row.class_name.as_str();
        let judged = scene.judge.judge(name);
        if judged.handling != Handling::Pinned || is_counted_elsewhere(scene, name) {
            continue;
        }
        let lineage = scene.judge.types.lineage(name);
        let interface = INTERFACES.iter().find(|known| lineage.contains(known));
        if let Some(&interface) = interface {
            layers.entry(interface).or_default().push((name, scene.rows.each(row.calls)));
        }
    }
    let mut by_interface: BTreeSet<&str> = BTreeSet::new();
    for (interface, layers) in layers {
        by_interface.extend(layers.iter().map(|(name, _)| *name));
        found.extend(interface_calls(scene, interface, &layers));
    }
    let is_jdk = |name: &str| scene.judge.types.is_jdk(name);
    for (name, judged, _) in scene.region.classes() {
        let is_plain = judged.handling == Handling::Pinned
            && !name.ends_with("[]")
            && !by_interface.contains(name)
            && !scene.judge.is_database(name)
            && !is_counted_elsewhere(scene, name);
        if is_plain {
            let calls = calls_of(scene, name) * scene.region.direct_weight(name, &is_jdk);
            found.push(cause(
                FallbackKind::Call,
                name,
                calls,
                judged.why,
                scene.region.path_to(name),
            ));
        }
    }
}

/// Locks and atomics are pinned, too, but seen by what is done with them.
fn is_counted_elsewhere(scene: Scene<'_, '_>, name: &str) -> bool {
    let lineage = scene.judge.types.lineage(name);
    name.starts_with("java.util.concurrent.locks.")
        || name.starts_with("java.util.concurrent.atomic.")
        || lineage.iter().any(|up| {
            up.starts_with("java.util.concurrent.locks.")
                || up.starts_with("java.util.concurrent.atomic.")
        })
}

fn interface_calls(scene: Scene<'_, '_>, interface: &str, layers: &[(&str, f64)]) -> Option<Cause> {
    let nearest = layers.iter().min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)))?;
    let why = scene.judge.judge(nearest.0).why;
    let path = scene.region.path_to(nearest.0);
    if interface == FETCHED_WHOLE {
        let rows = scene.rows.classes.iter();
        let rows = rows.filter(|row| layers.iter().any(|(name, _)| row.class_name == *name));
        let made = rows.map(|row| scene.rows.each(row.created)).fold(0.0, f64::max);
        let count = if made > 0.0 { made } else { 1.0 };
        return Some(cause(FallbackKind::Call, interface, count, why, path));
    }
    Some(cause(FallbackKind::Call, interface, nearest.1, why, path))
}

/// Methods entered of a pinned class and its pinned superclasses. Classes whose methods have no probes
/// are told by how often references to them were read.
fn calls_of(scene: Scene<'_, '_>, name: &str) -> f64 {
    let chain = scene.judge.types.superclasses(name);
    let pinned = chain.into_iter().filter(|up| {
        *up == name
            || scene.judge.judge(up).handling == Handling::Pinned && *up != "java.lang.Object"
    });
    pinned.map(|up| scene.rows.entries(up)).sum()
}

/// Atomics are told by the accesses inside their methods, which the compiler may have replaced.
fn atomics(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
    for row in scene.rows.shared {
        let class = row.target.split('#').next().unwrap_or_default();
        if class.starts_with("java.util.concurrent.atomic.") {
            *counts.entry(class).or_default() += scene.rows.each(row.count);
        }
    }
    for (class, count) in counts {
        let weight = scene.region.shipped_weight(class);
        let why = "an atomic shared with the server's threads";
        let path = scene.region.path_to(class);
        found.push(cause(FallbackKind::Call, class, count * weight, why, path));
    }
}

/// Concurrent maps: each key read once comes home once; each change comes home always.
fn concurrent_maps(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    const MAP: &str = "java.util.concurrent.ConcurrentHashMap";
    let is_inside = |name: &str| name.starts_with(MAP);
    let weight = scene.region.weight(MAP);
    let path = scene.region.path_to(MAP);
    let node = "java.util.concurrent.ConcurrentHashMap$Node";
    let keys = scene.rows.objects.iter().filter(|row| row.target == node);
    let keys: f64 = keys.map(|row| scene.rows.each(row.objects)).sum();
    if scene.region.is_reached(MAP) {
        let why = "the first read of each key comes home, then the worker has a copy of the entry";
        let reads =
            cause(FallbackKind::Call, format!("{MAP}#get"), keys * weight, why, path.clone());
        found.push(first_only(reads));
    }
    let is_change = |row: &&SharedAccess| {
        row.kind == SharedKind::Unsafe
            && is_inside(&row.target)
            && (row.call.contains("#compareAnd") || row.call.contains("#put"))
    };
    let changes: f64 =
        scene.rows.shared.iter().filter(is_change).map(|row| scene.rows.each(row.count)).sum();
    let locked = scene.rows.locks.iter().filter(|row| row.existing && is_inside(&row.class_name));
    let locked: f64 = locked.map(|row| scene.rows.each(row.count)).sum();
    let why = "changes of a concurrent map are made at home";
    found.push(cause(
        FallbackKind::Call,
        format!("{MAP}#put"),
        (changes + locked) * weight,
        why,
        path,
    ));
    other_maps(scene, found);
}

/// Concurrent maps of libraries: told by the methods entered of the map, and by the locks inside it.
fn other_maps(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    let is_other = |name: &str| {
        scene.judge.judge(name).handling == Handling::ReadCopy && !scene.judge.types.is_jdk(name)
    };
    let mut changes: BTreeMap<&str, f64> = BTreeMap::new();
    for row in scene.rows.locks.iter().filter(|row| row.existing && is_other(&row.class_name)) {
        let map = row.class_name.split('$').next().unwrap_or_default();
        *changes.entry(map).or_default() += scene.rows.each(row.count);
    }
    for (map, count) in changes {
        let why = "changes of a concurrent map are made at home";
        let calls = count * scene.region.weight(map);
        found.push(cause(FallbackKind::Call, map, calls, why, scene.region.path_to(map)));
    }
    for (name, judged, weight) in scene.region.classes() {
        if is_other(name) && weight > 0.0 && !name.contains('$') {
            let path = scene.region.path_to(name);
            let calls = scene.rows.entries(name) * weight;
            found.push(first_only(cause(FallbackKind::Call, name, calls, judged.why, path)));
        }
    }
}

/// Volatile fields of objects that travel: each read asks, each write tells, whatever is cached.
fn volatile_fields(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    for row in scene.rows.shared.iter().filter(|row| row.kind == SharedKind::Volatile) {
        let class = row.target.split('#').next().unwrap_or_default();
        let is_static = scene.rows.statics.iter().any(|field| field.field == row.target);
        let travels = scene.judge.judge(class).handling == Handling::Shipped;
        let is_publication = PUBLISHING.iter().any(|prefix| class.starts_with(prefix));
        if !travels
            || is_publication
            || scene.judge.types.is_jdk(class)
            || (is_static && scene.judge.has_own_statics(class))
        {
            continue;
        }
        let weight = if is_static { 1.0 } else { scene.region.weight_of_declared(class) };
        let (kind, why) = match (row.call.as_str(), is_static) {
            ("write", _) => {
                (FallbackKind::Call, "a volatile field's new value is sent home at once")
            }
            (_, true) => (FallbackKind::Statics, "a volatile static is read at home each time"),
            (_, false) => (FallbackKind::Object, "a volatile field is read at home each time"),
        };
        let path = scene.region.path_to_holder(class);
        found.push(cause(kind, &row.target, scene.rows.each(row.count) * weight, why, path));
    }
}

fn native_causes(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    let mut counts: BTreeMap<&str, (f64, &str)> = BTreeMap::new();
    for native in scene.natives.iter().filter(|native| native.fate == NativeFate::ComesHome) {
        let slot = counts.entry(&native.native).or_insert((0.0, &native.why));
        slot.0 += native.count;
    }
    for (native, (count, why)) in counts {
        let row = scene.rows.natives.iter().find(|row| row.native == native);
        let path = row.map_or_else(Vec::new, |row| (scene.calls_to)(row.user));
        found.push(cause(FallbackKind::Native, native, count, why, path));
    }
}

/// Statics: one return a class, at the first touch on a worker.
fn statics(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
    for row in scene.rows.statics {
        let class = row.field.split('#').next().unwrap_or_default();
        let share = shares.entry(class).or_default();
        *share = share.max(scene.rows.share(row.invocations));
    }
    for (class, share) in shares {
        let is_own = scene.judge.has_own_statics(class) || scene.judge.stays_home(class);
        let lineage = scene.judge.types.lineage(class);
        if !is_own && !lineage.contains(&"java.lang.Enum") {
            let why = "its static fields are initialised at home, at the first touch on a worker";
            found.push(first_only(cause(FallbackKind::Statics, class, share, why, Vec::new())));
        }
    }
}

/// Classes a worker's jars do not hold.
fn classes(scene: Scene<'_, '_>, found: &mut Vec<Cause>) {
    for row in scene.rows.classes {
        let name = row.class_name.as_str();
        if !row.hidden && scene.judge.types.is_lacking(name) && !scene.judge.stays_home(name) {
            let why = "made at run time; the recording has no bytes of it";
            let share = scene.rows.share(row.invocations);
            found.push(first_only(cause(FallbackKind::Class, name, share, why, Vec::new())));
        }
    }
}
