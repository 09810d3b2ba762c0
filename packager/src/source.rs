//! Opens a code source and reads files out of it: a jar, a directory of classes, or either of them
//! nested in a fat jar, with the versions a multi-release jar has for one JDK. Reads only; what is
//! wanted, `loaded` and `contents` decide.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use zip::ZipArchive;

use crate::location::Location;

trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

type Archive = ZipArchive<Box<dyn ReadSeek>>;

/// An opened code source.
pub struct Source {
    files: BTreeMap<String, Entry>,
    store: Store,
    /// Lines of `META-INF/MANIFEST.MF`, if any.
    pub manifest: Option<Vec<u8>>,
}

enum Store {
    Archive(Box<Archive>),
    Directory(PathBuf),
}

/// A file of a code source.
struct Entry {
    /// Entry name in the archive, or path below the directory.
    stored_as: String,
    /// JDK version the file is for; 0 for every version.
    release: u16,
    bytes: u64,
}

impl Source {
    /// Opens `location`, seen as JDK `feature` (e.g. 17) sees it.
    pub fn open(location: &Location, feature: u16) -> std::io::Result<Self> {
        if location.inside.is_empty() && location.file.is_dir() {
            let mut files = BTreeMap::new();
            walk(&location.file, "", &mut files)?;
            let store = Store::Directory(location.file.clone());
            return Ok(Self { files, store, manifest: None });
        }
        let reader: Box<dyn ReadSeek> = Box::new(std::io::BufReader::new(regular(&location.file)?));
        let mut archive = ZipArchive::new(reader)?;
        let mut prefix = String::new();
        for part in &location.inside {
            let name = format!("{prefix}{part}");
            if let Some(inner) = read_entry(&mut archive, &name)? {
                let inner: Box<dyn ReadSeek> = Box::new(Cursor::new(inner));
                archive = ZipArchive::new(inner)?;
                prefix.clear();
            } else {
                prefix = format!("{name}/");
            }
        }
        Self::of_archive(archive, &prefix, feature)
    }

    fn of_archive(mut archive: Archive, prefix: &str, feature: u16) -> std::io::Result<Self> {
        let manifest = read_entry(&mut archive, &format!("{prefix}META-INF/MANIFEST.MF"))?;
        let is_multi_release = manifest.as_deref().is_some_and(is_multi_release);
        let mut files = BTreeMap::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index)?;
            let stored_as = entry.name();
            let Some(path) = stored_as.strip_prefix(prefix).filter(|_| entry.is_file()) else {
                continue;
            };
            let (release, path) = split_release(path, is_multi_release);
            if release > feature {
                continue;
            }
            let (stored_as, bytes) = (stored_as.to_owned(), entry.size());
            let known = files.get(path).is_some_and(|known: &Entry| known.release > release);
            if !known {
                files.insert(path.to_owned(), Entry { stored_as, release, bytes });
            }
        }
        if files.is_empty() && !prefix.is_empty() {
            let missing = format!("it has no folder {prefix}");
            return Err(std::io::Error::new(std::io::ErrorKind::NotFound, missing));
        }
        Ok(Self { files, store: Store::Archive(Box::new(archive)), manifest })
    }

    /// Files with their sizes, sorted by path, as the JDK sees them.
    pub fn files(&self) -> impl Iterator<Item = (&str, u64)> {
        self.files.iter().map(|(path, entry)| (path.as_str(), entry.bytes))
    }

    /// Contents of the file at `path`, `None` if there is none.
    pub fn read(&mut self, path: &str) -> std::io::Result<Option<Vec<u8>>> {
        let Some(entry) = self.files.get(path) else { return Ok(None) };
        match &mut self.store {
            Store::Archive(archive) => read_entry(archive, &entry.stored_as),
            Store::Directory(root) => std::fs::read(root.join(&entry.stored_as)).map(Some),
        }
    }
}

/// Names of the entries of the archive at `path`, in its own order, for the order of nested jars.
pub fn entry_order(path: &Path) -> std::io::Result<Vec<String>> {
    let archive = ZipArchive::new(std::io::BufReader::new(regular(path)?))?;
    let names = (0..archive.len()).filter_map(|index| archive.name_for_index(index));
    Ok(names.map(|name| name.trim_end_matches('/').to_owned()).collect())
}

/// `META-INF/MANIFEST.MF` of the jar at `path`, if it has one.
pub fn manifest_of(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let reader: Box<dyn ReadSeek> = Box::new(std::io::BufReader::new(regular(path)?));
    read_entry(&mut ZipArchive::new(reader)?, "META-INF/MANIFEST.MF")
}

/// Opens a file; a directory is an error at once and not at the first read.
fn regular(path: &Path) -> std::io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_file() {
        return Ok(file);
    }
    Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "not a regular file"))
}

fn read_entry(archive: &mut Archive, name: &str) -> std::io::Result<Option<Vec<u8>>> {
    let Some(index) = archive.index_for_name(name) else { return Ok(None) };
    let mut entry = archive.by_index(index)?;
    if !entry.is_file() {
        return Ok(None);
    }
    // The size in the header is not trusted for the allocation; the checksum is for the contents.
    let mut bytes = Vec::with_capacity(usize::try_from(entry.size()).unwrap_or(0).min(1 << 20));
    entry.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Version and effective path of an entry of a multi-release jar.
fn split_release(path: &str, is_multi_release: bool) -> (u16, &str) {
    let versioned = path.strip_prefix("META-INF/versions/").filter(|_| is_multi_release);
    let Some((number, rest)) = versioned.and_then(|rest| rest.split_once('/')) else {
        return (0, path);
    };
    match number.parse() {
        Ok(release) if release >= 9 => (release, rest),
        _ => (0, path),
    }
}

fn is_multi_release(manifest: &[u8]) -> bool {
    crate::jar_manifest::main_attribute(manifest, "Multi-Release")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn walk(root: &Path, below: &str, files: &mut BTreeMap<String, Entry>) -> std::io::Result<()> {
    for item in std::fs::read_dir(root.join(below))? {
        let item = item?;
        let name = item.file_name();
        let Some(name) = name.to_str() else { continue };
        let path = if below.is_empty() { name.to_owned() } else { format!("{below}/{name}") };
        let metadata = std::fs::metadata(item.path())?;
        if metadata.is_dir() {
            walk(root, &path, files)?;
        } else if metadata.is_file() {
            let entry = Entry { stored_as: path.clone(), release: 0, bytes: metadata.len() };
            files.insert(path, entry);
        }
    }
    Ok(())
}
