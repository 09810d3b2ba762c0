//! What one instruction does to the values known of registers and the stack frame. Models the moves by
//! which compilers pass pointers around; what any other instruction writes is forgotten.

use iced_x86::{
    Decoder, DecoderOptions, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind,
    Register, UsedMemory,
};

use crate::library::{Library, Pointer};
use crate::value::{State, Value};

/// Decodes and models the instructions of a library.
pub struct Machine<'l> {
    library: &'l Library,
    info: InstructionInfoFactory,
}

impl<'l> Machine<'l> {
    /// For the code of `library`.
    pub fn of(library: &'l Library) -> Self {
        Self { library, info: InstructionInfoFactory::new() }
    }

    /// The instruction at `at`; `None` if there is no code or it cannot be decoded.
    pub fn decode(&self, at: u64) -> Option<Instruction> {
        let bytes = self.library.bytes_at(at).filter(|_| self.library.is_code(at))?;
        let mut decoder = Decoder::with_ip(64, bytes, at, DecoderOptions::NONE);
        let instruction = decoder.decode();
        (!instruction.is_invalid()).then_some(instruction)
    }

    /// Memory that an instruction reads or writes.
    pub fn memory_of(&mut self, instruction: &Instruction) -> Vec<UsedMemory> {
        self.info.info(instruction).used_memory().to_vec()
    }

    /// Value of the only operand of an indirect call or jump.
    pub fn operand(&self, instruction: &Instruction, state: &State) -> Value {
        match instruction.op0_kind() {
            OpKind::Register => state.get(instruction.op0_register()),
            OpKind::Memory => self.loaded(instruction, state),
            _ => Value::Any,
        }
    }

    /// Value that an instruction loads from memory.
    fn loaded(&self, instruction: &Instruction, state: &State) -> Value {
        if instruction.is_ip_rel_memory_operand() {
            return self.loaded_from(instruction.ip_rel_memory_address());
        }
        let offset = instruction.memory_displacement64().cast_signed();
        if instruction.memory_index() != Register::None {
            return Value::Any;
        }
        match state.get(instruction.memory_base()) {
            Value::Frame(base) => state.slot(base.wrapping_add(offset)),
            Value::Param(number) if offset == 0 => Value::Table(number),
            Value::Table(number) => Value::TableEntry(number, offset.cast_unsigned()),
            Value::Address(base) => self.loaded_from(base.wrapping_add_signed(offset)),
            _ => Value::Any,
        }
    }

    fn loaded_from(&self, address: u64) -> Value {
        if self.library.is_variable(address) {
            return Value::Variable(address);
        }
        match self.library.pointer_at(address) {
            Some(Pointer::Local(target)) => Value::Address(*target),
            Some(Pointer::Symbol(_)) => Value::Import(address),
            None => Value::Any,
        }
    }

    /// Changes `state` as the instruction does; what is not modelled is forgotten.
    pub fn apply(&mut self, instruction: &Instruction, state: &mut State) {
        match instruction.mnemonic() {
            Mnemonic::Call => state.after_call(),
            Mnemonic::Mov if instruction.op0_kind() == OpKind::Register => {
                let value = match instruction.op1_kind() {
                    OpKind::Register => state.get(instruction.op1_register()),
                    OpKind::Memory if instruction.op0_register().is_gpr64() => {
                        self.loaded(instruction, state)
                    }
                    _ => Value::Any,
                };
                state.set(instruction.op0_register(), value);
            }
            Mnemonic::Mov if is_memory(instruction, 0) => store(instruction, state),
            Mnemonic::Lea => {
                let value = effective_address(instruction, state);
                state.set(instruction.op0_register(), value);
            }
            Mnemonic::Push => push(instruction, state),
            Mnemonic::Pop => pop(instruction, state),
            Mnemonic::Leave => {
                let frame = state.get(Register::RBP);
                state.set(Register::RSP, frame);
                restore(Register::RBP, state);
            }
            Mnemonic::Add | Mnemonic::Sub if instruction.op0_kind() == OpKind::Register => {
                add(instruction, state);
            }
            Mnemonic::Movsxd if is_memory(instruction, 1) => {
                let table = state.get(instruction.memory_base());
                let value = match table {
                    Value::Address(table) if instruction.memory_index_scale() == 4 => {
                        Value::SwitchEntry(table)
                    }
                    _ => Value::Any,
                };
                state.set(instruction.op0_register(), value);
            }
            _ => self.forget_written(instruction, state),
        }
    }

    fn forget_written(&mut self, instruction: &Instruction, state: &mut State) {
        let factory = &mut self.info;
        for used in factory.info(instruction).used_registers() {
            if is_write(used.access()) {
                state.set(used.register(), Value::Any);
            }
        }
        for memory in factory.info(instruction).used_memory() {
            let base = state.get(memory.base());
            if let (true, Value::Frame(base)) = (is_write(memory.access()), base) {
                let offset = base.wrapping_add(memory.displacement().cast_signed());
                state.set_slot(offset, Value::Any);
            }
        }
    }
}

fn is_memory(instruction: &Instruction, operand: u32) -> bool {
    instruction.op_kind(operand) == OpKind::Memory
}

/// Whether an access may write.
pub fn is_write(access: OpAccess) -> bool {
    use OpAccess::{CondWrite, ReadCondWrite, ReadWrite, Write};
    matches!(access, Write | CondWrite | ReadWrite | ReadCondWrite)
}

fn store(instruction: &Instruction, state: &mut State) {
    let Value::Frame(base) = state.get(instruction.memory_base()) else { return };
    if instruction.memory_index() != Register::None {
        return;
    }
    let value = match instruction.op1_kind() {
        OpKind::Register => state.get(instruction.op1_register()),
        _ => Value::Any,
    };
    let offset = instruction.memory_displacement64().cast_signed();
    state.set_slot(base.wrapping_add(offset), value);
}

fn effective_address(instruction: &Instruction, state: &State) -> Value {
    if instruction.is_ip_rel_memory_operand() {
        return Value::Address(instruction.ip_rel_memory_address());
    }
    let offset = instruction.memory_displacement64().cast_signed();
    let base = state.get(instruction.memory_base());
    let index = state.get(instruction.memory_index());
    if instruction.memory_index() != Register::None {
        return if base.moved() == Value::Any { index.moved() } else { base.moved() };
    }
    match base {
        Value::Frame(base) => Value::Frame(base.wrapping_add(offset)),
        Value::Address(base) => Value::Address(base.wrapping_add_signed(offset)),
        base => base.moved(),
    }
}

fn push(instruction: &Instruction, state: &mut State) {
    let value = match instruction.op0_kind() {
        OpKind::Register => state.get(instruction.op0_register()),
        _ => Value::Any,
    };
    if let Value::Frame(offset) = state.get(Register::RSP) {
        let offset = offset.wrapping_sub(8);
        state.set(Register::RSP, Value::Frame(offset));
        state.set_slot(offset, value);
    }
}

fn pop(instruction: &Instruction, state: &mut State) {
    match instruction.op0_kind() {
        OpKind::Register => restore(instruction.op0_register(), state),
        _ => state.set(Register::RSP, Value::Any),
    }
}

fn restore(register: Register, state: &mut State) {
    if let Value::Frame(offset) = state.get(Register::RSP) {
        let value = state.slot(offset);
        state.set(Register::RSP, Value::Frame(offset.wrapping_add(8)));
        state.set(register, value);
    } else {
        state.set(register, Value::Any);
    }
}

fn add(instruction: &Instruction, state: &mut State) {
    let register = instruction.op0_register();
    let (left, is_sub) = (state.get(register), instruction.mnemonic() == Mnemonic::Sub);
    let value = match instruction.op1_kind() {
        OpKind::Immediate8to64 | OpKind::Immediate32to64 => {
            let number = instruction.immediate(1).cast_signed();
            let number = if is_sub { number.wrapping_neg() } else { number };
            match left {
                Value::Frame(offset) => Value::Frame(offset.wrapping_add(number)),
                Value::Address(address) => Value::Address(address.wrapping_add_signed(number)),
                left => left.moved(),
            }
        }
        OpKind::Register => match (left, state.get(instruction.op1_register())) {
            (Value::SwitchEntry(a), Value::Address(b))
            | (Value::Address(a), Value::SwitchEntry(b))
                if a == b && !is_sub =>
            {
                Value::SwitchTarget(a)
            }
            (left, right) if left.moved() == Value::Any => right.moved(),
            (left, _) => left.moved(),
        },
        _ => left.moved(),
    };
    state.set(register, value);
}
