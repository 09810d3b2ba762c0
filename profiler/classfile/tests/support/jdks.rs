//! Finds the JDKs from 17 on: `JAVA_HOME`, the system's folder of JVMs, and `java` on `PATH`.
//! `BEEHIVE_REQUIRE_JDKS` (e.g. `17,25`) names versions whose absence is an error.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Clone)]
pub struct Jdk {
    pub feature: u32,
    pub home: PathBuf,
}

impl Jdk {
    pub fn tool(&self, name: &str) -> PathBuf {
        self.home.join("bin").join(name)
    }
}

/// One JDK of each version from 17 on, or a panic that says what is missing.
pub fn all() -> Vec<Jdk> {
    let mut found = BTreeMap::new();
    for home in candidates() {
        if let Some(jdk) = inspect(&home) {
            found.entry(jdk.feature).or_insert(jdk);
        }
    }
    let wanted = std::env::var("BEEHIVE_REQUIRE_JDKS").unwrap_or_default();
    for word in wanted.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        let feature: u32 = word.parse().unwrap();
        assert!(found.contains_key(&feature), "JDK {feature} is required and was not found");
    }
    assert!(!found.is_empty(), "no JDK of version 17 or newer with a compiler was found");
    for jdk in found.values() {
        println!("JDK {} at {}", jdk.feature, jdk.home.display());
    }
    found.into_values().collect()
}

fn candidates() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> =
        std::env::var_os("JAVA_HOME").into_iter().map(Into::into).collect();
    if let Ok(folders) = std::fs::read_dir("/usr/lib/jvm") {
        let mut folders: Vec<_> = folders.flatten().map(|folder| folder.path()).collect();
        folders.sort();
        homes.extend(folders);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    for folder in std::env::split_paths(&path) {
        if let Ok(java) = folder.join("java").canonicalize() {
            homes.extend(java.ancestors().nth(2).map(Path::to_owned));
        }
    }
    homes
}

fn inspect(home: &Path) -> Option<Jdk> {
    let home = home.canonicalize().ok()?;
    let release = std::fs::read_to_string(home.join("release")).ok()?;
    let line = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    let feature: u32 = line.split(['.', '"', '-', '+']).next()?.parse().ok()?;
    let usable = home.join("bin/javac").is_file() && home.join("lib/modules").is_file();
    (feature >= 17 && usable).then_some(Jdk { feature, home })
}
