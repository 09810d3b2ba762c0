//! What a bundle holds and what was left out of it, as data: the answer of `--dry-run` and of
//! `--format json`. Sizes are bytes.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::application::AppClass;
use crate::manifest::Target;

/// Contents of a bundle.
#[derive(Clone, Debug, Serialize)]
pub struct Listing {
    /// Where its workers run.
    pub target: Target,
    /// JDK build a worker must have.
    pub jdk_build: String,
    /// The roots and what each reaches.
    pub roots: Vec<ListedRoot>,
    /// The jars, in class path order.
    pub jars: Vec<ListedJar>,
    /// Classes in all jars.
    pub classes: u64,
    /// Size of all files of the bundle directory.
    pub bytes: u64,
    /// Files of the shipped code sources that stay at home, by reason.
    pub left_out: BTreeMap<String, LeftOut>,
    /// Reached classes made at run time whose bytes the trace does not hold, dotted.
    pub without_bytes: Vec<String>,
    /// Classes that stay at home because of methods that cannot be rewritten for workers, with these
    /// methods and why.
    pub not_rewritable: BTreeMap<String, Vec<String>>,
    /// Supertypes found nowhere: their classes cannot be linked from the bundle alone.
    pub missing_supertypes: Vec<MissingSupertype>,
}

/// A root of a bundle.
#[derive(Clone, Debug, Serialize)]
pub struct ListedRoot {
    /// `class#name(descriptor)`.
    pub method: String,
    /// User methods below it in the call graph, itself included.
    pub methods_reached: u64,
    /// Classes shipped for it; other roots may need them too.
    pub classes: u64,
    /// Size of these classes' files.
    pub class_bytes: u64,
}

/// A jar of a bundle.
#[derive(Clone, Debug, Serialize)]
pub struct ListedJar {
    /// Path in the bundle.
    pub path: String,
    /// Code source, as recorded; empty for classes made at run time.
    pub source: String,
    /// SHA-256, hexadecimal.
    pub sha256: String,
    /// Size of the jar.
    pub bytes: u64,
    /// Whether the original was signed; the signatures are dropped.
    pub was_signed: bool,
    /// Its classes, sorted by path.
    pub classes: Vec<ListedFile>,
    /// Its other files, sorted.
    pub resources: Vec<ListedFile>,
}

/// A file of a jar.
#[derive(Clone, Debug, Serialize)]
pub struct ListedFile {
    /// Dotted class name, or path.
    pub name: String,
    /// Size.
    pub bytes: u64,
}

impl ListedFile {
    pub(crate) fn class(class: &AppClass) -> Self {
        let bytes = class.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Self { name: class.name.clone(), bytes }
    }
}

/// Files left out for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Number of files.
    pub files: u64,
    /// Their size; `None` if not known.
    pub bytes: Option<u64>,
}

impl LeftOut {
    /// Counts another group in.
    pub fn add(&mut self, other: &Self) {
        self.files += other.files;
        self.bytes = match (self.bytes, other.bytes) {
            (None, None) => None,
            (a, b) => Some(a.unwrap_or(0) + b.unwrap_or(0)),
        };
    }
}

/// A supertype that is neither in the bundle nor in the JDK.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct MissingSupertype {
    /// Class that needs it, dotted.
    pub class: String,
    /// The supertype, dotted.
    pub supertype: String,
}

impl From<&(String, String)> for MissingSupertype {
    fn from((class, supertype): &(String, String)) -> Self {
        Self { class: class.clone(), supertype: supertype.clone() }
    }
}
