//! Cost by purpose: a bar a way, cut into what serves, what starts and what waits.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::frame::{anchored, failed, size, svg};
use super::{Chart, Layout, palette};
use crate::ReportError;
use crate::billing::Purpose;
use crate::money::{dollars, to_f64};
use crate::report::{Report, WayReport};

const NAME: &str = "cost";

const PURPOSES: [Purpose; 3] = [Purpose::Serving, Purpose::Starting, Purpose::Waiting];

/// Words of a purpose for legends.
pub(crate) fn purpose_words(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Serving => "serving requests",
        Purpose::Starting => "starting up",
        Purpose::Waiting => "standing by",
    }
}

pub(super) fn draw(report: &Report, layout: Layout) -> Result<Chart, ReportError> {
    let row = if layout.is_wide() { 40 } else { 50 };
    let rows = report.ways.len().max(1) as u32;
    let legend = 36;
    let dimensions = size(layout, [row * rows + legend, row * rows + legend]);
    let svg = svg(NAME, dimensions, |area| {
        draw_on(area, report, layout, row as i32, dimensions.0 as i32)
    })?;
    let title = "Cost of the window beside the server, by purpose".to_owned();
    Ok(Chart { name: NAME, title, svg })
}

fn draw_on(
    area: &super::frame::Area<'_>,
    report: &Report,
    layout: Layout,
    row: i32,
    width: i32,
) -> Result<(), ReportError> {
    let name_width = if layout.is_wide() { 200 } else { 0 };
    let room = f64::from(width - name_width - 80);
    let high = report.ways.iter().map(|w| to_f64(w.cost.known)).fold(1e-9, f64::max);
    let scale = room / high;
    for (index, way) in report.ways.iter().enumerate() {
        let top = index as i32 * row;
        let middle = if layout.is_wide() { top + row / 2 } else { top + row * 2 / 3 };
        let label = anchored(palette::text(), HPos::Left);
        let label_y = if layout.is_wide() { middle } else { top + row / 4 };
        area.draw_text(&way.title, &label, (0, label_y)).map_err(failed(NAME))?;
        let end = bar(area, way, (name_width, middle), scale)?;
        let total = match way.cost.total {
            Some(total) => dollars(Some(total)),
            None => format!("{} + ?", dollars(Some(way.cost.known))),
        };
        area.draw_text(&total, &anchored(palette::text(), HPos::Left), (end + 8, middle))
            .map_err(failed(NAME))?;
    }
    legend(area, (name_width, report.ways.len() as i32 * row + 18))
}

/// Draws the parts of one bar; where it ends.
fn bar(
    area: &super::frame::Area<'_>,
    way: &WayReport,
    (left, middle): (i32, i32),
    scale: f64,
) -> Result<i32, ReportError> {
    let mut sum = 0.0;
    for purpose in PURPOSES {
        let lines = way.cost.lines.iter().filter(|l| l.purpose == purpose);
        let amount: f64 = lines.filter_map(|l| l.amount).map(to_f64).sum();
        if amount <= 0.0 {
            continue;
        }
        let from = left + (sum * scale) as i32;
        sum += amount;
        let to = (left + (sum * scale) as i32).max(from + 1);
        let corners = [(from, middle - 9), (to, middle + 9)];
        area.draw(&Rectangle::new(corners, palette::purpose(purpose).filled()))
            .map_err(failed(NAME))?;
    }
    Ok(left + (sum * scale) as i32)
}

fn legend(area: &super::frame::Area<'_>, (left, y): (i32, i32)) -> Result<(), ReportError> {
    let mut x = left;
    for purpose in PURPOSES {
        let square = [(x, y - 6), (x + 12, y + 6)];
        area.draw(&Rectangle::new(square, palette::purpose(purpose).filled()))
            .map_err(failed(NAME))?;
        let words = purpose_words(purpose);
        area.draw_text(words, &anchored(palette::faint(), HPos::Left), (x + 18, y))
            .map_err(failed(NAME))?;
        x += 32 + words.len() as i32 * 8;
    }
    Ok(())
}
