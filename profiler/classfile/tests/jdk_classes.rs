//! Every class of every JDK found: written anew it has the same bytes, and with a probe at
//! every place it links under the full verifier.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

mod support;

use beehive_classfile::{JImage, Probes, Rewriter, Rewritten, Tally};
use support::every_probe::{BesideProbe, EveryProbe, LightProbe, NoProbe, Told};
use support::jdks::{self, Jdk};
use support::verifier::Patched;

/// Calls `each` with module, internal name and bytes of every class of a JDK.
fn for_each_class(jdk: &Jdk, mut each: impl FnMut(&str, &str, &[u8])) -> usize {
    let image = JImage::open_jdk(&jdk.home).unwrap();
    let mut bytes = Vec::new();
    let mut count = 0;
    for resource in image.classes() {
        image.read(resource, &mut bytes).unwrap();
        each(resource.module(), &resource.class_name(), &bytes);
        count += 1;
    }
    count
}

#[test]
fn written_anew_without_probes_every_class_keeps_its_bytes() {
    for jdk in jdks::all() {
        let mut plain = Rewriter::new();
        let mut anew = Rewriter::new().with_reencoding();
        let count = for_each_class(&jdk, |_, name, bytes| {
            assert_eq!(plain.rewrite(bytes, &mut NoProbe).unwrap(), Rewritten::Unchanged);
            match anew.rewrite(bytes, &mut NoProbe).unwrap() {
                Rewritten::Changed(written) => assert!(written == bytes, "{name} differs"),
                Rewritten::Unchanged => panic!("{name} was not written"),
            }
        });
        assert_eq!(anew.tally().left_alone_total(), 0, "{:?}", anew.tally());
        assert!(count > 20_000, "JDK {}: only {count} classes", jdk.feature);
        println!("JDK {}: {count} classes identical", jdk.feature);
    }
}

#[test]
fn with_light_probes_every_class_links() {
    link_with(LightProbe::new, |probes| &probes.told);
}

#[test]
fn with_every_probe_every_class_links() {
    link_with(EveryProbe::new, |probes| &probes.light.told);
}

#[test]
fn with_every_probe_beside_the_old_code_every_class_links() {
    link_with(BesideProbe::new, |probes| &probes.every.light.told);
}

fn link_with<P: Probes>(make: impl Fn(&mut Rewriter) -> P, told: impl Fn(&P) -> &Told) {
    for jdk in jdks::all() {
        let folder = tempfile::tempdir().unwrap();
        let mut patched = Patched::new(folder.path(), &jdk);
        let mut rewriter = Rewriter::new();
        let mut probes = make(&mut rewriter);
        let mut expected = 0;
        for_each_class(&jdk, |module, name, bytes| {
            let written = rewriter.rewrite(bytes, &mut probes).unwrap().bytes_or(bytes);
            // A module's descriptor is no class that can be linked.
            if name != "module-info" {
                patched.add(module, name, written);
                expected += 1;
            }
        });
        let tally = *rewriter.tally();
        account_for_all(&tally, told(&probes));
        let linked = patched.link(&jdk);
        println!("JDK {}: {} of {expected} classes linked, {tally:?}", jdk.feature, linked.count);
        assert!(linked.failed.is_empty(), "{:#?}", linked.failed);
        assert_eq!(linked.count, expected);
    }
}

/// Every planned method is either changed or left alone, and the probes were told which.
fn account_for_all(tally: &Tally, told: &Told) {
    assert_eq!(tally.methods_planned, told.planned);
    assert_eq!(tally.methods_planned, tally.methods_changed + tally.left_alone_total());
    assert_eq!(tally.left_alone_total(), told.left_alone.len() as u64);
    for (method, reason) in &told.left_alone {
        assert!(tally.left_alone(*reason) > 0, "{method} is not counted");
    }
}
