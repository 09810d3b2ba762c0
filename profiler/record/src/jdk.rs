//! JDKs: what one is (its `release` file and libraries), whether an agent can record in it, and where
//! those of this machine are. Starts no JVM, except to ask a launcher script where its JDK is.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::RecordError;

/// Oldest feature release recorded.
pub const OLDEST_JDK: u32 = 17;

/// One installed JDK or JRE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jdk {
    /// Its home directory, symbolic links resolved.
    pub home: PathBuf,
    /// Feature release, e.g. 17.
    pub feature: u32,
    /// `JAVA_VERSION` of the release file, e.g. `17.0.15`.
    pub version: String,
    /// `JAVA_RUNTIME_VERSION`, else the version: what `java.vm.version` will most likely say.
    pub build: String,
    /// `IMPLEMENTOR`, or empty.
    pub vendor: String,
    /// Which virtual machine it has.
    pub vm: Vm,
}

/// Virtual machine of a JDK, told by its libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vm {
    /// HotSpot: the one recorded.
    HotSpot,
    /// Eclipse OpenJ9.
    OpenJ9,
    /// No library of a known virtual machine.
    Unknown,
}

impl Vm {
    fn label(self) -> &'static str {
        match self {
            Self::HotSpot => "HotSpot",
            Self::OpenJ9 => "Eclipse OpenJ9",
            Self::Unknown => "a virtual machine of unknown make",
        }
    }
}

impl Jdk {
    /// The JDK whose home is `home`.
    ///
    /// # Errors
    /// [`RecordError::UnknownJdk`] without a readable `release` file that names a version.
    pub fn at(home: &Path) -> Result<Self, RecordError> {
        let unknown = |reason: String| RecordError::UnknownJdk { home: home.to_owned(), reason };
        let home = home.canonicalize().map_err(|e| unknown(e.to_string()))?;
        let text = std::fs::read_to_string(home.join("release"))
            .map_err(|e| unknown(format!("its `release` file cannot be read ({e})")))?;
        let facts = parse_release(&text);
        let fact = |key: &str| facts.get(key).cloned().unwrap_or_default();
        let version = fact("JAVA_VERSION");
        let feature = feature_of(&version)
            .ok_or_else(|| unknown(format!("its `release` file names no version ({version:?})")))?;
        let build = Some(fact("JAVA_RUNTIME_VERSION")).filter(|b| !b.is_empty());
        let vm = vm_of(&home, &fact("JVM_VARIANT"));
        let build = build.unwrap_or_else(|| version.clone());
        Ok(Self { home, feature, build, version, vendor: fact("IMPLEMENTOR"), vm })
    }

    /// The JDK that a `java` program belongs to: `<home>/bin/java` behind all links, or, for a
    /// launcher script (jenv, asdf, …), what it says itself.
    ///
    /// # Errors
    /// [`RecordError::UnknownJdk`] if neither tells.
    pub fn of_program(java: &Path) -> Result<Self, RecordError> {
        let resolved = java.canonicalize().unwrap_or_else(|_| java.to_owned());
        let home = resolved.parent().and_then(Path::parent);
        match home.map(Self::at) {
            Some(Ok(jdk)) => Ok(jdk),
            _ => Self::at(&home_told_by(java)?),
        }
    }

    /// The `java` program.
    pub fn java(&self) -> PathBuf {
        self.home.join("bin").join("java")
    }

    /// Refuses a JDK that cannot be recorded.
    ///
    /// # Errors
    /// [`RecordError::JdkTooOld`] or [`RecordError::OtherVm`], each with the JDKs that would do.
    pub fn check(&self) -> Result<(), RecordError> {
        let home = self.home.clone();
        if self.feature < OLDEST_JDK {
            let version = self.version.clone();
            return Err(RecordError::JdkTooOld { home, version, usable: usable_homes() });
        }
        if self.vm != Vm::HotSpot {
            let vm = self.vm.label().to_owned();
            return Err(RecordError::OtherVm { home, vm, usable: usable_homes() });
        }
        Ok(())
    }

    fn is_usable(&self) -> bool {
        self.feature >= OLDEST_JDK && self.vm == Vm::HotSpot
    }
}

/// The JDKs of this machine, by `JAVA_HOME`, `PATH`, the system's and SDKMAN's directories; each
/// once, in that order.
pub fn installed_jdks() -> Vec<Jdk> {
    let mut jdks: Vec<Jdk> = Vec::new();
    for home in candidate_homes() {
        if let Ok(jdk) = Jdk::at(&home)
            && jdks.iter().all(|known| known.home != jdk.home)
        {
            jdks.push(jdk);
        }
    }
    jdks
}

/// Homes of the JDKs of this machine that can be recorded.
pub(crate) fn usable_homes() -> Vec<PathBuf> {
    installed_jdks().into_iter().filter(Jdk::is_usable).map(|jdk| jdk.home).collect()
}

/// First executable of that name in the directories of `PATH`.
pub(crate) fn find_on_path(program: &OsStr) -> Option<PathBuf> {
    path_directories().into_iter().map(|dir| dir.join(program)).find(|path| is_executable(path))
}

/// The directories of `PATH`.
pub(crate) fn path_directories() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).collect()
}

/// Whether the path is a file that someone may execute.
pub(crate) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

fn candidate_homes() -> Vec<PathBuf> {
    let mut homes: Vec<PathBuf> = Vec::new();
    homes.extend(std::env::var_os("JAVA_HOME").map(PathBuf::from));
    let on_path = find_on_path(OsStr::new("java")).and_then(|java| java.canonicalize().ok());
    homes.extend(on_path.and_then(|java| Some(java.parent()?.parent()?.to_owned())));
    let user = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let parents = [
        PathBuf::from("/usr/lib/jvm"),
        PathBuf::from("/usr/java"),
        PathBuf::from("/opt/java"),
        user.join(".sdkman/candidates/java"),
        user.join(".jdks"),
    ];
    for parent in parents {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        let mut children: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        children.sort();
        homes.extend(children);
    }
    homes
}

/// `KEY="value"` lines of a release file.
fn parse_release(text: &str) -> BTreeMap<String, String> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(k, v)| (k.trim().to_owned(), v.trim().trim_matches('"').to_owned())).collect()
}

/// `17.0.15` → 17, `25` → 25, `1.8.0_402` → 8.
fn feature_of(version: &str) -> Option<u32> {
    let mut parts = version.split(['.', '_', '-', '+']).map(str::parse::<u32>);
    match (parts.next()?.ok()?, parts.next()) {
        (1, Some(Ok(second))) => Some(second),
        (first, _) => Some(first),
    }
}

fn vm_of(home: &Path, variant: &str) -> Vm {
    let lib = home.join("lib");
    let has_openj9 = variant.eq_ignore_ascii_case("openj9")
        || lib.join("j9vm").is_dir()
        || lib.join("compressedrefs").is_dir();
    if has_openj9 {
        return Vm::OpenJ9;
    }
    let places = ["server", "client", "minimal", "zero", "amd64/server", "../jre/lib/amd64/server"];
    if places.iter().any(|place| lib.join(place).join("libjvm.so").is_file()) {
        return Vm::HotSpot;
    }
    Vm::Unknown
}

/// Asks a launcher for its `java.home`.
fn home_told_by(java: &Path) -> Result<PathBuf, RecordError> {
    let unknown = |reason: String| RecordError::UnknownJdk { home: java.to_owned(), reason };
    let mut ask = Command::new(java);
    ask.args(["-XshowSettings:properties", "-version"]).env_remove("JAVA_TOOL_OPTIONS");
    let output = ask.output().map_err(|e| unknown(format!("it cannot be started ({e})")))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let home = told.lines().find_map(|line| line.trim().strip_prefix("java.home = "));
    home.map(PathBuf::from).ok_or_else(|| unknown("it does not tell its java.home".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feature_release_is_read_from_every_shape_of_version() {
        for (version, feature) in
            [("17.0.15", 17), ("25", 25), ("1.8.0_402", 8), ("11.0.22", 11), ("26-ea", 26)]
        {
            assert_eq!(feature_of(version), Some(feature), "{version}");
        }
        assert_eq!(feature_of(""), None);
    }

    /// A directory that looks like a JDK of that version and virtual machine.
    fn fake_jdk(version: &str, lib: &str) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("release"), format!("JAVA_VERSION=\"{version}\"\n"))
            .unwrap();
        std::fs::create_dir_all(dir.path().join("lib").join(lib)).unwrap();
        std::fs::write(dir.path().join("lib").join(lib).join("libjvm.so"), b"").unwrap();
        dir
    }

    #[test]
    fn old_and_foreign_virtual_machines_are_refused() {
        let old = fake_jdk("11.0.22", "server");
        let refused = Jdk::at(old.path()).unwrap().check().unwrap_err();
        assert!(
            matches!(refused, RecordError::JdkTooOld { ref version, .. } if version == "11.0.22")
        );
        let openj9 = fake_jdk("21.0.2", "j9vm");
        let refused = Jdk::at(openj9.path()).unwrap().check().unwrap_err();
        assert!(matches!(refused, RecordError::OtherVm { ref vm, .. } if vm == "Eclipse OpenJ9"));
        let fine = fake_jdk("21.0.2", "server");
        assert!(Jdk::at(fine.path()).unwrap().check().is_ok());
    }

    #[test]
    fn a_directory_without_a_release_file_is_no_jdk() {
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(Jdk::at(dir.path()), Err(RecordError::UnknownJdk { .. })));
    }

    #[test]
    fn the_installed_jdks_are_found_once_each() {
        let jdks = installed_jdks();
        assert!(!jdks.is_empty(), "this test needs a JDK: install one or set JAVA_HOME");
        let mut homes: Vec<_> = jdks.iter().map(|jdk| jdk.home.clone()).collect();
        homes.sort();
        homes.dedup();
        assert_eq!(homes.len(), jdks.len());
        for jdk in jdks.iter().filter(|jdk| is_executable(&jdk.java())) {
            assert_eq!(Jdk::of_program(&jdk.java()).unwrap(), *jdk);
        }
    }
}
