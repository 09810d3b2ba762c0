//! The user's own arrivals: one instant a line, in ms (`t_ms`), s (`t_s`) or ns (`t_ns`) from the
//! start, rising. Out of order, empty or interrupted is an error with its line, never repaired
//! silently.

use std::path::Path;

use crate::ReportError;

/// Arrivals as read.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrivalFile {
    /// Instants from the first line's zero, ns, rising.
    pub instants: Vec<u64>,
    /// The longest silence: (line after it, length in s).
    pub longest_gap: (u64, f64),
}

impl ArrivalFile {
    /// Time from 0 to the last arrival, s.
    pub fn seconds(&self) -> f64 {
        self.instants.last().map_or(0.0, |t| *t as f64 / 1e9)
    }
}

/// Longest silence tolerated without `allow_gaps`: a fifth of the whole, at least a minute.
fn gap_max_s(seconds: f64) -> f64 {
    (seconds / 5.0).max(60.0)
}

/// Reads the arrival file at `path`. Lines starting with `#` are comments, the first other line
/// names the column.
///
/// # Errors
/// [`ReportError::Arrivals`] with line and reason; [`ReportError::Read`].
pub fn read_arrivals(path: &Path, allow_gaps: bool) -> Result<ArrivalFile, ReportError> {
    let text = std::fs::read_to_string(path).map_err(ReportError::read(path))?;
    let bad =
        |line: u64, reason: String| ReportError::Arrivals { path: path.to_owned(), line, reason };
    let mut lines = (1_u64..).zip(text.lines()).filter(|(_, l)| !l.starts_with('#'));
    let Some((first, header)) = lines.next() else {
        return Err(bad(1, "the file is empty".to_owned()));
    };
    let ns_per_unit = unit_of(header).ok_or_else(|| {
        bad(first, format!("the header is `{header}`, it must be `t_ms`, `t_s` or `t_ns`"))
    })?;
    let mut instants: Vec<u64> = Vec::new();
    let mut longest_gap = (0, 0.0);
    for (line, text) in lines {
        let instant = parse(text, ns_per_unit).map_err(|reason| bad(line, reason))?;
        let before = instants.last().copied().unwrap_or(0);
        if instant < before {
            let reason = format!("`{text}` comes before the arrival above it");
            return Err(bad(line, reason));
        }
        let gap_s = (instant - before) as f64 / 1e9;
        if gap_s > longest_gap.1 {
            longest_gap = (line, gap_s);
        }
        instants.push(instant);
    }
    if instants.is_empty() {
        return Err(bad(first, "there is no arrival".to_owned()));
    }
    let file = ArrivalFile { instants, longest_gap };
    let (line, gap_s) = longest_gap;
    if !allow_gaps && gap_s > gap_max_s(file.seconds()) {
        let reason = format!("a gap of {gap_s:.1} s without arrivals ends here");
        return Err(bad(line, reason));
    }
    Ok(file)
}

fn unit_of(header: &str) -> Option<f64> {
    match header.trim() {
        "t_ms" => Some(1e6),
        "t_s" => Some(1e9),
        "t_ns" => Some(1.0),
        _ => None,
    }
}

fn parse(text: &str, ns_per_unit: f64) -> Result<u64, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("the line is empty".to_owned());
    }
    let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
    if !value.is_finite() || value < 0.0 {
        return Err(format!("`{text}` is not a time from 0 on"));
    }
    Ok((value * ns_per_unit).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ArrivalFile, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read_arrivals(file.path(), false).map_err(|e| {
            e.to_string().rsplit_once(&*file.path().to_string_lossy()).unwrap().1.to_owned()
        })
    }

    #[test]
    fn instants_are_read_in_their_unit() {
        assert_eq!(read("# c\nt_ms\n0\n1.5\n1.5\n").unwrap().instants, [0, 1_500_000, 1_500_000]);
        assert_eq!(read("t_s\n2\n").unwrap().instants, [2_000_000_000]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert!(read("").unwrap_err().starts_with(":1: the file is empty"));
        assert!(read("time\n1\n").unwrap_err().starts_with(":1: the header"));
        assert!(read("t_ms\n5\n4\n").unwrap_err().starts_with(":3: `4` comes before"));
        assert!(read("t_ms\n5\n\n6\n").unwrap_err().starts_with(":3: the line is empty"));
        assert!(read("t_ms\nNaN\n").unwrap_err().starts_with(":2: `NaN` is not a time"));
        assert!(read("t_ms\n-1\n").unwrap_err().starts_with(":2: `-1` is not a time"));
        assert!(read("t_s\n0\n1\n500\n").unwrap_err().starts_with(":4: a gap of 499.0 s"));
    }
}
