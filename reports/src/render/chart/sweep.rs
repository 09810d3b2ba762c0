//! Cost along a sweep: a line a way through its simulated points; a hollow point is one where the
//! goal is missed.

use plotters::prelude::*;

use super::frame::{EndLabel, failed, font, size, svg, write_labels};
use super::{Chart, Layout, palette};
use crate::ReportError;
use crate::sweep::{Sweep, SweepPoint, SweepWay};
use crate::ways::WayId;

const NAME: &str = "sweep";

/// Draws one sweep.
///
/// # Errors
/// [`ReportError::Chart`].
pub fn sweep_chart(sweep: &Sweep, layout: Layout) -> Result<Chart, ReportError> {
    let dimensions = size(layout, [420, 300]);
    let svg = svg(NAME, dimensions, |area| draw_on(area, sweep, layout, dimensions))?;
    let per = if sweep.kind.is_hourly() { "an hour" } else { "of the window" };
    let title = format!("Cost {per} against {}", sweep.kind.words());
    Ok(Chart { name: NAME, title, svg })
}

fn cost(sweep: &Sweep, way: &SweepWay) -> Option<f64> {
    let estimate = if sweep.kind.is_hourly() { way.cost_per_hour } else { way.cost };
    estimate.map(|e| e.mean)
}

fn ways(sweep: &Sweep) -> Vec<WayId> {
    sweep.points.first().map_or_else(Vec::new, |p| p.ways.iter().map(|w| w.way).collect())
}

/// Points of one way: position, cost, whether the goal is met.
fn line(sweep: &Sweep, way: WayId) -> Vec<(f64, f64, bool)> {
    let at = |(index, point): (usize, &SweepPoint)| {
        let found = point.ways.iter().find(|w| w.way == way)?;
        Some((index as f64, cost(sweep, found)?, found.is_met))
    };
    sweep.points.iter().enumerate().filter_map(at).collect()
}

fn draw_on(
    area: &super::frame::Area<'_>,
    sweep: &Sweep,
    layout: Layout,
    (width, height): (u32, u32),
) -> Result<(), ReportError> {
    let right = if layout.is_wide() { 190 } else { 14 };
    let costs = sweep.points.iter().flat_map(|p| &p.ways).filter_map(|w| cost(sweep, w));
    let high = costs.fold(1e-6, f64::max) * 1.06;
    let last = (sweep.points.len().max(2) - 1) as f64;
    // Evenly spaced whatever the values: their choice is not linear, and every one is labelled.
    let labels: Vec<String> = sweep.points.iter().map(|p| crate::render::number(p.value)).collect();
    let mut chart = ChartBuilder::on(area)
        .margin_top(14)
        .margin_right(right)
        .x_label_area_size(50)
        .y_label_area_size(if layout.is_wide() { 72 } else { 62 })
        .build_cartesian_2d(-0.15..last + 0.15, 0.0..high)
        .map_err(failed(NAME))?;
    let per = if sweep.kind.is_hourly() { "/h" } else { "" };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(palette::line().mix(0.0))
        .bold_line_style(palette::line())
        .axis_style(palette::faint())
        .label_style(font(palette::faint()))
        .axis_desc_style(font(palette::faint()))
        .y_labels(6)
        .x_labels(0)
        .x_desc(sweep.kind.words())
        .y_label_formatter(&|usd| format!("${}{per}", crate::render::number(*usd)))
        .draw()
        .map_err(failed(NAME))?;
    let mut ends = Vec::new();
    for way in ways(sweep) {
        let points = line(sweep, way);
        let color = palette::way(way);
        let style = color.stroke_width(if way.is_beehive() { 3 } else { 2 });
        chart
            .draw_series(LineSeries::new(points.iter().map(|p| (p.0, p.1)), style))
            .map_err(failed(NAME))?;
        for (x, y, is_met) in &points {
            let style = if *is_met { color.filled() } else { color.stroke_width(1) };
            chart.draw_series([Circle::new((*x, *y), 4, style)]).map_err(failed(NAME))?;
        }
        if let Some(end) = points.last() {
            let (_, y) = chart.backend_coord(&(end.0, end.1));
            ends.push(EndLabel { text: way.title().to_owned(), color, y });
        }
    }
    for (index, label) in labels.iter().enumerate() {
        let (x, y) = chart.backend_coord(&(index as f64, 0.0));
        let style =
            super::frame::anchored(palette::faint(), plotters::style::text_anchor::HPos::Center);
        area.draw_text(label, &style, (x, y + 14)).map_err(failed(NAME))?;
    }
    if layout.is_wide() {
        let bottom = height as i32 - 60;
        write_labels(area, (width - right) as i32 + 10, [20, bottom], ends, NAME)?;
    }
    Ok(())
}
