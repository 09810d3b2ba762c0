//! Makes what the server and worker JVMs load: the offload agent's library, and out of `runtime/java` the
//! runtime jar and the small application of the self-test. The jars need the `javac` of a JDK of
//! version 17 or newer and nothing else: they have no dependencies, so Maven is only for the tests.
//! `BEEHIVE_OFFLOAD_AGENT_LIBRARY`, `BEEHIVE_RUNTIME_JAR` and `BEEHIVE_SELF_TEST_JAR` name files to take
//! instead.

use std::env;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use beehive_embed::{Library, embed};

type Made<T = ()> = Result<T, Box<dyn Error>>;

/// The runtime's sources and the entries of its manifest are those of `runtime/java/pom.xml`.
const SOURCES: &str = "../java/src/main/java";
/// The application that `package --verify` offloads.
const SELF_TEST_SOURCES: &str = "../java/src/selftest/java";
const MANIFEST: &str = "Manifest-Version: 1.0\r\nAdd-Exports: java.base/jdk.internal.misc\r\n\r\n";
const OPTIONS: [&str; 10] = [
    "-source",
    "17",
    "-target",
    "17",
    "-encoding",
    "UTF-8",
    "-nowarn",
    "-Xlint:-options",
    // Joining strings by invokedynamic makes classes at run time, which no CDS archive holds.
    "-XDstringConcat=inline",
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
];

fn main() -> Made {
    embed(Library {
        package: "beehive-offload-agent",
        file: "libbeehive_offload_agent.so",
        sources: &["../agent", "../rewriting", "../../profiler/jvm", "../../profiler/classfile"],
        variable: "BEEHIVE_OFFLOAD_AGENT_LIBRARY",
    })?;
    println!("cargo::rerun-if-env-changed=JAVA_HOME");
    provide("BEEHIVE_RUNTIME_JAR", SOURCES, "beehive-runtime.jar")?;
    provide("BEEHIVE_SELF_TEST_JAR", SELF_TEST_SOURCES, "beehive-selftest.jar")
}

/// Puts a jar into the output directory: the one that `variable` names, else one made of `sources`.
fn provide(variable: &str, sources: &str, name: &str) -> Made {
    println!("cargo::rerun-if-env-changed={variable}");
    let jar = PathBuf::from(env::var("OUT_DIR")?).join(name);
    match env::var_os(variable) {
        Some(path) => {
            println!("cargo::rerun-if-changed={}", Path::new(&path).display());
            std::fs::copy(&path, &jar)?;
            Ok(())
        }
        None => make_jar(sources, &jar),
    }
}

fn make_jar(sources: &str, jar: &Path) -> Made {
    let sources = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join(sources);
    println!("cargo::rerun-if-changed={}", sources.display());
    let classes = jar.with_extension("classes");
    if classes.exists() {
        std::fs::remove_dir_all(&classes)?;
    }
    std::fs::create_dir_all(&classes)?;
    let mut javac = Command::new(find_javac()?);
    javac.args(OPTIONS).arg("-d").arg(&classes).args(files_below(&sources, "java")?);
    let output = javac.output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(format!("{} did not compile:\n{words}", sources.display()).into());
    }
    zip_classes(&classes, jar)
}

/// Sorted, dated alike: the same classes give the same jar.
fn zip_classes(classes: &Path, jar: &Path) -> Made {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(jar)?);
    let options = zip::write::SimpleFileOptions::default()
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    zip.start_file("META-INF/MANIFEST.MF", options)?;
    zip.write_all(MANIFEST.as_bytes())?;
    for file in files_below(classes, "class")? {
        let name = file.strip_prefix(classes)?.to_string_lossy().into_owned();
        zip.start_file(name, options)?;
        zip.write_all(&std::fs::read(&file)?)?;
    }
    zip.finish()?;
    Ok(())
}

fn files_below(folder: &Path, extension: &str) -> Made<Vec<PathBuf>> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).map_err(|e| format!("{}: {e}", next.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// The first `javac` of version 17 or newer: of `JAVA_HOME`, on `PATH`, of the system's JDKs.
fn find_javac() -> Made<PathBuf> {
    let mut candidates = Vec::new();
    candidates.extend(env::var_os("JAVA_HOME").map(|home| Path::new(&home).join("bin/javac")));
    let path = env::var_os("PATH").unwrap_or_default();
    candidates.extend(env::split_paths(&path).map(|folder| folder.join("javac")));
    let user = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    for parent in [PathBuf::from("/usr/lib/jvm"), user.join(".sdkman/candidates/java")] {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let mut homes: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        homes.sort();
        candidates.extend(homes.into_iter().map(|home| home.join("bin/javac")));
    }
    candidates.into_iter().find(|javac| is_17_or_newer(javac)).ok_or_else(|| {
        let help = "install a JDK, or set JAVA_HOME, or name built jars in BEEHIVE_RUNTIME_JAR and BEEHIVE_SELF_TEST_JAR";
        format!("the runtime needs the javac of a JDK of version 17 or newer: {help}").into()
    })
}

fn is_17_or_newer(javac: &Path) -> bool {
    let Ok(output) = Command::new(javac).arg("-version").output() else { return false };
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let version = text.trim().strip_prefix("javac ").unwrap_or_default();
    let feature = version.split(['.', '-', '+']).next().and_then(|part| part.parse::<u32>().ok());
    feature.is_some_and(|feature| feature >= 17)
}
