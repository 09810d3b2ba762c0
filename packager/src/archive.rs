//! Zip archives with the same bytes for the same contents: entries in the order given, the zip
//! format's first date, mode 0644, no extra fields. Owns no decision about what goes in.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

use crate::error::PackageError;

/// Whether entries are deflated. Class jars are stored: a worker then starts without inflating, and
/// the archive around them compresses each jar as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// As they are.
    Stored,
    /// Deflated.
    Deflated,
}

/// Builds the archive `name` of `entries`, (path, bytes) each.
///
/// # Errors
/// [`PackageError::Archive`], e.g. for two entries of one path.
pub fn build_archive<'a>(
    name: &str,
    entries: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    packing: Packing,
) -> Result<Vec<u8>, PackageError> {
    let archive = |source| PackageError::Archive { name: name.to_owned(), source };
    let method = match packing {
        Packing::Stored => CompressionMethod::Stored,
        Packing::Deflated => CompressionMethod::Deflated,
    };
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .system(System::Unix)
            .large_file(u32::try_from(bytes.len()).is_err());
        writer.start_file(path, options).map_err(archive)?;
        writer.write_all(bytes).map_err(|e| archive(e.into()))?;
    }
    Ok(writer.finish().map_err(archive)?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use proptest::prelude::*;

    use super::*;

    fn build(entries: &std::collections::BTreeMap<String, Vec<u8>>, packing: Packing) -> Vec<u8> {
        let entries = entries.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
        build_archive("t.jar", entries, packing).unwrap()
    }

    proptest! {
        #[test]
        fn equal_contents_give_equal_bytes_that_read_back(
            entries in prop::collection::btree_map(
                "[a-z]{1,8}(/[a-z]{1,8}){0,2}\\.class",
                prop::collection::vec(any::<u8>(), 0..600),
                0..12,
            ),
            deflate: bool,
        ) {
            let packing = if deflate { Packing::Deflated } else { Packing::Stored };
            let bytes = build(&entries, packing);
            prop_assert_eq!(&bytes, &build(&entries, packing));
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            prop_assert_eq!(zip.len(), entries.len());
            for (path, expected) in &entries {
                let mut entry = zip.by_name(path).unwrap();
                prop_assert_eq!(entry.unix_mode().map(|m| m & 0o7777), Some(0o644));
                let date = entry.last_modified().unwrap();
                prop_assert_eq!((date.year(), date.month(), date.day()), (1980, 1, 1));
                let mut found = Vec::new();
                entry.read_to_end(&mut found).unwrap();
                prop_assert_eq!(&found, expected);
            }
        }
    }

    #[test]
    fn one_path_twice_is_an_error() {
        let entries: [(&str, &[u8]); 2] = [("a", b"1"), ("a", b"2")];
        assert!(build_archive("t.jar", entries, Packing::Stored).is_err());
    }
}
