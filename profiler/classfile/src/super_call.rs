//! Where a constructor calls `super(…)` or `this(…)`. Before that call has returned `this` is not
//! initialised and the verifier allows no catch-all handler, so the handler's range starts there.

use crate::code::Instruction;
use crate::opcode::{INVOKESPECIAL, NEW};

/// Finds the one `super(…)` or `this(…)` call of a constructor by counting: it is the
/// `invokespecial <init>` that has no `new` before it to go with.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SuperCall {
    pending: u32,
    candidates: u32,
    /// Old position after the candidate.
    end: u32,
}

impl SuperCall {
    /// Old position after the call; `None` when it is not the only one that could be it.
    pub(crate) fn end(&self) -> Option<u32> {
        (self.candidates == 1).then_some(self.end)
    }

    /// Takes notice of a `new` or an `invokespecial`, in the order of the code.
    pub(crate) fn see(&mut self, instruction: &Instruction<'_, '_>) {
        match instruction.opcode() {
            NEW => self.pending += 1,
            INVOKESPECIAL if instruction.member().is_some_and(|m| m.name == "<init>") => {
                if self.pending > 0 {
                    self.pending -= 1;
                } else {
                    self.candidates += 1;
                    self.end = instruction.next_pc();
                }
            }
            _ => {}
        }
    }
}
