//! The two published traces of Azure Functions: counts per minute (2019: HashOwner, HashApp,
//! HashFunction, Trigger, 1..1440) and single invocations (2021: app, func, end_timestamp,
//! duration). One function can be chosen; else all are added up.

use std::path::Path;
use std::sync::Arc;

use csv::StringRecord;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::Arrivals;
use crate::ReportError;

/// An Azure trace as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Azure {
    /// The arrivals.
    pub arrivals: Arrivals,
    /// Length, s.
    pub seconds: f64,
    /// Invocations.
    pub count: u64,
}

/// Reads an Azure Functions trace if the header at `path` is one of the two schemas; `None` if it
/// is neither. `function` chooses one function by its hash.
///
/// # Errors
/// [`ReportError::Arrivals`] with line and reason; [`ReportError::Read`].
pub fn read_azure(path: &Path, function: Option<&str>) -> Result<Option<Azure>, ReportError> {
    let mut rows =
        csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).map_err(|e| at(path, &e))?;
    let header = rows.headers().map_err(|e| at(path, &e))?.clone();
    let column = |name: &str| header.iter().position(|h| h.eq_ignore_ascii_case(name));
    if let (Some(hash), Some(first)) = (column("HashFunction"), column("1")) {
        check_minutes(path, &header, first)?;
        return minutes(path, rows, hash, first, function).map(Some);
    }
    if let (Some(func), Some(end), Some(duration)) =
        (column("func"), column("end_timestamp"), column("duration"))
    {
        return invocations(path, rows, [func, end, duration], function).map(Some);
    }
    Ok(None)
}

fn bad(path: &Path, line: u64, reason: String) -> ReportError {
    ReportError::Arrivals { path: path.to_owned(), line, reason }
}

fn at(path: &Path, error: &csv::Error) -> ReportError {
    bad(path, error.position().map_or(0, csv::Position::line), error.to_string())
}

/// A minute left out of the header would shift all later ones.
fn check_minutes(path: &Path, header: &StringRecord, first: usize) -> Result<(), ReportError> {
    for (minute, name) in (1..).zip(header.iter().skip(first)) {
        if name.trim().parse() != Ok(minute) {
            let reason = format!("column `{name}` stands where minute {minute} is due");
            return Err(bad(path, 1, reason));
        }
    }
    Ok(())
}

fn minutes(
    path: &Path,
    mut rows: csv::Reader<std::fs::File>,
    hash: usize,
    first: usize,
    function: Option<&str>,
) -> Result<Azure, ReportError> {
    let mut counts: Vec<u32> = Vec::new();
    let mut record = StringRecord::new();
    let mut is_found = false;
    while rows.read_record(&mut record).map_err(|e| at(path, &e))? {
        if function.is_some_and(|wanted| record.get(hash) != Some(wanted)) {
            continue;
        }
        is_found = true;
        let line = record.position().map_or(0, csv::Position::line);
        counts.resize(counts.len().max(record.len().saturating_sub(first)), 0);
        for (total, field) in counts.iter_mut().zip(record.iter().skip(first)) {
            let count: u32 = field
                .trim()
                .parse()
                .map_err(|_| bad(path, line, format!("`{field}` is not a count")))?;
            *total = total.saturating_add(count);
        }
    }
    check_found(path, is_found, function)?;
    let count = counts.iter().map(|c| u64::from(*c)).sum();
    let seconds = counts.len() as f64 * 60.0;
    Ok(Azure { arrivals: Arrivals::Minutes(counts.into()), seconds, count })
}

fn check_found(path: &Path, is_found: bool, function: Option<&str>) -> Result<(), ReportError> {
    if is_found {
        return Ok(());
    }
    let reason = match function {
        Some(wanted) => format!("no row of function `{wanted}`"),
        None => "there is no arrival".to_owned(),
    };
    Err(bad(path, 1, reason))
}

fn invocations(
    path: &Path,
    mut rows: csv::Reader<std::fs::File>,
    [func, end, duration]: [usize; 3],
    function: Option<&str>,
) -> Result<Azure, ReportError> {
    let mut instants: Vec<u64> = Vec::new();
    let mut record = StringRecord::new();
    while rows.read_record(&mut record).map_err(|e| at(path, &e))? {
        if function.is_some_and(|wanted| record.get(func) != Some(wanted)) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        let number = |column: usize| {
            let field = record.get(column).unwrap_or("").trim();
            field
                .parse::<f64>()
                .ok()
                .filter(|v| v.is_finite() && *v >= 0.0)
                .ok_or_else(|| bad(path, line, format!("`{field}` is not a time from 0 on")))
        };
        // Rows are ordered by end; what matters is the start.
        instants.push(((number(end)? - number(duration)?).max(0.0) * 1e9) as u64);
    }
    check_found(path, !instants.is_empty(), function)?;
    instants.sort_unstable();
    let zero = instants.first().copied().unwrap_or(0);
    for instant in &mut instants {
        *instant -= zero;
    }
    let seconds = instants.last().map_or(0.0, |t| *t as f64 / 1e9);
    let count = instants.len() as u64;
    Ok(Azure { arrivals: Arrivals::Instants(instants.into()), seconds, count })
}

/// See [`super::ArrivalStream::Minutes`].
#[derive(Debug)]
pub struct MinuteStream {
    counts: Arc<[u32]>,
    rng: Pcg64Mcg,
    minute: usize,
    within: Vec<u64>,
}

const MINUTE_NS: u64 = 60_000_000_000;

impl MinuteStream {
    pub(super) fn new(counts: Arc<[u32]>, rng: Pcg64Mcg) -> Self {
        Self { counts, rng, minute: 0, within: Vec::new() }
    }
}

impl Iterator for MinuteStream {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        while self.within.is_empty() {
            let count = *self.counts.get(self.minute)?;
            let start = self.minute as u64 * MINUTE_NS;
            self.within.extend((0..count).map(|_| start + self.rng.random_range(0..MINUTE_NS)));
            self.within.sort_unstable_by(|a, b| b.cmp(a));
            self.minute += 1;
        }
        self.within.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, function: Option<&str>) -> Result<Option<Azure>, ReportError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_azure(file.path(), function)
    }

    #[test]
    fn minutes_of_2019_are_spread_within_their_minute() {
        let text =
            "HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,2,0,1\no,a,g,http,1,1,1\n";
        let azure = read(text, None).unwrap().unwrap();
        assert_eq!(azure.count, 6);
        let instants: Vec<_> = azure.arrivals.stream(1).collect();
        assert_eq!(instants.iter().filter(|t| **t < MINUTE_NS).count(), 3);
        assert!(instants.windows(2).all(|w| w[0] <= w[1]));
        assert_eq!(read(text, Some("f")).unwrap().unwrap().count, 3);
        assert!(read(text, Some("x")).unwrap_err().to_string().contains("no row of function `x`"));
        let gap = "HashOwner,HashApp,HashFunction,Trigger,1,3\no,a,f,http,2,1\n";
        assert!(read(gap, None).unwrap_err().to_string().contains("where minute 2 is due"));
    }

    #[test]
    fn invocations_of_2021_start_at_end_less_duration() {
        let text = "app,func,end_timestamp,duration\na,f,10.0,1.0\na,f,10.5,4.5\n";
        let azure = read(text, None).unwrap().unwrap();
        assert_eq!(azure.arrivals.stream(1).collect::<Vec<_>>(), [0, 3_000_000_000]);
        let bad = "app,func,end_timestamp,duration\na,f,10.0,-1\n";
        assert!(read(bad, None).unwrap_err().to_string().contains(":2: `-1`"));
        assert!(read("t_ms\n1\n", None).unwrap().is_none());
    }
}
