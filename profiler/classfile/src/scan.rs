//! `ScanTable`: what the pass over the code must know of each opcode, one byte each, so that
//! instructions nobody asked for cost one look-up.

use crate::opcode::{INVOKESPECIAL, IRETURN, NEW, OpcodeSet, RETURN, fixed_length, is_jump};

/// Mask of the length in bytes; 0: the length depends on operands, or there is no such opcode.
pub(crate) const LENGTH: u8 = 0x07;
/// The opcode holds a jump offset.
pub(crate) const JUMP: u8 = 0x08;
/// `tableswitch`, `lookupswitch`, `wide`, or unknown.
pub(crate) const VARIABLE: u8 = 0x10;
/// Any of the six returns.
pub(crate) const RETURNS: u8 = 0x20;
/// The probes asked for this opcode.
pub(crate) const PROBED: u8 = 0x40;
/// `new` or `invokespecial`: they tell where `super(…)` is called.
pub(crate) const CREATES: u8 = 0x80;

/// One byte of flags for each opcode.
#[derive(Debug, Clone)]
pub(crate) struct ScanTable {
    flags: [u8; 256],
    probed: OpcodeSet,
}

impl ScanTable {
    pub(crate) fn new(probed: OpcodeSet) -> Self {
        let mut flags = [0; 256];
        for (opcode, flags) in (0..=u8::MAX).zip(&mut flags) {
            *flags = flags_of(opcode, probed);
        }
        Self { flags, probed }
    }

    /// Changes the set of opcodes asked for; free when it is the same.
    pub(crate) fn set_probed(&mut self, probed: OpcodeSet) {
        if self.probed != probed {
            *self = Self::new(probed);
        }
    }

    #[inline]
    pub(crate) fn flags(&self, opcode: u8) -> u8 {
        self.flags.get(usize::from(opcode)).copied().unwrap_or(VARIABLE)
    }
}

fn flags_of(opcode: u8, probed: OpcodeSet) -> u8 {
    let length = fixed_length(opcode);
    let mut flags = length;
    let mut set = |flag, holds| {
        if holds {
            flags |= flag;
        }
    };
    set(VARIABLE, length == 0);
    set(JUMP, is_jump(opcode));
    set(RETURNS, (IRETURN..=RETURN).contains(&opcode));
    set(CREATES, matches!(opcode, NEW | INVOKESPECIAL));
    set(PROBED, probed.contains(opcode));
    flags
}
