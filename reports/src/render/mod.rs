//! Renderings of a report: text for the terminal, CSV, JSON, charts, one HTML page. Each is a pure
//! function of the document.

mod csv;
mod json;
mod number;
mod table;
mod text;

pub use csv::{lines_csv, timeline_csv};
pub use json::{from_json, to_json};
pub use number::number;
pub use text::{explain, to_text};
