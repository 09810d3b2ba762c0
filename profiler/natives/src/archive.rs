//! Native libraries and the classes that declare their methods, out of one file: a library by itself,
//! or a jar, jars within it included. Every library is judged for itself, because a jar brings one for
//! each platform; those of other platforms are named and left.

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek};
use std::path::{Path, PathBuf};

use serde::Serialize;
use zip::ZipArchive;

use crate::declared::{NativeMethod, declared_in_class};
use crate::error::NativesError;
use crate::library::Library;
use crate::proposal::{Found, Proposal, Proposer};
use crate::reachability::Libraries;

/// Deepest jar within a jar that is opened.
const DEPTH_MAX: usize = 3;
/// Largest entry that is read; a larger one is named as left out.
const ENTRY_BYTES_MAX: u64 = 1 << 30;

/// What a file holds.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FileNatives {
    /// The libraries judged.
    pub libraries: Vec<LibraryNatives>,
    /// Libraries that were not judged, with the reason.
    pub left_out: Vec<LeftOutLibrary>,
    /// Native methods that its classes declare, in all.
    pub declared: u64,
}

/// A library's native methods.
#[derive(Clone, Debug, Serialize)]
pub struct LibraryNatives {
    /// Where it is; nested entries separated by `!/`.
    pub place: String,
    /// Functions found in it.
    pub functions: u64,
    /// Methods that it implements, sorted.
    pub rows: Vec<LibraryRow>,
}

/// A native method of a library.
#[derive(Clone, Debug, Serialize)]
pub struct LibraryRow {
    /// The method; class and descriptor are empty when only the symbol is known.
    #[serde(flatten)]
    pub native: NativeMethod,
    /// The computed category: there is no reviewed table for application libraries.
    #[serde(flatten)]
    pub proposal: Proposal,
}

/// A library that was not judged.
#[derive(Clone, Debug, Serialize)]
pub struct LeftOutLibrary {
    /// Where it is.
    pub place: String,
    /// Why.
    pub reason: String,
}

/// Analyses a library or a jar.
///
/// # Errors
/// The file cannot be read, is a library that cannot be judged, or a jar that does not open. A
/// library *in* a jar that cannot be judged is no error but [`FileNatives::left_out`].
pub fn natives_of_file(path: &Path) -> Result<FileNatives, NativesError> {
    let io = |source| NativesError::Io { path: path.to_owned(), source };
    let mut start = [0; 4];
    let read = std::fs::File::open(path).and_then(|mut file| file.read(&mut start)).map_err(io)?;
    if start.get(..read).is_some_and(|start| start.starts_with(b"PK")) {
        let file = std::fs::File::open(path).map_err(io)?;
        let mut contents = Contents::default();
        contents.read_jar(path, std::io::BufReader::new(file), 0)?;
        return Ok(contents.judge());
    }
    let library = crate::jdk::read_library(path)?;
    let place = library.name.clone();
    let rows = judge_exports(library, &BTreeSet::new());
    Ok(FileNatives { libraries: vec![library_natives(place, rows)], ..FileNatives::default() })
}

fn library_natives(place: String, (functions, rows): (u64, Vec<LibraryRow>)) -> LibraryNatives {
    LibraryNatives { place, functions, rows }
}

/// What jars hold.
#[derive(Default)]
struct Contents {
    declared: BTreeSet<NativeMethod>,
    libraries: Vec<(String, Library)>,
    left_out: Vec<LeftOutLibrary>,
}

impl Contents {
    fn read_jar(
        &mut self,
        path: &Path,
        reader: impl Read + Seek,
        depth: usize,
    ) -> Result<(), NativesError> {
        let failed = |source| NativesError::Jar { path: path.to_owned(), source };
        let mut jar = ZipArchive::new(reader).map_err(failed)?;
        for index in 0..jar.len() {
            let mut entry = jar.by_index(index).map_err(failed)?;
            let name = entry.name().to_owned();
            let kind = Kind::of(&name);
            if kind == Kind::Other || !entry.is_file() {
                continue;
            }
            let place = format!("{}!/{name}", path.display());
            if entry.size() > ENTRY_BYTES_MAX {
                self.leave_out(place, "too large");
                continue;
            }
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).map_err(|e| failed(e.into()))?;
            match kind {
                Kind::Class => self.declared.extend(declared_in_class(&bytes).unwrap_or_default()),
                Kind::Library => self.add_library(place, &name, bytes),
                Kind::Foreign => self.leave_out(place, "for another operating system"),
                Kind::Jar if depth + 1 >= DEPTH_MAX => self.leave_out(place, "nested too deeply"),
                Kind::Jar => {
                    let inner = PathBuf::from(&place);
                    if let Err(error) = self.read_jar(&inner, Cursor::new(bytes), depth + 1) {
                        self.leave_out(place, error.to_string());
                    }
                }
                Kind::Other => {}
            }
        }
        Ok(())
    }

    fn add_library(&mut self, place: String, name: &str, bytes: Vec<u8>) {
        let short = name.rsplit('/').next().unwrap_or(name);
        match Library::parse(short, bytes) {
            Ok(library) => self.libraries.push((place, library)),
            Err(error) => self.leave_out(place, error.to_string()),
        }
    }

    fn leave_out(&mut self, place: String, reason: impl Into<String>) {
        self.left_out.push(LeftOutLibrary { place, reason: reason.into() });
    }

    fn judge(self) -> FileNatives {
        let Self { declared, libraries, left_out } = self;
        let judged = libraries
            .into_iter()
            .map(|(place, library)| library_natives(place, judge_exports(library, &declared)));
        FileNatives { libraries: judged.collect(), left_out, declared: declared.len() as u64 }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Class,
    Library,
    Foreign,
    Jar,
    Other,
}

impl Kind {
    fn of(name: &str) -> Self {
        let file = name.rsplit('/').next().unwrap_or(name);
        let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
        match extension {
            "class" => Self::Class,
            "jar" | "war" => Self::Jar,
            "dll" | "dylib" | "jnilib" => Self::Foreign,
            "so" => Self::Library,
            // Versioned libraries: libfoo.so.1.2.
            _ if file.contains(".so.") => Self::Library,
            _ => Self::Other,
        }
    }
}

/// Number of functions, and the methods that `library` implements: of `declared` those it exports or
/// registers; then what it registers or exports for classes that are not in the file.
fn judge_exports(library: Library, declared: &BTreeSet<NativeMethod>) -> (u64, Vec<LibraryRow>) {
    let functions = library.function_count() as u64;
    let symbols: BTreeSet<String> =
        library.exports.keys().filter(|name| name.starts_with("Java_")).cloned().collect();
    let mut proposer = Proposer::over(Libraries::of(vec![library]), Vec::new());
    let mut rows = Vec::new();
    let mut named = BTreeSet::new();
    for native in declared {
        let proposal = proposer.propose(native);
        if proposal.found != Found::Nowhere {
            named.extend(crate::mangle::names_of(native));
            rows.push(LibraryRow { native: native.clone(), proposal });
        }
    }
    let taken: BTreeSet<(String, String)> =
        rows.iter().map(|row| (row.native.method.clone(), row.native.descriptor.clone())).collect();
    for (method, descriptor) in proposer.registered_methods() {
        if taken.contains(&(method.clone(), descriptor.clone())) {
            continue;
        }
        let native = NativeMethod { class: String::new(), method, descriptor };
        let proposal = proposer.propose(&native);
        rows.push(LibraryRow { native, proposal });
    }
    for symbol in symbols.difference(&named) {
        if let Some(proposal) = proposer.propose_symbol(symbol) {
            let (class, descriptor) = (String::new(), String::new());
            let native = NativeMethod { class, method: symbol.clone(), descriptor };
            rows.push(LibraryRow { native, proposal });
        }
    }
    (functions, rows)
}
