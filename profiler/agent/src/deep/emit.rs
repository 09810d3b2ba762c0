//! The code of the probes, by the kind of instruction. Each leaves the stack as it found it.

use beehive_classfile::opcode::{AALOAD, AASTORE, IASTORE};
use beehive_classfile::{Emitter, Instruction, Kind, Mutf8, StaticMethod, parameters};

use super::calls::Calls;

/// An argument put aside: its kind and the variable that holds it.
pub(crate) type Spilled = (Kind, u16);

/// Puts the arguments of a call aside, into variables from `first` on.
pub(crate) fn spill(emit: &mut Emitter<'_>, descriptor: Mutf8<'_>, first: u16) -> Vec<Spilled> {
    let spilled: Vec<Spilled> = parameters(descriptor, first)
        .map(|parameter| (parameter.kind, emit.scratch(parameter.slot)))
        .collect();
    for (kind, slot) in spilled.iter().rev() {
        emit.store(*kind, *slot);
    }
    spilled
}

/// Puts the arguments back.
pub(crate) fn restore(emit: &mut Emitter<'_>, spilled: &[Spilled]) {
    for (kind, slot) in spilled {
        emit.load(*kind, *slot);
    }
}

/// Loads a reference, or null if there is none.
pub(crate) fn load_or_null(emit: &mut Emitter<'_>, slot: Option<u16>) {
    match slot {
        Some(slot) => emit.load(Kind::Reference, slot),
        None => emit.push_null(),
    }
}

/// `probe(number)`.
pub(crate) fn number(emit: &mut Emitter<'_>, probe: StaticMethod, number: u32) {
    emit.push_int(number as i32);
    emit.invokestatic(probe);
}

/// `probe(top of the stack, number)`.
pub(crate) fn top_and_number(emit: &mut Emitter<'_>, probe: StaticMethod, number: u32) {
    emit.dup();
    emit.push_int(number as i32);
    emit.invokestatic(probe);
}

impl Calls {
    /// A `getfield` of a reference, in its place: `… object → … value`.
    pub(crate) fn get_reference(
        &self,
        at: Instruction<'_, '_>,
        field: u32,
        emit: &mut Emitter<'_>,
    ) {
        emit.dup();
        emit.original(at, 1, 1);
        emit.dup2();
        emit.push_int(field as i32);
        emit.invokestatic(self.read_reference);
        emit.swap();
        emit.pop();
    }

    /// Before a `putfield`: `… object value`.
    pub(crate) fn put(&self, kind: Kind, field: u32, emit: &mut Emitter<'_>) {
        match kind {
            Kind::Reference => {
                emit.dup2();
                emit.push_int(field as i32);
                emit.invokestatic(self.write_reference);
            }
            Kind::Int | Kind::Float => {
                emit.dup2();
                emit.pop();
                emit.push_int(field as i32);
                emit.invokestatic(self.write);
            }
            Kind::Long | Kind::Double => {
                emit.dup2_x1();
                emit.pop2();
                emit.dup_x2();
                emit.push_int(field as i32);
                emit.invokestatic(self.write);
            }
        }
    }

    /// An array load; true if it was written itself: `… array index → … value`.
    pub(crate) fn load_element(&self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> bool {
        emit.dup2();
        if at.opcode() == AALOAD {
            emit.original(at, 2, 1);
            emit.dup_x2();
            emit.invokestatic(self.read_element_reference);
            return true;
        }
        emit.pop();
        emit.invokestatic(self.read_element);
        false
    }

    /// Before an array store: `… array index value`.
    pub(crate) fn store_element(&self, opcode: u8, emit: &mut Emitter<'_>) {
        let kind = match opcode - IASTORE {
            1 => Kind::Long,
            2 => Kind::Float,
            3 => Kind::Double,
            _ if opcode == AASTORE => Kind::Reference,
            _ => Kind::Int,
        };
        let slot = emit.scratch(0);
        emit.store(kind, slot);
        emit.dup2();
        emit.pop();
        if kind == Kind::Reference {
            emit.load(kind, slot);
            emit.invokestatic(self.write_element_reference);
        } else {
            emit.invokestatic(self.write_element);
        }
        emit.load(kind, slot);
    }
}
