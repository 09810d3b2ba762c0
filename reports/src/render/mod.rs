//! Renderings of a report: text for the terminal, CSV, JSON, charts, one HTML page. Each is a pure
//! function of the document.

mod chart;
mod csv;
mod html;
mod json;
mod number;
mod table;
mod text;

pub use chart::{Chart, Layout, charts, sweep_chart};
pub use csv::{lines_csv, sweeps_csv, timeline_csv};
pub use html::to_html;
pub use json::{from_json, schema, to_json};
pub use number::number;
pub use text::{explain, formula, to_text};
