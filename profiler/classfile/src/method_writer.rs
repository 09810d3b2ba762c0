//! `MethodWriter`: writes one `Code` attribute with the probes in it, in a single pass over
//! the old code. Spans nobody asked for are copied whole; jumps are corrected at the end,
//! when every position is known; then the tables follow (`code_tables`).

use crate::code::{Code, Instruction, variable_length};
use crate::code_tables::{CodeTables, NewFrames, write_exceptions};
use crate::constants::Constants;
use crate::emitter::Emitter;
use crate::jumps::JumpTargets;
use crate::left_alone::LeftAlone;
use crate::member::MethodView;
use crate::opcode::{ATHROW, LOOKUPSWITCH, TABLESWITCH, ends_flow};
use crate::position::Hint;
use crate::probes::{Action, MethodPlan, Probes};
use crate::read::{put_u16, put_u32};
use crate::rewriter::{Jump, MethodBuffers, OwnConstants};
use crate::scan::{CREATES, JUMP, LENGTH, PROBED, RETURNS, ScanTable, VARIABLE};
use crate::stack_map::{AddedFrames, HandlerFrame};
use crate::super_call::SuperCall;

/// What became of a method.
pub(crate) enum Written {
    /// Nothing was inserted; what was written is to be dropped.
    Nothing,
    /// The attribute is written; its code has this length in bytes.
    Code { length: u32, handler_omitted: bool },
}

/// The catch-all handler in new positions: it covers `start..pc` and begins at `pc`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Handler {
    pub(crate) start: u32,
    pub(crate) pc: u32,
}

/// Bytes from the start of the attribute's payload length to its code.
const HEAD: usize = 12;

/// The state of writing one method.
pub(crate) struct MethodWriter<'w, 'v, 'a> {
    method: MethodView<'v, 'a>,
    code: Code<'a>,
    plan: MethodPlan,
    scan: &'w ScanTable,
    body: &'w mut Vec<u8>,
    constants: &'w mut Constants,
    buffers: &'w mut MethodBuffers,
    /// Where the new code starts in `body`.
    base: usize,
    /// Old position up to which code is copied.
    copied: usize,
    /// Whether anything was emitted.
    inserted: bool,
    extra_stack: u32,
    handler_stack: u32,
    locals: u16,
    super_call: SuperCall,
    /// Where the old code begins, when the prologue jumps there.
    entry: Option<u32>,
    handler_uses_this: bool,
}

impl<'w, 'v, 'a> MethodWriter<'w, 'v, 'a> {
    pub(crate) fn new(
        method: MethodView<'v, 'a>,
        code: Code<'a>,
        plan: MethodPlan,
        scan: &'w ScanTable,
        body: &'w mut Vec<u8>,
        constants: &'w mut Constants,
        buffers: &'w mut MethodBuffers,
    ) -> Self {
        let base = body.len() + HEAD;
        Self {
            method,
            code,
            plan,
            scan,
            body,
            constants,
            buffers,
            base,
            copied: 0,
            inserted: false,
            extra_stack: 0,
            handler_stack: 0,
            locals: code.max_locals,
            super_call: SuperCall::default(),
            entry: None,
            handler_uses_this: false,
        }
    }

    /// Writes the payload of the attribute, its length in front. `always` writes it even when
    /// nothing is inserted.
    pub(crate) fn write<P: Probes>(
        mut self,
        probes: &mut P,
        own: OwnConstants,
        always: bool,
    ) -> Result<Written, LeftAlone> {
        let length = self.code.bytes.len();
        if length == 0 || length > usize::from(u16::MAX) {
            return Err(LeftAlone::Malformed);
        }
        self.body.extend_from_slice(&[0; HEAD]);
        self.buffers.jumps.clear();
        if self.plan.has(MethodPlan::ENTRY) {
            self.insert_entry(probes)?;
        }
        let prologue = self.position(0);
        self.buffers.map.start(prologue);
        self.pass(probes)?;
        let handler = self.handler(probes)?;
        if !self.inserted && !always {
            return Ok(Written::Nothing);
        }
        let handler_omitted = handler.is_none() && self.plan.has(MethodPlan::HANDLER);
        let length = (self.body.len() - self.base) as u32;
        if length > u32::from(u16::MAX) {
            return Err(LeftAlone::CodeTooLarge);
        }
        self.correct_jumps()?;
        self.write_head(length)?;
        self.write_tables(handler, own)?;
        let total = (self.body.len() - self.base + HEAD - 4) as u32;
        let _ = put_u32(self.body, self.base - HEAD, total);
        Ok(Written::Code { length, handler_omitted })
    }

    /// New position of the instruction at the old position `pc`, when all before it is done.
    fn position(&self, pc: usize) -> u32 {
        (self.body.len() - self.base + pc - self.copied) as u32
    }

    /// Copies the old code up to `pc`.
    fn flush(&mut self, pc: usize) {
        if let Some(span) = self.code.bytes.get(self.copied..pc) {
            self.body.extend_from_slice(span);
            self.copied = pc;
        }
    }

    /// Lets a probe emit here. True when it did.
    fn insert(&mut self, emit: impl FnOnce(&mut Emitter<'_>)) -> Result<bool, LeftAlone> {
        let (inserted, branches) = self.emit(emit)?;
        if branches.is_empty() { Ok(inserted) } else { Err(LeftAlone::ControlFlowReplaced) }
    }

    /// Lets the probes emit the prologue, which alone may jump: to where the old code begins.
    fn insert_entry<P: Probes>(&mut self, probes: &mut P) -> Result<(), LeftAlone> {
        let method = self.method;
        let (_, branches) = self.emit(|emit| probes.at_entry(method, emit))?;
        let target = self.body.len();
        for at in &branches {
            let offset = i16::try_from(target - at).map_err(|_| LeftAlone::JumpTooFar)?;
            let _ = put_u16(self.body, at + 1, offset as u16);
        }
        self.entry = (!branches.is_empty()).then(|| self.position(0));
        Ok(())
    }

    fn emit(
        &mut self,
        emit: impl FnOnce(&mut Emitter<'_>),
    ) -> Result<(bool, Vec<usize>), LeftAlone> {
        let start = self.body.len();
        let mut emitter = Emitter::new(self.body, self.constants, self.code.max_locals);
        emit(&mut emitter);
        let (cost, branches) = emitter.finish()?;
        self.extra_stack = self.extra_stack.max(cost.stack);
        self.locals = self.locals.max(cost.locals);
        let inserted = self.body.len() > start;
        self.inserted |= inserted;
        Ok((inserted, branches))
    }

    /// The pass over the code: stops only where something is to be done.
    fn pass<P: Probes>(&mut self, probes: &mut P) -> Result<(), LeftAlone> {
        let mut mask = JUMP | VARIABLE;
        if self.plan.has(MethodPlan::RETURNS) {
            mask |= RETURNS;
        }
        if self.plan.has(MethodPlan::INSTRUCTIONS) {
            mask |= PROBED;
        }
        if self.plan.has(MethodPlan::HANDLER) && self.method.is_constructor() {
            mask |= CREATES;
        }
        let code = self.code.bytes;
        let scan = self.scan;
        let mut pc = 0;
        while let Some(opcode) = code.get(pc) {
            let flags = scan.flags(*opcode);
            pc = if flags & mask == 0 {
                pc + usize::from(flags & LENGTH)
            } else {
                self.visit(probes, pc, flags & (mask | LENGTH))?
            };
        }
        if pc != code.len() {
            return Err(LeftAlone::Malformed);
        }
        Ok(())
    }

    /// Does what there is to do at the instruction at `pc`; gives the position of the next.
    fn visit<P: Probes>(
        &mut self,
        probes: &mut P,
        pc: usize,
        flags: u8,
    ) -> Result<usize, LeftAlone> {
        let code = self.code.bytes;
        let opcode = code.get(pc).copied().unwrap_or(0);
        let length = match flags & LENGTH {
            0 => variable_length(code, pc, opcode).ok_or(LeftAlone::Malformed)?,
            length => usize::from(length),
        };
        let next = pc + length;
        let bytes = code.get(pc..next).ok_or(LeftAlone::Malformed)?;
        let instruction = Instruction::new(self.method, pc, bytes);
        let mut action = Action::Keep;
        if flags & (PROBED | RETURNS) != 0 {
            action = self.before(probes, instruction, flags)?;
        }
        if flags & CREATES != 0 {
            self.super_call.see(&instruction);
        }
        if action == Action::Replace {
            if flags & (JUMP | VARIABLE | RETURNS) != 0 || ends_flow(opcode) {
                return Err(LeftAlone::ControlFlowReplaced);
            }
            self.copied = next;
            self.buffers.map.set_label(next as u32, self.position(next));
            return Ok(next);
        }
        if flags & JUMP != 0 {
            self.buffers.jumps.push(Jump { old: pc as u32, new: self.position(pc) });
        } else if matches!(opcode, TABLESWITCH | LOOKUPSWITCH) {
            self.copy_switch(pc, next);
        }
        if action == Action::KeepThenAfter && !ends_flow(opcode) {
            self.flush(next);
            if self.insert(|emit| probes.after(instruction, emit))? {
                self.buffers.map.set_label(next as u32, self.position(next));
            }
        }
        Ok(next)
    }

    /// Lets the probes emit before an instruction, and before a return what a return needs.
    fn before<P: Probes>(
        &mut self,
        probes: &mut P,
        instruction: Instruction<'v, 'a>,
        flags: u8,
    ) -> Result<Action, LeftAlone> {
        let pc = instruction.pc() as usize;
        self.flush(pc);
        let label = self.position(pc);
        let mut action = Action::Keep;
        let inserted = self.insert(|emit| {
            if flags & PROBED != 0 {
                action = probes.before(instruction, emit);
            }
            if flags & RETURNS != 0 && action != Action::Replace {
                probes.at_return(instruction, emit);
            }
        })?;
        if action == Action::Replace {
            // Even an instruction replaced by nothing changes the code.
            self.inserted = true;
            self.buffers.map.set_label(pc as u32, label);
        } else if inserted {
            self.buffers.map.set_label(pc as u32, label);
            self.buffers.map.set_instruction(pc as u32, self.position(pc));
        }
        Ok(action)
    }

    /// Copies a switch with the padding its new position needs.
    fn copy_switch(&mut self, pc: usize, next: usize) {
        let new = self.position(pc);
        self.buffers.jumps.push(Jump { old: pc as u32, new });
        let aligned = (pc | 3) + 1;
        let old_padding = aligned - pc - 1;
        let new_padding = (new | 3) as usize - new as usize;
        if old_padding != new_padding {
            self.flush(pc + 1);
            self.body.extend_from_slice([0u8; 3].get(..new_padding).unwrap_or_default());
            self.copied = aligned;
            self.buffers.map.set_label(next as u32, self.position(next));
        }
    }

    /// Appends the catch-all handler, when one is planned and there is a range for it.
    fn handler<P: Probes>(&mut self, probes: &mut P) -> Result<Option<Handler>, LeftAlone> {
        let end = self.code.bytes.len();
        self.flush(end);
        if !self.plan.has(MethodPlan::HANDLER) {
            return Ok(None);
        }
        let mut hint = Hint::default();
        let start = if self.method.is_constructor() {
            let Some(end) = self.super_call.end() else { return Ok(None) };
            self.buffers.map.label(end, &mut hint)
        } else {
            self.buffers.map.label(0, &mut hint)
        };
        let pc = self.position(end);
        if start >= pc {
            return Ok(None);
        }
        let method = self.method;
        let outer = std::mem::take(&mut self.extra_stack);
        let mut uses_this = false;
        self.insert(|emit| {
            probes.at_throw(method, emit);
            uses_this = emit.uses_this();
        })?;
        self.handler_uses_this = uses_this;
        // The exception lies below what the probe pushed, and nothing of the old code does.
        self.handler_stack = 1 + self.extra_stack;
        self.extra_stack = outer;
        self.body.push(ATHROW);
        self.inserted = true;
        Ok(Some(Handler { start, pc }))
    }

    /// Gives every jump and switch its new offsets.
    fn correct_jumps(&mut self) -> Result<(), LeftAlone> {
        let code = self.code.bytes;
        let new_code = self.body.get_mut(self.base..).unwrap_or_default();
        let mut jumps = JumpTargets::new(code, new_code, &self.buffers.map);
        self.buffers.jumps.iter().try_for_each(|jump| jumps.correct(*jump))
    }

    /// Fills in stack, locals and length of the code.
    fn write_head(&mut self, length: u32) -> Result<(), LeftAlone> {
        let stack = u32::from(self.code.max_stack) + self.extra_stack;
        let stack =
            u16::try_from(stack.max(self.handler_stack)).map_err(|_| LeftAlone::StackTooDeep)?;
        let at = self.base - HEAD;
        let _ = put_u16(self.body, at + 4, stack);
        let _ = put_u16(self.body, at + 6, self.locals);
        let _ = put_u32(self.body, at + 8, length);
        Ok(())
    }

    /// Writes the exception table and the attributes.
    fn write_tables(
        &mut self,
        handler: Option<Handler>,
        own: OwnConstants,
    ) -> Result<(), LeftAlone> {
        let new_frames = self.new_frames(handler, own)?;
        let pool = self.method.class().pool();
        let MethodBuffers { map, names, .. } = &mut *self.buffers;
        write_exceptions(&self.code, map, handler, self.body)?;
        CodeTables { pool, code: self.code, map, names, new_frames }.write(self.body)
    }

    /// The frames for what is added, with the constants they need. None in class files that are
    /// verified without.
    fn new_frames(
        &mut self,
        handler: Option<Handler>,
        own: OwnConstants,
    ) -> Result<NewFrames, LeftAlone> {
        let class = self.method.class();
        if class.major() < 50 {
            return Ok(NewFrames::default());
        }
        let handler = handler.map(|handler| self.handler_frame(handler, own)).transpose()?;
        let frames = AddedFrames { entry: self.entry, handler };
        if frames.is_empty() || self.buffers.names.has_frames(class.pool(), &self.code) {
            return Ok(NewFrames { frames, table_name: None });
        }
        let name = self.constants.index(own.stack_map_table.handle).ok_or(LeftAlone::PoolFull)?;
        Ok(NewFrames { frames, table_name: Some(name) })
    }

    fn handler_frame(
        &mut self,
        handler: Handler,
        own: OwnConstants,
    ) -> Result<HandlerFrame, LeftAlone> {
        let index = self.constants.index(own.throwable.handle);
        let throwable = index.ok_or(LeftAlone::PoolFull)?;
        let this = self.handler_uses_this.then(|| self.method.class().this_class_index());
        Ok(HandlerFrame { pc: handler.pc, throwable, this })
    }
}
