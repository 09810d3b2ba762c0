//! `manifest.toml`, the bundle's own description: what a worker must be and the class path in order,
//! with the hashes by which the bundle is verified. Written by `bundle`, read by `verify` and by
//! whatever starts workers.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::PackageError;

/// Name of the manifest in a bundle.
pub const MANIFEST_NAME: &str = "manifest.toml";

/// Format version written by this code.
pub const BUNDLE_VERSION: u32 = 2;

/// Where the workers of a bundle run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Processes on the server's own machine.
    #[default]
    Local,
}

/// The description of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format version.
    pub bundle_version: u32,
    /// Where its workers run.
    pub target: Target,
    /// `java.vm.version` that a worker must have.
    pub jdk_build: String,
    /// Methods that are offloaded, `class#name(descriptor)`, sorted.
    pub roots: Vec<String>,
    /// Prefixes of dotted class names that workers keep as they are and have their own statics of.
    #[serde(default)]
    pub worker_native: Vec<String>,
    /// The worker's class path, in order.
    #[serde(rename = "jar", default)]
    pub jars: Vec<JarEntry>,
}

/// One jar of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JarEntry {
    /// Path in the bundle.
    pub path: String,
    /// Code source its classes were loaded from, as recorded; empty for classes made at run time.
    pub source: String,
    /// SHA-256 of the jar, hexadecimal.
    pub sha256: String,
    /// Size of the jar.
    pub bytes: u64,
    /// Number of classes.
    pub classes: u64,
    /// Number of other files, its own manifest left out.
    pub resources: u64,
}

impl Manifest {
    /// Text of the file.
    ///
    /// # Errors
    /// [`PackageError::Manifest`] if it cannot be expressed in TOML.
    pub fn to_text(&self) -> Result<String, PackageError> {
        toml::to_string(self).map_err(|e| PackageError::Manifest { reason: e.to_string() })
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// [`PackageError::Manifest`] or [`PackageError::NewerVersion`].
    pub fn parse(text: &str) -> Result<Self, PackageError> {
        #[derive(Deserialize)]
        struct Version {
            bundle_version: u32,
        }
        let reason = |e: toml::de::Error| PackageError::Manifest { reason: e.message().to_owned() };
        let version: Version = toml::from_str(text).map_err(reason)?;
        if version.bundle_version > BUNDLE_VERSION {
            let (found, supported) = (version.bundle_version, BUNDLE_VERSION);
            return Err(PackageError::NewerVersion { found, supported });
        }
        toml::from_str(text).map_err(reason)
    }
}

/// SHA-256 of `bytes`, hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        use std::fmt::Write;
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_back_and_unknown_versions_are_told() {
        let jar = JarEntry { path: "lib/00-a.jar".into(), bytes: 7, ..JarEntry::default() };
        let roots = vec!["a.B#c(I)V".into()];
        let manifest =
            Manifest { bundle_version: 1, roots, jars: vec![jar], ..Manifest::default() };
        let text = manifest.to_text().unwrap();
        assert_eq!(Manifest::parse(&text).unwrap(), manifest);
        let newer = text.replace("bundle_version = 1", "bundle_version = 3\nnew = 1");
        assert!(matches!(
            Manifest::parse(&newer),
            Err(PackageError::NewerVersion { found: 3, .. })
        ));
        assert!(matches!(Manifest::parse("version = 1"), Err(PackageError::Manifest { .. })));
    }

    #[test]
    fn hash_of_nothing() {
        assert!(sha256_hex(b"").starts_with("e3b0c44298fc1c14"));
    }
}
