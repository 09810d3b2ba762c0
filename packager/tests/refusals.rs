//! Bad input: every refusal names what is wrong, and nothing is written or lost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod support;

use std::path::Path;

use beehive_packager::{PackageError, Target, make_bundle, read_planned_trace};
use beehive_plan::Plan;
use beehive_trace::{Origin, RunFacts, Trace, write_trace};
use support::shop::{Shop, plan};
use support::{below, jar, plan_of};

fn refusal(plan: &Plan, trace: &Trace) -> String {
    make_bundle(plan, trace, Target::Local).unwrap_err().to_string()
}

#[test]
fn plans_without_roots_or_with_unknown_ones() {
    let shop = Shop::compile();
    let trace = shop.boot_trace().trace;
    let mut off = plan();
    off.roots.chosen[0].offload = false;
    assert!(matches!(make_bundle(&off, &trace, Target::Local), Err(PackageError::NoRoots)));
    let unknown = refusal(&plan_of(&["shop.Controller#sell()V"]), &trace);
    assert_eq!(unknown, "the trace knows no method shop.Controller#sell()V");
}

#[test]
fn a_root_switched_on_by_hand_among_the_refused_counts() {
    let shop = Shop::compile();
    let mut plan = plan();
    plan.roots.refused = std::mem::take(&mut plan.roots.chosen);
    assert!(make_bundle(&plan, &shop.boot_trace().trace, Target::Local).is_ok());
}

#[test]
fn traces_without_one_jdk() {
    let shop = Shop::compile();
    let mut trace = shop.boot_trace().trace;
    trace.runs.push(RunFacts { jdk_build: "25.0.3+9-LTS".into(), ..RunFacts::default() });
    let mixed = refusal(&plan(), &trace);
    assert!(mixed.ends_with("different JDK builds: 17.0.15+6-Test, 25.0.3+9-LTS"), "{mixed}");
    trace.runs.clear();
    assert!(matches!(make_bundle(&plan(), &trace, Target::Local), Err(PackageError::NoJdkBuild)));
}

#[test]
fn an_app_jar_that_went_away_or_was_damaged() {
    let shop = Shop::compile();
    let trace = shop.boot_trace().trace;
    let app = shop.folder.path().join("app.jar");
    std::fs::write(&app, b"PK but no zip").unwrap();
    assert!(refusal(&plan(), &trace).contains("app.jar"), "damaged");
    std::fs::remove_file(&app).unwrap();
    let gone = make_bundle(&plan(), &trace, Target::Local).unwrap_err();
    assert!(
        matches!(&gone, PackageError::SourceUnreadable { path, .. } if path.ends_with("app.jar!/BOOT-INF/classes")),
        "{gone:?}"
    );
}

/// The shop as a plain jar that a test may rebuild differently after the recording.
fn rebuilt(shop: &Shop, entries: &[(&str, &[u8])]) -> String {
    let own = shop.folder.path().join("own.jar");
    let library = shop.folder.path().join("lib.jar");
    std::fs::write(&own, jar(entries)).unwrap();
    std::fs::write(&library, shop.library()).unwrap();
    let url = |part: &str| match part {
        "classes" => format!("file:{}", own.display()),
        _ => format!("file:{}", library.display()),
    };
    let mut t = shop.trace(url, &[]);
    t.trace
        .classes
        .iter_mut()
        .filter(|c| c.name == "lib.Priced")
        .for_each(|c| c.super_name = "lib.Base".into());
    for class in t.trace.classes.iter_mut().filter(|c| c.name.starts_with("shop.")) {
        class.origin = Origin::User;
    }
    refusal(&plan(), &t.trace)
}

#[test]
fn a_rebuilt_jar_is_told_by_missing_and_changed_classes() {
    let shop = Shop::compile();
    let all = below(&shop.classes, "shop/");
    let without: Vec<_> =
        all.iter().copied().filter(|(path, _)| !path.contains("Service")).collect();
    let missing = rebuilt(&shop, &without);
    assert!(missing.starts_with("shop.Service is not in "), "{missing}");
    assert!(missing.contains("own.jar"), "{missing}");

    let other = support::Jdk::any().compile(
        &[(
            "shop/Service.java",
            "package shop; public class Service { public int sum() { return 0; } }",
        )],
        &[],
    );
    let mut changed = without.clone();
    changed.push(("shop/Service.class", &other["shop/Service.class"]));
    let changed = rebuilt(&shop, &changed);
    assert!(
        changed
            .contains("is not the class that was recorded: it has no method total(Lshop/Order;)I"),
        "{changed}"
    );

    let mut wrong = without.clone();
    wrong.push(("shop/Service.class", &shop.classes["shop/Order.class"]));
    assert!(rebuilt(&shop, &wrong).contains("it calls itself shop.Order"));

    let mut broken = without;
    broken.push(("shop/Service.class", b"\xca\xfe\xba\xbe"));
    assert!(rebuilt(&shop, &broken).contains("no readable class file"));
}

#[test]
fn another_superclass_than_the_recorded_one() {
    let shop = Shop::compile();
    let mut t = shop.boot_trace();
    t.trace
        .classes
        .iter_mut()
        .filter(|c| c.name == "lib.Priced")
        .for_each(|c| c.super_name = "lib.Old".into());
    let error = refusal(&plan(), &t.trace);
    assert!(error.ends_with("it extends lib.Base and not lib.Old"), "{error}");
    assert!(error.contains("app.jar!/BOOT-INF/lib/lib-1.0.jar"), "{error}");
}

#[test]
fn code_sources_nobody_can_read() {
    let shop = Shop::compile();
    let url = |_: &str| "https://repo.test/app.jar".to_owned();
    let error = refusal(&plan(), &shop.trace(url, &[]).trace);
    assert!(error.contains("`https://repo.test/app.jar`"), "{error}");
    let url = |_: &str| format!("jar:nested:{}/!BOOT-INF/none/!/", shop.app_jar().display());
    let error = refusal(&plan(), &shop.trace(url, &[]).trace);
    assert!(error.contains("BOOT-INF/none"), "{error}");
}

#[test]
fn the_trace_must_be_the_one_of_the_plan() {
    let folder = tempfile::tempdir().unwrap();
    let shop = Shop::compile();
    let bytes = write_trace(&shop.boot_trace().trace).unwrap();
    let other = {
        let mut t = shop.boot_trace();
        t.jdk_class("java.lang.String");
        write_trace(&t.trace).unwrap()
    };
    let plan_path = folder.path().join("plan.toml");
    std::fs::write(folder.path().join("app.beetrace"), &bytes).unwrap();
    std::fs::write(folder.path().join("other.beetrace"), &other).unwrap();
    let mut plan = plan();
    assert!(matches!(read_planned_trace(&plan, &plan_path, None), Err(PackageError::NoTrace)));
    plan.trace.path = "app.beetrace".into();
    assert!(!read_planned_trace(&plan, &plan_path, None).unwrap().is_checked);
    plan.trace.sha256 = sha256(&bytes);
    let read = read_planned_trace(&plan, &plan_path, None).unwrap();
    assert!(read.is_checked && read.trace.classes.len() == 13, "{}", read.trace.classes.len());
    let other = folder.path().join("other.beetrace");
    let error = read_planned_trace(&plan, &plan_path, Some(&other)).unwrap_err();
    assert!(
        matches!(&error, PackageError::TraceMismatch { path, .. } if *path == other),
        "{error}"
    );
    let error =
        read_planned_trace(&plan, &plan_path, Some(Path::new("/none.beetrace"))).unwrap_err();
    assert!(matches!(error, PackageError::Trace { .. }), "{error}");
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    format!("{:x}", sha2::Sha256::digest(bytes))
}
