//! `Receivers`: for each field access of a method, whether its object is known to be `this`, made in
//! the method, or looked at before. A forward analysis over stack and local variables, run to its
//! fixed point (Nielson, Nielson, Hankin, "Principles of Program Analysis", 2.1); what two paths
//! know differently is not known. Which accesses count as a look, the caller says.

use crate::code::{Code, Instruction, instruction_length};
use crate::descriptor::field_slots;
use crate::frame_state::{FrameState, Origin};
use crate::member::MethodView;
use crate::opcode::{
    GETFIELD, GOTO, JSR, LOOKUPSWITCH, PUTFIELD, RET, TABLESWITCH, ends_flow, is_jump,
};
use crate::read::{i16_at, i32_at, u8_at, u16_at};

const GOTO_W: u8 = 0xc8;
const JSR_W: u8 = 0xc9;

/// What is known of the object of a field access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receiver {
    /// It is `this`.
    This,
    /// It was made by this method, or an access that counts has looked at it before on every way.
    Known,
    /// Nothing.
    Other,
}

/// Receivers of the field accesses of one method, by position.
#[derive(Debug, Clone, Default)]
pub struct Receivers {
    /// Ascending.
    at: Vec<(u32, Receiver)>,
}

impl Receivers {
    /// Analyses a method. `looks` tells of a `getfield` or `putfield` whether it looks at its object.
    /// `None` when the code is malformed, or older than what is analysed (subroutines).
    pub fn of(
        method: MethodView<'_, '_>,
        looks: impl Fn(&Instruction<'_, '_>) -> bool,
    ) -> Option<Self> {
        let code = method.code()?;
        if !method.instructions().any(|at| matches!(at.opcode(), GETFIELD | PUTFIELD)) {
            return Some(Self::default());
        }
        let mut analysis = Analysis::new(method, code)?;
        analysis.run(&looks)?;
        let accesses = analysis.found.iter().enumerate();
        let at = accesses.filter_map(|(pc, found)| found.map(|found| (pc as u32, found)));
        Some(Self { at: at.collect() })
    }

    /// What is known of the object of the access at `pc`; `Other` where nothing runs.
    pub fn at(&self, pc: u32) -> Receiver {
        let found = self.at.binary_search_by_key(&pc, |(at, _)| *at).ok();
        found.and_then(|index| self.at.get(index)).map_or(Receiver::Other, |(_, found)| *found)
    }

    /// Whether an access has `this` as its object.
    pub fn uses_this(&self) -> bool {
        self.at.iter().any(|(_, receiver)| *receiver == Receiver::This)
    }
}

struct Analysis<'v, 'a> {
    method: MethodView<'v, 'a>,
    code: Code<'a>,
    /// Whether a jump or a handler leads to a position.
    is_target: Vec<bool>,
    /// State at the targets met so far.
    states: Vec<Option<FrameState>>,
    pending: Vec<usize>,
    found: Vec<Option<Receiver>>,
}

impl<'v, 'a> Analysis<'v, 'a> {
    fn new(method: MethodView<'v, 'a>, code: Code<'a>) -> Option<Self> {
        let length = code.bytes.len();
        let mut is_target = vec![false; length];
        for row in code.exceptions.chunks_exact(8) {
            *is_target.get_mut(usize::from(u16_at(row, 4)?))? = true;
        }
        let mut pc = 0;
        while pc < length {
            for target in targets(code.bytes, pc)? {
                *is_target.get_mut(target)? = true;
            }
            pc += instruction_length(code.bytes, pc)?;
        }
        let entry = FrameState::entry(!method.is_static(), code.max_locals);
        let mut states = vec![None; length];
        *states.get_mut(0)? = Some(entry);
        let found = vec![None; length];
        Some(Self { method, code, is_target, states, pending: vec![0], found })
    }

    fn run(&mut self, looks: &impl Fn(&Instruction<'_, '_>) -> bool) -> Option<()> {
        while let Some(pc) = self.pending.pop() {
            let state = self.states.get(pc)?.clone()?;
            self.run_from(pc, state, looks)?;
        }
        Some(())
    }

    /// Follows the code from `pc` to where it ends or joins what another run continues.
    fn run_from(
        &mut self,
        mut pc: usize,
        mut state: FrameState,
        looks: &impl Fn(&Instruction<'_, '_>) -> bool,
    ) -> Option<()> {
        loop {
            let length = instruction_length(self.code.bytes, pc)?;
            let instruction =
                Instruction::new(self.method, pc, self.code.bytes.get(pc..pc + length)?);
            self.meet_handlers(pc, &state)?;
            self.note(&instruction, &mut state, looks)?;
            state.step(&instruction)?;
            for target in targets(self.code.bytes, pc)? {
                self.meet(target, &state)?;
            }
            if ends_flow(instruction.opcode()) {
                return Some(());
            }
            pc += length;
            if *self.is_target.get(pc)? {
                return self.meet(pc, &state);
            }
        }
    }

    /// Records the receiver of a field access, and that it has been looked at from now on.
    fn note(
        &mut self,
        instruction: &Instruction<'_, '_>,
        state: &mut FrameState,
        looks: &impl Fn(&Instruction<'_, '_>) -> bool,
    ) -> Option<()> {
        if !matches!(instruction.opcode(), GETFIELD | PUTFIELD) {
            return Some(());
        }
        let depth = receiver_depth(instruction)?;
        let origin = state.peek(depth)?;
        let receiver = match origin {
            Origin::This => Receiver::This,
            Origin::Known => Receiver::Known,
            Origin::Local(_) | Origin::Other => Receiver::Other,
        };
        *self.found.get_mut(instruction.pc() as usize)? = Some(receiver);
        if let (Origin::Local(local), true) = (origin, looks(instruction)) {
            state.look_at(local);
        }
        Some(())
    }

    fn meet_handlers(&mut self, pc: usize, state: &FrameState) -> Option<()> {
        for row in self.code.exceptions.chunks_exact(8) {
            let (start, end) = (usize::from(u16_at(row, 0)?), usize::from(u16_at(row, 2)?));
            if (start..end).contains(&pc) {
                self.meet(usize::from(u16_at(row, 4)?), &state.at_handler())?;
            }
        }
        Some(())
    }

    /// Joins a state with what is known at `pc`; a change is followed up.
    fn meet(&mut self, pc: usize, state: &FrameState) -> Option<()> {
        let known = self.states.get_mut(pc)?;
        let changed = if let Some(known) = known {
            known.join(state)?
        } else {
            *known = Some(state.clone());
            true
        };
        if changed && !self.pending.contains(&pc) {
            self.pending.push(pc);
        }
        Some(())
    }
}

/// How many slots below the top the object of a field access lies.
fn receiver_depth(at: &Instruction<'_, '_>) -> Option<usize> {
    if at.opcode() == GETFIELD {
        return Some(0);
    }
    Some(usize::from(field_slots(at.member()?.descriptor)?))
}

/// Where the instruction at `pc` may jump to; `None` for subroutines and malformed code.
fn targets(code: &[u8], pc: usize) -> Option<Vec<usize>> {
    let opcode = u8_at(code, pc)?;
    let to = |offset: i64| usize::try_from(pc as i64 + offset).ok();
    match opcode {
        JSR | RET | JSR_W => None,
        GOTO_W => Some(vec![to(i64::from(i32_at(code, pc + 1)?))?]),
        TABLESWITCH | LOOKUPSWITCH => switch_targets(code, pc),
        GOTO => Some(vec![to(i64::from(i16_at(code, pc + 1)?))?]),
        _ if is_jump(opcode) => Some(vec![to(i64::from(i16_at(code, pc + 1)?))?]),
        _ => Some(Vec::new()),
    }
}

fn switch_targets(code: &[u8], pc: usize) -> Option<Vec<usize>> {
    let aligned = (pc | 3) + 1;
    let to = |at: usize| usize::try_from(pc as i64 + i64::from(i32_at(code, at)?)).ok();
    let mut targets = vec![to(aligned)?];
    if u8_at(code, pc)? == TABLESWITCH {
        let rows =
            i64::from(i32_at(code, aligned + 8)?) - i64::from(i32_at(code, aligned + 4)?) + 1;
        for row in 0..usize::try_from(rows).ok()? {
            targets.push(to(aligned + 12 + 4 * row)?);
        }
    } else {
        for row in 0..usize::try_from(i32_at(code, aligned + 4)?).ok()? {
            targets.push(to(aligned + 12 + 8 * row)?);
        }
    }
    Some(targets)
}
