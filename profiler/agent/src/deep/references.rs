//! What probes refer to by number: fields and methods as the code names them, classes, roots. A number
//! is the row here; what it means in the end is looked up when a sample is read.

use std::collections::HashMap;
use std::hash::Hash;

use super::names::Name;

/// A field or method as an instruction names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Reference {
    pub(crate) owner: Name,
    pub(crate) name: Name,
    pub(crate) descriptor: Name,
}

/// Rows that are only added.
#[derive(Debug)]
pub(crate) struct Rows<T> {
    numbers: HashMap<T, u32>,
    rows: Vec<T>,
}

impl<T> Default for Rows<T> {
    fn default() -> Self {
        Self { numbers: HashMap::new(), rows: Vec::new() }
    }
}

impl<T: Copy + Eq + Hash> Rows<T> {
    /// Number of a row, which is added if it is new.
    pub(crate) fn number(&mut self, row: T) -> u32 {
        *self.numbers.entry(row).or_insert_with(|| {
            self.rows.push(row);
            self.rows.len() as u32 - 1
        })
    }

    /// The row of a number.
    pub(crate) fn get(&self, number: u32) -> Option<T> {
        self.rows.get(number as usize).copied()
    }

    /// How many rows there are.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }
}

/// All that has a number.
#[derive(Debug, Default)]
pub(crate) struct References {
    pub(crate) fields: Rows<Reference>,
    pub(crate) methods: Rows<Reference>,
    /// Classes with probes.
    pub(crate) classes: Rows<Name>,
    /// Rows of the trace's methods that are roots.
    pub(crate) roots: Rows<u32>,
}
