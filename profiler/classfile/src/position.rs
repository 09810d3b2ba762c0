//! `PositionMap`: where each position of the old code is in the new one. A position has two
//! images: its *label* (what jumps, tables and frames name: before the code inserted there)
//! and its *instruction* (after that code: what `Uninitialized(pc)` in frames names).
//! Stored as one mark per insertion; between marks both images move alike.

/// From `old` on (up to the next mark) code is moved by `instruction - old`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) old: u32,
    pub(crate) label: u32,
    pub(crate) instruction: u32,
}

/// The marks of one method, ascending, the first always at position 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct PositionMap {
    marks: Vec<Mark>,
    /// The start of the code is not the start of the method: other code stands before it.
    is_second: bool,
}

/// Remembers the last mark used: tables are nearly sorted, so the next look-up is near.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Hint(usize);

impl PositionMap {
    /// Starts a method whose first instruction moves to `prologue`.
    pub(crate) fn start(&mut self, prologue: u32) {
        self.marks.clear();
        self.is_second = false;
        self.marks.push(Mark { old: 0, label: prologue, instruction: prologue });
    }

    /// Starts code that is moved as a whole behind other code of the same method.
    pub(crate) fn start_second(&mut self, start: u32) {
        self.start(start);
        self.is_second = true;
    }

    /// The label of `old` is at `label`, unless code was inserted before it already.
    pub(crate) fn set_label(&mut self, old: u32, label: u32) {
        if self.marks.last().is_none_or(|last| last.old != old) {
            self.marks.push(Mark { old, label, instruction: label });
        }
    }

    /// The instruction at `old`, last given to `set_label`, is at `instruction`.
    pub(crate) fn set_instruction(&mut self, old: u32, instruction: u32) {
        if let Some(last) = self.marks.last_mut().filter(|last| last.old == old) {
            last.instruction = instruction;
        }
    }

    /// Whether no position moves.
    pub(crate) fn is_identity(&self) -> bool {
        self.marks.iter().all(|mark| mark.label == mark.old && mark.instruction == mark.old)
    }

    /// The mark that covers `old`.
    #[inline]
    fn covering(&self, old: u32, hint: &mut Hint) -> Mark {
        let near = self.marks.get(hint.0..).unwrap_or_default();
        let index = match near {
            [mark, rest @ ..] if mark.old <= old => match rest {
                [next, ..] if next.old <= old => self.search(old),
                _ => hint.0,
            },
            _ => self.search(old),
        };
        hint.0 = index;
        self.marks.get(index).copied().unwrap_or(Mark { old: 0, label: 0, instruction: 0 })
    }

    fn search(&self, old: u32) -> usize {
        self.marks.partition_point(|mark| mark.old <= old).saturating_sub(1)
    }

    /// Where a jump to `old` must go now.
    #[inline]
    pub(crate) fn label(&self, old: u32, hint: &mut Hint) -> u32 {
        let mark = self.covering(old, hint);
        if mark.old == old { mark.label } else { mark.instruction + (old - mark.old) }
    }

    /// Where the instruction at `old` is now.
    #[inline]
    pub(crate) fn instruction(&self, old: u32, hint: &mut Hint) -> u32 {
        let mark = self.covering(old, hint);
        mark.instruction + (old - mark.old)
    }

    /// The label of `old` for tables of names: the start of the method stays its start, so
    /// that what is inserted there belongs to the first line and sees the parameters.
    #[inline]
    pub(crate) fn table_start(&self, old: u32, hint: &mut Hint) -> u32 {
        if old == 0 && !self.is_second { 0 } else { self.label(old, hint) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_before_inserted_code_and_instructions_after() {
        let mut map = PositionMap::default();
        map.start(4);
        map.set_label(3, 7);
        map.set_instruction(3, 10);
        map.set_label(8, 16);
        let hint = &mut Hint::default();
        let labels: Vec<_> = (0..10).map(|old| map.label(old, hint)).collect();
        assert_eq!(labels, [4, 5, 6, 7, 11, 12, 13, 14, 16, 17]);
        let instructions: Vec<_> = (0..10).map(|old| map.instruction(old, hint)).collect();
        assert_eq!(instructions, [4, 5, 6, 10, 11, 12, 13, 14, 16, 17]);
        assert_eq!(map.label(0, hint), 4);
        assert_eq!(map.table_start(0, hint), 0);
        assert!(!map.is_identity());
    }
}
