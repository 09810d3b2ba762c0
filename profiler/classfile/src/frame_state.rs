//! `FrameState`: what is known of the references in stack and local variables at one position, and
//! how an instruction changes it (JVMS §6.5). Used by `receivers`; knows nothing of control flow.

use crate::code::Instruction;
use crate::descriptor::{Kind, field_slots, method_slots};
use crate::opcode::{
    CHECKCAST, GETFIELD, GETSTATIC, INVOKEDYNAMIC, INVOKEINTERFACE, INVOKESTATIC, MULTIANEWARRAY,
    NEW, PUTFIELD, PUTSTATIC, WIDE,
};
use crate::read::{u8_at, u16_at};

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It is `this`.
    This,
    /// It was made here, or looked at.
    Known,
    /// It is what the local variable holds, of which nothing is known.
    Local(u16),
    /// Anything, numbers included.
    Other,
}

/// Stack and local variables, one entry a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FrameState {
    stack: Vec<Origin>,
    /// Never `Local`.
    locals: Vec<Origin>,
}

/// `(takes, gives)` of the instructions 0x00 to 0xc7 whose operands are plain values, two letters
/// each; `..` for those that are treated by name.
const EFFECTS: &[u8; 400] = b"\
    00010101010101010102020101010202010101010201020102..0101010102020202010101010202\
    0202........2122212221212121..................................................30\
    403040303030301020..............214221422142214221422142214221422142214211221122\
    21322132213221422142214200121112212122111212212221111111412121414110101010101020\
    2020202020202000....1010102010201000....................11111110..111010....1010";

impl FrameState {
    /// The state at entry: nothing on the stack, `this` in variable 0 of an instance method.
    pub(crate) fn entry(has_this: bool, max_locals: u16) -> Self {
        let mut locals = vec![Origin::Other; usize::from(max_locals)];
        if let (true, Some(first)) = (has_this, locals.first_mut()) {
            *first = Origin::This;
        }
        Self { stack: Vec::new(), locals }
    }

    /// The state at a handler: the exception alone on the stack.
    pub(crate) fn at_handler(&self) -> Self {
        Self { stack: vec![Origin::Other], locals: self.locals.clone() }
    }

    /// Keeps what both states know; true when that is less than before. `None` when the stacks do not
    /// fit, which a verifier would refuse.
    pub(crate) fn join(&mut self, other: &Self) -> Option<bool> {
        if self.stack.len() != other.stack.len() {
            return None;
        }
        let mut changed = false;
        let mine = self.stack.iter_mut().chain(&mut self.locals);
        for (mine, theirs) in mine.zip(other.stack.iter().chain(&other.locals)) {
            if mine != theirs && *mine != Origin::Other {
                *mine = Origin::Other;
                changed = true;
            }
        }
        Some(changed)
    }

    /// The value `depth` slots below the top.
    pub(crate) fn peek(&self, depth: usize) -> Option<Origin> {
        let at = self.stack.len().checked_sub(depth + 1)?;
        self.stack.get(at).copied()
    }

    /// What the local variable holds, and its copies, have been looked at.
    pub(crate) fn look_at(&mut self, local: u16) {
        let copies = self.stack.iter_mut().filter(|value| **value == Origin::Local(local));
        copies.for_each(|value| *value = Origin::Known);
        if let Some(value) = self.locals.get_mut(usize::from(local)) {
            *value = Origin::Known;
        }
    }

    fn push(&mut self, value: Origin, slots: u16) {
        self.stack.extend(std::iter::repeat_n(value, usize::from(slots)));
    }

    fn pop(&mut self, slots: u16) -> Option<()> {
        let left = self.stack.len().checked_sub(usize::from(slots))?;
        self.stack.truncate(left);
        Some(())
    }

    fn plain(&mut self, takes: u16, gives: u16) -> Option<()> {
        self.pop(takes)?;
        self.push(Origin::Other, gives);
        Some(())
    }

    fn load(&mut self, local: u16) -> Option<()> {
        let value = match *self.locals.get(usize::from(local))? {
            Origin::Other => Origin::Local(local),
            known => known,
        };
        self.push(value, 1);
        Some(())
    }

    /// Stores the top of the stack; values that came from the variable have no name any more.
    fn store(&mut self, local: u16, slots: u16) -> Option<()> {
        let top = self.peek(0)?;
        self.pop(slots)?;
        for slot in local..local.checked_add(slots)? {
            *self.locals.get_mut(usize::from(slot))? = Origin::Other;
            let copies = self.stack.iter_mut().filter(|value| **value == Origin::Local(slot));
            copies.for_each(|value| *value = Origin::Other);
        }
        if slots == 1 && matches!(top, Origin::This | Origin::Known) {
            *self.locals.get_mut(usize::from(local))? = top;
        }
        Some(())
    }

    /// Copies the upper `count` slots below the `under` slots beneath them.
    fn duplicate(&mut self, count: usize, under: usize) -> Option<()> {
        let from = self.stack.len().checked_sub(count)?;
        let to = from.checked_sub(under)?;
        let copy: Vec<Origin> = self.stack.get(from..)?.to_vec();
        self.stack.splice(to..to, copy);
        Some(())
    }

    /// Runs one instruction; `None` when the stack does not allow it or the opcode is unknown.
    pub(crate) fn step(&mut self, at: &Instruction<'_, '_>) -> Option<()> {
        let operands = at.operands();
        match at.opcode() {
            0x19 => self.load(u16::from(u8_at(operands, 0)?)),
            opcode @ 0x2a..=0x2d => self.load(u16::from(opcode - 0x2a)),
            opcode @ 0x36..=0x3a => {
                self.store(u16::from(u8_at(operands, 0)?), slots_of_row(opcode - 0x36))
            }
            opcode @ 0x3b..=0x4e => {
                let (row, local) = ((opcode - 0x3b) / 4, (opcode - 0x3b) % 4);
                self.store(u16::from(local), slots_of_row(row))
            }
            0x59 => self.duplicate(1, 0),
            0x5a => self.duplicate(1, 1),
            0x5b => self.duplicate(1, 2),
            0x5c => self.duplicate(2, 0),
            0x5d => self.duplicate(2, 1),
            0x5e => self.duplicate(2, 2),
            0x5f => {
                let top = self.stack.len();
                self.stack.get_mut(top.checked_sub(2)?..)?.reverse();
                Some(())
            }
            NEW => {
                self.push(Origin::Known, 1);
                Some(())
            }
            CHECKCAST => self.peek(0).map(|_| ()),
            WIDE => self.step_wide(operands),
            GETSTATIC..=INVOKEDYNAMIC => self.step_member(at),
            MULTIANEWARRAY => self.plain(u16::from(u8_at(operands, 2)?), 1),
            0xc8 => Some(()),
            opcode => {
                let at = 2 * usize::from(opcode);
                let [takes, gives] = *EFFECTS.get(at..at + 2)? else { return None };
                let digit = |letter: u8| letter.is_ascii_digit().then(|| u16::from(letter - b'0'));
                self.plain(digit(takes)?, digit(gives)?)
            }
        }
    }

    fn step_wide(&mut self, operands: &[u8]) -> Option<()> {
        let local = u16_at(operands, 1)?;
        match u8_at(operands, 0)? {
            0x19 => self.load(local),
            opcode @ 0x15..=0x18 => self.plain(0, slots_of_row(opcode - 0x15)),
            opcode @ 0x36..=0x3a => self.store(local, slots_of_row(opcode - 0x36)),
            0x84 => Some(()),
            _ => None,
        }
    }

    fn step_member(&mut self, at: &Instruction<'_, '_>) -> Option<()> {
        if at.opcode() == INVOKEDYNAMIC {
            let (takes, gives) = method_slots(at.dynamic()?.descriptor)?;
            return self.plain(takes, gives);
        }
        let descriptor = at.member()?.descriptor;
        match at.opcode() {
            GETSTATIC => self.plain(0, field_slots(descriptor)?),
            PUTSTATIC => self.plain(field_slots(descriptor)?, 0),
            GETFIELD => self.plain(1, field_slots(descriptor)?),
            PUTFIELD => self.plain(1 + field_slots(descriptor)?, 0),
            opcode => {
                let (takes, gives) = method_slots(descriptor)?;
                debug_assert!(opcode <= INVOKEINTERFACE);
                self.plain(takes + u16::from(opcode != INVOKESTATIC), gives)
            }
        }
    }
}

/// Slots of the loads and stores in the order `int`, `long`, `float`, `double`, reference.
fn slots_of_row(row: u8) -> u16 {
    const KINDS: [Kind; 5] = [Kind::Int, Kind::Long, Kind::Float, Kind::Double, Kind::Reference];
    KINDS.get(usize::from(row)).map_or(1, |kind| kind.slots())
}
