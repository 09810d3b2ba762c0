//! `Emitter`: what a probe may insert. Straight-line instructions, so no new frame is needed;
//! only a prologue may jump, and only to where the old code begins. It writes into the class being built and tracks the stack that is added.

use crate::code::Instruction;
use crate::constants::{Class, Constants, Field, FieldName, StaticMethod, Text, VirtualMethod};
use crate::descriptor::{Kind, class_of_descriptor, parameters};
use crate::left_alone::LeftAlone;
use crate::member::MethodView;
use crate::mutf8::Mutf8;
use crate::opcode::{
    AASTORE, ANEWARRAY, CHECKCAST, GETFIELD, GETSTATIC, INVOKESTATIC, INVOKEVIRTUAL, IRETURN, LDC,
    LDC_W, PUTFIELD, PUTSTATIC, RETURN, WIDE,
};

/// Writes the instructions of one insertion.
///
/// Unless the insertion replaces an instruction, the stack must be left as it was found.
#[derive(Debug)]
pub struct Emitter<'e> {
    out: &'e mut Vec<u8>,
    constants: &'e mut Constants,
    /// Locals of the method before rewriting: the first free one.
    first_free_local: u16,
    /// Stack slots against the start of the insertion, now and at most.
    depth: i32,
    peak: i32,
    /// Locals that the method needs from now on.
    locals: u16,
    /// Where jumps to the method's own code stand in `out`.
    branches: Vec<usize>,
    uses_this: bool,
    failure: Option<LeftAlone>,
}

/// What an insertion cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) stack: u32,
    pub(crate) locals: u16,
}

impl<'e> Emitter<'e> {
    pub(crate) fn new(
        out: &'e mut Vec<u8>,
        constants: &'e mut Constants,
        first_free_local: u16,
    ) -> Self {
        let locals = first_free_local;
        Self {
            out,
            constants,
            first_free_local,
            depth: 0,
            peak: 0,
            locals,
            branches: Vec::new(),
            uses_this: false,
            failure: None,
        }
    }

    /// What was inserted costs this and jumps from there, or it could not be inserted.
    pub(crate) fn finish(self) -> Result<(Cost, Vec<usize>), LeftAlone> {
        let cost = Cost { stack: self.peak.max(0) as u32, locals: self.locals };
        match self.failure {
            Some(reason) => Err(reason),
            None => Ok((cost, self.branches)),
        }
    }

    /// Whether [`load_this`](Self::load_this) was asked for.
    pub(crate) fn uses_this(&self) -> bool {
        self.uses_this
    }

    /// Jumps to the method's own code if the condition of `opcode`, which takes so many stack
    /// slots, holds. In a prologue only, and with nothing left on the stack.
    pub fn branch_to_code(&mut self, opcode: u8, takes: u16) {
        self.branches.push(self.out.len());
        self.out.extend_from_slice(&[opcode, 0, 0]);
        self.stack(takes, 0);
        if self.depth != 0 {
            self.fail(LeftAlone::ControlFlowReplaced);
        }
    }

    /// Returns from the method with the value of this kind, `None` for `void`. Behind it only
    /// what a jump reaches goes on.
    pub fn return_value(&mut self, kind: Option<Kind>) {
        self.plain(kind.map_or(RETURN, |kind| IRETURN + kind as u8), self.depth.max(0) as u16, 0);
    }

    fn fail(&mut self, reason: LeftAlone) {
        self.failure.get_or_insert(reason);
    }

    fn stack(&mut self, takes: u16, gives: u16) {
        self.depth += i32::from(gives) - i32::from(takes);
        self.peak = self.peak.max(self.depth);
    }

    fn plain(&mut self, opcode: u8, takes: u16, gives: u16) {
        self.out.push(opcode);
        self.stack(takes, gives);
    }

    fn indexed(&mut self, opcode: u8, handle: u16, takes: u16, gives: u16) {
        let Some(index) = self.constants.index(handle) else {
            return self.fail(LeftAlone::PoolFull);
        };
        let [high, low] = index.to_be_bytes();
        self.out.extend_from_slice(&[opcode, high, low]);
        self.stack(takes, gives);
    }

    /// Writes the instruction itself, which takes and gives so many stack slots. For probes
    /// that replace it by a sequence around it; not for jumps, switches and returns.
    pub fn original(&mut self, at: Instruction<'_, '_>, takes: u16, gives: u16) {
        self.out.push(at.opcode());
        self.out.extend_from_slice(at.operands());
        self.stack(takes, gives);
    }

    /// Pushes an `int` by the shortest instruction.
    pub fn push_int(&mut self, value: i32) {
        self.stack(0, 1);
        match value {
            -1..=5 => self.out.push((3 + value) as u8),
            -128..=127 => self.out.extend_from_slice(&[0x10, value as u8]),
            -32768..=32767 => {
                let [high, low] = (value as i16).to_be_bytes();
                self.out.extend_from_slice(&[0x11, high, low]);
            }
            _ => match self.constants.integer(value) {
                Some(index) => self.load_constant(index),
                None => self.fail(LeftAlone::PoolFull),
            },
        }
    }

    fn load_constant(&mut self, index: u16) {
        match index.to_be_bytes() {
            [0, low] => self.out.extend_from_slice(&[LDC, low]),
            [high, low] => self.out.extend_from_slice(&[LDC_W, high, low]),
        }
    }

    /// Pushes a string.
    pub fn push_string(&mut self, text: Text) {
        self.push_declared(text.handle);
    }

    /// Pushes a `Class` object (class files of major 49 and later).
    pub fn push_class(&mut self, class: Class) {
        self.push_declared(class.handle);
    }

    fn push_declared(&mut self, handle: u16) {
        self.stack(0, 1);
        match self.constants.index(handle) {
            Some(index) => self.load_constant(index),
            None => self.fail(LeftAlone::PoolFull),
        }
    }

    /// Pushes `null`.
    pub fn push_null(&mut self) {
        self.plain(0x01, 0, 1);
    }

    /// Calls a static method.
    #[inline]
    pub fn invokestatic(&mut self, method: StaticMethod) {
        self.indexed(INVOKESTATIC, method.handle, method.takes, method.gives);
    }

    /// Reads a static field.
    pub fn getstatic(&mut self, field: Field) {
        self.indexed(GETSTATIC, field.handle, 0, field.slots);
    }

    /// Writes a static field.
    pub fn putstatic(&mut self, field: Field) {
        self.indexed(PUTSTATIC, field.handle, field.slots, 0);
    }

    /// Reads a field of the object on the stack.
    pub fn getfield(&mut self, field: Field) {
        self.indexed(GETFIELD, field.handle, 1, field.slots);
    }

    /// Writes a field of the object under the value on the stack.
    pub fn putfield(&mut self, field: Field) {
        self.indexed(PUTFIELD, field.handle, 1 + field.slots, 0);
    }

    /// Calls an instance method of a class; the receiver is counted.
    pub fn invokevirtual(&mut self, method: VirtualMethod) {
        self.indexed(INVOKEVIRTUAL, method.handle, method.takes, method.gives);
    }

    /// Creates an array of references; its length is on the stack.
    pub fn new_array(&mut self, element: Class) {
        self.indexed(ANEWARRAY, element.handle, 1, 1);
    }

    /// Writes an element of an array of references.
    pub fn store_element(&mut self) {
        self.plain(AASTORE, 3, 0);
    }

    /// Casts the reference on the stack to a class or array type given as a field descriptor.
    pub fn cast_to(&mut self, descriptor: Mutf8<'_>) {
        match self.constants.class_named(class_of_descriptor(descriptor.as_bytes())) {
            Some(index) => {
                let [high, low] = index.to_be_bytes();
                self.out.extend_from_slice(&[CHECKCAST, high, low]);
            }
            None => self.fail(LeftAlone::PoolFull),
        }
    }

    /// Reads a field of the object on the stack, seen as the class that constant `owner` names.
    pub fn getfield_in(&mut self, owner: u16, field: FieldName) {
        self.field_in(GETFIELD, owner, field, 1);
    }

    /// Reads a static field by way of the class that constant `owner` names.
    pub fn getstatic_in(&mut self, owner: u16, field: FieldName) {
        self.field_in(GETSTATIC, owner, field, 0);
    }

    fn field_in(&mut self, opcode: u8, owner: u16, field: FieldName, takes: u16) {
        let Some(index) = self.constants.field_in(owner, field) else {
            return self.fail(LeftAlone::PoolFull);
        };
        let [high, low] = index.to_be_bytes();
        self.out.extend_from_slice(&[opcode, high, low]);
        self.stack(takes, field.slots);
    }

    /// Pushes the `Class` object of the class that constant `index` names.
    pub fn push_class_at(&mut self, index: u16) {
        self.stack(0, 1);
        self.load_constant(index);
    }

    /// Casts the reference on the stack.
    pub fn checkcast(&mut self, class: Class) {
        self.indexed(CHECKCAST, class.handle, 1, 1);
    }

    /// Drops one slot.
    pub fn pop(&mut self) {
        self.plain(0x57, 1, 0);
    }

    /// Drops two slots.
    pub fn pop2(&mut self) {
        self.plain(0x58, 2, 0);
    }

    /// `… a → … a a`.
    pub fn dup(&mut self) {
        self.plain(0x59, 1, 2);
    }

    /// `… b a → … a b a`.
    pub fn dup_x1(&mut self) {
        self.plain(0x5a, 2, 3);
    }

    /// `… c b a → … a c b a`.
    pub fn dup_x2(&mut self) {
        self.plain(0x5b, 3, 4);
    }

    /// `… b a → … b a b a`.
    pub fn dup2(&mut self) {
        self.plain(0x5c, 2, 4);
    }

    /// `… c b a → … b a c b a`.
    pub fn dup2_x1(&mut self) {
        self.plain(0x5d, 3, 5);
    }

    /// `… d c b a → … b a d c b a`.
    pub fn dup2_x2(&mut self) {
        self.plain(0x5e, 4, 6);
    }

    /// `… b a → … a b`.
    pub fn swap(&mut self) {
        self.plain(0x5f, 2, 2);
    }

    /// `int → long`.
    pub fn int_to_long(&mut self) {
        self.plain(0x85, 1, 2);
    }

    /// Adds two `int`s.
    pub fn add_int(&mut self) {
        self.plain(0x60, 2, 1);
    }

    /// Adds two `long`s.
    pub fn add_long(&mut self) {
        self.plain(0x61, 4, 2);
    }

    /// Reads an element of an `int[]`.
    pub fn load_int_element(&mut self) {
        self.plain(0x2e, 2, 1);
    }

    /// Writes an element of an `int[]`.
    pub fn store_int_element(&mut self) {
        self.plain(0x4f, 3, 0);
    }

    /// Loads a local variable.
    pub fn load(&mut self, kind: Kind, slot: u16) {
        self.local(0x15, 0x1a, kind, slot);
        self.stack(0, kind.slots());
    }

    /// Stores into a local variable. Use a [`scratch`](Self::scratch) one: a frame further on
    /// may rely on the others.
    pub fn store(&mut self, kind: Kind, slot: u16) {
        self.local(0x36, 0x3b, kind, slot);
        self.stack(kind.slots(), 0);
    }

    /// A local variable that the method itself does not use, `offset` slots after the first
    /// such. It holds its value to the end of the insertion only.
    pub fn scratch(&mut self, offset: u16) -> u16 {
        self.first_free_local.saturating_add(offset)
    }

    fn local(&mut self, long_form: u8, short_form: u8, kind: Kind, slot: u16) {
        let row = kind as u8;
        self.locals = self.locals.max(slot.saturating_add(kind.slots()));
        if slot > u16::MAX - 2 {
            self.fail(LeftAlone::TooManyLocals);
        }
        match slot.to_be_bytes() {
            [0, low @ 0..=3] => self.out.push(short_form + 4 * row + low),
            [0, low] => self.out.extend_from_slice(&[long_form + row, low]),
            [high, low] => self.out.extend_from_slice(&[WIDE, long_form + row, high, low]),
        }
    }

    /// Loads `this` of an instance method. Not in a constructor before its `super(…)`.
    pub fn load_this(&mut self) {
        self.uses_this = true;
        self.load(Kind::Reference, 0);
    }

    /// Loads all parameters of the method being rewritten, in order, without `this`. Right
    /// only at entry: later the method may have stored something else there.
    pub fn load_parameters(&mut self, method: MethodView<'_, '_>) {
        for parameter in parameters(method.descriptor(), u16::from(!method.is_static())) {
            self.load(parameter.kind, parameter.slot);
        }
    }
}
