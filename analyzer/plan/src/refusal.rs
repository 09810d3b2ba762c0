//! A refusal or warning about offloading a root: its stable code, the evidence, the change that removes
//! it. Data only; codes are in `code`, their documentation in `docs/verdicts.md`.

use serde::{Deserialize, Serialize};

/// What stops a root from being offloaded, or deserves a warning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// Stable code, `OFFLOAD_…`.
    pub code: String,
    /// Whether it stops the root.
    pub weight: RefusalWeight,
    /// One sentence with the figures behind it.
    pub reason: String,
    /// How the root comes to the cause: calls (`class#method`) or fields, outermost first.
    pub path: Vec<String>,
    /// The change that removes it.
    pub change: String,
}

/// How serious a refusal is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum RefusalWeight {
    /// The root must not be offloaded as it is.
    #[default]
    Refuses,
    /// It may be offloaded; the reader should know.
    Warns,
}
