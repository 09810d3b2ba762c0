//! What the charts share: sheet, fonts, axes' look, labels at the ends of lines that keep clear
//! of each other.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::Layout;
use crate::ReportError;

pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Size of a drawing, pixels.
pub(super) fn size(layout: Layout, heights: [u32; 2]) -> (u32, u32) {
    if layout.is_wide() { (960, heights[0]) } else { (380, heights[1]) }
}

/// The SVG document of what `draw` puts on a drawing area of `dimensions`.
pub(super) fn svg(
    name: &'static str,
    dimensions: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Result<(), ReportError>,
) -> Result<String, ReportError> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, dimensions).into_drawing_area();
        draw(&area)?;
        area.present().map_err(failed(name))?;
    }
    Ok(text)
}

/// Height of a line of text as plotters takes it; the letters come out at 13 pixels.
pub(super) const LETTERS: i32 = 16;

/// A style for text.
pub(super) fn font(color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", LETTERS).into_font().color(&color)
}

/// A style for text, placed by its right or left middle.
pub(super) fn anchored(color: RGBColor, horizontal: HPos) -> TextStyle<'static> {
    font(color).pos(Pos::new(horizontal, VPos::Center))
}

/// For `map_err` on drawing.
pub(super) fn failed<E: std::fmt::Display>(name: &'static str) -> impl Fn(E) -> ReportError + Copy {
    move |e| ReportError::Chart { name, reason: e.to_string() }
}

/// A label that wants to stand at a height.
pub(super) struct EndLabel {
    pub text: String,
    pub color: RGBColor,
    pub y: i32,
}

/// Writes `labels` at `x`, pushed apart so that none covers another, within `top..bottom`.
pub(super) fn write_labels(
    area: &Area<'_>,
    x: i32,
    [top, bottom]: [i32; 2],
    mut labels: Vec<EndLabel>,
    name: &'static str,
) -> Result<(), ReportError> {
    const APART: i32 = 16;
    labels.sort_by_key(|l| l.y);
    let mut next = top;
    for label in &mut labels {
        label.y = label.y.max(next);
        next = label.y + APART;
    }
    let mut limit = bottom;
    for label in labels.iter_mut().rev() {
        label.y = label.y.min(limit);
        limit = label.y - APART;
    }
    for label in labels {
        area.draw_text(&label.text, &anchored(label.color, HPos::Left), (x, label.y))
            .map_err(failed(name))?;
    }
    Ok(())
}

/// Milliseconds on an axis: `100 ms`, `2 s`.
pub(super) fn ms_label(ms: f64) -> String {
    if ms >= 1000.0 {
        format!("{} s", crate::render::number(ms / 1000.0))
    } else {
        format!("{} ms", crate::render::number(ms))
    }
}

/// Powers of ten that enclose `low..high`.
pub(super) fn decades(low: f64, high: f64) -> (f64, f64) {
    let down = 10_f64.powf(low.max(1e-9).log10().floor());
    let up = 10_f64.powf(high.max(1e-9).log10().ceil());
    if up > down { (down, up) } else { (down, down * 10.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_enclose() {
        assert_eq!(decades(32.0, 22_000.0), (10.0, 100_000.0));
        assert_eq!(decades(100.0, 100.0), (100.0, 1000.0));
        assert_eq!(ms_label(2000.0), "2 s");
        assert_eq!(ms_label(100.0), "100 ms");
    }
}
