//! What a deep run saw that keeps a root from being offloaded or deserves a warning, each with the path
//! to it and the change that removes it. Costs (chatty, closure) are weighed in `verdict`, which knows
//! the terms.

use std::collections::BTreeMap;

use beehive_plan::{Handling, NativeFate, Refusal, RefusalWeight, code};
use beehive_trace::{HandoverKind, HostKind, SharedKind};

use super::causes::Scene;
use super::natives::{NativeTable, excuse};
use super::persistence;
use super::rules::{DRIVERS, IN_PROCESS, POOLS};

/// Names told of a longer list.
const TOLD_MAX: usize = 3;

/// All refusals that need no terms, most serious first.
pub(crate) fn refusals(scene: Scene<'_, '_>, table: &NativeTable) -> Vec<Refusal> {
    let mut found = Vec::new();
    threads(scene, &mut found);
    host(scene, &mut found);
    host_natives(scene, &mut found);
    connections(scene, &mut found);
    persistence::stays(scene, &mut found);
    raw_accesses(scene, &mut found);
    reflection(scene, &mut found);
    unknown_natives(scene, table, &mut found);
    hidden_classes(scene, &mut found);
    loaders(scene, &mut found);
    found.sort_by_key(|refusal| refusal.weight);
    found
}

pub(super) fn refuse(code: &str, reason: String, path: Vec<String>, change: &str) -> Refusal {
    let weight = RefusalWeight::Refuses;
    Refusal { code: code.to_owned(), weight, reason, path, change: change.to_owned() }
}

fn warn(refusal: Refusal) -> Refusal {
    Refusal { weight: RefusalWeight::Warns, ..refusal }
}

/// How often in one execution: `once per execution`, `3 times per execution`.
fn times(value: f64) -> String {
    if (value - 1.0).abs() < 5e-3 {
        "once per execution".to_owned()
    } else {
        format!("{} times per execution", number(value))
    }
}

/// `2.0` as `2`, `0.25` as it is.
fn number(value: f64) -> String {
    let text = if value < 10.0 { format!("{value:.2}") } else { format!("{value:.0}") };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn threads(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    let is_own = |name: &str| {
        matches!(scene.judge.judge(name).handling, Handling::Equivalent | Handling::WorkersOwn)
            || scene.judge.stays_home(name) && !name.starts_with("java.")
    };
    // Threads that come with the first use of a library stay for all: the worker's library has its own.
    let rows = scene.rows.handovers.iter().filter(|row| !scene.rows.is_first_use(row.invocations));
    let own =
        rows.filter(|row| !is_own(&row.class_name) && (row.task.is_empty() || !is_own(&row.task)));
    let mut by_user: BTreeMap<u32, (f64, f64, &str)> = BTreeMap::new();
    for row in own {
        let slot = by_user.entry(row.user).or_insert((0.0, 0.0, ""));
        let count = scene.rows.each(row.count);
        match row.kind {
            HandoverKind::Task => {
                slot.1 += count;
                slot.2 = &row.class_name;
            }
            HandoverKind::Thread | HandoverKind::VirtualThread => slot.0 += count,
        }
    }
    for (user, (started, tasks, class)) in by_user {
        let mut parts = Vec::new();
        if started > 0.0 {
            parts.push(format!("starts {} threads", number(started)));
        }
        if tasks > 0.0 {
            parts.push(format!("hands {} tasks to an executor ({class})", number(tasks)));
        }
        let reason = format!(
            "{} per execution: what runs on other threads is not part of the invocation",
            parts.join(" and ")
        );
        let change = "do the work on the calling thread, or hand it over outside the root";
        found.push(refuse(code::OFFLOAD_THREADS, reason, (scene.calls_to)(user), change));
    }
}

fn host(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    for row in scene.rows.host {
        let (verb, native) = match row.kind {
            HostKind::File => ("opens a file", "java.io.FileInputStream#open"),
            HostKind::Process => ("starts a process", "java.lang.ProcessImpl#"),
        };
        let path = (scene.calls_to)(row.user);
        let reason = format!("{verb}, {}, {}", row.what, times(scene.rows.each(row.count)));
        let change = match row.kind {
            HostKind::File => {
                "read the file before the root and pass its contents, or keep it among the class path's resources"
            }
            HostKind::Process => "start the process outside the root",
        };
        let refusal = refuse(code::OFFLOAD_HOST_RESOURCE, reason, path, change);
        match excuse(*scene.rows, native, row.invocations) {
            Some(why) => {
                let reason = format!("{}: {why}", refusal.reason);
                found.push(warn(Refusal { reason, ..refusal }));
            }
            None => found.push(refusal),
        }
    }
}

/// Natives of the host's that `host` did not name already.
fn host_natives(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    let is_host = |native: &&beehive_plan::NativeUse| {
        native.fate == NativeFate::Refused && native.category == beehive_plan::NativeCategory::Host
    };
    let natives: Vec<&beehive_plan::NativeUse> = scene.natives.iter().filter(is_host).collect();
    let Some(first) = natives.first() else { return };
    let row = scene.rows.natives.iter().find(|row| row.native == first.native);
    let path = row.map_or_else(Vec::new, |row| (scene.calls_to)(row.user));
    let names: Vec<String> = natives.iter().map(|native| short(&native.native)).collect();
    let reason =
        format!("calls natives that belong to this machine: {} ({})", told(&names), first.why);
    let change = "do what needs the machine (files, terminal, other threads) outside the root";
    let refusal = refuse(code::OFFLOAD_HOST_RESOURCE, reason, path, change);
    // Code of pinned objects runs at the server, natives and all; which calls are its, nobody saw.
    let has_home_code = scene
        .rows
        .classes
        .iter()
        .any(|row| row.calls > 0 && scene.judge.is_home_code(&row.class_name));
    let is_opened_here = found.iter().any(|known| known.code == code::OFFLOAD_HOST_RESOURCE);
    if has_home_code && !is_opened_here {
        let reason =
            format!("{}; they may be made by code that stays at the server", refusal.reason);
        found.push(warn(Refusal { reason, ..refusal }));
    } else {
        found.push(refusal);
    }
}

fn short(native: &str) -> String {
    let (class, member) = native.split_once('#').unwrap_or((native, ""));
    let class = class.rsplit('.').next().unwrap_or(class);
    format!("{class}#{}", member.split('(').next().unwrap_or(member))
}

fn told(names: &[String]) -> String {
    let mut unique: Vec<&str> = Vec::new();
    for name in names {
        if !unique.contains(&name.as_str()) {
            unique.push(name);
        }
    }
    let more = unique.len().saturating_sub(TOLD_MAX);
    let shown = unique.get(..unique.len() - more).unwrap_or_default().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

fn connections(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    let database = |opener: &str| {
        [POOLS, DRIVERS, IN_PROCESS].concat().iter().any(|package| opener.starts_with(package))
    };
    for row in scene.rows.connections {
        let known = if row.opener.is_empty() { (scene.opener_of)(&row.peer) } else { &row.opener };
        // One that nobody opened was accepted: its stream stays at the server.
        if known.is_empty() || database(known) {
            continue;
        }
        let reason = if row.opened > 0 {
            let each = number(scene.rows.each(row.opened));
            format!("opens {each} connections per execution to {} ({known})", row.peer)
        } else {
            format!("talks to {} over a connection that {known} opened before", row.peer)
        };
        let change =
            "open the connection outside the root, or call the service before and pass its answer";
        let path = (scene.calls_to)(row.user);
        found.push(refuse(code::OFFLOAD_CONNECTION, reason, path, change));
    }
}

/// Atomic access to fields of objects that travel: it would change the worker's copy alone.
fn raw_accesses(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    let rows = scene.rows.shared.iter().filter(|row| row.kind != SharedKind::Volatile);
    for row in rows {
        let class = row.target.trim_end_matches("[]");
        let travels = scene.judge.judge(class).handling == Handling::Shipped;
        if !travels || scene.judge.types.is_jdk(class) || row.target.starts_with('(') {
            continue;
        }
        if scene.region.weight(&row.target) <= 0.0 {
            continue;
        }
        let by = row.call.rsplit('.').next().unwrap_or(&row.call);
        let reason = format!(
            "accesses an existing {} by {by} ({}): that would change the worker's copy alone",
            row.target,
            times(scene.rows.each(row.count))
        );
        let mut path = (scene.calls_to)(row.user);
        if path.is_empty() {
            path = scene.region.path_to(&row.target);
        }
        let change = "use a class of java.util.concurrent.atomic, or a lock: both come home";
        found.push(refuse(code::OFFLOAD_RAW_CAS, reason, path, change));
    }
}

/// A reflective read of a field goes past the worker's read barrier: of a shell it would see zeros.
fn reflection(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    let is_field =
        |call: &str| call.contains("reflect.Field#get") || call.contains("reflect.Field#set");
    let mut by_user: BTreeMap<u32, (f64, Vec<String>)> = BTreeMap::new();
    for row in scene.rows.reflection.iter().filter(|row| is_field(&row.call)) {
        let class = row.target.split('#').next().unwrap_or_default();
        let is_old = scene.region.is_reached(class) && scene.region.weight(class) > 0.0
            || scene.rows.fields.iter().any(|field| field.field.starts_with(&format!("{class}#")));
        if is_old && !scene.judge.types.is_jdk(class) {
            let slot = by_user.entry(row.user).or_default();
            slot.0 += scene.rows.each(row.count);
            slot.1.push(row.target.clone());
        }
    }
    for (user, (count, targets)) in by_user {
        let reason = format!(
            "reads or writes fields of existing objects by reflection ({}, {}): \
             that goes past the barrier which fetches what was not sent",
            times(count),
            told(&targets)
        );
        let change = "read the fields by methods, or keep the reflective walk outside the root";
        found.push(refuse(code::OFFLOAD_REFLECTION, reason, (scene.calls_to)(user), change));
    }
}

fn unknown_natives(scene: Scene<'_, '_>, table: &NativeTable, found: &mut Vec<Refusal>) {
    let unknown = scene.natives.iter().filter(|native| {
        native.fate == NativeFate::Refused
            && native.category == beehive_plan::NativeCategory::Unknown
    });
    let (jdk, own): (Vec<_>, Vec<_>) = unknown.partition(|native| {
        scene.judge.types.is_jdk(native.native.split('#').next().unwrap_or_default())
    });
    let path_of = |native: &str| {
        let row = scene.rows.natives.iter().find(|row| row.native == native);
        row.map_or_else(Vec::new, |row| (scene.calls_to)(row.user))
    };
    let names = |natives: &[&beehive_plan::NativeUse]| -> Vec<String> {
        natives.iter().map(|native| short(&native.native)).collect()
    };
    if let Some(first) = own.first() {
        let reason = format!(
            "calls natives of a library of the application's: {}; nobody knows what they touch",
            told(&names(&own))
        );
        let change = "call the library outside the root, or give it pure Java in its place";
        found.push(refuse(code::OFFLOAD_APP_NATIVE, reason, path_of(&first.native), change));
    }
    if let Some(first) = jdk.first() {
        let reason = if table.is_reviewed() {
            format!("calls natives of the JDK that nobody has reviewed: {}", told(&names(&jdk)))
        } else {
            "nobody has reviewed the natives of this JDK version, so none is known to be harmless"
                .to_owned()
        };
        let change = if table.is_reviewed() {
            "keep these calls outside the root; beehive natives shows what is known"
        } else {
            "record and run on JDK 17 or 25"
        };
        found.push(refuse(code::OFFLOAD_UNKNOWN_NATIVE, reason, path_of(&first.native), change));
    }
}

/// Hidden classes that no recorded bootstrap can make anew.
fn hidden_classes(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    for row in scene.rows.objects {
        let name = row.target.as_str();
        let weight = scene.region.holder_weight(&row.holder, name);
        if weight <= 0.0 || row.objects == 0 {
            continue;
        }
        let path = scene.region.path_to(name);
        if scene.judge.is_kept_lambda(name) {
            let reason =
                format!("uses a lambda of the JDK's own ({name}), which stays at the server");
            let change = "make the function by a lambda or class of your own where it is created";
            found.push(warn(refuse(code::OFFLOAD_HIDDEN_CLASS, reason, path, change)));
        } else if is_hidden(scene, name) && !name.contains("$$Lambda") {
            let reason = format!(
                "uses an object of a hidden class ({name}), which a worker cannot name or make"
            );
            let change = "use an ordinary class, or keep its use outside the root";
            found.push(refuse(code::OFFLOAD_HIDDEN_CLASS, reason, path, change));
        }
    }
}

fn is_hidden(scene: Scene<'_, '_>, name: &str) -> bool {
    !scene.judge.types.is_jdk(name)
        && scene.rows.classes.iter().any(|row| row.hidden && row.class_name == name)
}

/// Class loaders a worker has no equal of.
fn loaders(scene: Scene<'_, '_>, found: &mut Vec<Refusal>) {
    let seen = [
        (
            "org.springframework.boot.devtools.restart.",
            "Spring Boot's restarting loader (devtools)",
        ),
        ("org.osgi.framework.", "OSGi bundles"),
    ];
    let by_package = seen.iter().find(|(package, _)| scene.judge.types.has_package(package));
    let from_war = scene.rows.classes.iter().any(|row| {
        scene.judge.types.source(&row.class_name).is_some_and(|source| source.contains("/WEB-INF/"))
    });
    let loader = by_package.map(|(_, told)| *told).or(from_war.then_some("a web archive's loader"));
    if let Some(loader) = loader {
        let reason = format!(
            "its classes come from {loader}; a worker has the application's class path alone"
        );
        let change = "run the application from its jar, without reloading, as in production";
        found.push(warn(refuse(code::OFFLOAD_LOADER, reason, Vec::new(), change)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_lists_are_cut() {
        assert_eq!([1.0, 3.0].map(times), ["once per execution", "3 times per execution"]);
        assert_eq!([2.0, 0.25, 1234.4, 0.5].map(number), ["2", "0.25", "1234", "0.5"]);
        let names = ["a", "b", "a", "c", "d", "e"].map(str::to_owned);
        assert_eq!(told(&names), "a, b, c and 2 more");
        assert_eq!(short("a.b.C#d(I)V"), "C#d");
    }
}
