//! Reads a bundle back, directory or archive, and checks it against its own manifest: every file
//! there and no other, sizes and hashes, every class what its path says, supertypes present. Trusts
//! nothing that the writing side holds in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read, Seek};
use std::path::{Component, Path};

use serde::Serialize;
use zip::ZipArchive;

use crate::class_facts::class_facts;
use crate::error::PackageError;
use crate::listing::MissingSupertype;
use crate::manifest::{JarEntry, MANIFEST_NAME, Manifest, sha256_hex};
use crate::platform::Platform;

/// Files by path inside a bundle.
pub type BundleFiles = BTreeMap<String, Vec<u8>>;

/// What was checked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// Files of the bundle.
    pub files: u64,
    /// Classes opened.
    pub classes: u64,
    /// Supertypes neither in the bundle nor in the JDK.
    pub missing_supertypes: Vec<MissingSupertype>,
}

/// Reads all files of the bundle directory `root`.
///
/// # Errors
/// [`PackageError::Io`]; [`PackageError::Verification`] for what is neither file nor directory.
pub fn read_directory(root: &Path) -> Result<BundleFiles, PackageError> {
    let mut files = BundleFiles::new();
    read_below(root, "", &mut files)?;
    Ok(files)
}

fn read_below(root: &Path, below: &str, files: &mut BundleFiles) -> Result<(), PackageError> {
    let folder = root.join(below);
    let io = |source| PackageError::Io { action: "read", path: folder.clone(), source };
    for item in std::fs::read_dir(&folder).map_err(io)? {
        let item = item.map_err(io)?;
        let kind = item.file_type().map_err(io)?;
        let name = item.file_name().to_string_lossy().into_owned();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        if kind.is_dir() {
            read_below(root, &path, files)?;
        } else if kind.is_file() {
            let bytes = std::fs::read(item.path()).map_err(io)?;
            files.insert(path, bytes);
        } else {
            return Err(problem(&item.path(), "it is neither a file nor a directory"));
        }
    }
    Ok(())
}

/// Reads all files of the bundle archive at `path`.
///
/// # Errors
/// [`PackageError::Io`]; [`PackageError::Verification`] for a damaged archive.
pub fn read_archive(path: &Path) -> Result<BundleFiles, PackageError> {
    let file = std::fs::File::open(path).map_err(|source| PackageError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    read_zip(path, std::io::BufReader::new(file))
}

fn read_zip(path: &Path, reader: impl Read + Seek) -> Result<BundleFiles, PackageError> {
    let damaged = |e: &dyn std::fmt::Display| problem(path, format!("it does not open: {e}"));
    let mut archive = ZipArchive::new(reader).map_err(|e| damaged(&e))?;
    let mut files = BundleFiles::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(|e| damaged(&e))?;
        let name = entry.name().to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|e| damaged(&e))?;
        files.insert(name, bytes);
    }
    Ok(files)
}

/// Checks `files`, read from `place`, against their manifest; names not in the bundle must be the
/// platform's.
///
/// # Errors
/// [`PackageError::Verification`] with the first thing that is wrong, or a manifest's error.
pub fn verify(
    place: &Path,
    files: &BundleFiles,
    platform: &Platform<'_>,
) -> Result<Verified, PackageError> {
    let manifest = manifest_in(place, files)?;
    check_file_set(place, files, &manifest)?;
    let mut supertypes = BTreeMap::new();
    for jar in &manifest.jars {
        let path = place.join(&jar.path);
        let bytes = files.get(&jar.path).ok_or_else(|| problem(&path, "it is missing"))?;
        check_jar(&path, jar, bytes, &mut supertypes)?;
    }
    let missing = supertypes.iter().flat_map(|(class, supers)| {
        let absent = |name: &&String| !supertypes.contains_key(*name) && !platform.has(name);
        let row =
            |name: &String| MissingSupertype { class: class.clone(), supertype: name.clone() };
        supers.iter().filter(absent).map(row)
    });
    let missing_supertypes = missing.collect();
    let (files, classes) = (files.len() as u64, supertypes.len() as u64);
    Ok(Verified { files, classes, missing_supertypes })
}

fn manifest_in(place: &Path, files: &BundleFiles) -> Result<Manifest, PackageError> {
    let path = place.join(MANIFEST_NAME);
    let bytes = files.get(MANIFEST_NAME).ok_or_else(|| problem(&path, "it is missing"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| problem(&path, "it is not UTF-8"))?;
    Manifest::parse(text)
}

fn check_file_set(
    place: &Path,
    files: &BundleFiles,
    manifest: &Manifest,
) -> Result<(), PackageError> {
    let mut expected = BTreeSet::from([MANIFEST_NAME]);
    for jar in &manifest.jars {
        let is_inside =
            Path::new(&jar.path).components().all(|c| matches!(c, Component::Normal(_)));
        if !is_inside || !expected.insert(&jar.path) {
            return Err(problem(&place.join(MANIFEST_NAME), format!("bad jar path {}", jar.path)));
        }
    }
    match files.keys().find(|path| !expected.contains(path.as_str())) {
        Some(foreign) => Err(problem(&place.join(foreign), "the manifest does not know it")),
        None => Ok(()),
    }
}

fn check_jar(
    path: &Path,
    jar: &JarEntry,
    bytes: &[u8],
    supertypes: &mut BTreeMap<String, Vec<String>>,
) -> Result<(), PackageError> {
    let (size, hash) = (bytes.len() as u64, sha256_hex(bytes));
    if size != jar.bytes {
        return Err(problem(path, format!("{size} bytes, the manifest says {}", jar.bytes)));
    }
    if hash != jar.sha256 {
        return Err(problem(path, format!("sha256 {hash}, the manifest says {}", jar.sha256)));
    }
    let (mut classes, mut resources) = (0, 0);
    for (name, contents) in read_zip(path, Cursor::new(bytes))? {
        let Some(class) = name.strip_suffix(".class") else {
            resources += u64::from(name != "META-INF/MANIFEST.MF");
            continue;
        };
        classes += 1;
        let facts = class_facts(&contents).map_err(|e| problem(path, format!("{name}: {e}")))?;
        if facts.name != class.replace('/', ".") {
            return Err(problem(path, format!("{name} holds class {}", facts.name)));
        }
        if supertypes.insert(facts.name, facts.supertypes).is_some() {
            return Err(problem(path, format!("{name} is in an earlier jar as well")));
        }
    }
    if (classes, resources) != (jar.classes, jar.resources) {
        let found = format!("{classes} classes and {resources} other files");
        let said = format!("{} and {}", jar.classes, jar.resources);
        return Err(problem(path, format!("{found}, the manifest says {said}")));
    }
    Ok(())
}

/// A verification failure.
pub(crate) fn problem(path: &Path, what: impl Into<String>) -> PackageError {
    PackageError::Verification { path: path.to_owned(), problem: what.into() }
}
