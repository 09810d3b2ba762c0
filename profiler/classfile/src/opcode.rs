//! The instruction set (JVMS §6.5): names of the opcodes that probes ask for, lengths,
//! and sets of opcodes. No operands are interpreted here.

/// Loads a constant by an 8-bit index.
pub const LDC: u8 = 0x12;
/// Loads a constant by a 16-bit index.
pub const LDC_W: u8 = 0x13;
/// Loads a `long` or `double` constant.
pub const LDC2_W: u8 = 0x14;
/// First array load; `0x2e..=0x35` are `iaload` … `saload`.
pub const IALOAD: u8 = 0x2e;
/// Last array load.
pub const SALOAD: u8 = 0x35;
/// Reference array load.
pub const AALOAD: u8 = 0x32;
/// First array store; `0x4f..=0x56` are `iastore` … `sastore`.
pub const IASTORE: u8 = 0x4f;
/// Reference array store.
pub const AASTORE: u8 = 0x53;
/// Last array store.
pub const SASTORE: u8 = 0x56;
/// First return; `0xac..=0xb1` are `ireturn` … `return`.
pub const IRETURN: u8 = 0xac;
/// Return of a `long`.
pub const LRETURN: u8 = 0xad;
/// Return of a `double`.
pub const DRETURN: u8 = 0xaf;
/// Return of a reference.
pub const ARETURN: u8 = 0xb0;
/// Return without a value.
pub const RETURN: u8 = 0xb1;
/// Unconditional jump.
pub const GOTO: u8 = 0xa7;
/// Subroutine call (major < 51).
pub const JSR: u8 = 0xa8;
/// Subroutine return (major < 51).
pub const RET: u8 = 0xa9;
/// Jump table by range.
pub const TABLESWITCH: u8 = 0xaa;
/// Jump table by key.
pub const LOOKUPSWITCH: u8 = 0xab;
/// Reads a static field.
pub const GETSTATIC: u8 = 0xb2;
/// Writes a static field.
pub const PUTSTATIC: u8 = 0xb3;
/// Reads an instance field.
pub const GETFIELD: u8 = 0xb4;
/// Writes an instance field.
pub const PUTFIELD: u8 = 0xb5;
/// Calls by the receiver's class.
pub const INVOKEVIRTUAL: u8 = 0xb6;
/// Calls a constructor, a private or a super method.
pub const INVOKESPECIAL: u8 = 0xb7;
/// Calls a static method.
pub const INVOKESTATIC: u8 = 0xb8;
/// Calls an interface method.
pub const INVOKEINTERFACE: u8 = 0xb9;
/// Calls through a bootstrapped call site.
pub const INVOKEDYNAMIC: u8 = 0xba;
/// Creates an object, not yet initialised.
pub const NEW: u8 = 0xbb;
/// Creates an array of primitives.
pub const NEWARRAY: u8 = 0xbc;
/// Creates an array of references.
pub const ANEWARRAY: u8 = 0xbd;
/// Throws the reference on the stack.
pub const ATHROW: u8 = 0xbf;
/// Casts the reference on the stack.
pub const CHECKCAST: u8 = 0xc0;
/// Whether the reference on the stack is of a class.
pub const INSTANCEOF: u8 = 0xc1;
/// Jumps if the `int` on the stack is zero.
pub const IFEQ: u8 = 0x99;
/// Jumps if the two references on the stack are the same.
pub const IF_ACMPEQ: u8 = 0xa5;
/// Jumps where `null` is on the stack.
pub const IFNULL: u8 = 0xc6;
/// Enters the monitor of the reference on the stack.
pub const MONITORENTER: u8 = 0xc2;
/// Leaves the monitor of the reference on the stack.
pub const MONITOREXIT: u8 = 0xc3;
/// Prefix: the next instruction has a 16-bit local index.
pub const WIDE: u8 = 0xc4;
/// Creates an array of arrays.
pub const MULTIANEWARRAY: u8 = 0xc5;
/// Unconditional jump with a 32-bit offset.
pub const GOTO_W: u8 = 0xc8;
/// Subroutine call with a 32-bit offset.
pub const JSR_W: u8 = 0xc9;

pub(crate) const IINC: u8 = 0x84;

/// Lengths in bytes; `0` marks `tableswitch`, `lookupswitch`, `wide` and unknown opcodes.
#[rustfmt::skip]
static LENGTHS: [u8; 256] = [
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 00 nop … dconst_1
    2, 3, 2, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, // 10 bipush, sipush, ldc, loads
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 20
    1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, // 30 array loads, stores
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 40
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 50 array stores, stack
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 60 arithmetic
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 70
    1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, // 80 iinc, conversions
    1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 3, // 90 comparisons, if…
    3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 0, 0, 1, 1, 1, 1, // a0 if…, goto, jsr, ret, switches
    1, 1, 3, 3, 3, 3, 3, 3, 3, 5, 5, 3, 2, 3, 1, 1, // b0 fields, calls, new
    3, 3, 1, 1, 0, 4, 3, 3, 5, 5, 0, 0, 0, 0, 0, 0, // c0 casts, monitors, wide, wide jumps
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // d0 reserved
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // e0
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // f0
];

/// Length of an instruction that is not a switch and not `wide`, in bytes; 0 for those.
#[inline]
pub(crate) fn fixed_length(opcode: u8) -> u8 {
    LENGTHS.get(usize::from(opcode)).copied().unwrap_or(0)
}

/// Whether the opcode holds a jump offset of 16 bits (or of 32, the last two).
pub(crate) const fn is_jump(opcode: u8) -> bool {
    matches!(opcode, 0x99..=JSR | 0xc6 | 0xc7 | GOTO_W | JSR_W)
}

/// Whether control never reaches the next instruction from this one.
pub(crate) const fn ends_flow(opcode: u8) -> bool {
    matches!(opcode, GOTO | GOTO_W | RET..=RETURN | ATHROW)
}

/// A set of opcodes, built at compile time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpcodeSet {
    low: u128,
    high: u128,
}

impl OpcodeSet {
    /// The set without members.
    pub const EMPTY: Self = Self { low: 0, high: 0 };

    /// The set of the opcodes listed.
    #[must_use]
    pub const fn of(opcodes: &[u8]) -> Self {
        let mut set = Self::EMPTY;
        let mut rest = opcodes;
        while let [opcode, tail @ ..] = rest {
            set = set.with_range(*opcode, *opcode);
            rest = tail;
        }
        set
    }

    /// The set with `first..=last` added.
    #[must_use]
    pub const fn with_range(mut self, first: u8, last: u8) -> Self {
        let mut opcode = first as u16;
        while opcode <= last as u16 {
            if opcode < 128 {
                self.low |= 1 << opcode;
            } else {
                self.high |= 1 << (opcode - 128);
            }
            opcode += 1;
        }
        self
    }

    /// Whether `opcode` is a member.
    #[must_use]
    pub const fn contains(self, opcode: u8) -> bool {
        let half = if opcode < 128 { self.low } else { self.high };
        half >> (opcode & 127) & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_was_put_in_and_nothing_else() {
        let set = OpcodeSet::of(&[0, 127, 128, 255]).with_range(IALOAD, SALOAD);
        let members: Vec<u8> = (0..=255).filter(|opcode| set.contains(*opcode)).collect();
        assert_eq!(members, [0, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 127, 128, 255]);
    }

    #[test]
    fn lengths_of_the_irregular_rows() {
        let rows = [(IINC, 3), (RET, 2), (NEWARRAY, 2), (MULTIANEWARRAY, 4), (INVOKEDYNAMIC, 5)];
        for (opcode, length) in rows {
            assert_eq!(fixed_length(opcode), length, "{opcode:#x}");
        }
        for opcode in [TABLESWITCH, LOOKUPSWITCH, WIDE, 0xca, 0xff] {
            assert_eq!(fixed_length(opcode), 0, "{opcode:#x}");
        }
    }
}
