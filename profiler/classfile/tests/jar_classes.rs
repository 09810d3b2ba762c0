//! Every class of the built fixtures' jars, a Boot jar with its nested libraries among them:
//! written anew it keeps its bytes; with every probe it links exactly when it did before.
//! (Libraries name optional classes that are not there, so some never link.)

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

mod support;

use beehive_classfile::{Rewriter, Rewritten};
use support::every_probe::{EveryProbe, NoProbe};
use support::jars::{self, Classes};
use support::jdks;
use support::verifier::{NO_MODULE, Patched};

fn fixture_classes() -> Classes {
    let paths = jars::paths();
    let classes = jars::classes(&paths);
    println!("{} classes in {} jars", classes.len(), paths.len());
    assert!(classes.len() > 5_000, "a Boot jar has more than {} classes", classes.len());
    classes
}

#[test]
fn written_anew_without_probes_every_class_keeps_its_bytes() {
    let mut anew = Rewriter::new().with_reencoding();
    for (name, bytes) in fixture_classes() {
        match anew.rewrite(&bytes, &mut NoProbe).unwrap() {
            Rewritten::Changed(written) => assert!(written == bytes, "{name} differs"),
            Rewritten::Unchanged => panic!("{name} was not written"),
        }
    }
    assert_eq!(anew.tally().left_alone_total(), 0, "{:?}", anew.tally());
}

#[test]
fn with_every_probe_classes_link_that_linked_before() {
    let classes = fixture_classes();
    for jdk in jdks::all() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [mut before, mut after] =
            [&folders[0], &folders[1]].map(|folder| Patched::new(folder.path(), &jdk));
        let mut rewriter = Rewriter::new();
        let mut probes = EveryProbe::new(&mut rewriter);
        for (name, bytes) in &classes {
            before.add(NO_MODULE, name, bytes);
            after.add(
                NO_MODULE,
                name,
                rewriter.rewrite(bytes, &mut probes).unwrap().bytes_or(bytes),
            );
        }
        let tally = rewriter.tally();
        let told = &probes.light.told;
        assert_eq!(tally.methods_planned, told.planned);
        assert_eq!(told.planned, tally.methods_changed + told.left_alone.len() as u64);
        let (before, after) = (before.link(&jdk), after.link(&jdk));
        println!(
            "JDK {}: {} of {} classes linked, {} before, {tally:?}",
            jdk.feature,
            after.count,
            classes.len(),
            before.count
        );
        for (class, problem) in &after.failed {
            // Verification may meet another missing class first, but must end the same way.
            let kind = |problem: &str| problem.split(':').next().unwrap_or("").to_owned();
            let old = before.failed.get(class).map(|old| kind(old));
            assert_eq!(old, Some(kind(problem)), "{class}: {problem}");
            assert!(!problem.contains("VerifyError"), "{class}: {problem}");
        }
        assert!(after.count * 10 > classes.len() * 9, "most classes link: {}", after.count);
    }
}
