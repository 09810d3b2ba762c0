//! Chunks and their frame: `length u32 | crc32 u32 | postcard bytes of a Chunk`, little endian, after
//! a header of magic and version. The agent sends the same frames over its socket that stand in the
//! file, so a killed run leaves a readable file up to its last whole chunk.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::deep::Deep;
use crate::error::{Damage, TraceError};
use crate::model::{
    Class, ClassUse, Connection, Edge, Generated, Method, MonitorStats, RootStats, RunFacts,
    ThreadGroup, Traffic,
};

/// First bytes of every trace.
pub const MAGIC: &[u8; 8] = b"BEETRACE";
/// Format version written by this code.
pub const FILE_VERSION: u16 = 1;
/// Bytes before the first chunk: magic, version, two bytes kept zero.
pub(crate) const HEADER_LEN: usize = 12;
/// Bytes of a frame before its payload.
pub(crate) const FRAME_LEN: usize = 8;
/// Rows per chunk in files written whole; bounds what a truncation can lose.
pub(crate) const ROWS_PER_CHUNK: usize = 65_536;

/// One self-contained piece of a trace. Counters are increments: the same table may come in many
/// chunks and the reader adds them up. Ids are those of the class and method rows before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Chunk {
    /// Facts of the run; a later one with the same id replaces it.
    Run(Box<RunFacts>),
    /// Classes `first..`, in order of their ids.
    Classes {
        /// Id of the first row; must continue the ids before it.
        first: u32,
        /// The classes.
        rows: Vec<Class>,
    },
    /// Methods `first..`, in order of their ids.
    Methods {
        /// Id of the first row; must continue the ids before it.
        first: u32,
        /// The methods.
        rows: Vec<Method>,
    },
    /// Calls since the last such chunk.
    Edges(Vec<Edge>),
    /// Root statistics since the last such chunk.
    Roots(Vec<RootStats>),
    /// First uses of classes.
    ClassUses(Vec<ClassUse>),
    /// Threads started since the last such chunk.
    Threads(Vec<ThreadGroup>),
    /// Contention since the last such chunk.
    Monitors(Vec<MonitorStats>),
    /// Connections opened since the last such chunk.
    Connections(Vec<Connection>),
    /// Bytes of generated classes.
    Generated(Vec<Generated>),
    /// Load driven since the last such chunk.
    Traffic(Traffic),
    /// Losses since the last such chunk, by reason.
    Losses(BTreeMap<String, u64>),
    /// Rows of deep tables: sampled invocations since the last such chunk.
    Deep(Box<Deep>),
}

/// The bytes every trace file begins with.
pub fn file_header() -> [u8; HEADER_LEN] {
    let mut header = [0; HEADER_LEN];
    let (magic, rest) = header.split_at_mut(MAGIC.len());
    magic.copy_from_slice(MAGIC);
    if let Some(version) = rest.first_chunk_mut::<2>() {
        *version = FILE_VERSION.to_le_bytes();
    }
    header
}

/// A chunk with its frame, ready to be appended to a file or sent.
///
/// # Errors
/// [`TraceError::Undecodable`] if the chunk cannot be encoded (more than 4 GiB).
pub fn encode_chunk(chunk: &Chunk) -> Result<Vec<u8>, TraceError> {
    let undecodable = |reason: String| TraceError::Undecodable { offset: 0, reason };
    let body = postcard::to_allocvec(chunk).map_err(|e| undecodable(e.to_string()))?;
    let length = u32::try_from(body.len()).map_err(|e| undecodable(e.to_string()))?;
    let mut frame = Vec::with_capacity(FRAME_LEN + body.len());
    frame.extend_from_slice(&length.to_le_bytes());
    frame.extend_from_slice(&crc32fast::hash(&body).to_le_bytes());
    frame.extend_from_slice(&body);
    Ok(frame)
}

/// Takes the chunk at `offset` of a whole file's bytes; gives it with the offset behind it.
/// `Ok(None)` at the end of the file.
///
/// # Errors
/// [`TraceError::Damaged`] for a truncated or altered chunk, [`TraceError::Undecodable`] otherwise.
pub fn decode_chunk(file: &[u8], offset: usize) -> Result<Option<(Chunk, usize)>, TraceError> {
    let rest = file.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(None);
    }
    let truncated = |needed: u64| {
        let (offset, present) = (offset as u64, rest.len() as u64);
        TraceError::from(Damage::Truncated { offset, needed, present })
    };
    let (Some(length), Some(stored)) = (read_u32(rest, 0), read_u32(rest, 4)) else {
        return Err(truncated(FRAME_LEN as u64));
    };
    let end = FRAME_LEN + length as usize;
    let body = rest.get(FRAME_LEN..end).ok_or_else(|| truncated(end as u64))?;
    let computed = crc32fast::hash(body);
    if computed != stored {
        return Err(Damage::BadChecksum { offset: offset as u64, stored, computed }.into());
    }
    let chunk = postcard::from_bytes(body)
        .map_err(|e| TraceError::Undecodable { offset: offset as u64, reason: e.to_string() })?;
    Ok(Some((chunk, offset + end)))
}

fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk::<4>().map(|b| u32::from_le_bytes(*b))
}
