//! Aligned columns for a terminal: words to the left, figures to the right.

/// A table being filled.
#[derive(Clone, Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
    /// Columns from this one on are figures, aligned right; the last column again left.
    figures_from: usize,
    is_last_left: bool,
}

impl Table {
    pub fn new(header: &[&str], figures_from: usize, is_last_left: bool) -> Self {
        let rows = vec![header.iter().map(|h| (*h).to_owned()).collect()];
        Self { rows, figures_from, is_last_left }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub fn render(&self, indent: &str) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows.iter().filter_map(|r| r.get(column)).map(|c| c.chars().count()).max()
        };
        let widths: Vec<usize> = (0..columns).map(|c| width(c).unwrap_or(0)).collect();
        let mut out = String::new();
        for row in &self.rows {
            let mut line = indent.to_owned();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let is_last = column + 1 == columns;
                let is_left = column < self.figures_from || (is_last && self.is_last_left);
                let gap = if column == 0 { "" } else { "  " };
                line.push_str(gap);
                let fill = " ".repeat(width - cell.chars().count());
                if is_left {
                    line.push_str(cell);
                    line.push_str(&fill);
                } else {
                    line.push_str(&fill);
                    line.push_str(cell);
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_left_figures_right() {
        let mut table = Table::new(&["way", "cost", "note"], 1, true);
        table.row(vec!["a".into(), "$12".into(), "x".into()]);
        table.row(vec!["long".into(), "$1".into(), "yes".into()]);
        let expected = "way   cost  note\na      $12  x\nlong    $1  yes\n";
        assert_eq!(table.render(""), expected);
    }
}
