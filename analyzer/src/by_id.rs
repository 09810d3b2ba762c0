//! A dense table indexed by row number (method, component). Owns the one place of the graph code that
//! indexes; ids come from the trace reader, which checked them, or from the tables' own lengths.

use std::ops::{Index, IndexMut};

/// A `Vec` indexed by `u32` ids `0..len`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ById<T>(Vec<T>);

impl<T: Clone> ById<T> {
    /// `len` copies of `value`.
    pub(crate) fn filled(value: T, len: usize) -> Self {
        Self(vec![value; len])
    }
}

impl<T> ById<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// Rows `from..to`.
    #[expect(clippy::indexing_slicing, reason = "the wrapper exists to index; ids are checked")]
    pub(crate) fn range(&self, from: u32, to: u32) -> &[T] {
        &self.0[from as usize..to as usize]
    }
}

impl<T> From<Vec<T>> for ById<T> {
    fn from(rows: Vec<T>) -> Self {
        Self(rows)
    }
}

impl<T> Index<u32> for ById<T> {
    type Output = T;

    #[expect(clippy::indexing_slicing, reason = "the wrapper exists to index; ids are checked")]
    fn index(&self, id: u32) -> &T {
        &self.0[id as usize]
    }
}

impl<T> IndexMut<u32> for ById<T> {
    #[expect(clippy::indexing_slicing, reason = "the wrapper exists to index; ids are checked")]
    fn index_mut(&mut self, id: u32) -> &mut T {
        &mut self.0[id as usize]
    }
}
