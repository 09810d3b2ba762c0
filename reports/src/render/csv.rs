//! CSV: one row a line of a bill, and one row a second and way. Units are in the headers.

use crate::ReportError;
use crate::report::Report;

/// Lines of all bills.
///
/// # Errors
/// [`ReportError::Render`].
pub fn lines_csv(report: &Report) -> Result<String, ReportError> {
    let mut rows = vec![row([
        "way",
        "line",
        "service",
        "meter",
        "quantity",
        "unit",
        "per",
        "price_usd",
        "price_unit",
        "amount_usd",
        "held",
        "price_dated",
        "price_source",
    ])];
    for way in &report.ways {
        for line in &way.cost.lines {
            let unknown = |value: Option<rust_decimal::Decimal>| {
                value.map_or_else(|| "?".to_owned(), |v| v.to_string())
            };
            rows.push(vec![
                way.way.name().to_owned(),
                line.line.clone(),
                line.meter.service.clone(),
                line.meter.name.clone(),
                line.quantity.to_string(),
                line.unit.clone(),
                line.per.to_string(),
                unknown(line.price),
                line.price_unit.clone(),
                unknown(line.amount),
                line.is_held.to_string(),
                line.dated.clone(),
                line.source.clone(),
            ]);
        }
    }
    write(&rows)
}

/// Timelines of all ways.
///
/// # Errors
/// [`ReportError::Render`].
pub fn timeline_csv(report: &Report) -> Result<String, ReportError> {
    let mut rows = vec![row([
        "way",
        "t_s",
        "requests_per_s",
        "p50_ms",
        "p95_ms",
        "p99_ms",
        "offloaded_share",
        "lost_per_s",
        "machines",
        "workers",
    ])];
    for way in &report.ways {
        for point in &way.timeline {
            let ms = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v:.3}"));
            rows.push(vec![
                way.way.name().to_owned(),
                format!("{}", point.t_s),
                format!("{:.3}", point.requests_per_s),
                ms(point.p50_ms),
                ms(point.p95_ms),
                ms(point.p99_ms),
                format!("{:.4}", point.offloaded_share),
                format!("{:.3}", point.lost_per_s),
                format!("{:.3}", point.machines),
                format!("{:.3}", point.workers),
            ]);
        }
    }
    write(&rows)
}

/// Points of all sweeps.
///
/// # Errors
/// [`ReportError::Render`].
pub fn sweeps_csv(report: &Report) -> Result<String, ReportError> {
    let mut rows = vec![row([
        "sweep",
        "value",
        "window_s",
        "way",
        "cost_usd",
        "cost_usd_low",
        "cost_usd_high",
        "cost_usd_per_hour",
        "p99_ms",
        "within_goal",
        "goal_met",
    ])];
    for sweep in &report.sweeps {
        for point in &sweep.points {
            for way in &point.ways {
                let usd = |v: Option<f64>| v.map_or_else(|| "?".to_owned(), |v| format!("{v:.9}"));
                rows.push(vec![
                    sweep.kind.name().to_owned(),
                    point.value.to_string(),
                    point.window_s.to_string(),
                    way.way.name().to_owned(),
                    usd(way.cost.map(|e| e.mean)),
                    usd(way.cost.map(|e| e.low)),
                    usd(way.cost.map(|e| e.high)),
                    usd(way.cost_per_hour.map(|e| e.mean)),
                    way.p99_ms.map_or_else(String::new, |v| format!("{v:.3}")),
                    format!("{:.6}", way.within_goal),
                    way.is_met.to_string(),
                ]);
            }
        }
    }
    write(&rows)
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

pub(super) fn write(rows: &[Vec<String>]) -> Result<String, ReportError> {
    let bad = |reason: String| ReportError::Render { format: "CSV", reason };
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(|e| bad(e.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|e| bad(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| bad(e.to_string()))
}
