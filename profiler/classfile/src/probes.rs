//! `Probes`: what a user of the rewriter implements. One callback per place where code can
//! be inserted; each gets the class, the method or the instruction, and an `Emitter`.

use std::ops::BitOr;

use crate::class_edits::ClassEdits;
use crate::code::Instruction;
use crate::emitter::Emitter;
use crate::left_alone::LeftAlone;
use crate::member::MethodView;
use crate::opcode::OpcodeSet;
use crate::view::ClassView;

/// Where probes go in one method. Join with `|`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MethodPlan(u8);

impl MethodPlan {
    /// Leave the method as it is.
    pub const NONE: Self = Self(0);
    /// Call [`Probes::at_entry`].
    pub const ENTRY: Self = Self(1);
    /// Call [`Probes::at_return`] before each return.
    pub const RETURNS: Self = Self(2);
    /// Append a catch-all handler with [`Probes::at_throw`], which rethrows.
    pub const HANDLER: Self = Self(4);
    /// Call [`Probes::before`] and [`Probes::after`] for the opcodes of [`Probes::opcodes`].
    pub const INSTRUCTIONS: Self = Self(8);

    /// Keep the old code beside the code with the probes, and let [`Probes::choose`] decide at
    /// entry which one runs: what does not run costs next to nothing.
    pub const DUPLICATE: Self = Self(16);

    /// Whether all places of `other` are planned.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for MethodPlan {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What happens to an instruction that [`Probes::before`] has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It stays.
    Keep,
    /// It stays, and [`Probes::after`] is called. What is emitted there runs when the
    /// instruction completes normally and falls through; after a jump away, a return or a
    /// throw nothing can follow, so there the callback is not made.
    KeepThenAfter,
    /// What was emitted stands in its place. Jumps, switches, returns and throws cannot be
    /// replaced; asking for it leaves the method alone.
    Replace,
}

/// Decides what is inserted where. Callbacks of one method come in the order of its code.
///
/// The rewriter is generic over this trait: calls are static, and a callback that is not
/// implemented costs nothing.
pub trait Probes {
    /// Opcodes for which [`before`](Self::before) is called. Asked once per class.
    fn opcodes(&self) -> OpcodeSet {
        OpcodeSet::EMPTY
    }

    /// Whether the class is to be looked at at all; `false` leaves it unchanged.
    fn enter_class(&mut self, _class: &ClassView<'_>) -> bool {
        true
    }

    /// Asks for changes of the class outside its methods' code; before the methods are planned.
    fn edit_class(&mut self, _class: &ClassView<'_>, _edits: &mut ClassEdits<'_>) {}

    /// What to do with a method. Asked once for each method that has code.
    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan;

    /// Emits what runs when the method is entered, on an empty stack. In a constructor `this`
    /// is not initialised yet and must not be loaded. Loops to the start do not run it again.
    /// It may return from the method, and jump to where the method's own code begins.
    fn at_entry(&mut self, _method: MethodView<'_, '_>, _emit: &mut Emitter<'_>) {}

    /// Emits what runs before a return; the value to be returned is on the stack.
    fn at_return(&mut self, _at: Instruction<'_, '_>, _emit: &mut Emitter<'_>) {}

    /// Emits what runs when an exception leaves the method; the exception is on the stack and
    /// must stay there. In a constructor only once its `super(…)` call has returned: before
    /// that the verifier allows no handler, so an exception out of `super(…)` goes by unseen.
    /// Of the local variables only `this` may be used, where the method never stores over it.
    fn at_throw(&mut self, _method: MethodView<'_, '_>, _emit: &mut Emitter<'_>) {}

    /// Emits what runs before an instruction, its operands being on the stack. A jump to the
    /// instruction runs it too.
    fn before(&mut self, _at: Instruction<'_, '_>, _emit: &mut Emitter<'_>) -> Action {
        Action::Keep
    }

    /// Emits what runs after an instruction, its result being on the stack. A jump to the next
    /// instruction does not run it.
    fn after(&mut self, _at: Instruction<'_, '_>, _emit: &mut Emitter<'_>) {}

    /// Emits the choice of a method planned as [`MethodPlan::DUPLICATE`]: it must leave one `int`
    /// on the stack, not zero to run the code with the probes, entry probe included.
    fn choose(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        emit.push_int(0);
    }

    /// Told when a planned method could not be rewritten: its code is as it was. (Constants
    /// that its probes used may stay in the pool when other methods of the class change.)
    fn left_alone(&mut self, _method: MethodView<'_, '_>, _reason: LeftAlone) {}
}
