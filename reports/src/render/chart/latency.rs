//! Latency over time: the 99th percentile of each second's arrivals, a line a way, the burst
//! shaded, the goal marked.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::frame::{
    EndLabel, LETTERS, anchored, decades, failed, font, ms_label, size, svg, write_labels,
};
use super::{Chart, Layout, palette};
use crate::ReportError;
use crate::report::{Report, WayReport};

const NAME: &str = "latency";

pub(super) fn draw(report: &Report, layout: Layout) -> Result<Chart, ReportError> {
    let dimensions = size(layout, [440, 300]);
    let svg = svg(NAME, dimensions, |area| draw_on(area, report, layout, dimensions))?;
    let title = "99th percentile of latency, by second of arrival".to_owned();
    Ok(Chart { name: NAME, title, svg })
}

/// Seconds shown, relative to the burst's start: until everybody is well again.
fn span(report: &Report) -> (f64, f64) {
    let load = &report.load;
    let calm = report.ways.iter().filter_map(|w| w.latency.recovered_after_s).fold(0.0, f64::max);
    let end = (calm + 30.0).max(load.burst_s + load.burst_s.clamp(20.0, 120.0) / 2.0);
    let start = -load.burst_from_s.min(load.burst_s / 4.0).min(60.0);
    (start, end.min(load.window_s - load.burst_from_s))
}

fn points(way: &WayReport, from_s: f64, span: (f64, f64)) -> Vec<(f64, f64)> {
    way.timeline
        .iter()
        .filter_map(|p| Some((p.t_s - from_s, p.p99_ms?)))
        .filter(|(t, _)| (span.0..=span.1).contains(t))
        .collect()
}

fn draw_on(
    area: &super::frame::Area<'_>,
    report: &Report,
    layout: Layout,
    (width, height): (u32, u32),
) -> Result<(), ReportError> {
    let span = span(report);
    let lines: Vec<_> =
        report.ways.iter().map(|w| (w, points(w, report.load.burst_from_s, span))).collect();
    let values = lines.iter().flat_map(|(_, p)| p.iter().map(|(_, ms)| *ms));
    let high = values.clone().fold(report.goal.ms, f64::max);
    let low = values.fold(report.goal.ms, f64::min);
    let (low, high) = decades(low, high);
    let right = if layout.is_wide() { 190 } else { 12 };
    let mut chart = ChartBuilder::on(area)
        .margin_top(14)
        .margin_right(right)
        .x_label_area_size(50)
        .y_label_area_size(if layout.is_wide() { 64 } else { 56 })
        .build_cartesian_2d(span.0..span.1, (low..high).log_scale())
        .map_err(failed(NAME))?;
    let burst = Rectangle::new(
        [(0.0, low), (report.load.burst_s.min(span.1), high)],
        palette::shade().filled(),
    );
    chart.draw_series([burst]).map_err(failed(NAME))?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(palette::line().mix(0.0))
        .bold_line_style(palette::line())
        .axis_style(palette::faint())
        .label_style(font(palette::faint()))
        .axis_desc_style(font(palette::faint()))
        .x_labels(if layout.is_wide() { 10 } else { 5 })
        .x_desc("seconds from the start of the burst")
        .x_label_formatter(&|s| format!("{s:.0}"))
        .y_label_formatter(&|ms| ms_label(*ms))
        .draw()
        .map_err(failed(NAME))?;
    let goal = [(span.0, report.goal.ms), (span.1, report.goal.ms)];
    chart
        .draw_series(DashedLineSeries::new(goal, 6, 4, palette::goal().stroke_width(1)))
        .map_err(failed(NAME))?;
    let mut labels = Vec::new();
    for (way, line) in &lines {
        let style = palette::way(way.way).stroke_width(if way.way.is_beehive() { 3 } else { 2 });
        chart.draw_series(LineSeries::new(line.clone(), style)).map_err(failed(NAME))?;
        if let Some(last) = line.last() {
            let (_, y) = chart.backend_coord(last);
            let color = palette::way(way.way);
            labels.push(EndLabel { text: way.title.clone(), color, y });
        }
    }
    let (x, goal_y) = chart.backend_coord(&(span.1, report.goal.ms));
    let mark = format!("goal: {}", report.goal);
    area.draw_text(&mark, &anchored(palette::goal(), HPos::Right), (x - 4, goal_y - LETTERS + 2))
        .map_err(failed(NAME))?;
    let (x, y) = chart.backend_coord(&(report.load.burst_s.min(span.1) / 2.0, high));
    area.draw_text("burst", &anchored(palette::faint(), HPos::Center), (x, y + LETTERS))
        .map_err(failed(NAME))?;
    if layout.is_wide() {
        let bottom = height as i32 - 60;
        write_labels(area, (width - right) as i32 + 10, [20, bottom], labels, NAME)?;
    }
    Ok(())
}
