//! A bundle's jars, in the manifest's order, are a class path that every JDK found links and runs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod support;

use std::path::PathBuf;

use beehive_packager::{Manifest, Target, make_bundle, write_bundle};
use support::shop::{Shop, plan};
use support::{Jdk, jar};

const PROBE: &str = "import java.util.jar.*;
public class Probe { public static void main(String[] jars) throws Exception {
    int classes = 0;
    for (String jar : jars) try (JarFile file = new JarFile(jar, true)) {
        for (JarEntry entry : java.util.Collections.list(file.entries())) {
            if (!entry.getName().endsWith(\".class\")) continue;
            String name = entry.getName().replace('/', '.').substring(0, entry.getName().length() - 6);
            Class<?> type = Class.forName(name, true, Probe.class.getClassLoader());
            type.getDeclaredMethods();
            String from = type.getProtectionDomain().getCodeSource().getLocation().getPath();
            if (!java.net.URLDecoder.decode(from, \"UTF-8\").endsWith(jar)) throw new Error(name + \" from \" + from);
            classes++;
        }
    }
    System.out.println(classes + \" \" + new shop.Made().total(new shop.Order(50))
        + \" \" + lib.Priced.class.getPackage().getImplementationVersion()
        + \" \" + (Probe.class.getResource(\"/lib/rates.properties\") != null));
} }";

#[test]
fn every_jdk_links_and_runs_what_was_shipped() {
    let shop = Shop::compile();
    let trace = shop.boot_trace().trace;
    let bundle = make_bundle(&plan(), &trace, Target::Local).unwrap();
    let out = tempfile::Builder::new().prefix("bündel ").tempdir().unwrap();
    let written = write_bundle(&bundle, &trace, &out.path().join("bundle")).unwrap();
    let text = std::fs::read_to_string(written.directory.join("manifest.toml")).unwrap();
    let manifest = Manifest::parse(&text).unwrap();
    let mut class_path: Vec<PathBuf> =
        manifest.jars.iter().map(|jar| written.directory.join(&jar.path)).collect();
    let arguments: Vec<String> = class_path.iter().map(|path| path.display().to_string()).collect();
    let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    arguments.insert(0, "Probe");

    let shop_jar = shop.folder.path().join("all.jar");
    std::fs::write(&shop_jar, jar(&support::below(&shop.classes, ""))).unwrap();
    for jdk in Jdk::all() {
        let probe = jdk.compile(&[("Probe.java", PROBE)], &[&shop_jar]);
        let probe_jar = out.path().join("probe.jar");
        std::fs::write(&probe_jar, jar(&support::below(&probe, ""))).unwrap();
        class_path.push(probe_jar);
        let said = jdk.java(&class_path, &arguments);
        assert_eq!(said.trim(), "8 11 1.0 true", "JDK {}", jdk.feature);
        class_path.pop();
    }
}
