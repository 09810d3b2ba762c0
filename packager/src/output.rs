//! Puts a bundle in place: written beside its destination, read back and verified there, then
//! swapped in. Whatever is not a bundle is never replaced, and a failure leaves what was there.

use std::path::{Path, PathBuf};

use beehive_trace::Trace;
use serde::Serialize;

use crate::archive::{Packing, build_archive};
use crate::bundle::Bundle;
use crate::error::PackageError;
use crate::manifest::{MANIFEST_NAME, Manifest, sha256_hex};
use crate::platform::Platform;
use crate::verify::{Verified, problem, read_archive, read_directory, verify};

/// A bundle on disk.
#[derive(Clone, Debug, Serialize)]
pub struct Written {
    /// The bundle directory.
    pub directory: PathBuf,
    /// The same as one archive, beside it.
    pub archive: PathBuf,
    /// Size of the archive.
    pub archive_bytes: u64,
    /// SHA-256 of the archive, hexadecimal.
    pub archive_sha256: String,
    /// What the check after writing found.
    pub verified: Verified,
}

/// Writes `bundle` to the directory `output` and to `output.zip` beside it.
///
/// # Errors
/// [`PackageError::NotABundle`] if something else is there, [`PackageError::Io`] if it cannot be
/// written, [`PackageError::Verification`] if what was written is not what was meant.
pub fn write_bundle(
    bundle: &Bundle,
    trace: &Trace,
    output: &Path,
) -> Result<Written, PackageError> {
    let place = Place::of(output)?;
    place.check_free()?;
    std::fs::create_dir_all(&place.parent).map_err(io("create", &place.parent))?;
    let staging = tempfile::Builder::new()
        .prefix(&format!(".{}.", place.name))
        .tempdir_in(&place.parent)
        .map_err(io("write in", &place.parent))?;
    let directory = staging.path().join("directory");
    let archive = staging.path().join("archive.zip");
    let packed = write_files(bundle, &directory, &archive)?;
    let verified = verify_both(bundle, trace, &directory, &archive)?;
    swap(&directory, &place.directory)?;
    std::fs::rename(&archive, &place.archive).map_err(io("replace", &place.archive))?;
    Ok(Written {
        directory: place.directory,
        archive: place.archive,
        archive_bytes: packed.len() as u64,
        archive_sha256: sha256_hex(&packed),
        verified,
    })
}

/// Where a bundle goes.
struct Place {
    parent: PathBuf,
    name: String,
    directory: PathBuf,
    archive: PathBuf,
}

impl Place {
    fn of(output: &Path) -> Result<Self, PackageError> {
        let name = output.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| PackageError::BadOutput { path: output.to_owned() })?;
        let parent = output.parent().filter(|parent| !parent.as_os_str().is_empty());
        let parent = parent.unwrap_or(Path::new(".")).to_owned();
        let (directory, archive) = (output.with_file_name(name), format!("{name}.zip"));
        let archive = output.with_file_name(archive);
        Ok(Self { parent, name: name.to_owned(), directory, archive })
    }

    fn check_free(&self) -> Result<(), PackageError> {
        let not_ours = |path: &Path, found: String| {
            Err(PackageError::NotABundle { path: path.to_owned(), found })
        };
        match foreign_directory(&self.directory)? {
            Some(found) => not_ours(&self.directory, found),
            None => match foreign_archive(&self.archive)? {
                Some(found) => not_ours(&self.archive, found),
                None => Ok(()),
            },
        }
    }
}

/// Why the directory at `path` must not be replaced; `None` if there is none, or a bundle, or
/// nothing in it.
fn foreign_directory(path: &Path) -> Result<Option<String>, PackageError> {
    let Some(metadata) = existing(path)? else { return Ok(None) };
    if !metadata.is_dir() {
        let found = if metadata.is_symlink() { "a symbolic link" } else { "a file" };
        return Ok(Some(found.to_owned()));
    }
    let names = names_below(path, "").map_err(io("read", path))?;
    if names.is_empty() {
        return Ok(None);
    }
    let Ok(text) = std::fs::read_to_string(path.join(MANIFEST_NAME)) else {
        return Ok(Some(format!("a directory without {MANIFEST_NAME}")));
    };
    let Ok(manifest) = Manifest::parse(&text) else {
        return Ok(Some(format!("a directory whose {MANIFEST_NAME} is not of a bundle")));
    };
    let is_ours =
        |name: &String| name == MANIFEST_NAME || manifest.jars.iter().any(|jar| jar.path == *name);
    let foreign = names.iter().find(|name| !is_ours(name));
    Ok(foreign.map(|name| format!("a directory that also holds {name}")))
}

/// Why the file at `path` must not be replaced.
fn foreign_archive(path: &Path) -> Result<Option<String>, PackageError> {
    let Some(metadata) = existing(path)? else { return Ok(None) };
    if !metadata.is_file() {
        return Ok(Some("no regular file".to_owned()));
    }
    let files = read_archive(path).unwrap_or_default();
    let manifest = files.get(MANIFEST_NAME).and_then(|bytes| std::str::from_utf8(bytes).ok());
    let is_ours = manifest.is_some_and(|text| Manifest::parse(text).is_ok());
    Ok((!is_ours).then(|| "a file that is not a bundle's archive".to_owned()))
}

fn existing(path: &Path) -> Result<Option<std::fs::Metadata>, PackageError> {
    match std::fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(io("read", path)(e)),
    }
}

fn names_below(root: &Path, below: &str) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for item in std::fs::read_dir(root.join(below))? {
        let item = item?;
        let name = item.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if item.file_type()?.is_dir() {
            names.extend(names_below(root, &path)?);
        } else {
            names.push(path);
        }
    }
    Ok(names)
}

/// Writes directory and archive; gives the archive's bytes.
fn write_files(bundle: &Bundle, directory: &Path, archive: &Path) -> Result<Vec<u8>, PackageError> {
    for (name, bytes) in &bundle.files {
        let path = directory.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(io("create", folder))?;
        }
        std::fs::write(&path, bytes).map_err(io("write", &path))?;
    }
    let entries = bundle.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    let packed = build_archive("the archive", entries, Packing::Deflated)?;
    std::fs::write(archive, &packed).map_err(io("write", archive))?;
    Ok(packed)
}

/// Reads both forms back; they must be whole, equal, and what was meant.
fn verify_both(
    bundle: &Bundle,
    trace: &Trace,
    directory: &Path,
    archive: &Path,
) -> Result<Verified, PackageError> {
    let platform = Platform::of(trace);
    let from_directory = read_directory(directory)?;
    let verified = verify(directory, &from_directory, &platform)?;
    let from_archive = read_archive(archive)?;
    verify(archive, &from_archive, &platform)?;
    if from_archive != from_directory || from_directory != bundle.files {
        return Err(problem(archive, "directory and archive differ from each other"));
    }
    Ok(verified)
}

/// Puts `new` in the place of `old` in one step where the system can, so that there is a whole
/// bundle at every moment. What stood there goes to where `new` was.
fn swap(new: &Path, old: &Path) -> Result<(), PackageError> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    if existing(old)?.is_some() {
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
        let aside = new.with_extension("old");
        std::fs::rename(old, &aside).map_err(io("replace", old))?;
        return std::fs::rename(new, old).map_err(|source| {
            // The way back: the old bundle must not be lost with the staging directory.
            let _ = std::fs::rename(&aside, old);
            io("replace", old)(source)
        });
    }
    std::fs::rename(new, old).map_err(io("write", old))
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> PackageError {
    let path = path.to_owned();
    move |source| PackageError::Io { action, path, source }
}
