//! Finds the JDKs of this machine: `JAVA_HOME`, the usual folders, the `java` on the path.

use std::path::{Path, PathBuf};

/// An installed JDK.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jdk {
    /// Its home folder, links resolved.
    pub home: PathBuf,
    /// Feature version, e.g. 17.
    pub feature: u32,
    /// `JAVA_VERSION` of its release file.
    pub version: String,
}

impl Jdk {
    /// A program of its `bin`.
    pub fn tool(&self, name: &str) -> String {
        self.home.join("bin").join(name).display().to_string()
    }
}

/// All JDKs (with a compiler) of feature version 17 or more, oldest first, one a version.
pub fn all() -> Vec<Jdk> {
    let mut found: Vec<Jdk> = homes().iter().filter_map(|home| describe(home)).collect();
    found.retain(|jdk| jdk.feature >= 17);
    found.sort_by(|a, b| (a.feature, &a.version, &a.home).cmp(&(b.feature, &b.version, &b.home)));
    found.dedup_by(|a, b| a.feature == b.feature);
    found
}

fn homes() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> =
        std::env::var_os("JAVA_HOME").map(PathBuf::from).into_iter().collect();
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    for folder in ["/usr/lib/jvm", "/opt/java", "/opt/jdk"] {
        homes.extend(children(Path::new(folder)));
    }
    homes.extend(children(&home.join(".sdkman/candidates/java")));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|bin| bin.join("java"));
    let real = on_path.filter_map(|java| java.canonicalize().ok());
    homes.extend(real.filter_map(|java| Some(java.parent()?.parent()?.to_owned())));
    homes
}

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn describe(home: &Path) -> Option<Jdk> {
    let home = home.canonicalize().ok()?;
    if !home.join("bin/javac").is_file() {
        return None;
    }
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let line = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="))?;
    let version = line.trim_matches('"').to_owned();
    let feature = version.split(['.', '-', '+']).next()?.parse().ok()?;
    Some(Jdk { home, feature, version })
}
