//! Charts, drawn by plotters as SVG text: latency over time, cost against burst ratio, cost by
//! purpose. The same drawing serves the files and, with its colours turned into CSS variables, the
//! HTML page in light and dark.

mod bars;
mod frame;
mod latency;
mod palette;
mod ratio;
mod sweep;

use crate::ReportError;
use crate::report::Report;

pub(super) use palette::css_variables;
pub use sweep::sweep_chart;

/// Size and detail of a drawing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// For a page or a slide, lines labelled where they end.
    Wide,
    /// For a telephone, lines told apart by the page's legend.
    Narrow,
}

impl Layout {
    pub(super) fn is_wide(self) -> bool {
        self == Self::Wide
    }
}

/// A finished drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// File name without ending.
    pub name: &'static str,
    /// What it shows, for captions and for those who cannot see it.
    pub title: String,
    /// SVG document.
    pub svg: String,
}

impl Chart {
    /// The drawing for a page: colours as CSS variables, no background, a name for readers.
    pub fn inline(&self) -> String {
        palette::inline(&self.svg, &self.title)
    }
}

/// All charts of a report.
///
/// # Errors
/// [`ReportError::Chart`].
pub fn charts(report: &Report, layout: Layout) -> Result<Vec<Chart>, ReportError> {
    let mut charts = vec![latency::draw(report, layout)?, bars::draw(report, layout)?];
    if !report.ratio.curves.is_empty() {
        charts.push(ratio::draw(report, layout)?);
    }
    Ok(charts)
}
