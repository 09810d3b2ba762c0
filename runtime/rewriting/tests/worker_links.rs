//! Every class that the fixtures' jars hold, rewritten for a worker: it links exactly when it did before,
//! under the full verifier; with all classes known, and with only itself.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

mod support;

use beehive_classfile::ClassView;
use beehive_rewriting::{ClassIndex, WORKER_NATIVE, WorkerRewriter};
use support::jars::{self, Classes};
use support::jdks;
use support::linking::{assert_still_links, link};

fn native_prefixes() -> Vec<String> {
    WORKER_NATIVE.iter().map(|prefix| prefix.replace('.', "/")).collect()
}

/// The classes rewritten, each with the index that `index_for` gives.
fn rewritten(
    classes: &Classes,
    mut index_for: impl FnMut(&ClassView<'_>) -> ClassIndex,
    shared: Option<&ClassIndex>,
) -> Vec<(String, Vec<u8>)> {
    let mut rewriter = WorkerRewriter::new().unwrap();
    let (mut changed, mut own_monitors, mut left_alone) = (0, 0, Vec::new());
    let mut out = Vec::new();
    for (name, bytes) in classes {
        let own = shared.is_none().then(|| index_for(&ClassView::parse(bytes).unwrap()));
        let class = rewriter.rewrite(bytes, shared.or(own.as_ref()).unwrap()).unwrap();
        changed += usize::from(class.bytes.is_some());
        own_monitors += class.own_monitors;
        left_alone.extend(class.left_alone.into_iter().map(|(m, why)| (name.clone(), m, why)));
        out.push((name.clone(), class.bytes.unwrap_or_else(|| bytes.clone())));
    }
    println!(
        "{changed} classes of {} changed, {own_monitors} own monitors, {left_alone:?}",
        classes.len()
    );
    assert!(left_alone.is_empty());
    out
}

fn assert_links(classes: &Classes, rewritten: &[(String, Vec<u8>)]) {
    for jdk in jdks::all() {
        let before = link(&jdk, classes.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
        let after = link(&jdk, rewritten.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
        println!("JDK {}: {} linked, {} before", jdk.feature, after.count, before.count);
        assert_still_links(&before, &after);
        assert!(after.count * 10 > classes.len() * 9);
    }
}

#[test]
fn every_class_links_with_all_classes_known() {
    let classes = jars::classes(&jars::paths());
    let mut index = ClassIndex::new(true, native_prefixes());
    for bytes in classes.values() {
        index.add(&ClassView::parse(bytes).unwrap());
    }
    let rewritten = rewritten(&classes, |_| unreachable!(), Some(&index));
    assert_links(&classes, &rewritten);
}

#[test]
fn every_class_links_with_no_other_known() {
    let classes = jars::classes(&jars::paths());
    let alone = |class: &ClassView<'_>| {
        let mut index = ClassIndex::new(false, native_prefixes());
        index.add(class);
        index
    };
    let rewritten = rewritten(&classes, alone, None);
    assert_links(&classes, &rewritten);
}

/// Methods of the runtime's hooks, `class name descriptor`, compiled from `runtime/java`.
fn hooks_of_the_runtime() -> std::collections::BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../java/src/main/java");
    let hooks = std::fs::read_dir(root.join("dev/beehive/runtime/hook")).unwrap();
    let hooks: Vec<_> = hooks.map(|file| file.unwrap().path()).collect();
    let root = root.display().to_string();
    let exports = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";
    let jdk = jdks::all().remove(0);
    support::linking::compile(&jdk, folder.path(), &[exports, "-sourcepath", &root], &hooks);
    let classes = std::fs::read_dir(folder.path().join("dev/beehive/runtime/hook")).unwrap();
    let mut methods = std::collections::BTreeSet::new();
    for class in classes {
        let bytes = std::fs::read(class.unwrap().path()).unwrap();
        let view = ClassView::parse(&bytes).unwrap();
        let name = |m: beehive_classfile::MethodView<'_, '_>| {
            format!("{} {} {}", view.name(), m.name(), m.descriptor())
        };
        methods.extend(view.methods().filter(beehive_classfile::MethodView::is_static).map(name));
    }
    methods
}

#[test]
fn every_hook_that_rewritten_classes_call_is_there() {
    let there = hooks_of_the_runtime();
    let classes = jars::classes(&jars::paths());
    let mut index = ClassIndex::new(true, native_prefixes());
    for bytes in classes.values() {
        index.add(&ClassView::parse(bytes).unwrap());
    }
    let mut called = std::collections::BTreeSet::new();
    for (_, bytes) in rewritten(&classes, |_| unreachable!(), Some(&index)) {
        let view = ClassView::parse(&bytes).unwrap();
        let members = (1..view.pool().count()).filter_map(|index| view.pool().member(index));
        let hooks = members.filter(|m| m.owner.as_bytes().starts_with(b"dev/beehive/runtime/"));
        called.extend(hooks.map(|m| format!("{} {} {}", m.owner, m.name, m.descriptor)));
    }
    let missing: Vec<_> = called.difference(&there).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(called.len() > 40, "{called:?}");
    assert!(called.iter().any(|hook| hook.starts_with("dev/beehive/runtime/hook/Loggers ofHome ")));
    // All final methods of the four atomics, whether a fixture calls them or not.
    let atomics = there.iter().filter(|hook| hook.contains("hook/Atomics "));
    assert!(atomics.count() >= 98);
}
