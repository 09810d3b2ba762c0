//! What can be wrong with a trace file. Wrong magic, newer version, truncated tail and bad checksum
//! are different errors because the user does a different thing about each.

use std::path::PathBuf;

use thiserror::Error;

/// Failure to read or write a trace.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The file could not be opened, read or written.
    #[error("cannot {action} {path}")]
    Io {
        /// What was attempted ("read", "write", …).
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The first bytes are not those of a trace.
    #[error("not a beehive trace: {}, a trace begins with \"BEETRACE\"", beginning(found))]
    WrongMagic {
        /// The first bytes found, at most eight.
        found: Vec<u8>,
    },
    /// The file was written by a newer beehive.
    #[error(
        "trace format version {found} is newer than {supported}, the newest this beehive reads"
    )]
    NewerVersion {
        /// Version in the file.
        found: u16,
        /// Newest version understood.
        supported: u16,
    },
    /// The file holds no complete chunk.
    #[error("the trace is empty: it ends after its header, nothing was recorded")]
    Empty,
    /// The file is damaged before anything of use could be read.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// A chunk's checksum is right but its contents are not understood.
    #[error("chunk at byte {offset} cannot be decoded: {reason}")]
    Undecodable {
        /// Byte offset of the chunk in the file.
        offset: u64,
        /// What the decoder says.
        reason: String,
    },
    /// Text form that does not parse.
    #[error("line {line} of the text form: {reason}")]
    Text {
        /// Line number, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A row names a class or method that no row defines.
    #[error("{table} row refers to {what} {id}, which the trace does not define")]
    DanglingId {
        /// Table of the row.
        table: &'static str,
        /// "class" or "method".
        what: &'static str,
        /// The undefined id.
        id: u32,
    },
}

fn beginning(found: &[u8]) -> String {
    if found.is_empty() {
        "the file is empty".into()
    } else {
        format!("it begins with {found:02x?}")
    }
}

/// Damage at the end of an otherwise readable file. What stands before it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Damage {
    /// The file stops in the middle of a chunk (killed run, full disk, cut copy).
    #[error("truncated: the chunk at byte {offset} needs {needed} bytes and {present} are there")]
    Truncated {
        /// Byte offset of the incomplete chunk.
        offset: u64,
        /// Bytes the chunk should have.
        needed: u64,
        /// Bytes left in the file.
        present: u64,
    },
    /// A chunk's bytes do not match its checksum.
    #[error(
        "bad checksum in the chunk at byte {offset}: stored {stored:08x}, computed {computed:08x}"
    )]
    BadChecksum {
        /// Byte offset of the chunk.
        offset: u64,
        /// CRC-32 in the file.
        stored: u32,
        /// CRC-32 of the bytes.
        computed: u32,
    },
}
