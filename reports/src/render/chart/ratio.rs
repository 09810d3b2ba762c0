//! Cost against burst ratio: a straight line a way with its band, and a mark where a way stops
//! being the cheaper one. The definition of the ratio stands on the axis.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::frame::{EndLabel, anchored, failed, font, size, svg, write_labels};
use super::{Chart, Layout, palette};
use crate::ReportError;
use crate::report::Report;
use crate::results::{Crossing, Curve};

const NAME: &str = "burst-ratio";

pub(super) fn draw(report: &Report, layout: Layout) -> Result<Chart, ReportError> {
    let dimensions = size(layout, [440, 320]);
    let svg = svg(NAME, dimensions, |area| draw_on(area, report, layout, dimensions))?;
    let title = format!("Cost an hour against burst ratio ({})", report.ratio.definition.words());
    Ok(Chart { name: NAME, title, svg })
}

fn draw_on(
    area: &super::frame::Area<'_>,
    report: &Report,
    layout: Layout,
    (width, height): (u32, u32),
) -> Result<(), ReportError> {
    let curves = &report.ratio.curves;
    let high = curves.iter().map(|c| c.at(1.0).high).fold(0.01, f64::max) * 1.05;
    let right = if layout.is_wide() { 190 } else { 14 };
    let mut chart = ChartBuilder::on(area)
        .margin_top(14)
        .margin_right(right)
        .x_label_area_size(50)
        .y_label_area_size(if layout.is_wide() { 64 } else { 56 })
        .build_cartesian_2d(0.0..1.0, 0.0..high)
        .map_err(failed(NAME))?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(palette::line().mix(0.0))
        .bold_line_style(palette::line())
        .axis_style(palette::faint())
        .label_style(font(palette::faint()))
        .axis_desc_style(font(palette::faint()))
        .x_labels(if layout.is_wide() { 11 } else { 6 })
        .y_labels(6)
        .x_desc(format!("burst ratio: {}", report.ratio.definition.words()))
        .x_label_formatter(&|r| format!("{:.0} %", r * 100.0))
        .y_label_formatter(&|usd| format!("${usd:.2}/h"))
        .draw()
        .map_err(failed(NAME))?;
    let mut labels = Vec::new();
    for curve in curves {
        let color = palette::way(curve.way);
        let band = Polygon::new(band(curve), color.mix(0.15));
        chart.draw_series([band]).map_err(failed(NAME))?;
        let style = color.stroke_width(if curve.way.is_beehive() { 3 } else { 2 });
        let line = [(0.0, curve.at(0.0).mean), (1.0, curve.at(1.0).mean)];
        chart.draw_series(LineSeries::new(line, style)).map_err(failed(NAME))?;
        let (_, y) = chart.backend_coord(&(1.0, curve.at(1.0).mean));
        labels.push(EndLabel { text: curve.way.title().to_owned(), color, y });
    }
    let mut crowded: Vec<i32> = Vec::new();
    for crossing in marked(&report.ratio.crossings) {
        let Some(curve) = curves.iter().find(|c| c.way == crossing.above) else { continue };
        let at = (crossing.ratio.mean, curve.at(crossing.ratio.mean).mean);
        let color = palette::way(crossing.below);
        chart.draw_series([Circle::new(at, 5, color.filled())]).map_err(failed(NAME))?;
        let (x, y) = chart.backend_coord(&at);
        // A mark close to an earlier one gets its figure below instead of above.
        let is_crowded = crowded.iter().any(|other| (other - x).abs() < 40);
        crowded.push(x);
        let y = if is_crowded { y + 15 } else { y - 14 };
        let text = format!("r* {:.2}", crossing.ratio.mean);
        area.draw_text(&text, &anchored(palette::text(), HPos::Center), (x, y))
            .map_err(failed(NAME))?;
    }
    if layout.is_wide() {
        let bottom = height as i32 - 60;
        write_labels(area, (width - right) as i32 + 10, [20, bottom], labels, NAME)?;
    }
    Ok(())
}

fn band(curve: &Curve) -> Vec<(f64, f64)> {
    let (a, b) = (curve.at(0.0), curve.at(1.0));
    vec![(0.0, a.low), (1.0, b.low), (1.0, b.high), (0.0, a.high)]
}

/// Crossings within the drawing.
fn marked(crossings: &[Crossing]) -> impl Iterator<Item = &Crossing> {
    crossings.iter().filter(|c| c.below.is_beehive() && c.ratio.mean < 1.0)
}
