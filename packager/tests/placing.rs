//! Writing a bundle: same bytes each time, verified, swapped in whole, and never over anything else.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use beehive_packager::{
    Bundle, PackageError, Platform, Target, make_bundle, read_archive, read_directory, verify,
    write_bundle,
};
use beehive_trace::Trace;
use support::collect;
use support::shop::{Shop, plan};

fn shop() -> (Shop, Trace, Bundle) {
    let shop = Shop::compile();
    let trace = shop.boot_trace().trace;
    let bundle = make_bundle(&plan(), &trace, Target::Local).unwrap();
    (shop, trace, bundle)
}

fn snapshot(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files);
    files
}

#[test]
fn twice_the_same_bytes_as_directory_and_as_archive() {
    let (shop, trace, bundle) = shop();
    let out = tempfile::tempdir().unwrap();
    let first = write_bundle(&bundle, &trace, &out.path().join("a/bundle/")).unwrap();
    // The jar is rebuilt with another date; what is in it is the same.
    std::thread::sleep(std::time::Duration::from_millis(20));
    let trace_again = shop.boot_trace().trace;
    let again = make_bundle(&plan(), &trace_again, Target::Local).unwrap();
    let second = write_bundle(&again, &trace_again, &out.path().join("b/bundle")).unwrap();
    assert_eq!(first.archive_sha256, second.archive_sha256);
    assert_eq!(snapshot(&out.path().join("a")), snapshot(&out.path().join("b")));
    assert_eq!(first.verified.classes, 8);
    assert!(first.verified.missing_supertypes.is_empty());
    let names: Vec<_> = snapshot(&out.path().join("a")).into_keys().collect();
    assert_eq!(
        names,
        [
            "bundle.zip",
            "bundle/lib/00-app-classes.jar",
            "bundle/lib/01-lib-1.0.jar",
            "bundle/lib/02-generated.jar",
            "bundle/manifest.toml",
        ]
    );
}

#[test]
fn an_older_bundle_is_replaced_whole() {
    let (shop, trace, bundle) = shop();
    let out = tempfile::tempdir().unwrap();
    let place = out.path().join("bundle");
    let plan = support::plan_of(&["shop.Admin#reset()V"]);
    let small = make_bundle(&plan, &trace, Target::Local).unwrap();
    write_bundle(&bundle, &trace, &place).unwrap();
    let written = write_bundle(&small, &trace, &place).unwrap();
    assert_eq!(read_directory(&place).unwrap(), small.files);
    assert_eq!(read_archive(&written.archive).unwrap(), small.files);
    assert_eq!(snapshot(out.path()).len(), 3, "no remains: {:?}", snapshot(out.path()).keys());
    drop(shop);
}

#[test]
fn what_is_not_a_bundle_is_left_alone() {
    let (_shop, trace, bundle) = shop();
    let out = tempfile::tempdir().unwrap();
    let refused = |place: &Path| {
        let before = snapshot(out.path());
        let error = write_bundle(&bundle, &trace, place).unwrap_err();
        assert!(matches!(error, PackageError::NotABundle { .. }), "{error:?}");
        assert_eq!(before, snapshot(out.path()));
        error.to_string()
    };
    let project = out.path().join("src");
    std::fs::create_dir(&project).unwrap();
    std::fs::write(project.join("Main.java"), "class Main {}").unwrap();
    assert!(refused(&project).contains("without manifest.toml"));
    std::fs::write(project.join("manifest.toml"), "[package]").unwrap();
    assert!(refused(&project).contains("not of a bundle"));
    assert!(refused(&project.join("Main.java")).contains("a file"));
    let link = out.path().join("link");
    std::os::unix::fs::symlink(&project, &link).unwrap();
    assert!(refused(&link).contains("symbolic link"));

    let place = out.path().join("bundle");
    write_bundle(&bundle, &trace, &place).unwrap();
    std::fs::write(place.join("notes.txt"), "mine").unwrap();
    assert!(refused(&place).contains("also holds notes.txt"));
    std::fs::remove_file(place.join("notes.txt")).unwrap();
    std::fs::write(out.path().join("bundle.zip"), "somebody's").unwrap();
    assert!(refused(&place).contains("not a bundle's archive"));
    for nameless in ["/", ".."] {
        let error = write_bundle(&bundle, &trace, Path::new(nameless)).unwrap_err();
        assert!(matches!(error, PackageError::BadOutput { .. }), "{error}");
    }
}

#[test]
fn an_empty_directory_may_become_a_bundle() {
    let (_shop, trace, bundle) = shop();
    let out = tempfile::tempdir().unwrap();
    write_bundle(&bundle, &trace, out.path().join("b").as_path()).unwrap();
    let empty = out.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    write_bundle(&bundle, &trace, &empty).unwrap();
    assert_eq!(read_directory(&empty).unwrap(), bundle.files);
}

#[test]
fn places_that_cannot_be_written_are_named() {
    let (_shop, trace, bundle) = shop();
    let out = tempfile::tempdir().unwrap();
    std::fs::write(out.path().join("file"), "x").unwrap();
    let error = write_bundle(&bundle, &trace, &out.path().join("file/bundle")).unwrap_err();
    assert!(matches!(error, PackageError::Io { .. }), "{error:?}");
    assert!(error.to_string().contains("file"), "{error}");
}

/// Changes one thing of a good bundle and expects verification to find it.
fn damage(
    bundle: &Bundle,
    trace: &Trace,
    change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>),
) -> String {
    let mut files = bundle.files.clone();
    change(&mut files);
    let error = verify(Path::new("b"), &files, &Platform::of(trace)).unwrap_err();
    assert!(matches!(error, PackageError::Verification { .. }), "{error:?}");
    error.to_string()
}

#[test]
fn damage_is_found() {
    let (_shop, trace, bundle) = shop();
    let jar = "lib/01-lib-1.0.jar";
    let manifest = |files: &mut BTreeMap<String, Vec<u8>>, from: &str, to: &str| {
        let text = String::from_utf8(files["manifest.toml"].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        files.insert("manifest.toml".into(), text.replacen(from, to, 1).into_bytes());
    };
    let found =
        damage(&bundle, &trace, |files| *files.get_mut(jar).unwrap().last_mut().unwrap() ^= 1);
    assert!(found.contains(jar) && found.contains("sha256"), "{found}");
    let found = damage(&bundle, &trace, |files| files.get_mut(jar).unwrap().push(0));
    assert!(found.contains("bytes, the manifest says"), "{found}");
    assert!(damage(&bundle, &trace, |files| drop(files.remove(jar))).contains("missing"));
    let found = damage(&bundle, &trace, |files| drop(files.insert("lib/x.jar".into(), vec![])));
    assert!(found.contains("does not know it"), "{found}");
    let found = damage(&bundle, &trace, |files| manifest(files, "lib/01", "../lib/01"));
    assert!(found.contains("bad jar path"), "{found}");
    let found = damage(&bundle, &trace, |files| manifest(files, "classes = 4", "classes = 5"));
    assert!(found.contains("4 classes"), "{found}");
    assert!(
        damage(&bundle, &trace, |files| drop(files.remove("manifest.toml"))).contains("missing")
    );
}

#[test]
fn a_class_without_its_superclass_is_reported() {
    let (_shop, mut trace, bundle) = shop();
    let verified = verify(Path::new("b"), &bundle.files, &Platform::of(&trace)).unwrap();
    assert!(verified.missing_supertypes.is_empty());
    // The JDK's own names are known without the trace; an application's are not.
    trace.classes.clear();
    let verified = verify(Path::new("b"), &bundle.files, &Platform::of(&trace)).unwrap();
    assert!(verified.missing_supertypes.is_empty());

    let shop = Shop::compile();
    let mut t = shop.boot_trace();
    let orphan = support::Jdk::any().compile(
        &[
            ("gone/Parent.java", "package gone; public class Parent { }"),
            ("shop/Made.java", "package shop; public class Made extends gone.Parent { }"),
        ],
        &[],
    );
    t.trace.generated[0].bytes = orphan["shop/Made.class"].clone();
    let made = t.trace.generated[0].class as usize;
    t.trace.classes[made].super_name.clear();
    t.trace.classes[made].interfaces = vec!["lib.Cheap".into()];
    let bundle = make_bundle(&plan(), &t.trace, Target::Local).unwrap();
    let out = tempfile::tempdir().unwrap();
    let written = write_bundle(&bundle, &t.trace, &out.path().join("b")).unwrap();
    assert_eq!(written.verified.missing_supertypes, bundle.listing.missing_supertypes);
    assert_eq!(written.verified.missing_supertypes[0].supertype, "gone.Parent");
}
