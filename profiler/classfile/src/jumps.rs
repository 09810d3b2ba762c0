//! Gives jumps and switches in the new code their new offsets. Reads targets from the old
//! code, writes offsets to the new one; positions come from the map.

use crate::left_alone::LeftAlone;
use crate::opcode::{GOTO_W, JSR_W, LOOKUPSWITCH, TABLESWITCH};
use crate::position::{Hint, PositionMap};
use crate::read::{i16_at, i32_at, put_u16, put_u32, u8_at};
use crate::rewriter::Jump;

/// The old and the new code of one method.
pub(crate) struct JumpTargets<'c> {
    old: &'c [u8],
    new: &'c mut [u8],
    map: &'c PositionMap,
    hint: Hint,
}

impl<'c> JumpTargets<'c> {
    pub(crate) fn new(old: &'c [u8], new: &'c mut [u8], map: &'c PositionMap) -> Self {
        Self { old, new, map, hint: Hint::default() }
    }

    /// Corrects one jump or switch.
    pub(crate) fn correct(&mut self, jump: Jump) -> Result<(), LeftAlone> {
        let at = jump.old as usize;
        match u8_at(self.old, at) {
            Some(TABLESWITCH | LOOKUPSWITCH) => self.switch(jump).ok_or(LeftAlone::Malformed),
            Some(GOTO_W | JSR_W) => {
                self.wide(jump, at + 1, jump.new as usize + 1).ok_or(LeftAlone::Malformed)
            }
            _ => self.short(jump, at + 1),
        }
    }

    /// New offset for the old one; `None` when the target is outside the code.
    fn offset(&mut self, jump: Jump, old_offset: i32) -> Option<i32> {
        let target = u32::try_from(i64::from(jump.old) + i64::from(old_offset)).ok()?;
        if target as usize >= self.old.len() {
            return None;
        }
        Some(self.map.label(target, &mut self.hint) as i32 - jump.new as i32)
    }

    /// A jump with a 16-bit offset at `at`.
    fn short(&mut self, jump: Jump, at: usize) -> Result<(), LeftAlone> {
        let old = i16_at(self.old, at).ok_or(LeftAlone::Malformed)?;
        let new = self.offset(jump, i32::from(old)).ok_or(LeftAlone::Malformed)?;
        let new = i16::try_from(new).map_err(|_| LeftAlone::JumpTooFar)?;
        let slot = jump.new as usize + 1;
        put_u16(self.new, slot, new as u16).then_some(()).ok_or(LeftAlone::Malformed)
    }

    /// A 32-bit offset at `at`, to be written at `slot`.
    fn wide(&mut self, jump: Jump, at: usize, slot: usize) -> Option<()> {
        let old = i32_at(self.old, at)?;
        let new = self.offset(jump, old)?;
        put_u32(self.new, slot, new as u32).then_some(())
    }

    fn switch(&mut self, jump: Jump) -> Option<()> {
        let old = (jump.old as usize | 3) + 1;
        let new = (jump.new as usize | 3) + 1;
        let (first, stride, rows) = if u8_at(self.old, jump.old as usize)? == TABLESWITCH {
            let low = i64::from(i32_at(self.old, old + 4)?);
            let high = i64::from(i32_at(self.old, old + 8)?);
            (12, 4, usize::try_from(high - low + 1).ok()?)
        } else {
            (12, 8, usize::try_from(i32_at(self.old, old + 4)?).ok()?)
        };
        self.wide(jump, old, new)?;
        for row in 0..rows {
            let skip = first + stride * row;
            self.wide(jump, old + skip, new + skip)?;
        }
        Some(())
    }
}
