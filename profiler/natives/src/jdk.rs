//! All native methods of a JDK's java.base with both opinions: the reviewed row and the proposal out
//! of the JDK's own libraries, and how often the two agree.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::category::Category;
use crate::declared::{NativeMethod, declared_in_module};
use crate::error::NativesError;
use crate::library::Library;
use crate::matrix::Matrix;
use crate::proposal::{Proposal, Proposer};
use crate::reachability::Libraries;
use crate::registered::registered_in;
use crate::table::ReviewedTable;

/// Libraries that implement java.base and are followed into each other; not every JDK has all.
const LIBRARIES: [&str; 8] = [
    "libjava.so",
    "libnet.so",
    "libnio.so",
    "libzip.so",
    "libjimage.so",
    "libverify.so",
    "libsyslookup.so",
    "libfallbackLinker.so",
];

/// A JDK's native methods.
#[derive(Clone, Debug, Serialize)]
pub struct JdkNatives {
    /// Its home.
    pub home: PathBuf,
    /// Version as its `release` file has it.
    pub version: String,
    /// Feature version, e.g. 17.
    pub feature: u16,
    /// Whether a person has reviewed this feature version.
    pub is_reviewed: bool,
    /// Native methods of java.base, sorted.
    pub rows: Vec<JdkRow>,
    /// How the table and the proposal agree.
    pub matrix: Matrix,
}

/// A native method and what is known of it.
#[derive(Clone, Debug, Serialize)]
pub struct JdkRow {
    /// The method.
    #[serde(flatten)]
    pub native: NativeMethod,
    /// Category to use: the reviewed one, else unknown.
    pub category: Category,
    /// Reason of the reviewed row; `None` if the table has no row.
    pub reason: Option<&'static str>,
    /// Hidden state of the reviewed row.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub state: &'static str,
    /// How that state gets to the worker.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub marshalling: &'static str,
    /// What the libraries say.
    pub proposal: Proposal,
}

impl JdkRow {
    /// Whether table and proposal differ; not so where the table has no row.
    pub fn is_disputed(&self) -> bool {
        self.reason.is_some() && self.category != self.proposal.category
    }
}

/// Analyses the JDK at `home`.
///
/// # Errors
/// The folder is no JDK, or one of its libraries cannot be read.
pub fn natives_of_jdk(home: &Path) -> Result<JdkNatives, NativesError> {
    let (version, feature) = version_of(home)?;
    let declared = declared_in_module(home, "java.base")?;
    let mut libraries = Vec::new();
    for name in LIBRARIES {
        let path = home.join("lib").join(name);
        if path.exists() {
            libraries.push(read_library(&path)?);
        }
    }
    let jvm = read_library(&home.join("lib").join("server").join("libjvm.so"))?;
    let not_followed = vec![(jvm.name.clone(), registered_in(&jvm))];
    let mut proposer = Proposer::over(Libraries::of(libraries), not_followed);
    let table = ReviewedTable::get();
    let mut matrix = Matrix::default();
    let mut rows = Vec::with_capacity(declared.len());
    for native in declared {
        let proposal = proposer.propose(&native);
        let row = table.row(feature, &native);
        if let Some(row) = row {
            matrix.count(row.category, proposal.category);
        }
        rows.push(JdkRow {
            category: row.map_or(Category::Unknown, |row| row.category),
            reason: row.map(|row| row.reason.as_str()),
            state: row.map_or("", |row| row.state.as_str()),
            marshalling: row.map_or("", |row| row.marshalling.as_str()),
            proposal,
            native,
        });
    }
    let is_reviewed = table.features().contains(&feature);
    Ok(JdkNatives { home: home.to_owned(), version, feature, is_reviewed, rows, matrix })
}

/// Reads the library at `path`.
///
/// # Errors
/// [`NativesError::Io`] or those of [`Library::parse`].
pub fn read_library(path: &Path) -> Result<Library, NativesError> {
    let io = |source| NativesError::Io { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(io)?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    Library::parse(&name.unwrap_or_default(), bytes)
}

/// Version and feature version, from the `release` file.
fn version_of(home: &Path) -> Result<(String, u16), NativesError> {
    let path = home.join("release");
    let text = std::fs::read_to_string(&path)
        .map_err(|source| NativesError::Io { path: path.clone(), source })?;
    let line = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="));
    let version = line.map(|value| value.trim().trim_matches('"').to_owned());
    let feature = version
        .as_deref()
        .and_then(|version| version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
    match (version, feature) {
        (Some(version), Some(feature)) => Ok((version, feature)),
        _ => Err(NativesError::NoVersion { path }),
    }
}
