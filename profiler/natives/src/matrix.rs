//! The confusion matrix: how often the computed proposal says what the reviewed table says.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::category::Category;

const SIZE: usize = Category::ALL.len();

/// Counts by (table, proposal).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    counts: [[u32; SIZE]; SIZE],
}

impl Matrix {
    /// Counts one method.
    pub fn count(&mut self, table: Category, proposal: Category) {
        let cell =
            self.counts.get_mut(table as usize).and_then(|row| row.get_mut(proposal as usize));
        if let Some(cell) = cell {
            *cell += 1;
        }
    }

    /// Methods with these two categories.
    pub fn cell(&self, table: Category, proposal: Category) -> u32 {
        let row = self.counts.get(table as usize);
        row.and_then(|row| row.get(proposal as usize)).copied().unwrap_or(0)
    }

    /// Methods counted.
    pub fn total(&self) -> u32 {
        self.counts.iter().flatten().sum()
    }

    /// Methods on which both agree.
    pub fn agreed(&self) -> u32 {
        Category::ALL.iter().map(|&category| self.cell(category, category)).sum()
    }

    /// Methods for which the proposal commits itself: it is not unknown.
    pub fn committed(&self) -> u32 {
        let unknown = |&table: &Category| self.cell(table, Category::Unknown);
        self.total() - Category::ALL.iter().map(unknown).sum::<u32>()
    }

    /// Methods that the table refuses or sends through the proxy and the proposal would run on a
    /// worker as they are: the harmful errors.
    pub fn harmful(&self) -> u32 {
        let worse = [Category::Network, Category::Host, Category::Unknown, Category::HiddenState];
        let harmless = [Category::PureHeap, Category::Stateless];
        let cells = worse.iter().flat_map(|&table| harmless.map(|proposal| (table, proposal)));
        cells.map(|(table, proposal)| self.cell(table, proposal)).sum()
    }
}

impl Serialize for Matrix {
    /// As `{table category: {proposal category: count}}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(SIZE))?;
        for table in Category::ALL {
            let row: std::collections::BTreeMap<&str, u32> = Category::ALL
                .iter()
                .map(|&proposal| (proposal.name(), self.cell(table, proposal)))
                .collect();
            map.serialize_entry(table.name(), &row)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts() {
        let mut matrix = Matrix::default();
        matrix.count(Category::Host, Category::Host);
        matrix.count(Category::Host, Category::Stateless);
        matrix.count(Category::PureHeap, Category::Unknown);
        let sums = (matrix.total(), matrix.agreed(), matrix.committed(), matrix.harmful());
        assert_eq!(sums, (3, 1, 2, 1));
    }
}
