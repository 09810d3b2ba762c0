//! Re-encodes a `StackMapTable` (JVMS §4.7.4) for moved code: deltas between frames, and the
//! positions of `new` inside `Uninitialized`. Types of values are copied, never understood.

use crate::left_alone::LeftAlone;
use crate::position::{Hint, PositionMap};
use crate::read::{put_u16, u8_at, u16_at};

const SAME_EXTENDED: u8 = 251;
const ONE_ITEM: u8 = 64;
const ONE_ITEM_EXTENDED: u8 = 247;
const FULL: u8 = 255;
const ITEM_OBJECT: u8 = 7;
const ITEM_UNINITIALIZED: u8 = 8;

/// The frame of the appended catch-all handler: a `Throwable` on the stack, and of the locals at
/// most `this`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HandlerFrame {
    /// Where the handler starts in the new code.
    pub(crate) pc: u32,
    /// Index of the class `Throwable`.
    pub(crate) throwable: u16,
    /// Index of the class of `this`, if the handler uses local variable 0.
    pub(crate) this: Option<u16>,
}

impl HandlerFrame {
    fn write(self, delta: u16, out: &mut Vec<u8>) {
        out.push(FULL);
        out.extend_from_slice(&delta.to_be_bytes());
        out.extend_from_slice(&u16::from(self.this.is_some()).to_be_bytes());
        if let Some(this) = self.this {
            out.push(ITEM_OBJECT);
            out.extend_from_slice(&this.to_be_bytes());
        }
        out.extend_from_slice(&[0, 1, ITEM_OBJECT]);
        out.extend_from_slice(&self.throwable.to_be_bytes());
    }
}

/// Frames that the old code did not have.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AddedFrames {
    /// Where the old code begins, when the prologue jumps there: the state at entry.
    pub(crate) entry: Option<u32>,
    /// That of the handler.
    pub(crate) handler: Option<HandlerFrame>,
}

impl AddedFrames {
    /// Whether there is none.
    pub(crate) fn is_empty(self) -> bool {
        self.entry.is_none() && self.handler.is_none()
    }
}

/// Whether the first frame of a table stands at position 0.
pub(crate) fn begins_at_zero(frames: &[u8]) -> bool {
    match frames {
        [0, 0, ..] => false,
        [_, _, tag, rest @ ..] => match *tag {
            0 | ONE_ITEM => true,
            ONE_ITEM_EXTENDED..=FULL => u16_at(rest, 0) == Some(0),
            _ => false,
        },
        _ => false,
    }
}

/// Reads frames from `bytes`, writes them for the new positions to `out`.
struct Frames<'a, 'o> {
    bytes: &'a [u8],
    at: usize,
    map: &'o PositionMap,
    hint: Hint,
    out: &'o mut Vec<u8>,
    /// Old position of the last frame; -1 before the first, as the format counts.
    old: i64,
    new: i64,
    old_end: usize,
}

/// Appends the payload of the attribute: all frames of `payload` (empty: there was no such
/// attribute) and those added.
pub(crate) fn rewrite(
    payload: &[u8],
    code_length: usize,
    map: &PositionMap,
    added: AddedFrames,
    out: &mut Vec<u8>,
) -> Result<(), LeftAlone> {
    let count = u16_at(payload, 0).unwrap_or(0);
    // Two frames cannot stand at one place; what may be jumped to from a loop may be from entry.
    let entry = added.entry.filter(|_| !begins_at_zero(payload));
    let total =
        usize::from(count) + usize::from(entry.is_some()) + usize::from(added.handler.is_some());
    let total = u16::try_from(total).map_err(|_| LeftAlone::Malformed)?;
    out.extend_from_slice(&total.to_be_bytes());
    let mut previous = -1;
    if let Some(entry) = entry {
        // Nothing on the stack and the locals of the frame before, which is that at entry.
        let delta = u16::try_from(entry).map_err(|_| LeftAlone::CodeTooLarge)?;
        out.push(SAME_EXTENDED);
        out.extend_from_slice(&delta.to_be_bytes());
        previous = i64::from(entry);
    }
    let last = append(payload, code_length, map, previous, out)?;
    if let Some(handler) = added.handler {
        let delta = i64::from(handler.pc) - last - 1;
        handler.write(u16::try_from(delta).map_err(|_| LeftAlone::CodeTooLarge)?, out);
    }
    Ok(())
}

/// Appends the frames of `payload` without their count, as if the last frame before them were
/// at the new position `previous` (-1: none). Gives the position of the last frame.
pub(crate) fn append(
    payload: &[u8],
    code_length: usize,
    map: &PositionMap,
    previous: i64,
    out: &mut Vec<u8>,
) -> Result<i64, LeftAlone> {
    let count = u16_at(payload, 0).unwrap_or(0);
    let mut frames = Frames {
        bytes: payload,
        at: 2,
        map,
        hint: Hint::default(),
        out,
        old: -1,
        new: previous,
        old_end: code_length,
    };
    for _ in 0..count {
        frames.copy_frame().ok_or(LeftAlone::Malformed)?;
    }
    if count > 0 && frames.at != payload.len() {
        return Err(LeftAlone::Malformed);
    }
    Ok(frames.new)
}

impl Frames<'_, '_> {
    /// Moves to the old position `delta` further and gives the delta between new positions.
    fn advance(&mut self, delta: u16) -> Option<u16> {
        self.old += i64::from(delta) + 1;
        let old = u32::try_from(self.old).ok().filter(|old| (*old as usize) < self.old_end)?;
        let new = i64::from(self.map.label(old, &mut self.hint));
        let delta = new - self.new - 1;
        self.new = new;
        u16::try_from(delta).ok()
    }

    fn copy_frame(&mut self) -> Option<()> {
        let tag = u8_at(self.bytes, self.at)?;
        match tag {
            0..ONE_ITEM => {
                let delta = self.advance(u16::from(tag))?;
                self.at += 1;
                self.write_head(tag, delta, 0, SAME_EXTENDED);
                Some(())
            }
            ONE_ITEM..128 => {
                let delta = self.advance(u16::from(tag - ONE_ITEM))?;
                self.at += 1;
                self.write_head(tag, delta, ONE_ITEM, ONE_ITEM_EXTENDED);
                self.copy_items(1)
            }
            128..ONE_ITEM_EXTENDED => None,
            _ => self.copy_wide_frame(tag),
        }
    }

    /// A frame whose delta is in its tag stays one while the delta fits, else it is extended.
    fn write_head(&mut self, tag: u8, delta: u16, base: u8, extended: u8) {
        if delta < 64 {
            self.out.push(base + delta as u8);
        } else {
            debug_assert!(tag < 128);
            let [high, low] = delta.to_be_bytes();
            self.out.extend_from_slice(&[extended, high, low]);
        }
    }

    /// A frame with a 16-bit delta keeps its form, so that what did not move is unchanged.
    fn copy_wide_frame(&mut self, tag: u8) -> Option<()> {
        let delta = u16_at(self.bytes, self.at + 1)?;
        let [high, low] = self.advance(delta)?.to_be_bytes();
        self.out.extend_from_slice(&[tag, high, low]);
        self.at += 3;
        match tag {
            ONE_ITEM_EXTENDED => self.copy_items(1),
            248..=SAME_EXTENDED => Some(()),
            FULL => {
                self.copy_counted_items()?;
                self.copy_counted_items()
            }
            _ => self.copy_items(u16::from(tag - SAME_EXTENDED)),
        }
    }

    fn copy_counted_items(&mut self) -> Option<()> {
        let count = u16_at(self.bytes, self.at)?;
        self.out.extend_from_slice(&count.to_be_bytes());
        self.at += 2;
        self.copy_items(count)
    }

    /// Copies `count` verification types; positions of `new` are mapped.
    fn copy_items(&mut self, count: u16) -> Option<()> {
        let start = self.at;
        let shift = self.out.len() as i64 - start as i64;
        // Positions are patched after the copy, in a second walk, only when there are any.
        let mut positions = 0;
        for _ in 0..count {
            match u8_at(self.bytes, self.at)? {
                0..=6 => self.at += 1,
                ITEM_OBJECT => self.at += 3,
                ITEM_UNINITIALIZED => {
                    self.at += 3;
                    positions += 1;
                }
                _ => return None,
            }
        }
        self.out.extend_from_slice(self.bytes.get(start..self.at)?);
        if positions > 0 { self.patch_items(start, shift) } else { Some(()) }
    }

    fn patch_items(&mut self, start: usize, shift: i64) -> Option<()> {
        let mut at = start;
        while at < self.at {
            let item = u8_at(self.bytes, at)?;
            if item == ITEM_UNINITIALIZED {
                let old = u32::from(u16_at(self.bytes, at + 1)?);
                let new = self.map.instruction(old, &mut Hint::default());
                let slot = usize::try_from(at as i64 + 1 + shift).ok()?;
                if !put_u16(self.out, slot, u16::try_from(new).ok()?) {
                    return None;
                }
            }
            at += if item >= ITEM_OBJECT { 3 } else { 1 };
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(frames: &[u8], map: &PositionMap) -> Vec<u8> {
        let mut out = Vec::new();
        rewrite(frames, 1000, map, AddedFrames::default(), &mut out).unwrap();
        out
    }

    fn identity() -> PositionMap {
        let mut map = PositionMap::default();
        map.start(0);
        map
    }

    #[test]
    fn frames_that_do_not_move_keep_their_bytes_even_when_not_minimal() {
        let frames = [
            0, 7, 5, 69, 1, 251, 0, 3, 247, 0, 3, 7, 0, 9, 250, 0, 4, 253, 0, 1, 1, 8, 0,
            2, //
            255, 0, 1, 0, 1, 8, 0, 7, 0, 1, 6,
        ];
        assert_eq!(mapped(&frames, &identity()), frames);
    }

    #[test]
    fn a_first_frame_at_zero_and_deltas_over_63_are_widened() {
        let mut map = PositionMap::default();
        map.start(2);
        map.set_label(3, 103);
        assert_eq!(mapped(&[0, 2, 0, 2], &map), [0, 2, 2, 251, 0, 100]);
        assert_eq!(mapped(&[0, 2, 0, 66, 1], &map), [0, 2, 2, 247, 0, 100, 1]);
    }

    #[test]
    fn uninitialized_names_the_instruction_not_the_label() {
        let mut map = PositionMap::default();
        map.start(0);
        map.set_label(4, 4);
        map.set_instruction(4, 9);
        let full = [0, 1, 255, 0, 8, 0, 0, 0, 2, 1, 8, 0, 4];
        assert_eq!(mapped(&full, &map), [0, 1, 255, 0, 13, 0, 0, 0, 2, 1, 8, 0, 9]);
    }

    #[test]
    fn the_handler_frame_comes_last() {
        let mut out = Vec::new();
        let handler = HandlerFrame { pc: 20, throwable: 0x0102, this: None };
        let added = AddedFrames { entry: None, handler: Some(handler) };
        rewrite(&[0, 1, 5], 10, &identity(), added, &mut out).unwrap();
        assert_eq!(out, [0, 2, 5, 255, 0, 14, 0, 0, 0, 1, 7, 1, 2]);
        out.clear();
        rewrite(&[], 10, &identity(), added, &mut out).unwrap();
        assert_eq!(out, [0, 1, 255, 0, 20, 0, 0, 0, 1, 7, 1, 2]);
        out.clear();
        let handler = HandlerFrame { this: Some(0x0304), ..handler };
        let added = AddedFrames { entry: None, handler: Some(handler) };
        rewrite(&[], 10, &identity(), added, &mut out).unwrap();
        assert_eq!(out, [0, 1, 255, 0, 20, 0, 1, 7, 3, 4, 0, 1, 7, 1, 2]);
    }

    #[test]
    fn the_entry_frame_comes_first_unless_a_loop_has_one_there() {
        let mut map = PositionMap::default();
        map.start(9);
        let added = AddedFrames { entry: Some(9), handler: None };
        let mut out = Vec::new();
        rewrite(&[0, 1, 5], 10, &map, added, &mut out).unwrap();
        assert_eq!(out, [0, 2, 251, 0, 9, 4]);
        out.clear();
        rewrite(&[0, 1, 0], 10, &map, added, &mut out).unwrap();
        assert_eq!(out, [0, 1, 9]);
    }

    #[test]
    fn malformed_frames_are_refused() {
        for bad in [&[0, 1][..], &[0, 1, 200], &[0, 1, 64], &[0, 1, 64, 9], &[0, 1, 251, 4, 0]] {
            let added = AddedFrames::default();
            let result = rewrite(bad, 1000, &identity(), added, &mut Vec::new());
            assert_eq!(result, Err(LeftAlone::Malformed), "{bad:?}");
        }
    }
}
