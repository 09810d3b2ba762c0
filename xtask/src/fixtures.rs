//! Builds the applications and programs that tests and the demo run. An output newer than all of its
//! sources is left alone. Applications and the shaded program need Maven, the rest only a JDK's compiler.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::jdk::Jdk;
use crate::process::{Step, command, root, run, say};
use crate::tools;

/// Applications that only long tests use.
const LONG: [&str; 8] =
    ["bazaar", "campanile", "fuseki", "plantuml", "s3mock", "scriptorium", "tidewrack", "wiremock"];

/// Builds everything under `fixtures/apps` and `fixtures/programs`.
pub fn build_all() -> Step {
    build_tested()?;
    for name in LONG {
        application(name)?;
    }
    Ok(())
}

/// The same without what only long tests use.
pub fn build_tested() -> Step {
    for name in ["forum", "shop", "clinic"] {
        application(name)?;
    }
    for program in folders(&root().join("fixtures/programs")) {
        build_program(&program)?;
    }
    Ok(())
}

/// Builds the forum application; gives its jar.
pub fn forum() -> Step<PathBuf> {
    application("forum")
}

/// Builds an application of this name; gives its jar.
fn application(name: &str) -> Step<PathBuf> {
    let folder = root().join("fixtures/apps").join(name);
    let (jar, built) = (folder.join(format!("target/{name}.jar")), folder.join("target/built"));
    // The jar's own time is the fixed one of a reproducible build, so a marker tells its age.
    if !(jar.is_file() && is_fresh(&built, &folder)) {
        package_with_maven(&folder)?;
        touch(&built)?;
    }
    if jar.is_file() {
        Ok(jar)
    } else {
        Err(format!("Maven ended well but {} is missing", jar.display()))
    }
}

fn build_program(folder: &Path) -> Step {
    if folder.join("pom.xml").is_file() {
        let built = folder.join("target/built");
        if is_fresh(&built, folder) {
            return Ok(());
        }
        package_with_maven(folder)?;
        return touch(&built);
    }
    let built = folder.join("target/built");
    if is_fresh(&built, folder) {
        return Ok(());
    }
    let jdks = tools::jdks(&[])?;
    let jdk = jdks.first().ok_or("no JDK of version 17 or newer was found")?;
    let library = folder.join("target/library.jar");
    if folder.join("lib-src").is_dir() {
        let classes = folder.join("target/lib-classes");
        compile(jdk, &folder.join("lib-src"), &classes, None)?;
        let mut jar = command(&jdk.tool("jar"), &["--create", "--file"]);
        run(jar.arg(&library).arg("-C").arg(&classes).arg("."))?;
    }
    compile(jdk, &folder.join("src"), &folder.join("target/classes"), Some(&library))?;
    touch(&built)
}

fn compile(jdk: &Jdk, sources: &Path, classes: &Path, library: Option<&Path>) -> Step {
    let mut javac = command(&jdk.tool("javac"), &["--release", "17", "-nowarn", "-d"]);
    javac.arg(classes);
    if let Some(library) = library {
        javac.arg("-cp").arg(library);
    }
    run(javac.args(files_below(sources, "java")))
}

fn package_with_maven(folder: &Path) -> Step {
    tools::jdks(&[])?;
    tools::maven()?;
    let mut maven = command("mvn", &["-q", "-B", "-DskipTests", "package"]);
    run(maven.current_dir(folder))
}

fn touch(path: &Path) -> Step {
    std::fs::write(path, "").map_err(|e| format!("cannot write {}: {e}", path.display()))
}

/// Whether `output` exists and no source of `folder` (outside `target`) is newer.
fn is_fresh(output: &Path, folder: &Path) -> bool {
    let Some(built) = modified(output) else { return false };
    let newest = sources(folder).iter().filter_map(|path| modified(path)).max();
    let fresh = newest.is_none_or(|newest| newest <= built);
    if fresh {
        say(&format!("{} is built", folder.strip_prefix(root()).unwrap_or(folder).display()));
    }
    fresh
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = files_below(&folder.join("src"), "");
    found.extend(files_below(&folder.join("lib-src"), ""));
    found.push(folder.join("pom.xml"));
    found
}

/// Files below `folder` with this extension (all with an empty one), sorted.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if extension.is_empty() || path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|e| e.path()).filter(|p| p.is_dir()).collect();
    found.sort();
    found
}
