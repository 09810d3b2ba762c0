//! What is known of a register or stack slot while a function is read: just enough to tell calls
//! through the JNI table from calls nobody can resolve, and native memory from plain numbers.

use std::collections::BTreeMap;

use iced_x86::Register;

/// A value as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Anything.
    #[default]
    Any,
    /// The function's parameter with this number (integer class, System V order).
    Param(u8),
    /// Computed from that parameter: a pointer into what it points to.
    Derived(u8),
    /// What that parameter points to: for a `JNIEnv*` the table of functions.
    Table(u8),
    /// The word at this byte offset of that table.
    TableEntry(u8, u64),
    /// A long read out of a Java object, or a pointer made of it: native memory, if anything.
    Handle,
    /// What the function of the library at this address returned, or a pointer made of it.
    Result(u64),
    /// The stack pointer at entry plus this.
    Frame(i64),
    /// An address of the library.
    Address(u64),
    /// Loaded from a variable of the library.
    Variable(u64),
    /// The function of another library whose address the loader puts into this word.
    Import(u64),
    /// Entry of the switch table at this address.
    SwitchEntry(u64),
    /// Target out of the switch table at this address.
    SwitchTarget(u64),
}

impl Value {
    /// The parameter whose pointee a memory access with this base touches.
    pub const fn pointee_of(self) -> Option<u8> {
        match self {
            Self::Param(number) | Self::Derived(number) => Some(number),
            _ => None,
        }
    }

    /// This value plus a number that is not known or not zero.
    pub const fn moved(self) -> Self {
        match self {
            Self::Param(number) | Self::Derived(number) => Self::Derived(number),
            Self::Handle | Self::Result(_) => self,
            _ => Self::Any,
        }
    }
}

/// Registers for integer parameters, in System V order.
pub const PARAMETERS: [Register; 6] =
    [Register::RDI, Register::RSI, Register::RDX, Register::RCX, Register::R8, Register::R9];

/// Registers a call may change.
const VOLATILE: [Register; 9] = [
    Register::RAX,
    Register::RCX,
    Register::RDX,
    Register::RSI,
    Register::RDI,
    Register::R8,
    Register::R9,
    Register::R10,
    Register::R11,
];

/// Known values of registers and of the stack frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    registers: [Value; 16],
    /// By offset from the stack pointer at entry.
    slots: BTreeMap<i64, Value>,
}

impl State {
    /// At the entry of a function: parameters in registers and above the return address.
    pub fn at_entry() -> Self {
        let mut state = Self::unknown();
        for (number, register) in (0..).zip(PARAMETERS) {
            state.set(register, Value::Param(number));
        }
        state.set(Register::RSP, Value::Frame(0));
        state.slots = (0..8).map(|n| (8 + 8 * i64::from(n), Value::Param(6 + n))).collect();
        state
    }

    /// Nothing is known.
    pub const fn unknown() -> Self {
        Self { registers: [Value::Any; 16], slots: BTreeMap::new() }
    }

    /// Value of a 64-bit register; narrower ones are not followed.
    pub fn get(&self, register: Register) -> Value {
        if !register.is_gpr64() {
            return Value::Any;
        }
        self.registers.get(register.number()).copied().unwrap_or_default()
    }

    /// Sets a general register, whatever part of it is named.
    pub fn set(&mut self, register: Register, value: Value) {
        if register.is_gpr() {
            let full = register.full_register();
            if let Some(slot) = self.registers.get_mut(full.number()) {
                *slot = value;
            }
        }
    }

    /// Value in the frame.
    pub fn slot(&self, offset: i64) -> Value {
        self.slots.get(&offset).copied().unwrap_or_default()
    }

    /// Stores into the frame.
    pub fn set_slot(&mut self, offset: i64, value: Value) {
        if value == Value::Any {
            self.slots.remove(&offset);
        } else {
            self.slots.insert(offset, value);
        }
    }

    /// Forgets what a call may change.
    pub fn after_call(&mut self) {
        for register in VOLATILE {
            self.set(register, Value::Any);
        }
    }

    /// Keeps only what holds in both; says whether anything was lost.
    pub fn meet(&mut self, other: &Self) -> bool {
        let mut changed = false;
        for (mine, theirs) in self.registers.iter_mut().zip(&other.registers) {
            if mine != theirs && *mine != Value::Any {
                *mine = Value::Any;
                changed = true;
            }
        }
        let before = self.slots.len();
        self.slots.retain(|offset, value| other.slots.get(offset) == Some(value));
        changed || self.slots.len() != before
    }
}
