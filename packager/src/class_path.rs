//! The order in which the recorded JVM searched its code sources: class path entries, the jars their
//! manifests name, and in a fat jar the order of its entries. A bundle keeps it, because the first
//! of two equal names wins.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use beehive_trace::Trace;

use crate::jar_manifest::main_attribute;
use crate::location::{Location, is_archive};
use crate::source::{entry_order, manifest_of};

/// A code source of the trace.
#[derive(Clone, Debug)]
pub struct CodeSource {
    /// URL as recorded.
    pub url: String,
    /// Where it points, or why that is not known.
    pub location: Result<Location, String>,
}

impl CodeSource {
    fn of_url(url: &str) -> Self {
        Self { url: url.to_owned(), location: Location::parse(url) }
    }

    fn of_file(file: &Path) -> Self {
        let location = Location { file: file.to_owned(), inside: Vec::new() };
        Self { url: format!("file:{}", file.display()), location: Ok(location) }
    }
}

/// The code sources `urls` and the class path entries that no recorded class came from (a damaged
/// trace may have lost the class), first searched first.
pub fn in_search_order(trace: &Trace, urls: BTreeSet<&str>) -> Vec<CodeSource> {
    let searched = searched_files(trace);
    let mut sources: Vec<CodeSource> = urls.into_iter().map(CodeSource::of_url).collect();
    let unused = searched.iter().filter(|file| {
        let is_it = |source: &CodeSource| {
            source.location.as_ref().is_ok_and(|location| is_entry_of(file, &location.file))
        };
        file.is_absolute() && !sources.iter().any(is_it)
    });
    let unused: Vec<CodeSource> = unused.map(|file| CodeSource::of_file(file)).collect();
    sources.extend(unused);
    let mut nested = BTreeMap::new();
    let mut rank = |source: &CodeSource| {
        source.location.as_ref().map_or((usize::MAX, 0), |location| {
            (position_of_file(&searched, &location.file), position_inside(&mut nested, location))
        })
    };
    let mut ranked: Vec<_> = sources.into_iter().map(|source| (rank(&source), source)).collect();
    ranked.sort_by(|a, b| (a.0, &a.1.url).cmp(&(b.0, &b.1.url)));
    ranked.into_iter().map(|(_, source)| source).collect()
}

/// Files and directories of the class path, with the jars that `Class-Path` attributes add. A file
/// that cannot be read stays in the order; it is an error only once a class of it is needed.
fn searched_files(trace: &Trace) -> Vec<PathBuf> {
    let mut searched = Vec::new();
    for run in &trace.runs {
        let main = std::iter::once(&run.main).filter(|main| is_archive(Path::new(main)));
        for entry in run.class_path.iter().chain(main) {
            let entry = Path::new(entry.strip_prefix("./").unwrap_or(entry));
            add_with_class_path(entry, &mut searched);
        }
    }
    searched
}

fn add_with_class_path(entry: &Path, searched: &mut Vec<PathBuf>) {
    if searched.iter().any(|known| known == entry) {
        return;
    }
    searched.push(entry.to_owned());
    let Ok(Some(manifest)) = manifest_of(entry) else { return };
    let Some(parent) = entry.parent() else { return };
    for url in main_attribute(&manifest, "Class-Path").unwrap_or_default().split_whitespace() {
        let path = match Location::parse(url) {
            Ok(location) => location.file,
            Err(_) => {
                parent.join(percent_encoding::percent_decode_str(url).decode_utf8_lossy().as_ref())
            }
        };
        add_with_class_path(&path, searched);
    }
}

/// Place of `file` in the class path; entries recorded relative to an unknown directory match by
/// their end. Files outside the class path come last.
fn position_of_file(searched: &[PathBuf], file: &Path) -> usize {
    searched.iter().position(|entry| is_entry_of(entry, file)).unwrap_or(usize::MAX)
}

fn is_entry_of(entry: &Path, file: &Path) -> bool {
    entry == file || (entry.is_relative() && file.ends_with(entry))
}

/// Place of a nested jar or folder among the entries of its fat jar.
fn position_inside(nested: &mut BTreeMap<PathBuf, Vec<String>>, location: &Location) -> usize {
    let Some(part) = location.inside.first() else { return 0 };
    let names = nested
        .entry(location.file.clone())
        .or_insert_with(|| entry_order(&location.file).unwrap_or_default());
    let is_it = |name: &String| {
        name.strip_prefix(part.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    names.iter().position(is_it).map_or(usize::MAX, |at| at + 1)
}
