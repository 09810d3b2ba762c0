//! Each layout of application against jars made on the spot.

use std::io::Write;
use std::path::Path;

use beehive_trace::Origin;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

use super::*;

/// Writes a jar with those (empty) entries and that manifest.
fn jar(path: &Path, manifest: &str, entries: &[&str]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = SimpleFileOptions::default();
    zip.start_file("META-INF/MANIFEST.MF", options).unwrap();
    zip.write_all(format!("Manifest-Version: 1.0\n{manifest}\n").as_bytes()).unwrap();
    for entry in entries {
        zip.start_file(*entry, options).unwrap();
    }
    zip.finish().unwrap();
}

fn split_of(dir: &TempDir, line: &str) -> Split {
    let arguments: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let command = JavaCommand::parse(&arguments, dir.path(), None).unwrap();
    derive(&command, dir.path()).unwrap()
}

#[test]
fn a_boot_jar_needs_no_rule_but_its_own_modules() {
    let dir = tempfile::tempdir().unwrap();
    jar(
        &dir.path().join("shop.jar"),
        "Main-Class: org.springframework.boot.loader.launch.JarLauncher\nStart-Class: com.acme.Shop",
        &[
            "org/springframework/boot/loader/launch/JarLauncher.class",
            "BOOT-INF/classes/com/acme/Shop.class",
        ],
    );
    assert_eq!(split_of(&dir, "-jar shop.jar").rule, SplitRule::default());
}

#[test]
fn a_thin_jar_is_the_users_and_its_class_path_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let classes = ["com/acme/shop/Main.class", "com/acme/shop/web/Cart.class"];
    jar(
        &dir.path().join("my shop.jar"),
        "Main-Class: com.acme.shop.Main\nClass-Path: lib/gson.jar",
        &classes,
    );
    let arguments = ["-jar".to_owned(), "my shop.jar".to_owned()];
    let command = JavaCommand::parse(&arguments, dir.path(), None).unwrap();
    let split = derive(&command, dir.path()).unwrap();
    let origin = |class, source| split.rule.origin(class, source);
    assert_eq!(origin("com.acme.shop.web.Cart", "file:/x/my%20shop.jar"), Origin::User);
    assert_eq!(origin("com.google.gson.Gson", "file:/x/lib/gson.jar"), Origin::Framework);
    assert!(split.class_path.iter().any(|entry| entry.ends_with("lib/gson.jar")));
}

/// A jar with that class and the coordinates that Maven leaves in it.
fn module(path: &Path, class: &str, group: &str, artifact: &str, version: &str) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = SimpleFileOptions::default();
    zip.start_file(class, options).unwrap();
    zip.start_file(format!("META-INF/maven/{group}/{artifact}/pom.properties"), options).unwrap();
    let text = format!("artifactId={artifact}\ngroupId={group}\nversion={version}\n");
    zip.write_all(text.as_bytes()).unwrap();
    zip.finish().unwrap();
}

#[test]
fn modules_of_the_main_classs_build_are_the_users_too() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    module(&at("web.jar"), "com/acme/web/Main.class", "com.acme", "web", "1.2");
    module(&at("core.jar"), "com/acme/core/Cart.class", "com.acme", "core", "1.2");
    module(&at("old.jar"), "com/acme/old/Cart.class", "com.acme", "old", "0.9");
    module(&at("gson.jar"), "com/google/gson/Gson.class", "com.google.code.gson", "gson", "1.2");
    let split = split_of(&dir, "-cp gson.jar:core.jar:old.jar:web.jar com.acme.web.Main");
    let origin = |class, source| split.rule.origin(class, source);
    assert_eq!(origin("com.acme.web.Main", "file:/x/web.jar"), Origin::User);
    assert_eq!(origin("com.acme.core.Cart", "file:/x/core.jar"), Origin::User);
    assert_eq!(origin("com.acme.old.Cart", "file:/x/old.jar"), Origin::Framework);
    assert_eq!(origin("com.google.gson.Gson", "file:/x/gson.jar"), Origin::Framework);
    assert!(split.notes.iter().any(|note| note.contains("com.acme 1.2")), "{:?}", split.notes);
}

#[test]
fn modules_without_coordinates_are_known_by_version_and_package() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, classes: &[&str]| jar(&dir.path().join("lib").join(name), "", classes);
    let main = ["org/apereo/cas/web/Main.class", "org/apereo/cas/config/Beans.class"];
    file("cas-web-7.0.0.jar", &main);
    file("cas-core-7.0.0.jar", &["org/apereo/cas/util/Text.class"]);
    file("cas-theme-7.0.0.jar", &["static/x.css"]);
    file("pac4j-7.0.0.jar", &["org/pac4j/core/Client.class"]);
    file("inspektr-1.8.jar", &["org/apereo/inspektr/Audit.class"]);
    let split = split_of(&dir, "-cp lib/* org.apereo.cas.web.Main");
    let origin = |class, source| split.rule.origin(class, source);
    assert_eq!(origin("org.apereo.cas.config.Beans", "file:/x/cas-web-7.0.0.jar"), Origin::User);
    assert_eq!(origin("org.apereo.cas.util.Text", "file:/x/cas-core-7.0.0.jar"), Origin::User);
    assert_eq!(origin("org.pac4j.core.Client", "file:/x/pac4j-7.0.0.jar"), Origin::Framework);
    let audit = origin("org.apereo.inspektr.Audit", "file:/x/inspektr-1.8.jar");
    assert_eq!(audit, Origin::Framework);
    assert!(split.notes.iter().any(|note| note.starts_with("1 more jar(s)")), "{:?}", split.notes);
}

#[test]
fn an_umbrella_of_projects_makes_no_build() {
    let dir = tempfile::tempdir().unwrap();
    jar(&dir.path().join("solr.jar"), "", &["org/apache/solr/Main.class"]);
    jar(&dir.path().join("solr-core.jar"), "", &["org/apache/solr/core/Index.class"]);
    jar(&dir.path().join("http.jar"), "", &["org/apache/http/Client.class"]);
    let split = split_of(&dir, "-cp solr.jar:solr-core.jar:http.jar org.apache.solr.Main");
    let origin = |class, source| split.rule.origin(class, source);
    assert_eq!(origin("org.apache.solr.core.Index", "file:/x/solr-core.jar"), Origin::User);
    assert_eq!(origin("org.apache.http.Client", "file:/x/http.jar"), Origin::Framework);
}

#[test]
fn a_flat_jar_is_divided_by_its_own_group() {
    let dir = tempfile::tempdir().unwrap();
    let entries = [
        "com/acme/shop/boot/Main.class",
        "com/acme/shop/web/Cart.class",
        "com/google/gson/Gson.class",
        "META-INF/maven/com.acme.shop/shop/pom.properties",
        "META-INF/maven/com.google.code.gson/gson/pom.properties",
    ];
    jar(&dir.path().join("shop-1.0.jar"), "Main-Class: com.acme.shop.boot.Main", &entries);
    let split = split_of(&dir, "-jar shop-1.0.jar");
    assert_eq!(split.rule.flat_packages, ["com.acme.shop"]);
    assert_eq!(
        split.rule.origin("com.google.gson.Gson", "file:/x/shop-1.0.jar"),
        Origin::Framework
    );
    assert!(split.notes[0].contains("--app-package"), "{:?}", split.notes);
}

#[test]
fn a_renamed_flat_jar_is_divided_by_the_group_around_its_main_class() {
    let dir = tempfile::tempdir().unwrap();
    let entries = [
        "org/apache/store/main/cmd/Main.class",
        "org/apache/store/query/Engine.class",
        "org/apache/commons/io/IOUtils.class",
        "META-INF/maven/org.apache.store/store-server/pom.properties",
        "META-INF/maven/org.apache/apache/pom.properties",
        "META-INF/maven/commons-io/commons-io/pom.properties",
    ];
    jar(&dir.path().join("app.jar"), "Main-Class: org.apache.store.main.cmd.Main", &entries);
    assert_eq!(split_of(&dir, "-jar app.jar").rule.flat_packages, ["org.apache.store"]);
}

#[test]
fn a_flat_jar_without_coordinates_is_divided_by_the_main_class() {
    let dir = tempfile::tempdir().unwrap();
    let entries = [
        "org/springframework/samples/clinic/Main.class",
        "org/springframework/samples/clinic/owner/Owner.class",
        "org/springframework/core/Ordered.class",
    ];
    jar(&dir.path().join("c.jar"), "Main-Class: org.springframework.samples.clinic.Main", &entries);
    let rule = split_of(&dir, "-jar c.jar").rule;
    let origin = |class| rule.origin(class, "file:/x/c.jar");
    assert_eq!(origin("org.springframework.samples.clinic.owner.Owner"), Origin::User);
    assert_eq!(origin("org.springframework.core.Ordered"), Origin::Framework);
}

#[test]
fn a_main_class_in_a_package_of_its_own_stands_for_the_packages_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let jar_of = |name: &str, main: &str, beside: &str| {
        let beside = ["web", "model", "store", "mail"].map(|p| format!("{beside}/{p}/A.class"));
        let main_file = format!("{}.class", main.replace('.', "/"));
        let entries = [&[main_file, "com/google/gson/Gson.class".to_owned()][..], &beside].concat();
        let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
        jar(&dir.path().join(name), &format!("Main-Class: {main}"), &entries);
        split_of(&dir, &format!("-jar {name}")).rule.flat_packages
    };
    assert_eq!(jar_of("a.jar", "org.acme.entry.Main", "org/acme"), ["org.acme"]);
    assert_eq!(jar_of("b.jar", "org.apache.shop.Main", "org/apache"), ["org.apache.shop"]);
    assert_eq!(jar_of("c.jar", "org.acme.Main", "org"), ["org.acme"]);
}

#[test]
fn a_flat_jar_with_an_unnamed_package_names_its_classes() {
    let dir = tempfile::tempdir().unwrap();
    let entries = ["Main.class", "Main$1.class", "Other.class", "com/google/gson/Gson.class"];
    jar(&dir.path().join("c.jar"), "Main-Class: Main", &entries);
    let rule = split_of(&dir, "-jar c.jar").rule;
    for (class, expected) in [
        ("Main", Origin::User),
        ("Main$1", Origin::User),
        ("Other", Origin::User),
        ("com.google.gson.Gson", Origin::Framework),
    ] {
        assert_eq!(rule.origin(class, "file:/x/c.jar"), expected, "{class}");
    }
}

#[test]
fn the_jar_with_the_main_class_is_the_users_on_a_class_path() {
    let dir = tempfile::tempdir().unwrap();
    jar(&dir.path().join("lib/app.jar"), "", &["com/acme/Main.class"]);
    jar(&dir.path().join("lib/gson.jar"), "", &["com/google/gson/Gson.class"]);
    let rule = split_of(&dir, "-cp lib/* com.acme.Main").rule;
    assert_eq!(rule.app_sources, ["/app.jar"]);
    std::fs::create_dir_all(dir.path().join("classes/com/acme")).unwrap();
    std::fs::write(dir.path().join("classes/com/acme/Main.class"), b"").unwrap();
    assert_eq!(split_of(&dir, "-cp classes:lib/* com.acme.Main").rule, SplitRule::default());
}

#[test]
fn quarkus_keeps_the_users_jars_in_app() {
    let dir = tempfile::tempdir().unwrap();
    jar(
        &dir.path().join("quarkus-run.jar"),
        "Main-Class: io.quarkus.bootstrap.runner.QuarkusEntryPoint\nClass-Path: lib/boot/x.jar",
        &[],
    );
    jar(&dir.path().join("app/shop.jar"), "", &["com/acme/Shop.class", "com/acme/Row.class"]);
    let transformed = ["com/acme/Row.class", "org/lib/Changed.class"];
    jar(&dir.path().join("quarkus/transformed-bytecode.jar"), "", &transformed);
    let rule = split_of(&dir, "-jar quarkus-run.jar").rule;
    let changed = "file:/x/quarkus/transformed-bytecode.jar";
    assert_eq!(rule.origin("com.acme.Shop", "file:/x/app/shop.jar"), Origin::User);
    assert_eq!(rule.origin("com.acme.Row", changed), Origin::User);
    assert_eq!(rule.origin("org.lib.Changed", changed), Origin::Framework);
}

#[test]
fn what_is_no_jar_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("text.jar"), "not a zip").unwrap();
    jar(&dir.path().join("library.jar"), "", &["a/B.class"]);
    for name in ["text.jar", "library.jar"] {
        let command = JavaCommand::parse(&["-jar".to_owned(), name.to_owned()], dir.path(), None);
        let error = derive(&command.unwrap(), dir.path()).unwrap_err();
        assert!(matches!(error, RecordError::NotAJar { .. }), "{error}");
    }
}

#[test]
fn libraries_moved_into_the_users_packages_are_not_the_users() {
    let dir = tempfile::tempdir().unwrap();
    let entries = [
        "ledger/Main.class",
        "ledger/lang/Text.class",
        "ledger/lib/lang3/StringUtils.class",
        "ledger/lib/lang3/time/DateUtils.class",
        "ledger/shaded/x/Y.class",
        "com/google/gson/Gson.class",
        "META-INF/maven/dev.beehive/ledger/pom.properties",
        "META-INF/maven/org.apache.commons/commons-lang3/pom.properties",
        "META-INF/maven/com.google.code.gson/gson/pom.properties",
    ];
    jar(&dir.path().join("ledger.jar"), "Main-Class: ledger.Main", &entries);
    let rule = split_of(&dir, "-jar ledger.jar").rule;
    assert_eq!(rule.never, ["ledger.lib.lang3", "ledger.shaded"]);
    let origin = |class| rule.origin(class, "file:/x/ledger.jar");
    assert_eq!(origin("ledger.Main"), Origin::User);
    assert_eq!(origin("ledger.lang.Text"), Origin::User);
    assert_eq!(origin("ledger.lib.lang3.time.DateUtils"), Origin::Framework);
}
