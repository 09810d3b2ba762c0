//! Walks a table of attributes (JVMS §4.7) without looking into them.

use crate::read::{u16_at, u32_at};

/// One attribute: the index of its name and its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attribute<'a> {
    pub(crate) name_index: u16,
    pub(crate) payload: &'a [u8],
}

/// Iterates over attributes; ends early when they do not fit their bytes.
#[derive(Debug, Clone)]
pub(crate) struct Attributes<'a> {
    rest: &'a [u8],
    left: u16,
}

impl<'a> Attributes<'a> {
    /// Reads the table whose count stands at the start of `bytes`.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let left = u16_at(bytes, 0).unwrap_or(0);
        Self { rest: bytes.get(2..).unwrap_or_default(), left }
    }

    /// How many attributes are still to come, as the table says.
    pub(crate) fn left(&self) -> u16 {
        self.left
    }

    /// Whether the attributes read so far fill their bytes exactly.
    pub(crate) fn at_end(&self) -> bool {
        self.rest.is_empty()
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Attribute<'a>;

    #[inline]
    fn next(&mut self) -> Option<Attribute<'a>> {
        self.left = self.left.checked_sub(1)?;
        let name_index = u16_at(self.rest, 0)?;
        let length = u32_at(self.rest, 2)? as usize;
        let (payload, rest) = self.rest.get(6..)?.split_at_checked(length)?;
        self.rest = rest;
        Some(Attribute { name_index, payload })
    }
}

/// Offset after the table of attributes at `at`, `None` when it runs past the end.
pub(crate) fn skip_table(bytes: &[u8], at: usize) -> Option<usize> {
    let count = u16_at(bytes, at)?;
    let mut at = at + 2;
    for _ in 0..count {
        at = at.checked_add(6)?.checked_add(u32_at(bytes, at + 2)? as usize)?;
    }
    (at <= bytes.len()).then_some(at)
}
