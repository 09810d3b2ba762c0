//! The reviewed table: a category and a reason for every native method of java.base in the JDK
//! versions that were read by a person. `data/java.base.csv` is the table; other versions have no rows,
//! and what has no row is unknown.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::category::Category;
use crate::declared::NativeMethod;

const JAVA_BASE: &str = include_str!("../data/java.base.csv");

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewedRow {
    /// Dotted class name.
    pub class: String,
    /// Method name.
    pub method: String,
    /// JVM descriptor.
    pub descriptor: String,
    /// Feature versions of the JDK it was reviewed for, joined by `+`.
    pub jdks: String,
    /// The category.
    pub category: Category,
    /// For hidden state: which state.
    pub state: String,
    /// For hidden state: how it gets to the worker, or why it need not.
    pub marshalling: String,
    /// Why it has its category.
    pub reason: String,
}

impl ReviewedRow {
    /// Feature versions it was reviewed for.
    pub fn features(&self) -> impl Iterator<Item = u16> {
        self.jdks.split('+').filter_map(|version| version.parse().ok())
    }

    /// The method it is about.
    pub fn native(&self) -> NativeMethod {
        NativeMethod {
            class: self.class.clone(),
            method: self.method.clone(),
            descriptor: self.descriptor.clone(),
        }
    }
}

/// The whole table.
#[derive(Debug)]
pub struct ReviewedTable {
    rows: Vec<ReviewedRow>,
    by_method: BTreeMap<(u16, NativeMethod), usize>,
}

impl ReviewedTable {
    /// The table that comes with beehive.
    pub fn get() -> &'static Self {
        static TABLE: OnceLock<ReviewedTable> = OnceLock::new();
        TABLE.get_or_init(|| Self::parse(JAVA_BASE))
    }

    /// Rows that do not parse are left out here; a test sees to it that there are none.
    fn parse(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let rows: Vec<ReviewedRow> = reader.deserialize().filter_map(Result::ok).collect();
        let mut by_method = BTreeMap::new();
        for (index, row) in rows.iter().enumerate() {
            by_method.extend(row.features().map(|feature| ((feature, row.native()), index)));
        }
        Self { rows, by_method }
    }

    /// All rows.
    pub fn rows(&self) -> &[ReviewedRow] {
        &self.rows
    }

    /// The row of `native` in the JDK with this feature version.
    pub fn row(&self, feature: u16, native: &NativeMethod) -> Option<&ReviewedRow> {
        self.by_method.get(&(feature, native.clone())).and_then(|&index| self.rows.get(index))
    }

    /// Feature versions that were reviewed, ascending.
    pub fn features(&self) -> Vec<u16> {
        let mut features: Vec<u16> = self.by_method.keys().map(|(feature, _)| *feature).collect();
        features.dedup();
        features
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_row_with_its_reason() {
        let table = ReviewedTable::get();
        assert_eq!(table.rows().len(), JAVA_BASE.lines().count() - 1, "a line does not parse");
        assert_eq!(table.features(), [17, 25]);
        for row in table.rows() {
            let label = row.native().to_string();
            assert!(row.reason.len() > 10, "{label}: no reason");
            let is_hidden = row.category == Category::HiddenState;
            assert_eq!(is_hidden, !row.state.is_empty(), "{label}: state");
            assert_eq!(is_hidden, !row.marshalling.is_empty(), "{label}: marshalling");
        }
        let unique: std::collections::BTreeSet<_> =
            table.rows().iter().map(ReviewedRow::native).collect();
        assert_eq!(unique.len(), table.rows().len(), "a method stands twice");
    }

    #[test]
    fn a_version_without_review_has_no_rows() {
        let native = NativeMethod {
            class: "java.lang.System".into(),
            method: "nanoTime".into(),
            descriptor: "()J".into(),
        };
        let category = |feature| ReviewedTable::get().row(feature, &native).map(|row| row.category);
        assert_eq!(category(17), Some(Category::Stateless));
        assert_eq!(category(25), Some(Category::Stateless));
        assert_eq!(category(21), None);
    }
}
