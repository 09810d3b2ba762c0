//! JSON: the document itself, and reading it back for comparisons.

use crate::ReportError;
use crate::report::{FORMAT, FORMAT_VERSION, Report};

/// The report as JSON.
///
/// # Errors
/// [`ReportError::Render`].
pub fn to_json(report: &Report) -> Result<String, ReportError> {
    let bad = |e: serde_json::Error| ReportError::Render { format: "JSON", reason: e.to_string() };
    let mut text = serde_json::to_string_pretty(report).map_err(bad)?;
    text.push('\n');
    Ok(text)
}

/// The JSON schema of a report, as published in `docs/schema/cost-report.schema.json`.
///
/// # Errors
/// [`ReportError::Render`].
pub fn schema() -> Result<String, ReportError> {
    let bad =
        |e: serde_json::Error| ReportError::Render { format: "JSON schema", reason: e.to_string() };
    let schema = schemars::schema_for!(Report);
    let mut text = serde_json::to_string_pretty(&schema).map_err(bad)?;
    text.push('\n');
    Ok(text)
}

/// Reads a report written by [`to_json`].
///
/// # Errors
/// [`ReportError::NotAReport`].
pub fn from_json(path: &std::path::Path, text: &str) -> Result<Report, ReportError> {
    let bad = |reason: String| ReportError::NotAReport { path: path.to_owned(), reason };
    let head: serde_json::Value = serde_json::from_str(text).map_err(|e| bad(e.to_string()))?;
    if head.get("format").and_then(|f| f.as_str()) != Some(FORMAT) {
        return Err(bad(format!("its `format` is not `{FORMAT}`")));
    }
    match head.get("version").and_then(serde_json::Value::as_u64) {
        Some(version) if version <= u64::from(FORMAT_VERSION) => {}
        other => {
            return Err(bad(format!(
                "its version {} is newer than {FORMAT_VERSION}",
                other.map_or_else(|| "?".to_owned(), |v| v.to_string())
            )));
        }
    }
    serde_json::from_value(head).map_err(|e| bad(e.to_string()))
}
