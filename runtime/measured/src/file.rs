//! Reading and writing `measured.json`. A newer version is refused, unknown fields are left alone; a
//! file is replaced only by a whole one.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use thiserror::Error;

use crate::document::{MEASURED_VERSION, Measured};

/// Failure to read or write.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MeasuredError {
    /// The system refused.
    #[error("cannot {action} {path}")]
    Io {
        /// `read` or `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// It is no JSON, or a field is of a wrong type.
    #[error("line {line}, column {column}: {reason}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        reason: String,
    },
    /// It is JSON of another kind.
    #[error("it has no measured_version: it is another document")]
    NoVersion,
    /// A newer beehive wrote it.
    #[error("it has version {found}, this beehive reads up to {supported}")]
    NewerVersion {
        /// Version of the file.
        found: u32,
        /// Newest version read.
        supported: u32,
    },
}

/// Reads a file.
///
/// # Errors
/// Those of [`parse_measured`], or [`MeasuredError::Io`].
pub fn read_measured(path: &Path) -> Result<Measured, MeasuredError> {
    let text = std::fs::read_to_string(path).map_err(io("read", path))?;
    parse_measured(&text)
}

/// Reads the text of a file.
///
/// # Errors
/// [`MeasuredError::Syntax`], [`MeasuredError::NoVersion`], [`MeasuredError::NewerVersion`].
pub fn parse_measured(text: &str) -> Result<Measured, MeasuredError> {
    #[derive(Deserialize)]
    struct Version {
        #[serde(default)]
        measured_version: u32,
    }
    let version: Version = serde_json::from_str(text).map_err(|e| syntax(&e))?;
    match version.measured_version {
        0 => Err(MeasuredError::NoVersion),
        found if found > MEASURED_VERSION => {
            Err(MeasuredError::NewerVersion { found, supported: MEASURED_VERSION })
        }
        _ => serde_json::from_str(text).map_err(|e| syntax(&e)),
    }
}

/// Text of the file.
///
/// # Errors
/// [`MeasuredError::Syntax`] if it cannot be expressed in JSON.
pub fn render_measured(measured: &Measured) -> Result<String, MeasuredError> {
    let mut text = serde_json::to_string_pretty(measured).map_err(|e| syntax(&e))?;
    text.push('\n');
    Ok(text)
}

/// Writes the file through a neighbour `path.part` and a rename.
///
/// # Errors
/// [`MeasuredError::Io`]; the old file is then untouched.
pub fn write_measured(path: &Path, measured: &Measured) -> Result<(), MeasuredError> {
    let text = render_measured(measured)?;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    std::fs::write(part, text).and_then(|()| std::fs::rename(part, path)).map_err(|source| {
        // The half-written neighbour is of no use to anyone; its removal may fail as well.
        let _ = std::fs::remove_file(part);
        io("write", path)(source)
    })
}

fn syntax(error: &serde_json::Error) -> MeasuredError {
    let (line, column) = (error.line(), error.column());
    MeasuredError::Syntax { line, column, reason: error.to_string() }
}

fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> MeasuredError {
    let path = path.to_owned();
    move |source| MeasuredError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_reads_back_and_other_documents_are_told() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("measured.json");
        let measured = Measured { measured_version: MEASURED_VERSION, ..Measured::default() };
        write_measured(&path, &measured).unwrap();
        assert_eq!(read_measured(&path).unwrap(), measured);
        assert!(matches!(parse_measured("{}"), Err(MeasuredError::NoVersion)));
        assert!(matches!(parse_measured("{"), Err(MeasuredError::Syntax { line: 1, .. })));
        let newer = r#"{"measured_version":2}"#;
        assert!(matches!(parse_measured(newer), Err(MeasuredError::NewerVersion { .. })));
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_the_old_one_and_no_part() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("no-such-folder/measured.json");
        let failed = write_measured(&path, &Measured::default());
        assert!(matches!(failed, Err(MeasuredError::Io { action: "write", .. })));
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
