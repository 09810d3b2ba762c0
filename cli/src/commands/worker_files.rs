//! What workers are started from, as the manifest of a bundle directory says it. Checks nothing: that is
//! the packager's.

use std::path::Path;

use beehive_host::WorkerFiles;
use beehive_packager::{MANIFEST_NAME, Manifest, PackageError};
use sha2::{Digest, Sha256};

/// The files of the bundle at `directory`, and its roots.
///
/// # Errors
/// A manifest that cannot be read, or is none.
pub fn worker_files(directory: &Path) -> Result<(WorkerFiles, Vec<String>), PackageError> {
    let path = directory.join(MANIFEST_NAME);
    let text = std::fs::read_to_string(&path).map_err(|source| PackageError::Io {
        action: "read",
        path: path.clone(),
        source,
    })?;
    let manifest = Manifest::parse(&text)?;
    let absolute = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let files = WorkerFiles {
        class_path: manifest.jars.iter().map(|jar| absolute.join(&jar.path)).collect(),
        digest: format!("{:x}", Sha256::digest(&text)),
        jdk_build: manifest.jdk_build.clone(),
        native_packages: manifest.worker_native.clone(),
        archive: None,
    };
    Ok((files, manifest.roots))
}
