//! Writes a canonical trace as a file. Same trace, same bytes. A file is replaced only when the new
//! one is complete, so a full disk leaves the old one.

use std::io::Write;
use std::path::Path;

use crate::chunk::{Chunk, ROWS_PER_CHUNK, encode_chunk, file_header};
use crate::deep::{Deep, DeepRow, EachTable};
use crate::error::TraceError;
use crate::model::{Trace, Traffic};

/// The bytes of the file.
///
/// # Errors
/// [`TraceError::Undecodable`] if a single row is over 4 GiB.
pub fn write_trace(trace: &Trace) -> Result<Vec<u8>, TraceError> {
    let mut bytes = file_header().to_vec();
    chunks_of(trace, 0, 0, &mut |chunk| {
        bytes.extend_from_slice(&encode_chunk(&chunk)?);
        Ok(())
    })?;
    Ok(bytes)
}

/// Writes the file at `path` through a neighbour `path.part` and a rename.
///
/// # Errors
/// [`TraceError::Io`] with the path and the system's reason.
pub fn write_trace_file(path: &Path, trace: &Trace) -> Result<(), TraceError> {
    let bytes = write_trace(trace)?;
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let io = |path: &Path| {
        let path = path.to_owned();
        move |source| TraceError::Io { action: "write", path, source }
    };
    let written = std::fs::File::create(part)
        .and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()));
    if let Err(source) = written {
        // The half-written neighbour is of no use to anyone; its removal may fail as well.
        let _ = std::fs::remove_file(part);
        return Err(io(part)(source));
    }
    std::fs::rename(part, path).map_err(io(path))
}

/// Hands each chunk of the trace to `sink`, class and method rows numbered from the given ids.
pub(crate) fn chunks_of(
    trace: &Trace,
    first_class: u32,
    first_method: u32,
    sink: &mut dyn FnMut(Chunk) -> Result<(), TraceError>,
) -> Result<(), TraceError> {
    for run in &trace.runs {
        sink(Chunk::Run(Box::new(run.clone())))?;
    }
    let mut first = first_class;
    for rows in trace.classes.chunks(ROWS_PER_CHUNK) {
        sink(Chunk::Classes { first, rows: rows.to_vec() })?;
        first += rows.len() as u32;
    }
    let mut first = first_method;
    for rows in trace.methods.chunks(ROWS_PER_CHUNK) {
        sink(Chunk::Methods { first, rows: rows.to_vec() })?;
        first += rows.len() as u32;
    }
    table(&trace.edges, Chunk::Edges, sink)?;
    table(&trace.roots, Chunk::Roots, sink)?;
    table(&trace.class_uses, Chunk::ClassUses, sink)?;
    table(&trace.threads, Chunk::Threads, sink)?;
    table(&trace.monitors, Chunk::Monitors, sink)?;
    table(&trace.connections, Chunk::Connections, sink)?;
    table(&trace.generated, Chunk::Generated, sink)?;
    if trace.traffic != Traffic::default() {
        sink(Chunk::Traffic(trace.traffic.clone()))?;
    }
    if !trace.losses.is_empty() {
        sink(Chunk::Losses(trace.losses.clone()))?;
    }
    trace.deep.clone().each_table(&mut DeepChunks(sink))
}

/// Hands each table of deep rows to the sink in chunks.
struct DeepChunks<'s>(&'s mut dyn FnMut(Chunk) -> Result<(), TraceError>);

impl EachTable for DeepChunks<'_> {
    type Error = TraceError;

    fn table<R: DeepRow>(
        &mut self,
        rows: &mut Vec<R>,
        wrap: fn(Vec<R>) -> Deep,
    ) -> Result<(), TraceError> {
        table(rows, |part| Chunk::Deep(Box::new(wrap(part))), self.0)
    }
}

fn table<T: Clone>(
    rows: &[T],
    chunk: impl Fn(Vec<T>) -> Chunk,
    sink: &mut dyn FnMut(Chunk) -> Result<(), TraceError>,
) -> Result<(), TraceError> {
    rows.chunks(ROWS_PER_CHUNK).try_for_each(|part| sink(chunk(part.to_vec())))
}
