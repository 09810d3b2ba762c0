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
    // Classes made at run time are made anew by each run of the server: of the same name, but with members in
    // another order. The recorded ones would not fit; workers get the server's own.
    let from_sources = manifest.jars.iter().filter(|jar| !jar.source.is_empty());
    let absolute = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    let files = WorkerFiles {
        class_path: from_sources.map(|jar| absolute.join(&jar.path)).collect(),
        digest: format!("{:x}", Sha256::digest(&text)),
        jdk_build: manifest.jdk_build.clone(),
        native_packages: manifest.worker_native.clone(),
        archive: None,
    };
    Ok((files, manifest.roots))
}
