//! The `Code` attribute taken apart (JVMS §4.7.3), and its instructions one by one with
//! their operands resolved. Nothing is allocated, nothing changed.

use crate::constant_pool::{DynamicRef, MemberRef};
use crate::member::MethodView;
use crate::mutf8::Mutf8;
use crate::opcode::{self, IINC, LOOKUPSWITCH, TABLESWITCH, WIDE, fixed_length};
use crate::read::{i32_at, u8_at, u16_at, u32_at};

/// The parts of a `Code` attribute.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code<'a> {
    pub(crate) max_stack: u16,
    pub(crate) max_locals: u16,
    pub(crate) bytes: &'a [u8],
    /// Rows of 8 bytes: start, end, handler, type.
    pub(crate) exceptions: &'a [u8],
    /// The table of attributes, its count included.
    pub(crate) attributes: &'a [u8],
}

impl<'a> Code<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Option<Self> {
        let length = u32_at(payload, 4)? as usize;
        let (bytes, rest) = payload.get(8..)?.split_at_checked(length)?;
        let rows = usize::from(u16_at(rest, 0)?);
        let (exceptions, attributes) = rest.get(2..)?.split_at_checked(8 * rows)?;
        u16_at(attributes, 0)?;
        Some(Self {
            max_stack: u16_at(payload, 0)?,
            max_locals: u16_at(payload, 2)?,
            bytes,
            exceptions,
            attributes,
        })
    }
}

/// Length in bytes of the instruction at `pc`; `None` when it is unknown or cut off.
#[inline]
pub(crate) fn instruction_length(code: &[u8], pc: usize) -> Option<usize> {
    let opcode = u8_at(code, pc)?;
    let length = match fixed_length(opcode) {
        0 => variable_length(code, pc, opcode)?,
        length => usize::from(length),
    };
    (pc.checked_add(length)? <= code.len()).then_some(length)
}

/// Length of `wide` and of the two switches.
pub(crate) fn variable_length(code: &[u8], pc: usize, opcode: u8) -> Option<usize> {
    let aligned = (pc | 3) + 1;
    let table = match opcode {
        WIDE => return Some(if u8_at(code, pc + 1)? == IINC { 6 } else { 4 }),
        TABLESWITCH => {
            let low = i64::from(i32_at(code, aligned + 4)?);
            let high = i64::from(i32_at(code, aligned + 8)?);
            let rows = usize::try_from(high - low + 1).ok()?;
            12 + 4 * rows
        }
        LOOKUPSWITCH => 8 + 8 * usize::try_from(i32_at(code, aligned + 4)?).ok()?,
        _ => return None,
    };
    Some(aligned - pc + table)
}

/// One instruction with its method.
#[derive(Debug, Clone, Copy)]
pub struct Instruction<'v, 'a> {
    method: MethodView<'v, 'a>,
    pc: u32,
    /// From the opcode to the last operand.
    bytes: &'a [u8],
}

impl<'v, 'a> Instruction<'v, 'a> {
    /// The instruction whose bytes are `bytes`, at `pc` of `method`.
    pub(crate) fn new(method: MethodView<'v, 'a>, pc: usize, bytes: &'a [u8]) -> Self {
        Self { method, pc: pc as u32, bytes }
    }

    /// The method it is in.
    pub fn method(&self) -> MethodView<'v, 'a> {
        self.method
    }

    /// Its position in the code as it was before rewriting, in bytes.
    pub fn pc(&self) -> u32 {
        self.pc
    }

    /// Position of the instruction after it.
    pub fn next_pc(&self) -> u32 {
        self.pc + self.bytes.len() as u32
    }

    /// Its opcode; for `wide` the prefix.
    pub fn opcode(&self) -> u8 {
        u8_at(self.bytes, 0).unwrap_or(0)
    }

    /// The bytes after the opcode.
    pub fn operands(&self) -> &'a [u8] {
        self.bytes.get(1..).unwrap_or_default()
    }

    /// The constant-pool index it names, for the instructions that name one.
    pub fn constant_index(&self) -> Option<u16> {
        match self.opcode() {
            opcode::LDC => u8_at(self.bytes, 1).map(u16::from),
            opcode::LDC_W
            | opcode::LDC2_W
            | opcode::GETSTATIC..=opcode::NEW
            | opcode::ANEWARRAY
            | 0xc0
            | 0xc1
            | opcode::MULTIANEWARRAY => u16_at(self.bytes, 1),
            _ => None,
        }
    }

    /// The field or method it names.
    pub fn member(&self) -> Option<MemberRef<'a>> {
        self.method.class().pool().member(self.constant_index()?)
    }

    /// The call site of an `invokedynamic`.
    pub fn dynamic(&self) -> Option<DynamicRef<'a>> {
        self.method.class().pool().dynamic(self.constant_index()?)
    }

    /// The class it names: `new`, `anewarray`, `checkcast`, `instanceof`, `multianewarray`.
    pub fn class_name(&self) -> Option<Mutf8<'a>> {
        self.method.class().pool().class_name(self.constant_index()?)
    }
}

/// Iterates over the instructions of one method.
#[derive(Debug, Clone)]
pub struct Instructions<'v, 'a> {
    method: MethodView<'v, 'a>,
    code: &'a [u8],
    pc: usize,
}

impl<'v, 'a> Instructions<'v, 'a> {
    pub(crate) fn new(method: MethodView<'v, 'a>, code: &'a [u8]) -> Self {
        Self { method, code, pc: 0 }
    }
}

impl<'v, 'a> Iterator for Instructions<'v, 'a> {
    type Item = Instruction<'v, 'a>;

    fn next(&mut self) -> Option<Instruction<'v, 'a>> {
        let pc = self.pc;
        let length = instruction_length(self.code, pc)?;
        self.pc = pc + length;
        Some(Instruction::new(self.method, pc, self.code.get(pc..pc + length)?))
    }
}
