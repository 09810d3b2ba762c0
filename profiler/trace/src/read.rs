//! Reads a trace file, recorded or canonical. Damage at the end is reported beside what stands
//! before it; only a file with nothing readable is an error.

use std::path::Path;

use crate::chunk::{FILE_VERSION, HEADER_LEN, MAGIC, decode_chunk};
use crate::error::{Damage, TraceError};
use crate::fold::Fold;
use crate::model::Trace;

/// A trace and what was wrong with its file.
#[derive(Debug)]
pub struct ReadTrace {
    /// Everything up to the last whole chunk.
    pub trace: Trace,
    /// Damage behind it, if any.
    pub damage: Option<Damage>,
}

/// Reads the trace file at `path`.
///
/// # Errors
/// [`TraceError::Io`], or those of [`read_trace`].
pub fn read_trace_file(path: &Path) -> Result<ReadTrace, TraceError> {
    let bytes = std::fs::read(path).map_err(|source| TraceError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    read_trace(&bytes)
}

/// Reads the bytes of a trace file.
///
/// # Errors
/// Wrong magic, newer version, no whole chunk, or a chunk that cannot be decoded.
pub fn read_trace(bytes: &[u8]) -> Result<ReadTrace, TraceError> {
    check_header(bytes)?;
    let mut fold = Fold::default();
    let mut offset = HEADER_LEN;
    let mut chunks = 0u32;
    let damage = loop {
        match decode_chunk(bytes, offset) {
            Ok(Some((chunk, next))) => {
                fold.push(chunk)?;
                offset = next;
                chunks += 1;
            }
            Ok(None) => break None,
            Err(TraceError::Damaged(damage)) if chunks > 0 => break Some(damage),
            Err(error) => return Err(error),
        }
    };
    if chunks == 0 {
        return Err(TraceError::Empty);
    }
    Ok(ReadTrace { trace: fold.finish()?, damage })
}

fn check_header(bytes: &[u8]) -> Result<(), TraceError> {
    let magic = bytes.get(..MAGIC.len());
    if bytes.is_empty()
        || magic.is_some_and(|m| m != MAGIC)
        || !MAGIC.starts_with(magic.unwrap_or(bytes))
    {
        return Err(TraceError::WrongMagic {
            found: bytes.iter().take(MAGIC.len()).copied().collect(),
        });
    }
    let Some(header) = bytes.get(..HEADER_LEN) else {
        let (needed, present) = (HEADER_LEN as u64, bytes.len() as u64);
        return Err(Damage::Truncated { offset: 0, needed, present }.into());
    };
    let version = header.get(MAGIC.len()..).and_then(|v| v.first_chunk::<2>());
    match version.map(|v| u16::from_le_bytes(*v)) {
        Some(found) if found > FILE_VERSION => {
            Err(TraceError::NewerVersion { found, supported: FILE_VERSION })
        }
        _ => Ok(()),
    }
}
