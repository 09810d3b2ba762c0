//! Reading `plan.toml`, as written by `render` and edited by a person. Owns its errors and version.

use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::document::Plan;

/// Format version written by this code.
pub const PLAN_VERSION: u32 = 1;

/// Failure to read or write a plan.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The file could not be read or written.
    #[error("cannot {action} {path}")]
    Io {
        /// "read" or "write".
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// Not TOML, or fields of a wrong type.
    #[error("not a plan: {message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// Byte range in the text, if known.
        span: Option<std::ops::Range<usize>>,
    },
    /// Made by a newer beehive.
    #[error("plan version {found} is newer than {supported}, the newest this beehive reads")]
    NewerVersion {
        /// Version in the file.
        found: u32,
        /// Newest version understood.
        supported: u32,
    },
    /// A figure a person set that cannot be planned with.
    #[error("`{field}` is {value}; it must be a number from 0 to {most}")]
    BadFigure {
        /// Table and key.
        field: &'static str,
        /// What stands there.
        value: f64,
        /// Largest value allowed.
        most: f64,
    },
    /// TOML, but without a plan's version.
    #[error("not a plan: `version` is missing")]
    NoVersion,
}

/// Reads the plan at `path`.
///
/// # Errors
/// Those of [`parse_plan`], or [`PlanError::Io`].
pub fn read_plan(path: &Path) -> Result<Plan, PlanError> {
    let text = std::fs::read_to_string(path).map_err(|source| PlanError::Io {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    parse_plan(&text)
}

/// Reads the text of a plan. A `[[root]]` that does not say whether to offload is to be offloaded:
/// that is what a person means who adds one.
///
/// # Errors
/// [`PlanError::Syntax`], [`PlanError::NewerVersion`], [`PlanError::NoVersion`],
/// [`PlanError::BadFigure`].
pub fn parse_plan(text: &str) -> Result<Plan, PlanError> {
    let mut plan: Plan = toml::from_str(text).map_err(|e| syntax(&e))?;
    let table: toml::Table = toml::from_str(text).map_err(|e| syntax(&e))?;
    let roots = table.get("root").and_then(toml::Value::as_array).into_iter().flatten();
    for (root, written) in plan.roots.chosen.iter_mut().zip(roots) {
        root.offload |= written.get("offload").is_none();
    }
    match plan.version {
        0 => Err(PlanError::NoVersion),
        found if found > PLAN_VERSION => {
            Err(PlanError::NewerVersion { found, supported: PLAN_VERSION })
        }
        _ => check_figures(plan),
    }
}

/// Figures that a person may set must be numbers one can reckon with.
fn check_figures(plan: Plan) -> Result<Plan, PlanError> {
    const MOST: f64 = 1e12;
    let (budget, constants) = (&plan.budget, &plan.constants);
    let figures = [
        ("budget.added_latency_ms", budget.added_latency_ms, MOST),
        ("budget.load_moved_min", budget.load_moved_min, 1.0),
        ("constants.offload_cpu_us", constants.offload_cpu_us, MOST),
        ("constants.call_home_cpu_us", constants.call_home_cpu_us, MOST),
        ("constants.offload_latency_us", constants.offload_latency_us, MOST),
        ("constants.call_home_latency_us", constants.call_home_latency_us, MOST),
    ];
    match figures.into_iter().find(|(_, value, most)| !(0.0..=*most).contains(value)) {
        Some((field, value, most)) => Err(PlanError::BadFigure { field, value, most }),
        None => Ok(plan),
    }
}

/// Writes the text of a plan to `path` through a neighbour `path.part` and a rename, so that a plan
/// that stood there is whole at any time.
///
/// # Errors
/// [`PlanError::Io`] with the path and the system's reason; the old file is then untouched.
pub fn write_plan(path: &Path, text: &str) -> Result<(), PlanError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let written = std::fs::write(part, text).and_then(|()| std::fs::rename(part, path));
    written.map_err(|source| {
        // The half-written neighbour is of no use to anyone; its removal may fail as well.
        let _ = std::fs::remove_file(part);
        PlanError::Io { action: "write", path: path.to_owned(), source }
    })
}

fn syntax(error: &toml::de::Error) -> PlanError {
    PlanError::Syntax { message: error.message().to_owned(), span: error.span() }
}
