//! Moves the tables inside `Code` that only describe it: lines, local variables, type
//! annotations. They are copied whole and their positions patched in place.

use crate::annotation::skip_bounded;
use crate::position::{Hint, PositionMap};
use crate::read::{put_u16, u8_at, u16_at};

/// Patches the `u16` at `at` of `table` to `value`; `None` when it does not fit.
fn patch(table: &mut [u8], at: usize, value: u32) -> Option<()> {
    put_u16(table, at, u16::try_from(value).ok()?).then_some(())
}

/// `LineNumberTable`: rows of start and line.
pub(crate) fn move_lines(table: &mut [u8], map: &PositionMap) -> Option<()> {
    let hint = &mut Hint::default();
    for row in rows(table, 4)? {
        let start = u32::from(u16_at(row, 0)?);
        patch(row, 0, map.table_start(start, hint))?;
    }
    Some(())
}

/// `LocalVariableTable` and `LocalVariableTypeTable`: rows of start, length and three more.
pub(crate) fn move_variables(table: &mut [u8], map: &PositionMap) -> Option<()> {
    let hint = &mut Hint::default();
    rows(table, 10)?.try_for_each(|row| move_range(row, map, hint))
}

/// Start and length at the beginning of `row`.
fn move_range(row: &mut [u8], map: &PositionMap, hint: &mut Hint) -> Option<()> {
    let start = u32::from(u16_at(row, 0)?);
    let end = start + u32::from(u16_at(row, 2)?);
    let new_start = map.table_start(start, hint);
    let new_end = if end == start { new_start } else { map.label(end, hint) };
    patch(row, 0, new_start)?;
    patch(row, 2, new_end.checked_sub(new_start)?)
}

/// The rows of a table with its count in front, when they fill it exactly.
fn rows(table: &mut [u8], size: usize) -> Option<std::slice::ChunksExactMut<'_, u8>> {
    let count = usize::from(u16_at(table, 0)?);
    let rows = table.get_mut(2..)?;
    (rows.len() == count * size).then(|| rows.chunks_exact_mut(size))
}

/// The two type-annotation attributes inside `Code` (JVMS §4.7.20).
pub(crate) fn move_type_annotations(table: &mut [u8], map: &PositionMap) -> Option<()> {
    let count = u16_at(table, 0)?;
    let mut at = 2;
    for _ in 0..count {
        at = move_target(table, at, map)?;
        let path = usize::from(u8_at(table, at)?);
        at = skip_bounded(table, at + 1 + 2 * path)?;
    }
    (at == table.len()).then_some(())
}

/// Moves the positions of the target at `at`; gives the offset after it.
fn move_target(table: &mut [u8], at: usize, map: &PositionMap) -> Option<usize> {
    let hint = &mut Hint::default();
    match u8_at(table, at)? {
        0x40 | 0x41 => {
            let count = usize::from(u16_at(table, at + 1)?);
            let ranges = table.get_mut(at + 3..)?.get_mut(..6 * count)?;
            ranges.chunks_exact_mut(6).try_for_each(|range| move_range(range, map, hint))?;
            Some(at + 3 + 6 * count)
        }
        0x42 => Some(at + 3),
        kind @ 0x43..=0x4b => {
            let old = u32::from(u16_at(table, at + 1)?);
            patch(table, at + 1, map.instruction(old, hint))?;
            Some(if kind < 0x47 { at + 3 } else { at + 4 })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> PositionMap {
        let mut map = PositionMap::default();
        map.start(4);
        map.set_label(6, 10);
        map.set_instruction(6, 12);
        map
    }

    #[test]
    fn lines_keep_their_start_at_zero() {
        let mut table = [0, 3, 0, 6, 0, 2, 0, 0, 0, 1, 0, 7, 0, 3];
        move_lines(&mut table, &map()).unwrap();
        assert_eq!(table, [0, 3, 0, 10, 0, 2, 0, 0, 0, 1, 0, 13, 0, 3]);
    }

    #[test]
    fn variables_cover_what_is_inserted_in_their_range() {
        let mut table = [0, 1, 0, 0, 0, 8, 0, 1, 0, 2, 0, 3];
        move_variables(&mut table, &map()).unwrap();
        assert_eq!(table, [0, 1, 0, 0, 0, 14, 0, 1, 0, 2, 0, 3]);
    }

    #[test]
    fn type_annotations_on_variables_casts_and_new_move() {
        let variable = [0x40, 0, 1, 0, 6, 0, 2, 0, 1, 0, 0, 9, 0, 0];
        let cast = [0x47, 0, 6, 1, 1, 3, 0, 0, 9, 0, 1, 0, 5, b's', 0, 6];
        let mut table = [&[0, 2][..], &variable, &cast].concat();
        move_type_annotations(&mut table, &map()).unwrap();
        let variable = [0x40, 0, 1, 0, 10, 0, 4, 0, 1, 0, 0, 9, 0, 0];
        let cast = [0x47, 0, 12, 1, 1, 3, 0, 0, 9, 0, 1, 0, 5, b's', 0, 6];
        assert_eq!(table, [&[0, 2][..], &variable, &cast].concat());
    }

    #[test]
    fn a_count_that_does_not_fit_is_refused() {
        assert_eq!(move_lines(&mut [0, 2, 0, 0, 0, 1], &map()), None);
        assert_eq!(move_variables(&mut [0], &map()), None);
        assert_eq!(move_type_annotations(&mut [0, 1, 0x99], &map()), None);
    }
}
