//! Drivers of databases in a bundle: no application names them, but a worker opens connections of its own.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail loudly")]

mod support;

use std::path::Path;

use beehive_packager::{Target, make_bundle};
use support::{Jdk, TraceBuilder, below, classes_by_jar, jar, plan_of};

const SOURCES: &[(&str, &str)] = &[
    (
        "shop/Store.java",
        "package shop; public class Store { javax.sql.DataSource source;
        public Object read() throws Exception { return source.getConnection(); } }",
    ),
    (
        "shop/Sums.java",
        "package shop; public class Sums { public int add(int n) { return n + 1; } }",
    ),
    ("org/postgresql/Driver.java", "package org.postgresql; public class Driver extends Base { }"),
    ("org/postgresql/Base.java", "package org.postgresql; public class Base { }"),
    ("org/postgresql/Unloaded.java", "package org.postgresql; public class Unloaded { }"),
    ("org/h2/Driver.java", "package org.h2; public class Driver { }"),
];
const READ: &str = "shop.Store#read()Ljava/lang/Object;";
const ADD: &str = "shop.Sums#add(I)I";
const DRIVER_JAR: &str = "lib/01-postgresql.jar";

/// The trace of an application whose drivers were loaded by the JDK alone.
fn recorded(folder: &Path) -> TraceBuilder {
    let classes = Jdk::any().compile(SOURCES, &[]);
    let path = |name: &str| folder.join(name);
    let mut driver = below(&classes, "org/postgresql/");
    driver.push(("META-INF/services/java.sql.Driver", b"org.postgresql.Driver\n"));
    std::fs::write(path("app.jar"), jar(&below(&classes, "shop/"))).unwrap();
    std::fs::write(path("postgresql.jar"), jar(&driver)).unwrap();
    std::fs::write(path("h2.jar"), jar(&below(&classes, "org/h2/"))).unwrap();
    let jars = ["app.jar", "postgresql.jar", "h2.jar"].map(path);
    let jars: Vec<&Path> = jars.iter().map(std::path::PathBuf::as_path).collect();
    let url = |name: &str| format!("file:{}", path(name).display());
    let mut t = TraceBuilder::on("17.0.15+6-Test").class_path(&jars);
    t.jdk_class("java.lang.Object");
    t.jdk_class("javax.sql.DataSource");
    let (store, sums) =
        (t.class("shop.Store", &url("app.jar")), t.class("shop.Sums", &url("app.jar")));
    for name in ["org.postgresql.Driver", "org.postgresql.Base"] {
        t.class(name, &url("postgresql.jar"));
    }
    t.class("org.h2.Driver", &url("h2.jar"));
    let read = t.method(store, "read", "()Ljava/lang/Object;");
    let add = t.method(sums, "add", "(I)I");
    t.call(None, read);
    t.call(None, add);
    t
}

#[test]
fn recorded_drivers_go_with_a_root_that_asks_for_connections() {
    let folder = tempfile::tempdir().unwrap();
    let bundle =
        make_bundle(&plan_of(&[READ]), &recorded(folder.path()).trace, Target::Local).unwrap();
    let jars = classes_by_jar(&bundle.listing);
    assert_eq!(jars[0].1, ["shop.Store"]);
    assert_eq!(jars[1].0, DRIVER_JAR);
    assert_eq!(jars[1].1, ["org.postgresql.Base", "org.postgresql.Driver"]);
    // A database inside the server's process is reached through the server.
    assert_eq!(jars.len(), 2, "{jars:?}");
    let resources = &bundle.listing.jars[1].resources;
    assert_eq!(resources[0].name, "META-INF/services/java.sql.Driver");
    // As it was: a driver has no barriers.
    let classes = Jdk::any().compile(SOURCES, &[]);
    let shipped = bundle.listing.jars[1].classes.iter().find(|class| class.name.ends_with("Base"));
    assert_eq!(shipped.unwrap().bytes, classes["org/postgresql/Base.class"].len() as u64);
}

#[test]
fn a_root_that_asks_for_none_has_no_drivers() {
    let folder = tempfile::tempdir().unwrap();
    let bundle =
        make_bundle(&plan_of(&[ADD]), &recorded(folder.path()).trace, Target::Local).unwrap();
    let jars = classes_by_jar(&bundle.listing);
    assert_eq!(jars, [("lib/00-app.jar".to_owned(), vec!["shop.Sums".to_owned()])]);
}
