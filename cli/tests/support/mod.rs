//! What the tests of the command share: the binary, JDKs, fixtures, a folder that goes away.

#[path = "../../../xtask/src/ports.rs"]
mod ports;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// What a command printed and how it ended.
pub struct Run {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// Runs the built `beehive`.
pub fn beehive(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_beehive"));
    let output = command.args(arguments).env("NO_COLOR", "1").output().unwrap();
    Run {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The JSON document on a command's stdout.
pub fn json_of(run: &Run) -> serde_json::Value {
    serde_json::from_str(&run.stdout)
        .unwrap_or_else(|e| panic!("no JSON ({e}): {}\n{}", run.stdout, run.stderr))
}

/// A JDK of this machine.
pub struct Jdk {
    pub feature: u32,
    home: PathBuf,
}

impl Jdk {
    pub fn java(&self) -> String {
        self.home.join("bin/java").display().to_string()
    }
}

/// Every JDK ≥ 17 found, one a version; those of `BEEHIVE_REQUIRE_JDKS` must be among them.
pub fn jdks() -> Vec<Jdk> {
    let mut found: Vec<Jdk> = beehive_record::installed_jdks()
        .into_iter()
        .filter(|jdk| jdk.feature >= 17)
        .map(|jdk| Jdk { feature: jdk.feature, home: jdk.home })
        .collect();
    found.sort_by_key(|jdk| jdk.feature);
    found.dedup_by_key(|jdk| jdk.feature);
    assert!(!found.is_empty(), "no JDK of version 17 or newer found; run: cargo xtask test");
    let required = std::env::var("BEEHIVE_REQUIRE_JDKS").unwrap_or_default();
    for wanted in required.split(',').filter_map(|word| word.trim().parse::<u32>().ok()) {
        assert!(found.iter().any(|jdk| jdk.feature == wanted), "JDK {wanted} is required");
    }
    found
}

/// A path below `fixtures`; fails with the command that builds it if it is not there.
pub fn fixture(path: &str) -> String {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(path);
    assert!(full.exists(), "fixtures/{path} is missing; run: cargo xtask fixtures");
    full.canonicalize().unwrap().display().to_string()
}

/// A port nobody uses at this moment.
pub fn free_port() -> u16 {
    ports::free_port().unwrap()
}

/// A temporary folder, removed at the end.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new(name: &str) -> Self {
        Self(tempfile::Builder::new().prefix(name).tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn exists(&self, name: &str) -> bool {
        self.0.path().join(name).exists()
    }
}
