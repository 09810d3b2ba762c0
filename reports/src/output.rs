//! Writes a report's files. Everything is rendered before anything is written, every file is
//! written beside its place and moved there whole: a report that fails leaves a good one alone.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::ReportError;
use crate::render::{
    Layout, charts, lines_csv, sweep_chart, sweeps_csv, timeline_csv, to_html, to_json,
};
use crate::report::Report;

/// A file of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    /// Name within the folder.
    pub name: String,
    /// Contents.
    pub text: String,
}

/// All files of `report`: JSON, CSV, charts and the HTML page.
///
/// # Errors
/// [`ReportError::Render`], [`ReportError::Chart`].
pub fn report_files(report: &Report) -> Result<Vec<ReportFile>, ReportError> {
    let file = |name: &str, text: String| ReportFile { name: name.to_owned(), text };
    let mut files = vec![
        file("report.html", to_html(report)?),
        file("report.json", to_json(report)?),
        file("lines.csv", lines_csv(report)?),
        file("timeline.csv", timeline_csv(report)?),
    ];
    for chart in charts(report, Layout::Wide)? {
        files.push(file(&format!("{}.svg", chart.name), chart.svg));
    }
    if !report.sweeps.is_empty() {
        files.push(file("sweep.csv", sweeps_csv(report)?));
    }
    for sweep in &report.sweeps {
        let chart = sweep_chart(sweep, Layout::Wide)?;
        files.push(file(&format!("sweep-{}.svg", sweep.kind.name()), chart.svg));
    }
    Ok(files)
}

/// Writes `files` into the folder `directory`, which is made if missing. Files of other names in
/// it are left alone. Returns the paths written.
///
/// # Errors
/// [`ReportError::Write`]; then no file was replaced.
pub fn write_files(directory: &Path, files: &[ReportFile]) -> Result<Vec<PathBuf>, ReportError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| ReportError::Write { path, source }
    };
    std::fs::create_dir_all(directory).map_err(failed(directory))?;
    let mut ready = Vec::new();
    for file in files {
        let path = directory.join(&file.name);
        if path.is_dir() {
            let source = std::io::Error::from(std::io::ErrorKind::IsADirectory);
            return Err(ReportError::Write { path, source });
        }
        let mut partial = tempfile::Builder::new()
            .prefix(".partial-")
            .permissions(permissions())
            .tempfile_in(directory)
            .map_err(failed(directory))?;
        partial.write_all(file.text.as_bytes()).map_err(failed(&path))?;
        partial.as_file().sync_all().map_err(failed(&path))?;
        ready.push((partial, path));
    }
    // From here on only renames within one folder are left.
    ready
        .into_iter()
        .map(|(partial, path)| match partial.persist(&path) {
            Ok(_) => Ok(path),
            Err(e) => Err(ReportError::Write { path, source: e.error }),
        })
        .collect()
}

/// Readable by all; the system's mask takes away what the user does not want.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o666)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &str) -> ReportFile {
        ReportFile { name: name.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_failed_report_leaves_the_good_one_and_no_rubbish() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().join("report");
        write_files(&directory, &[file("a", "good"), file("b", "good")]).unwrap();
        std::fs::remove_file(directory.join("b")).unwrap();
        std::fs::create_dir(directory.join("b")).unwrap();
        let error = write_files(&directory, &[file("a", "new"), file("b", "new")]).unwrap_err();
        assert!(matches!(error, ReportError::Write { .. }));
        assert_eq!(std::fs::read_to_string(directory.join("a")).unwrap(), "good");
        let left: Vec<_> = std::fs::read_dir(&directory).unwrap().collect();
        assert_eq!(left.len(), 2, "{left:?}");
    }

    #[test]
    fn what_is_not_ours_in_the_folder_stays() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("mine.txt"), "mine").unwrap();
        write_files(folder.path(), &[file("a", "1")]).unwrap();
        write_files(folder.path(), &[file("a", "2")]).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path().join("a")).unwrap(), "2");
        assert!(folder.path().join("mine.txt").exists());
    }
}
