//! The raw file of one JVM while it is recorded: `<output>.recording`, in the trace's own format, so
//! that it can be read as a trace when beehive is killed. Folding it gives the canonical trace.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use beehive_trace::{Chunk, Fold, OUTSIDE, RunFacts, Trace, TraceError, decode_chunk};
use beehive_trace::{encode_chunk, file_header};

use crate::error::RecordError;

/// A raw file being written. A failed write is remembered and further ones are left out, so that the
/// agent is never kept waiting by a full disk.
#[derive(Debug)]
pub(crate) struct Recording {
    path: PathBuf,
    file: File,
    length: u64,
    failure: Option<std::io::Error>,
}

impl Recording {
    /// Makes a new file beside `output`, never over an existing one: a killed run's recording stays.
    ///
    /// # Errors
    /// [`RecordError::Output`] if `output` is a directory or its directory cannot be written to.
    pub(crate) fn create(output: &Path, run: &RunFacts) -> Result<Self, RecordError> {
        let failed = |source| RecordError::Output { path: output.to_owned(), source };
        if output.is_dir() {
            return Err(failed(std::io::ErrorKind::IsADirectory.into()));
        }
        let (path, file) = create_free(output).map_err(failed)?;
        let mut recording = Self { path, file, length: 0, failure: None };
        let frame = encode_chunk(&Chunk::Run(Box::new(run.clone())));
        recording.append(&file_header());
        recording.append(&frame.unwrap_or_default());
        match recording.failure.take() {
            Some(source) => {
                recording.remove();
                Err(failed(source))
            }
            None => Ok(recording),
        }
    }

    /// Appends whole frames.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        if self.failure.is_some() {
            return;
        }
        match self.file.write_all(bytes) {
            Ok(()) => self.length += bytes.len() as u64,
            Err(error) => self.failure = Some(error),
        }
    }

    /// Bytes written.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Where it stands.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The first write that failed.
    pub(crate) fn failure(&self) -> Option<&std::io::Error> {
        self.failure.as_ref()
    }

    /// Removes the file, once its contents are elsewhere or there are none.
    pub(crate) fn remove(self) {
        // A file left behind harms nobody.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// `<output>.recording`, or `<output>.2.recording` and so on if that is taken.
fn create_free(output: &Path) -> std::io::Result<(PathBuf, File)> {
    let mut number = 1u32;
    loop {
        let mut name = output.as_os_str().to_owned();
        match number {
            1 => name.push(".recording"),
            _ => name.push(format!(".{number}.recording")),
        }
        match OpenOptions::new().write(true).create_new(true).open(&name) {
            Ok(file) => return Ok((name.into(), file)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
            Err(e) => return Err(e),
        }
    }
}

/// The canonical trace of a raw file. Counters received before byte `counted_from` (calls, times,
/// contention: what a warm-up did) are left out; classes, threads and connections stay.
///
/// # Errors
/// [`RecordError::Recording`]; the file is kept.
pub(crate) fn fold(path: &Path, counted_from: u64) -> Result<Trace, RecordError> {
    let failed = |source| RecordError::Recording { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(|source| {
        failed(TraceError::Io { action: "read", path: path.to_owned(), source })
    })?;
    fold_bytes(&bytes, counted_from).map_err(failed)
}

fn fold_bytes(bytes: &[u8], counted_from: u64) -> Result<Trace, TraceError> {
    let mut fold = Fold::default();
    let mut offset = file_header().len();
    loop {
        match decode_chunk(bytes, offset) {
            Ok(Some((chunk, next))) => {
                if offset as u64 >= counted_from || !is_counter(&chunk) {
                    fold.push(chunk)?;
                }
                offset = next;
            }
            // A cut last frame: a full disk or a killed run; what stands before it counts.
            Ok(None) | Err(TraceError::Damaged(_)) => break,
            Err(error) => return Err(error),
        }
    }
    let mut trace = fold.finish()?;
    let entries = trace.edges.iter().filter(|edge| edge.caller == OUTSIDE).map(|edge| edge.count);
    let entries = entries.sum();
    trace.runs.iter_mut().for_each(|run| run.entries = entries);
    Ok(trace)
}

fn is_counter(chunk: &Chunk) -> bool {
    matches!(chunk, Chunk::Edges(_) | Chunk::Roots(_) | Chunk::Monitors(_))
}

#[cfg(test)]
mod tests {
    use beehive_trace::{Class, Edge, Method};

    use super::*;

    fn frame(chunk: &Chunk) -> Vec<u8> {
        encode_chunk(chunk).unwrap()
    }

    fn edges(count: u64) -> Vec<u8> {
        frame(&Chunk::Edges(vec![Edge { caller: OUTSIDE, callee: 0, count }]))
    }

    fn recording(output: &Path) -> Recording {
        let mut recording = Recording::create(output, &RunFacts::default()).unwrap();
        recording.append(&frame(&Chunk::Classes { first: 0, rows: vec![Class::default()] }));
        recording.append(&frame(&Chunk::Methods { first: 0, rows: vec![Method::default()] }));
        recording
    }

    #[test]
    fn a_recording_is_a_readable_trace_at_any_time() {
        let dir = tempfile::tempdir().unwrap();
        let mut recording = recording(&dir.path().join("a.beetrace"));
        recording.append(&edges(3));
        recording.append(&edges(4)[..5]);
        let read = beehive_trace::read_trace_file(recording.path()).unwrap();
        assert_eq!(read.trace.edges[0].count, 3);
        assert!(read.damage.is_some());
        assert_eq!(fold(recording.path(), 0).unwrap().runs[0].entries, 3);
    }

    #[test]
    fn counters_of_the_warm_up_are_left_out_and_classes_stay() {
        let dir = tempfile::tempdir().unwrap();
        let mut recording = recording(&dir.path().join("a.beetrace"));
        recording.append(&edges(1000));
        let warm = recording.length();
        recording.append(&edges(7));
        let trace = fold(recording.path(), warm).unwrap();
        assert_eq!((trace.edges[0].count, trace.classes.len()), (7, 1));
    }

    #[test]
    fn a_left_over_recording_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("a.beetrace");
        let first = Recording::create(&output, &RunFacts::default()).unwrap();
        let second = Recording::create(&output, &RunFacts::default()).unwrap();
        assert_ne!(first.path(), second.path());
        assert!(!output.exists());
    }

    #[test]
    fn an_unwritable_output_is_told_at_once() {
        let dir = tempfile::tempdir().unwrap();
        for output in [dir.path().join("missing/a.beetrace"), dir.path().to_owned()] {
            let refused = Recording::create(&output, &RunFacts::default());
            assert!(matches!(refused, Err(RecordError::Output { .. })));
        }
    }
}
